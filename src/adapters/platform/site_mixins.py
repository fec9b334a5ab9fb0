"""Mixins of sites over HTTP (`site-settings.yaml`), written so that what they say besides stays."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from adapters.platform.scopes import MANAGE_SITES
from adapters.platform.wire import Call, Wire, json_body, path
from domain.order import Seller


class _Metadata(Struct):
    mixins: dict[str, Any] | None = None


class _Site(Struct):
    mixins: dict[str, dict[str, Any]] | None = None
    metadata: _Metadata | None = None


_site = msgspec.json.Decoder(_Site, float_hook=Decimal)


class SiteMixins:
    """The mixins of one tenant's sites.

    Whether a PATCH of a mixin merges what lies within its fields is not written, so a mixin is read, changed and put.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def write(self, site_code: str, name: str, fields: Mapping[str, Any]) -> None:
        """The mixin says this from now on, and the rest as before."""
        site = await self._wire.ask(Call("GET", self._path(site_code), (("expand", "mixin:*"),)), _site)
        before = (site.mixins or {}).get(name)
        schema = ((site.metadata or _Metadata()).mixins or {}).get(name)
        after = {**_merged(before or {}, fields), **({"metadata": {"schema": schema}} if schema else {})}
        method, where = ("POST", ()) if before is None else ("PUT", (name,))
        body = json_body({name: after})
        await self._wire.send(Call(method, self._path(site_code, "mixins", *where), body=body, scope=MANAGE_SITES))

    def _path(self, site_code: str, *names: str) -> str:
        return path("site", self._wire.tenant, "sites", site_code, *names)


def merchant_of(seller: Seller) -> dict[str, Any]:
    """The fields of the mixin `merchantInfo` that say what the seller says. The street is told with its number."""
    street = {"merchantStreet": seller.street, "merchantStreetNo": ""} if seller.street else {}
    rest = {"merchantZipCode": seller.zip_code, "merchantCity": seller.city, "merchantCountry": seller.country}
    address = {**street, **_said(rest)}
    told = {"merchantName": seller.name, "vatId": seller.vat_id, "iban": seller.iban, "bic": seller.bic}
    return _said(
        {
            **told,
            "taxNumber": seller.tax_number,
            "email": seller.email,
            "phone": seller.phone,
            "merchantAddress": address,
        }
    )


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(before)
    for name, value in changes.items():
        there = before.get(name)
        merged[name] = _merged(there, value) if isinstance(there, dict) and isinstance(value, Mapping) else value
    return merged

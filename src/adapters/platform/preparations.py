"""What a tenant needs before its first invoice, over HTTP: read, and made where it is missing.

`oauth.yaml`, `configuration.yaml`, `sequential-id.yaml`, `site-settings.yaml`, `payment-gateway.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from msgspec import Struct

from adapters.platform.configurations import SENDER, SETTINGS
from adapters.platform.oauth import ClientCredentials
from adapters.platform.scopes import (
    DRAW_NUMBERS,
    MANAGE_CONFIGURATIONS,
    MANAGE_SCHEMAS,
    READ_CONFIGURATIONS,
    READ_TRANSACTIONS,
)
from adapters.platform.site_mixins import SiteMixins, merchant_of
from adapters.platform.wire import Absent, Call, Wire, json_body, path
from domain.numbering import INVOICE_SERIES, NumberSchema, SeriesName
from domain.order import InvoiceSettings, Seller

DIGITS = 6
MAX_NUMBER = 999_999_999
RESOLVED = frozenset({f"__{name}__" for name in ("year", "month", "day", "hour", "minute", "second", "country")})
"""Placeholders that the platform fills in by itself, since it is always told the site."""


class _Placeholder(Struct, rename="camel"):
    required: bool = False
    site_path: str | None = None


class _Schema(Struct, rename="camel"):
    id: str = ""
    name: str = ""
    active: bool = False
    pre_text: str | None = None
    start_value: int | float = 0
    max_value: int | float = MAX_NUMBER
    counter: int | float = 0
    placeholders: dict[str, _Placeholder] | None = None


class _Site(Struct):
    code: str
    default: bool = False


class _Configuration(Struct):
    version: int | None = None


class _Created(Struct):
    id: str


_schemas = msgspec.json.Decoder(list[_Schema])
_sites = msgspec.json.Decoder(list[_Site])
_configuration = msgspec.json.Decoder(_Configuration)
_created = msgspec.json.Decoder(_Created)


class HttpPreparations:
    """`domain.ports.Preparations` of one tenant. What writes needs scopes that invoicing itself does not."""

    def __init__(self, wire: Wire, tokens: ClientCredentials, *, needed: Mapping[str, str]) -> None:
        self._wire = wire
        self._tokens = tokens
        self._needed = needed
        self._mixins = SiteMixins(wire)

    async def lacking_scopes(self) -> Mapping[str, str]:
        """The scopes that the tenant's key lacks, and what invoicing would do with each."""
        granted = await self._tokens.granted()
        return {scope: purpose for scope, purpose in self._needed.items() if scope not in granted}

    async def schemas(self, series: SeriesName) -> tuple[NumberSchema, ...]:
        """How the numbers of this series may be made."""
        where = self._schemas("types", series)
        return tuple(_schema(each) for each in await self._wire.ask(Call("GET", where, scope=DRAW_NUMBERS), _schemas))

    async def sites(self) -> tuple[str, ...]:
        """The codes of the active sites, the default site's first."""
        sites = await self._wire.ask(Call("GET", path("site", self._wire.tenant, "sites")), _sites)
        return tuple(site.code for site in sorted(sites, key=lambda site: not site.default))

    async def read_transactions(self) -> None:
        """Tries whether payment transactions can be read."""
        where = path("payment-gateway", self._wire.tenant, "transactions")
        await self._wire.send(Call("GET", where, (("pageSize", "1"),), scope=READ_TRANSACTIONS))

    async def configured(self, key: str) -> bool:
        """Whether the tenant's configuration has this key."""
        return await self._version(key) is not None

    async def write_settings(self, settings: InvoiceSettings) -> None:
        """Which orders an automatic job takes from now on."""
        await self._write(
            SETTINGS,
            {
                "threshold": f"{settings.threshold / timedelta(hours=1):g}",
                "status": ",".join(settings.statuses),
                "extendedOrderStatus": ",".join(settings.extended_statuses),
            },
        )

    async def write_sender(self, address: str) -> None:
        """The address invoices are sent from by now."""
        await self._write(SENDER, address)

    async def create_schema(self, series: SeriesName, prefix: str) -> str:
        """A new schema of numbers with this prefix, not active yet; gives its id."""
        schema = {
            "name": "Invoices" if series == INVOICE_SERIES else "Credit notes",
            "schemaType": series,
            "preText": prefix,
            "startValue": 0,
            "maxValue": MAX_NUMBER,
            "numberOfDigits": DIGITS,
        }
        call = Call("POST", self._schemas(), body=json_body(schema), scope=MANAGE_SCHEMAS)
        return _id_in((await self._wire.send(call)).body)

    async def activate_schema(self, schema_id: str) -> None:
        """The numbers of its series come from this schema from now on."""
        await self._wire.send(Call("POST", self._schemas(schema_id, "setActive"), scope=MANAGE_SCHEMAS))

    async def write_logo(self, site_code: str, url: str) -> None:
        """The site's logo lies here from now on."""
        await self._mixins.write(site_code, "generalShopSettings", {"logoUrl": url})

    async def write_seller(self, site_code: str, seller: Seller) -> None:
        """Who sells at the site, as far as the seller says it; the rest stays."""
        await self._mixins.write(site_code, "merchantInfo", merchant_of(seller))

    async def _version(self, key: str) -> int | None:
        """The version of what is configured under this key; None when there is nothing."""
        try:
            found = await self._wire.ask(
                Call("GET", self._configurations(key), scope=READ_CONFIGURATIONS), _configuration
            )
        except Absent:
            return None
        return found.version or 0

    async def _write(self, key: str, value: object) -> None:
        """New keys are posted in a list, even one (the bare object of the tutorial is refused); others are put."""
        version = await self._version(key)
        document = {"key": key, "value": value, "secured": False, "version": version or 1}
        call = Call("POST", self._configurations(), body=json_body([document]), scope=MANAGE_CONFIGURATIONS)
        if version is not None:
            call = Call("PUT", self._configurations(key), body=json_body(document), scope=MANAGE_CONFIGURATIONS)
        await self._wire.send(call)

    def _configurations(self, *key: str) -> str:
        return path("configuration", self._wire.tenant, "configurations", *key)

    def _schemas(self, *names: str) -> str:
        return path("sequential-id", self._wire.tenant, "schemas", *names)


def _id_in(body: bytes) -> str:
    """The id of what was created: an object has it, or it is all that was answered, with or without quotes."""
    try:
        return _created.decode(body).id
    except msgspec.DecodeError:
        return body.decode("ascii", "replace").strip().strip('"')


def _schema(told: _Schema) -> NumberSchema:
    """Placeholders that point into the site, or are not required, need not be given."""
    placeholders = (told.placeholders or {}).items()
    wanted = (name for name, rule in placeholders if rule.required and not rule.site_path and name not in RESOLVED)
    left = int(told.max_value - told.start_value - told.counter)
    return NumberSchema(told.id, told.name, told.active, told.pre_text or "", tuple(wanted), left)

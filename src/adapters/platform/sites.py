"""The tenant's sites over HTTP (`site-settings.yaml`), with the seller behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from adapters.platform.logos import Logos
from adapters.platform.memory import Memory
from adapters.platform.wire import Absent, Call, Misshapen, Wire, path
from domain.errors import Misconfigured
from domain.order import Seller, Site

SITE_LIFETIME = timedelta(minutes=5)


class _Address(Struct):
    country: str | None = None


class _HomeBase(Struct):
    timezone: str | None = None
    address: _Address | None = None


class _ShopSettings(Struct, rename="camel"):
    logo_url: str | None = None
    brand_name: str | None = None
    zone_id: str | None = None


class _MerchantAddress(Struct, rename="camel"):
    merchant_street: str | None = None
    merchant_street_no: str | int | None = None
    merchant_zip_code: str | int | None = None
    merchant_city: str | None = None
    merchant_country: str | None = None


class _Merchant(Struct, rename="camel"):
    """The mixin `merchantInfo`: name and address are the platform's, the rest is ours to ask for."""

    merchant_name: str | None = None
    merchant_address: _MerchantAddress | None = None
    country: str | None = None
    vat_id: str | None = None
    iban: str | None = None
    bic: str | None = None
    email: str | None = None
    phone: str | None = None
    tax_number: str | None = None


class _Mixins(Struct, rename="camel"):
    general_shop_settings: _ShopSettings | None = None
    merchant_info: _Merchant | None = None


class _Site(Struct, rename="camel"):
    code: str
    name: str | None = None
    default_language: str | None = None
    home_base: _HomeBase | None = None
    mixins: _Mixins | None = None


_site = msgspec.json.Decoder(_Site)


class HttpSites:
    """`domain.ports.Sites` of one tenant."""

    def __init__(self, wire: Wire, logos: Logos, *, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._logos = logos
        self._sites: Memory[str, Site] = Memory(clock, lifetime=lambda _: SITE_LIFETIME)

    async def site(self, code: str) -> Site:
        """The site with its seller, at most five minutes old. Raises `Misconfigured` when there is none."""
        return await self._sites.recall(code, lambda: self._site(code))

    async def logo(self, site: Site) -> bytes | None:
        """The site's logo as PNG or JPEG; None when there is none or it cannot be had, which harms nothing."""
        return await self._logos.logo(site.logo_url) if site.logo_url else None

    async def close(self) -> None:
        """Gives up what is still under way."""
        await self._sites.close()

    async def _site(self, code: str) -> Site:
        try:
            call = Call("GET", path("site", self._wire.tenant, "sites", code), (("expand", "mixin:*"),))
            document = await self._wire.ask(call, _site)
            _require_same(call, document.code, code)
            return _site_of(code, document)
        except Absent as error:
            raise Misconfigured(f"the platform has no site {code[:60]!r}") from error
        except Misshapen as error:
            if error.field.startswith(("mixins", "homeBase")):
                raise Misconfigured(f"site {code[:60]!r}: {error.field} {error.problem}") from error
            raise


def _require_same(call: Call, found: str, asked: str) -> None:
    if found.casefold() != asked.casefold():
        raise Misshapen(call, "code", "is that of another site")


def _site_of(code: str, document: _Site) -> Site:
    mixins = document.mixins or _Mixins()
    shop = mixins.general_shop_settings or _ShopSettings()
    home = document.home_base or _HomeBase()
    return Site(
        code=document.code,
        brand=_text(shop.brand_name) or _text(document.name),
        language=document.default_language or "en",
        zone=_zone(code, shop.zone_id or home.timezone or "UTC"),
        logo_url=shop.logo_url or "",
        seller=_seller(mixins.merchant_info or _Merchant(), _text((home.address or _Address()).country)),
    )


def _seller(merchant: _Merchant, home_country: str) -> Seller:
    address = merchant.merchant_address or _MerchantAddress()
    return Seller(
        name=_text(merchant.merchant_name),
        street=f"{_text(address.merchant_street)} {_text(address.merchant_street_no)}".strip(),
        zip_code=_text(address.merchant_zip_code),
        city=_text(address.merchant_city),
        country=_text(merchant.country) or _text(address.merchant_country) or home_country,
        vat_id=_text(merchant.vat_id),
        iban=_text(merchant.iban),
        bic=_text(merchant.bic),
        email=_text(merchant.email),
        phone=_text(merchant.phone),
        tax_number=_text(merchant.tax_number),
    )


def _zone(code: str, name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise Misconfigured(
            f"site {code[:60]!r}: {name[:60]!r} is no time zone, such as Europe/Berlin is one"
        ) from error
    return name


def _text(told: str | int | None) -> str:
    """What is said, blanks before and after it left out: a text of blanks says nothing."""
    return "" if told is None else str(told).strip()

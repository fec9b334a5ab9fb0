"""The tenant's sites over HTTP (`site-settings.yaml`), with the seller and the logo behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
import structlog
from msgspec import Struct
from yarl import URL

from adapters.platform.memory import Memory
from adapters.platform.wire import Absent, Call, Misshapen, Wire, path
from domain.errors import Misconfigured
from domain.order import Seller, Site

SITE_LIFETIME = timedelta(minutes=5)
LOGO_LIFETIME = timedelta(hours=1)
NO_LOGO_LIFETIME = timedelta(minutes=1)
LOGOS_KEPT = 32
LOGO_TIMEOUT = 5
MAX_LOGO = 2 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""

_log = structlog.get_logger(__name__)


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
    """`domain.ports.Sites` of one tenant. Logos are fetched from wherever they lie, without the tenant's token."""

    def __init__(self, wire: Wire, pictures: aiohttp.ClientSession, *, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._pictures = pictures
        self._sites: Memory[str, Site] = Memory(clock, lifetime=lambda _: SITE_LIFETIME)
        self._logos: Memory[str, bytes | None] = Memory(
            clock, lifetime=lambda logo: LOGO_LIFETIME if logo else NO_LOGO_LIFETIME, size=LOGOS_KEPT
        )

    async def site(self, code: str) -> Site:
        """The site with its seller, at most five minutes old. Raises `Misconfigured` when there is none."""
        return await self._sites.recall(code, lambda: self._site(code))

    async def logo(self, site: Site) -> bytes | None:
        """The site's logo as PNG or JPEG; None when there is none or it cannot be had, which harms nothing."""
        if not site.logo_url:
            return None
        return await self._logos.recall(site.logo_url, lambda: self._logo(site.logo_url))

    async def close(self) -> None:
        """Gives up what is still under way."""
        await self._sites.close()
        await self._logos.close()

    async def _site(self, code: str) -> Site:
        try:
            call = Call("GET", path("site", self._wire.tenant, "sites", code), (("expand", "mixin:*"),))
            return _site_of(code, await self._wire.ask(call, _site))
        except Absent as error:
            raise Misconfigured(f"the platform has no site {code!r}") from error
        except Misshapen as error:
            if error.field.startswith(("mixins", "homeBase")):
                raise Misconfigured(f"site {code!r}: {error.field} {error.problem}") from error
            raise

    async def _logo(self, url: str) -> bytes | None:
        try:
            picture = await self._fetched(URL(url))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.warning("the logo cannot be had", tenant=self._wire.tenant, problem=type(error).__name__)
            return None
        if not picture.startswith(PICTURES) or len(picture) > MAX_LOGO:
            _log.warning("the logo is no PNG or JPEG of at most 2 MB", tenant=self._wire.tenant, size=len(picture))
            return None
        return picture

    async def _fetched(self, url: URL) -> bytes:
        """What lies there, up to a byte more than a logo may have. Only http and https, redirects included."""
        if url.scheme not in {"http", "https"}:
            raise ValueError("neither http nor https")
        async with asyncio.timeout(LOGO_TIMEOUT), self._pictures.get(url, max_redirects=3) as response:
            response.raise_for_status()
            picture = b""
            async for chunk in response.content.iter_any():
                picture += chunk
                if len(picture) > MAX_LOGO:
                    break
            return picture


def _site_of(code: str, document: _Site) -> Site:
    mixins = document.mixins or _Mixins()
    shop = mixins.general_shop_settings or _ShopSettings()
    home = document.home_base or _HomeBase()
    return Site(
        code=document.code,
        brand=shop.brand_name or document.name or "",
        language=document.default_language or "en",
        zone=_zone(code, shop.zone_id or home.timezone or "UTC"),
        logo_url=shop.logo_url or "",
        seller=_seller(mixins.merchant_info or _Merchant(), (home.address or _Address()).country or ""),
    )


def _seller(merchant: _Merchant, home_country: str) -> Seller:
    address = merchant.merchant_address or _MerchantAddress()
    return Seller(
        name=merchant.merchant_name or "",
        street=f"{address.merchant_street or ''} {_text(address.merchant_street_no)}".strip(),
        zip_code=_text(address.merchant_zip_code),
        city=address.merchant_city or "",
        country=merchant.country or address.merchant_country or home_country,
        vat_id=merchant.vat_id or "",
        iban=merchant.iban or "",
        bic=merchant.bic or "",
        email=merchant.email or "",
        phone=merchant.phone or "",
    )


def _zone(code: str, name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise Misconfigured(f"site {code!r}: {name[:60]!r} is no time zone, such as Europe/Berlin is one") from error
    return name


def _text(code: str | int | None) -> str:
    return "" if code is None else str(code)

"""Logos, fetched from wherever on the web a site says they lie.

Whoever may change a site chooses the address, so nothing is taken for granted: it is asked for over http or https only,
without the tenant's token, and only at addresses that the whole world can reach; what comes is bounded in size and
time, and is a picture or nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
import structlog
from yarl import URL

from adapters.platform.complaints import quotable
from adapters.platform.memory import Memory

LIFETIME = timedelta(hours=1)
LIFETIME_OF_NONE = timedelta(minutes=1)
MOST_KEPT = 32
MOST_REDIRECTS = 3
PATIENCE = timedelta(seconds=5)
LARGEST = 2 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Through these, networks without IPv4 reach it: an address ends with the one that is meant (RFC 6052)."""

_log = structlog.get_logger(__name__)


class NotAPicture(ValueError):
    """It is no PNG or JPEG of at most 2 MB."""


class Logos:
    """The logos of one tenant's sites by their URL, each at most an hour old. One that is broken costs a warning."""

    def __init__(
        self, session: aiohttp.ClientSession, *, tenant: str, clock: Callable[[], datetime], patience: timedelta
    ) -> None:
        self._session = session
        self._tenant = tenant
        self._patience = patience.total_seconds()
        self._kept: Memory[str, bytes | None] = Memory(
            clock, lifetime=lambda logo: LIFETIME if logo else LIFETIME_OF_NONE, size=MOST_KEPT
        )

    @classmethod
    @asynccontextmanager
    async def fetched(
        cls, *, tenant: str, platform: str, clock: Callable[[], datetime], patience: timedelta = PATIENCE
    ) -> AsyncIterator[Logos]:
        """Logos while the context lasts. Beside a platform on this machine they may lie on this machine too."""
        connector = aiohttp.TCPConnector(limit=2, socket_factory=None if _is_here(platform) else public_socket)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": "invoicing", "Accept": "image/png, image/jpeg", "Accept-Encoding": "identity"},
        ) as session:
            logos = cls(session, tenant=tenant, clock=clock, patience=patience)
            try:
                yield logos
            finally:
                await logos._kept.close()

    async def logo(self, url: str) -> bytes | None:
        """The picture at this URL as PNG or JPEG; None when it cannot be had, which is asked again in a minute."""
        return await self._kept.recall(url, lambda: self._logo(url))

    async def _logo(self, url: str) -> bytes | None:
        try:
            return await self._picture(URL(url))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            problem = type(error).__name__
            _log.warning("invoices go without a logo", tenant=self._tenant, host=_host(url), problem=problem)
            return None

    async def _picture(self, url: URL) -> bytes:
        """What lies there. Redirects lead to http and https only. Raises `NotAPicture`, and whatever goes wrong."""
        if url.scheme not in {"http", "https"}:
            raise ValueError("neither http nor https")
        async with asyncio.timeout(self._patience), self._session.get(url, max_redirects=MOST_REDIRECTS) as response:
            response.raise_for_status()
            picture = b""
            async for chunk in response.content.iter_any():
                picture += chunk
                if len(picture) > LARGEST:
                    break
            if not picture.startswith(PICTURES) or len(picture) > LARGEST:
                raise NotAPicture
            return picture


def public_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """A socket for an address of the public internet; asked at the very moment of connecting, for every redirect too.

    Raises `PermissionError` for all others: an address that whoever runs the service alone can reach is not for those
    who choose logos (server-side request forgery).
    """
    family, kind, protocol, _, address = info
    if not _is_public(str(address[0]).partition("%")[0]):
        raise PermissionError("not an address of the public internet")
    return socket.socket(family, kind, protocol)


def _is_public(address: str) -> bool:
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF).is_global
    return ip.is_global


def _is_here(platform: str) -> bool:
    host = _host(platform)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    """All that is told of an address: the rest of it may open something."""
    try:
        return quotable(URL(url).host or "")
    except ValueError:
        return ""

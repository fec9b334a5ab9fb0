"""The commerce platform over HTTP: one tenant's orders, configuration, numbers, sites and payments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from adapters.platform.configurations import HttpConfigurations
from adapters.platform.oauth import ClientCredentials
from adapters.platform.orders import HttpOrders
from adapters.platform.payments import HttpPayments
from adapters.platform.sequences import HttpSequences
from adapters.platform.sites import HttpSites
from adapters.platform.wire import Line, Wire
from domain.errors import Misconfigured
from domain.order import TenantId

CONNECTIONS = 32
"""Open at once for one tenant; further calls wait their turn within their time limit."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What one tenant has at the platform, through connections and a token of its own."""

    orders: HttpOrders
    configurations: HttpConfigurations
    sequences: HttpSequences
    sites: HttpSites
    payments: HttpPayments

    @classmethod
    @asynccontextmanager
    async def connected(
        cls,
        *,
        url: str,
        tenant: TenantId,
        client_id: str,
        client_secret: str,
        clock: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=10),
        vat_id_path: str = "mixins.customerTax.vatId",
    ) -> AsyncIterator[Platform]:
        """The tenant's platform while the context lasts. Nothing is sent before the first call.

        `timeout` bounds each call as a whole, a token for it included. `vat_id_path` is where in an order the buyer's
        VAT id lies. Raises `Misconfigured` when the URL is none.
        """
        async with AsyncExitStack() as stack:
            line = Line(await stack.enter_async_context(_session(timeout)), _base(url), clock, secret=client_secret)
            tokens = ClientCredentials(
                line, tenant=tenant, client_id=client_id, client_secret=client_secret, timeout=timeout, clock=clock
            )
            stack.push_async_callback(tokens.close)
            wire = Wire(line, tokens, tenant=tenant, timeout=timeout)
            configurations = HttpConfigurations(wire, clock=clock)
            stack.push_async_callback(configurations.close)
            sites = HttpSites(wire, await stack.enter_async_context(_session(timeout)), clock=clock)
            stack.push_async_callback(sites.close)
            yield cls(
                HttpOrders(wire, vat_id_path=vat_id_path),
                configurations,
                HttpSequences(wire),
                sites,
                HttpPayments(wire),
            )


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(f"INVOICING_PLATFORM_URL: the platform URL must be http(s)://host, not {url[:100]!r}")
    return url.rstrip("/")


def _session(timeout: timedelta) -> aiohttp.ClientSession:
    """Connections that are kept alive, without cookies and without proxies from the environment."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=timeout.total_seconds() / 2),
        headers={"User-Agent": "invoicing", "Accept": "application/json"},
    )

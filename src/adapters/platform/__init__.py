"""The commerce platform over HTTP: one tenant's orders, configuration, numbers, sites, payments and documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from adapters.platform.configurations import HttpConfigurations
from adapters.platform.customers import HttpCustomers
from adapters.platform.logos import Logos
from adapters.platform.media import HttpArchive
from adapters.platform.oauth import ClientCredentials
from adapters.platform.orders import HttpOrders
from adapters.platform.pace import Pace
from adapters.platform.payments import HttpPayments
from adapters.platform.preparations import HttpPreparations
from adapters.platform.scopes import ARCHIVE, NEEDED, PREPARATION
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
    customers: HttpCustomers
    archive: HttpArchive
    preparations: HttpPreparations

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
        rate: float = 0,
        vat_id_path: str = "mixins.customerTax.vatId",
        buyer_reference_path: str = "mixins.customerTax.buyerReference",
        archives: bool = False,
        prepares: bool = False,
    ) -> AsyncIterator[Platform]:
        """The tenant's platform while the context lasts. Nothing is sent before the first call.

        `timeout` bounds each call as a whole, a token for it included. At most `rate` calls a second are made, 0 being
        no limit. Once the context ends no call is begun, and those under way come to their end. `vat_id_path` is where
        in an order the buyer's VAT id lies. Where the platform `archives` the documents, or what is missing there is
        made (`prepares`), the key needs more scopes. Raises `Misconfigured` when the URL is none.
        """
        needed = {**NEEDED, **ARCHIVE} if archives else NEEDED
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(_session(timeout))
            line = Line(session, _base(url), clock, tenant=tenant, secret=client_secret)
            stack.push_async_callback(line.close)
            tokens = ClientCredentials(
                line,
                tenant=tenant,
                client_id=client_id,
                client_secret=client_secret,
                scopes=(*needed, *PREPARATION) if prepares else needed,
                timeout=timeout,
                clock=clock,
            )
            stack.push_async_callback(tokens.close)
            wire = Wire(line, tokens, Pace(rate=rate), tenant=tenant, timeout=timeout)
            configurations = HttpConfigurations(wire, clock=clock)
            stack.push_async_callback(configurations.close)
            logos = await stack.enter_async_context(Logos.fetched(tenant=tenant, platform=url, clock=clock))
            sites = HttpSites(wire, logos, clock=clock)
            stack.push_async_callback(sites.close)
            yield cls(
                HttpOrders(wire, vat_id_path=vat_id_path, reference_path=buyer_reference_path),
                configurations,
                HttpSequences(wire),
                sites,
                HttpPayments(wire),
                HttpCustomers(wire),
                HttpArchive(wire),
                HttpPreparations(wire, tokens, needed=needed),
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

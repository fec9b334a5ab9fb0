"""Who is served, each tenant through connections and credentials of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.archive import PLATFORM
from adapters.platform import Platform
from app.settings import Settings
from app.tenant_settings import TenantSettings
from domain.errors import Misconfigured, UnknownTenant
from domain.numbering import SeriesName
from domain.order import TenantId
from domain.ports import Archive, Tenant

FAREWELL = timedelta(minutes=1)
"""How long the connections of a tenant that was changed or removed serve the orders that are in hand."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the tenants when they were set anew."""

    added: tuple[TenantId, ...]
    changed: tuple[TenantId, ...]
    removed: tuple[TenantId, ...]


@dataclass(frozen=True, slots=True)
class _Served:
    """A tenant that is served, as it was set, and all that ends with it."""

    its: TenantSettings
    secret: str
    tenant: Tenant
    archive: Archive
    connections: AsyncExitStack


class ServedTenants:
    """`domain.ports.Tenants`: those that are configured here."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], *, farewell: timedelta = FAREWELL) -> None:
        self._settings = settings
        self._clock = clock
        self._farewell = farewell.total_seconds()
        self._served: dict[TenantId, _Served] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def connected(
        cls, wanted: Mapping[TenantId, TenantSettings], settings: Settings, clock: Callable[[], datetime]
    ) -> AsyncIterator[ServedTenants]:
        """All tenants, ready to speak to the platform; nothing is sent yet. Raises `Misconfigured`."""
        tenants = cls(settings, clock)
        await tenants.serve(wanted)
        try:
            yield tenants
        finally:
            await tenants.close()

    def tenant(self, tenant: TenantId) -> Tenant:
        """The tenant with its collaborators. Raises `UnknownTenant`."""
        if tenant not in self._served:
            raise UnknownTenant(tenant)
        return self._served[tenant].tenant

    def archive(self, tenant: TenantId) -> Archive:
        """Where the tenant's platform keeps documents. Raises `UnknownTenant`."""
        if tenant not in self._served:
            raise UnknownTenant(tenant)
        return self._served[tenant].archive

    async def serve(self, wanted: Mapping[TenantId, TenantSettings]) -> Change:
        """Serves these from now on, and no others. Raises `Misconfigured`: then all is as before.

        Those whose settings are the same keep their connections. Orders in hand end on the connections they began on.
        """
        secrets = {tenant: secret_of(tenant, its, self._settings) for tenant, its in wanted.items()}
        before = self._served
        new = [t for t, its in wanted.items() if t not in before or not _same(before[t], its, secrets[t])]
        opened = {tenant: await self._connected(tenant, wanted[tenant], secrets[tenant]) for tenant in new}
        self._served = {tenant: opened.get(tenant) or before[tenant] for tenant in wanted}
        for tenant, served in before.items():
            if self._served.get(tenant) is not served:
                self._part_from(served)
        return Change(
            added=tuple(tenant for tenant in new if tenant not in before),
            changed=tuple(tenant for tenant in new if tenant in before),
            removed=tuple(tenant for tenant in before if tenant not in wanted),
        )

    async def close(self) -> None:
        """Ends all connections, once the last call on each has ended."""
        leaving = [*self._leaving]
        for parting in leaving:
            parting.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        await asyncio.gather(*(served.connections.aclose() for served in self._served.values()))

    async def _connected(self, tenant: TenantId, its: TenantSettings, secret: str) -> _Served:
        connections = AsyncExitStack()
        connecting = platform_of(tenant, its, self._settings, self._clock, secret=secret)
        platform = await connections.enter_async_context(connecting)
        return _Served(its, secret, tenant_with(platform, tenant, its), platform.archive, connections)

    def _part_from(self, served: _Served) -> None:
        parting = asyncio.create_task(self._end(served))
        self._leaving.add(parting)
        parting.add_done_callback(self._leaving.discard)

    async def _end(self, served: _Served) -> None:
        try:
            await asyncio.sleep(self._farewell)
        finally:
            await served.connections.aclose()


def _same(served: _Served, its: TenantSettings, secret: str) -> bool:
    return (served.its, served.secret) == (its, secret)


def secret_of(tenant: TenantId, its: TenantSettings, settings: Settings) -> str:
    """The secret of the tenant's key. Raises `Misconfigured`, which names the tenant and where it is set."""
    try:
        return its.secret()
    except Misconfigured as error:
        raise Misconfigured(f"{settings.tenants_are_in}: tenant {tenant}: {error.message}") from error


def platform_of(
    tenant: TenantId,
    its: TenantSettings,
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    secret: str,
    prepares: bool = False,
) -> AbstractAsyncContextManager[Platform]:
    """The tenant's platform while the context lasts, through connections of its own. Raises `Misconfigured`."""
    return Platform.connected(
        url=settings.platform_url,
        tenant=tenant,
        client_id=its.client_id,
        client_secret=secret,
        clock=clock,
        timeout=settings.platform_timeout,
        rate=settings.tenant_rate if its.rate is None else its.rate,
        vat_id_path=its.vat_id_path,
        buyer_reference_path=its.buyer_reference_path,
        archives=settings.archive_url == PLATFORM,
        prepares=prepares,
    )


def tenant_with(platform: Platform, tenant: TenantId, its: TenantSettings) -> Tenant:
    """The tenant as the domain knows it."""
    return Tenant(
        id=tenant,
        orders=platform.orders,
        configurations=platform.configurations,
        sequences=platform.sequences,
        sites=platform.sites,
        payments=platform.payments,
        customers=platform.customers,
        seller=its.seller.seller(),
        placeholders=tuple(its.placeholders.items()),
        series_site=its.series_site,
        sequence_key=its.sequence_key,
        language=its.language,
        mail_sender=its.mail_sender,
        terms=its.terms(),
        bills_delivered=its.bills_delivered,
        local=its.numbers(),
        credit_note_series=SeriesName(its.credit_note_series),
        local_credit_notes=its.local_credit_notes.numbers() if its.local_credit_notes else None,
    )

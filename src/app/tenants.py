"""Who is served, each tenant through connections and credentials of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from adapters.platform import Platform
from app.settings import Settings, TenantSettings
from domain.errors import UnknownTenant
from domain.order import TenantId
from domain.ports import Tenant


class ServedTenants:
    """`domain.ports.Tenants`: those that are configured here."""

    def __init__(self, served: Mapping[TenantId, Tenant]) -> None:
        self._served = served

    @classmethod
    @asynccontextmanager
    async def connected(
        cls, wanted: Mapping[TenantId, TenantSettings], settings: Settings, clock: Callable[[], datetime]
    ) -> AsyncIterator[ServedTenants]:
        """All tenants, ready to speak to the platform; nothing is sent yet. Raises `Misconfigured`."""
        async with AsyncExitStack() as stack:
            served = {}
            for tenant, its in wanted.items():
                platform = Platform.connected(
                    url=settings.platform_url,
                    tenant=tenant,
                    client_id=its.client_id,
                    client_secret=its.secret(),
                    clock=clock,
                    timeout=settings.platform_timeout,
                )
                served[tenant] = _tenant(tenant, its, await stack.enter_async_context(platform))
            yield cls(served)

    def tenant(self, tenant: TenantId) -> Tenant:
        """The tenant with its collaborators. Raises `UnknownTenant`."""
        if tenant not in self._served:
            raise UnknownTenant(tenant)
        return self._served[tenant]


def _tenant(tenant: TenantId, its: TenantSettings, platform: Platform) -> Tenant:
    return Tenant(
        id=tenant,
        orders=platform.orders,
        configurations=platform.configurations,
        sequences=platform.sequences,
        sites=platform.sites,
        payments=platform.payments,
        seller=its.seller.seller(),
        placeholders=tuple(its.placeholders.items()),
        mail_sender=its.mail_sender,
    )

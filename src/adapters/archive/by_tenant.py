"""Documents kept by each tenant's own platform."""

from __future__ import annotations

from collections.abc import Callable

from domain.invoice import InvoiceNumber
from domain.order import TenantId
from domain.ports import Archive


class TenantArchives:
    """`domain.ports.Archive`: the archive of each tenant, told apart by `of`."""

    def __init__(self, of: Callable[[TenantId], Archive]) -> None:
        self._of = of

    async def put(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        """Keeps the document unless one is kept under this number already; gives the bytes that are kept.

        Durable when it returns, and never half visible. Raises `Unavailable`, and what `of` raises.
        """
        return await self._of(tenant).put(tenant, number, content)

    async def get(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document's bytes. Raises `UnknownInvoice`, `Unavailable`, and what `of` raises."""
        return await self._of(tenant).get(tenant, number)

"""An order in hand, and what those who work on it need: the tenant's ports, and those that all tenants share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.capture import Overcapture
from domain.document import Document
from domain.errors import DocumentDamaged, UnknownInvoice
from domain.invoice import Draft, Invoice, InvoiceNumber
from domain.job import JobOrder
from domain.order import Order, TenantId
from domain.ports import Archive, Jobs, Journal, Ledger, Mailer, PdfRenderer, StructuredInvoices, Tenant

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class CaptureTiming:
    """How long a platform call may take, and how long after a lost capture nobody acts."""

    timeout: timedelta = timedelta(seconds=10)
    settle: timedelta = timedelta(seconds=60)

    @property
    def patience(self) -> timedelta:
        """From an intent to its deadline: the call itself, and as much again to get it on its way."""
        return self.timeout * 2


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the steps need besides the tenant's own ports. `alarm` hears when more was captured than was planned."""

    jobs: Jobs
    journal: Journal
    ledger: Ledger
    xml: StructuredInvoices
    pdf: PdfRenderer
    archive: Archive
    mailer: Mailer
    document_url: Callable[[TenantId, InvoiceNumber], str]
    clock: Clock
    alarm: Callable[[Overcapture], None]
    timing: CaptureTiming = CaptureTiming()


@dataclass(slots=True)
class Work:
    """One order in the hands of one worker, and what was read on the way from step to step."""

    order: JobOrder
    tenant: Tenant
    has: Collaborators
    source: Order | None = None
    draft: Draft | None = None
    document: Document | None = None
    invoice: Invoice | None = None
    pdf: bytes | None = field(default=None, repr=False)

    async def read_order(self) -> Order:
        """The platform's order, read once a run."""
        if self.source is None:
            self.source = await self.tenant.orders.order(self.order.order_id)
        return self.source

    async def decided(self) -> Draft:
        """What RECALCULATION decided, in this run or before a crash."""
        if self.draft is None:
            self.draft = await self.has.jobs.draft(self.order)
        if self.draft is None:
            raise RuntimeError(f"order {self.order.order_id} is past RECALCULATION without a draft")
        return self.draft

    async def issued(self) -> Document:
        """The document under the order's number, issued in this run or before a crash."""
        if self.document is None:
            if self.order.number is None:
                raise RuntimeError(f"order {self.order.order_id} is past PDF without a number")
            self.document = await self.has.journal.document(self.order.tenant, self.order.number)
        return self.document

    async def content(self) -> Invoice:
        """What the order's document says."""
        if self.invoice is None:
            self.invoice = await self.has.journal.content(await self.issued())
        return self.invoice

    async def bytes_of(self) -> bytes:
        """The document itself, drawn in this run or kept."""
        if self.pdf is None:
            self.pdf = await original(await self.issued(), self.has.archive)
        return self.pdf


async def original(document: Document, archive: Archive) -> bytes:
    """The document's bytes as they were issued. Raises `DocumentDamaged` when they changed or are lost."""
    try:
        content = await archive.get(document.tenant, document.number)
    except UnknownInvoice as error:
        raise DocumentDamaged(f"the archive has lost the bytes of invoice {document.number}") from error
    return document.require_intact(content)

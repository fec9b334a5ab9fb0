"""What an order would get, shown before anything happens."""

from __future__ import annotations

from domain.document import Document
from domain.errors import AlreadyInvoiced, UnknownInvoice
from domain.invoice import DocumentType
from domain.issuing import invoice_of
from domain.job import JobId, JobOrder
from domain.money import total
from domain.order import OrderId
from domain.ports import Tenant
from domain.steps import recalculate, require_invoiceable
from domain.work import Collaborators, Work

NO_XML = b""
"""A draft must not be taken for an invoice by machines either."""


async def preview(order_id: OrderId, tenant: Tenant, has: Collaborators) -> bytes:
    """The document the order would get, paid as planned, as a draft without a number; nothing is changed anywhere.

    It is found out like in a dry run, in no job. Raises `Unavailable`, and what stops an order in its first two steps.
    """
    work = Work(JobOrder(tenant.id, JobId(""), order_id, dry_run=True), tenant, has)
    await _require_uninvoiced(work)
    await require_invoiceable(work)
    await recalculate(work)
    draft = await work.decided()
    prepaid = draft.paid_before + total(planned.amount for planned in draft.captures)
    drawn = await has.pdf.render(invoice_of(work, draft, prepaid), await tenant.sites.logo(draft.site), NO_XML)
    return drawn.content


async def _require_uninvoiced(work: Work) -> None:
    """Raises `AlreadyInvoiced` when the order has a live invoice."""
    try:
        latest = await work.has.journal.document_of(work.order.tenant, work.order.order_id)
    except UnknownInvoice:
        return
    if _is_live(latest):
        raise AlreadyInvoiced(latest.number, work.has.document_url(latest.tenant, latest.number))


def _is_live(document: Document) -> bool:
    return document.type is DocumentType.INVOICE and document.cancelled_by is None

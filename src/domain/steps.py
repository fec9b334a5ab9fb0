"""The five steps: what each asks of the ports. Every one may be run again after a crash, and changes the world once.

A step returns the order with what it learnt, or raises one of `domain.errors`. What must survive the step's own failure
(a capture intent, a number drawn) is kept by the journal at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

from domain.charging import capture_rest, standing_with
from domain.drafting import draft_of
from domain.errors import AlreadyInvoiced, Misconfigured, OrderRejected, UnknownInvoice
from domain.invoice import Draft, InvoiceNumber
from domain.issuing import invoice_of, issued, require_number
from domain.job import Amounts, JobOrder, Step
from domain.mail import ISSUED, mail_id
from domain.mailing import invoice_mail
from domain.order import InvoiceMark
from domain.ports import Tenant
from domain.recalculating import order_to_invoice
from domain.work import Work


async def validate(work: Work) -> JobOrder:
    """Is there an invoice already, and may there be one? Takes the order for this job first."""
    await work.has.jobs.claim(work.order, work.has.clock())
    return await require_invoiceable(work)


async def require_invoiceable(work: Work) -> JobOrder:
    """The order, if the platform knows of nothing that forbids an invoice."""
    order = await work.read_order()
    order.require_invoiceable()
    return work.order


async def recalculate(work: Work) -> JobOrder:
    """What was ordered, at what cost: decides everything the document needs, while nothing has happened yet."""
    order = await order_to_invoice(work)
    site = await work.tenant.sites.site(order.site_code)
    site = replace(site, language=work.tenant.language or site.language)
    work.draft = draft_of(order, site, work.tenant.seller.over(site.seller), work.tenant.terms)
    await require_number(work, work.draft)
    totals = work.draft.totals
    amounts = Amounts(work.draft.currency.code, totals.net, totals.tax, totals.rounding, totals.gross)
    return replace(work.order, amounts=amounts)


async def capture(work: Work) -> JobOrder:
    """Charges the card: each planned capture once, whatever happens on the way, and none before all may be made."""
    await _require_not_forgotten(work)
    draft = await work.decided()
    standings = [await standing_with(work, planned, draft) for planned in draft.captures]
    if any(before.captured for before in standings):
        work.order = replace(work.order, touched=True)  # it may be an operator's word, without an intent of ours
    captured = Decimal(0)
    for planned, before in zip(draft.captures, standings, strict=True):
        if before.captured < planned.amount:
            await capture_rest(work, planned, before, draft)
        captured += planned.amount
        work.order = replace(work.order, captured=captured)
    return work.order


async def issue_document(work: Work) -> JobOrder:
    """Number, document, archive, and the mark on the order."""
    await _require_not_forgotten(work)
    draft = await work.decided()
    document = await issued(work, invoice_of(work, draft, _prepaid(work, draft)))
    mark = InvoiceMark(document.number, work.has.document_url(document.tenant, document.number))
    await work.tenant.orders.mark(work.order.order_id, mark, draft.captures)
    return work.order


async def send_mail(work: Work) -> JobOrder:
    """The document to the customer, once. What is to be said of the document is the order's last word."""
    order, journal = work.order, work.has.journal
    document = await work.issued()
    message_id = mail_id(order.tenant, document.number, document.recipient, ISSUED)
    if not await journal.sent(order.tenant, message_id):
        sender = await sender_of(work.tenant)
        mail = invoice_mail(order.tenant, await work.content(), sender=sender, pdf=await work.bytes_of())
        await work.has.mailer.send(mail)
        await journal.mailed(document, message_id, document.recipient, work.has.clock())
    return replace(order, message=document.warning)


STEPS: dict[Step, Callable[[Work], Awaitable[JobOrder]]] = {
    Step.VALIDATION: validate,
    Step.RECALCULATION: recalculate,
    Step.CAPTURE: capture,
    Step.PDF: issue_document,
    Step.EMAIL: send_mail,
}


async def _require_not_forgotten(work: Work) -> None:
    """Raises `AlreadyInvoiced` when the order bears an invoice of ours of which the journal knows nothing.

    So it is once an older back-up was restored: what was done since then must not be done again. Ours are known by
    their place, on whichever host that was then. An order that cannot be read any more is taken as it was decided.
    """
    try:
        mark = (await work.read_order()).mark
    except OrderRejected:
        return
    if mark is not None and await is_forgotten(work, mark):
        raise AlreadyInvoiced(mark.number, mark.document)


async def is_forgotten(work: Work, mark: InvoiceMark) -> bool:
    """Whether the mark is of a document of ours of which the journal knows nothing."""
    tenant, number = work.order.tenant, InvoiceNumber(mark.number)
    if not mark.document.endswith(urlsplit(work.has.document_url(tenant, number)).path):
        return False
    try:
        await work.has.journal.document(tenant, number)
    except UnknownInvoice:
        return True
    return False


async def sender_of(tenant: Tenant) -> str:
    """Who the tenant's mails are from. Raises `Misconfigured` when nobody says so."""
    sender = tenant.mail_sender or await tenant.configurations.mail_sender()
    if not sender:
        raise Misconfigured(
            "no mail sender: set the configuration cust.notification.email.from, or the tenant's mail_sender"
        )
    return sender


def _prepaid(work: Work, draft: Draft) -> Decimal:
    return draft.paid_before + (work.order.captured or Decimal(0))

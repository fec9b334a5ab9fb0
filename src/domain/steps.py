"""The five steps: what each asks of the ports. Every one may be run again after a crash, and changes the world once.

A step returns the order with what it learnt, or raises one of `domain.errors`. What must survive the step's own failure
(a capture intent, a number drawn) is kept by the journal at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import uuid4

from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome, Overcapture, Standing, is_authorized, standing
from domain.document import Document
from domain.drafting import draft_of
from domain.errors import (
    AlreadyInvoiced,
    AmountExceedsAuthorization,
    DocumentDamaged,
    InDoubt,
    Misconfigured,
    NumberTaken,
    OrderRejected,
    PaymentRefused,
    PlatformDenied,
    Unavailable,
    UnknownInvoice,
)
from domain.invoice import Draft, Invoice, InvoiceNumber, PlannedCapture
from domain.job import Amounts, JobOrder, Step
from domain.mail import ISSUED, mail_id
from domain.mailing import invoice_mail
from domain.numbering import (
    MAX_DRAWS_OF_A_TAKEN_NUMBER,
    Draw,
    DrawId,
    DrawOutcome,
    Unnumbered,
)
from domain.order import InvoiceMark, Order, TenantId, TransactionId
from domain.ports import Archive, Jobs, Journal, Ledger, Mailer, PdfRenderer, StructuredInvoices, Tenant
from domain.refund import balance
from domain.settlement import Balance, with_balances

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
    order = await _as_paid(work, await _as_known(work, await _as_delivered(work)))
    site = await work.tenant.sites.site(order.site_code)
    site = replace(site, language=work.tenant.language or site.language)
    work.draft = draft_of(order, site, work.tenant.seller.over(site.seller), work.tenant.terms)
    await _require_number(work, work.draft)
    totals = work.draft.totals
    amounts = Amounts(work.draft.currency.code, totals.net, totals.tax, totals.rounding, totals.gross)
    return replace(work.order, amounts=amounts)


async def capture(work: Work) -> JobOrder:
    """Charges the card: each planned capture once, whatever happens on the way, and none before all may be made."""
    await _require_not_forgotten(work)
    draft = await work.decided()
    standings = [await _standing(work, planned, draft) for planned in draft.captures]
    if any(before.captured for before in standings):
        work.order = replace(work.order, touched=True)  # it may be an operator's word, without an intent of ours
    captured = Decimal(0)
    for planned, before in zip(draft.captures, standings, strict=True):
        if before.captured < planned.amount:
            await _capture_rest(work, planned, before, draft)
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
            "no mail sender: set the configuration cust.notification.email.from, or the tenant's mail sender"
        )
    return sender


# Recalculation


async def _as_delivered(work: Work) -> Order:
    """The order as it comes to after what was delivered, for tenants that want that on their invoices.

    Never in a dry run, which changes nothing; and never once a capture was intended, for that is of the old total.
    """
    order = await work.read_order()
    delivered = order.delivered() if work.tenant.bills_delivered else {}
    if not delivered or work.order.dry_run or work.order.touched:
        return order
    await work.tenant.orders.recalculate(order.id, delivered)
    work.source = None
    return await work.read_order()


async def _as_known(work: Work, order: Order) -> Order:
    """The order with the language its customer prefers, and his e-mail address if it has none of its own.

    A key that may not read customers is no reason to keep an invoice from someone whose address is known.
    """
    customer = order.customer
    if customer.is_guest:
        return order
    try:
        profile = await work.tenant.customers.profile(customer.id)
    except PlatformDenied:
        if not customer.email:
            raise
        return order
    return replace(order, customer=customer.known_as(profile))


async def _as_paid(work: Work, order: Order) -> Order:
    """The order with its payments as journal and gateway know them, where something of a capture was given back.

    What was captured for an earlier invoice and kept needs nothing: the order's payments tell it, or CAPTURE finds it.
    """
    attempts = await work.has.journal.captures_of(work.order.tenant, order.id)
    paid_by = {attempt.transaction_id for attempt in attempts if attempt.outcome is CaptureOutcome.CAPTURED}
    balances = {transaction_id: await _balance(work, transaction_id) for transaction_id in sorted(paid_by)}
    reduced = {transaction_id: balance for transaction_id, balance in balances.items() if balance.refunded}
    return replace(order, payments=tuple(with_balances(order.payments, reduced))) if reduced else order


async def _balance(work: Work, transaction_id: TransactionId) -> Balance:
    tenant, journal = work.order.tenant, work.has.journal
    transaction = await work.tenant.payments.transaction(transaction_id)
    attempts, refunds = await journal.captures(tenant, transaction_id), await journal.refunds(tenant, transaction_id)
    return balance(work.order.order_id, transaction, attempts, refunds)


# Capture


async def _standing(work: Work, planned: PlannedCapture, draft: Draft) -> Standing:
    """Where the order stands with a transaction. Raises `InDoubt`, and `AmountExceedsAuthorization` before any call.

    The gateway knows no idempotency key, so it is asked first; the clock before it, since what it knew then is all we
    know; the journal after it, so that no capture of ours looks like a stranger's.
    """
    journal, order_id, settle = work.has.journal, work.order.order_id, work.has.timing.settle
    asked = work.has.clock()
    transaction = await work.tenant.payments.transaction(planned.transaction_id)
    attempts = await journal.captures(work.order.tenant, planned.transaction_id)
    stands = standing(transaction, attempts, order_id=order_id, planned=planned.amount, settle=settle, now=asked)
    for attempt, outcome, capture_id in stands.found:
        await journal.end_capture(attempt, outcome, capture_id)
    _watch(work, planned, stands.captured, draft)
    left = planned.amount - stands.captured
    if left > 0 and not is_authorized(left, transaction, attempts):
        raise AmountExceedsAuthorization(
            f"{left} {draft.currency} are to be captured, but transaction {transaction.id} was authorised only for "
            f"{transaction.authorized} {draft.currency} in all"
        )
    return stands


async def _capture_rest(work: Work, planned: PlannedCapture, before: Standing, draft: Draft) -> None:
    """Intends what is still open of a planned capture, and asks for it."""
    attempt = _attempt(work, planned.transaction_id, planned.amount - before.captured, draft)
    work.order = await work.has.journal.intend_capture(work.order, attempt)
    taken = await _send_capture(work, attempt, draft)
    _watch(work, planned, taken - before.refunded, draft)


def _watch(work: Work, planned: PlannedCapture, captured: Decimal, draft: Draft) -> None:
    """Sounds the alarm when more is captured than was planned. The order goes on, for it is paid."""
    if captured > planned.amount:
        order, currency = work.order, draft.currency.code
        work.has.alarm(
            Overcapture(
                order.tenant, order.job_id, order.order_id, planned.transaction_id, currency, planned.amount, captured
            )
        )


def _attempt(work: Work, transaction_id: TransactionId, amount: Decimal, draft: Draft) -> CaptureAttempt:
    now, order = work.has.clock(), work.order
    return CaptureAttempt(
        id=AttemptId(uuid4().hex),
        tenant=order.tenant,
        job_id=order.job_id,
        order_id=order.order_id,
        transaction_id=transaction_id,
        amount=amount,
        currency=draft.currency.code,
        intended=now,
        deadline=now + work.has.timing.patience,
    )


async def _send_capture(work: Work, attempt: CaptureAttempt, draft: Draft) -> Decimal:
    """Sends an intended capture if it can still end before its deadline, and writes down what became of it.

    Gives what the order has captured of the transaction by then, as the journal says.
    """
    journal = work.has.journal
    if work.has.clock() + work.has.timing.timeout > attempt.deadline:
        await journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
        raise Unavailable("the capture was not sent: it took too long to get on its way")
    try:
        capture_id = await work.tenant.payments.capture(attempt.transaction_id, attempt.amount, draft.currency)
    except InDoubt as doubt:
        raise InDoubt(doubt.message, until=attempt.deadline + work.has.timing.settle) from doubt
    except PaymentRefused:
        await journal.end_capture(attempt, CaptureOutcome.REFUSED, None)
        raise
    except (Unavailable, Misconfigured):
        await journal.end_capture(attempt, CaptureOutcome.NOT_MADE, None)
        raise
    return await journal.end_capture(attempt, CaptureOutcome.CAPTURED, capture_id)


# Issue


async def _require_number(work: Work, draft: Draft) -> None:
    """Raises what would keep a local series from numbering the invoice: that is known before money moves."""
    series = work.tenant.local_series(draft.site_code, draft.issue_date(work.has.clock()))
    if series is not None:
        series.allocated(await work.has.ledger.following_count(work.order.tenant, series.name))


def invoice_of(work: Work, draft: Draft, prepaid: Decimal) -> Invoice:
    """The invoice over a draft, if it is issued now; it has no number yet."""
    return Invoice(InvoiceNumber(""), "", draft.issue_date(work.has.clock()), prepaid, draft)


async def issued(work: Work, wanted: Invoice) -> Document:
    """The order's document, archived: the one that is there, or a new one under the next number of its series."""
    series = work.tenant.local_series(wanted.draft.site_code, wanted.issue_date, wanted.type)
    try:
        if series is None:
            document = await _issued_under_drawn_number(work, wanted)
        else:
            unnumbered = Unnumbered(series, wanted.issue_date, wanted.prepaid, wanted.draft, wanted.cancels)
            document = await _issue(work, unnumbered)
    except AlreadyInvoiced as there:
        document = await work.has.journal.document(work.order.tenant, InvoiceNumber(there.number))
    return await archived(work, document)


async def archived(work: Work, document: Document) -> Document:
    """The order's document, once its bytes are kept for ever."""
    work.order, work.document = replace(work.order, number=document.number), document
    if document.sha256 is None:
        await _archive(work, document)
    return document


async def _issued_under_drawn_number(work: Work, wanted: Invoice) -> Document:
    """A new document under a number of the platform's that stands on no other."""
    for _ in range(1 + MAX_DRAWS_OF_A_TAKEN_NUMBER):
        draw = await _number(work, wanted)
        if draw.number is None:
            raise RuntimeError(f"draw {draw.id} has no number")
        try:
            return await _issue(work, replace(wanted, number=draw.number, series=draw.series))
        except NumberTaken:
            await work.has.journal.end_draw(draw, DrawOutcome.TAKEN, draw.number)
    raise Misconfigured("the platform keeps handing out numbers that stand on documents already: check its schema")


async def _issue(work: Work, invoice: Invoice | Unnumbered) -> Document:
    document = await work.has.journal.issue(work.order, invoice, work.has.clock())
    work.invoice = invoice.numbered(document.number) if isinstance(invoice, Unnumbered) else invoice
    return document


async def _number(work: Work, wanted: Invoice) -> Draw:
    """A number for the order: one that was drawn before a crash, or a new one, journalled before and after.

    Raises `AlreadyInvoiced` when the order has its document.
    """
    order, journal = work.order, work.has.journal
    series = work.tenant.series(wanted.draft.site_code, wanted.type)
    intent = Draw(DrawId(uuid4().hex), order.tenant, series.name, order.order_id, order.job_id, work.has.clock())
    draw = await journal.intend_draw(order, intent)
    if draw.number is not None:
        return draw
    try:
        number = await work.tenant.sequences.draw(series)
    except InDoubt:
        await journal.end_draw(draw, DrawOutcome.POSSIBLY_BURNT, None)
        raise
    except (Unavailable, Misconfigured):
        await journal.end_draw(draw, DrawOutcome.NOTHING, None)
        raise
    await journal.end_draw(draw, DrawOutcome.DRAWN, number)
    return replace(draw, outcome=DrawOutcome.DRAWN, number=number)


def _prepaid(work: Work, draft: Draft) -> Decimal:
    return draft.paid_before + (work.order.captured or Decimal(0))


async def _archive(work: Work, document: Document) -> None:
    """Draws the document and keeps it for ever. Bytes that are in the archive already are the document."""
    invoice = await work.content()
    logo = await work.tenant.sites.logo(invoice.draft.site)
    drawn = await work.has.pdf.render(invoice, logo, await work.has.xml.cii(invoice))
    work.pdf = await work.has.archive.put(document.tenant, document.number, drawn.content)
    digest = sha256(work.pdf).hexdigest()
    work.document = await work.has.journal.archived(
        document, sha256=digest, size=len(work.pdf), replaced=drawn.replaced
    )

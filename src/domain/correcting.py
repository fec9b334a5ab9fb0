"""The steps of a correction: a credit note, the money back if that is wanted, and the mail.

Like the steps of an invoice each may be run again after a crash, and changes the world once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from domain.capture import CaptureAttempt, CaptureOutcome
from domain.correction import credit_note_of
from domain.document import Document
from domain.errors import InDoubt, Misconfigured, OrderNotFound, OrderRejected, PaymentRefused, Unavailable
from domain.invoice import PlannedCapture
from domain.issuing import archived, issued
from domain.job import Correction, JobOrder, Step
from domain.money import Currency, total
from domain.order import InvoiceMark, TransactionId
from domain.ports import Journal
from domain.refund import RefundAttempt, RefundId, RefundOutcome, due_back, made, outcome_of
from domain.steps import is_forgotten, send_mail
from domain.work import Work


async def issue_credit_note(work: Work) -> JobOrder:
    """The document that takes the invoice back, and the order without the invoice's mark."""
    invoice = await work.has.journal.document(work.order.tenant, correction_of(work.order).invoice)
    note = await _credit_note(work, invoice)
    work.order = replace(work.order, touched=True)
    mark = InvoiceMark(note.number, work.has.document_url(note.tenant, note.number))
    with suppress(OrderNotFound):  # an order that is gone shows no invoice any more
        await work.tenant.orders.cancel_mark(work.order.order_id, invoice.number, mark)
    return work.order


async def give_back(work: Work) -> JobOrder:
    """What was captured for the order, as the journal says, back to whoever paid it: each capture once."""
    if not correction_of(work.order).refund:
        return work.order
    captures = await _captures(work)
    for captured in captures:
        await _give_back(work, captured)
    with suppress(OrderNotFound):
        await work.tenant.orders.mark_refunds(work.order.order_id, await _given_back(work, captures))
    return work.order


CORRECTION_STEPS: dict[Step, Callable[[Work], Awaitable[JobOrder]]] = {
    Step.PDF: issue_credit_note,
    Step.CAPTURE: give_back,
    Step.EMAIL: send_mail,
}


def correction_of(order: JobOrder) -> Correction:
    """What of the order is to be taken back."""
    if order.correction is None:
        raise RuntimeError(f"order {order.order_id} is not there to be corrected")
    return order.correction


async def archived_note(order: JobOrder, journal: Journal) -> Document | None:
    """The credit note that the correction is for, if it is issued and archived."""
    cancelled_by = (await journal.document(order.tenant, correction_of(order).invoice)).cancelled_by
    note = cancelled_by and await journal.document(order.tenant, cancelled_by)
    return note if note and note.sha256 else None


async def _credit_note(work: Work, invoice: Document) -> Document:
    """The one that is there, or a new one."""
    journal = work.has.journal
    if invoice.cancelled_by is not None:
        return await archived(work, await journal.document(invoice.tenant, invoice.cancelled_by))
    await _require_not_forgotten(work)
    content = await journal.content(invoice)
    day = content.draft.issue_date(work.has.clock())
    remark = correction_of(work.order).remark
    return await issued(work, credit_note_of(content, remark, day, refund=await _to_be_given_back(work)))


async def _require_not_forgotten(work: Work) -> None:
    """Raises `Misconfigured` when the order tells of a credit note of ours of which the journal knows nothing.

    So it is once an older back-up was restored: the invoice may be cancelled already, and is not cancelled twice.
    """
    try:
        shown = (await work.read_order()).credit_note
    except OrderRejected:
        return
    if shown is not None and await is_forgotten(work, shown):
        raise Misconfigured(
            f"the order tells of credit note {shown.number}, of which this database knows nothing: "
            "it was restored from a back-up that is older"
        )


async def _captures(work: Work) -> list[CaptureAttempt]:
    """What was captured for the order, as the journal says."""
    attempts = await work.has.journal.captures_of(work.order.tenant, work.order.order_id)
    return [attempt for attempt in attempts if attempt.outcome is CaptureOutcome.CAPTURED]


async def _to_be_given_back(work: Work) -> Decimal:
    """How much CAPTURE will give back in all: the credit note tells the customer, and never changes afterwards.

    So the gateway is asked too: what it gave back by another's hand is not promised again.
    """
    if not correction_of(work.order).refund:
        return Decimal(0)
    by_transaction = defaultdict[TransactionId, list[CaptureAttempt]](list)
    for captured in await _captures(work):
        by_transaction[captured.transaction_id].append(captured)
    return total([await _due_back(work, captures) for captures in by_transaction.values()])


async def _due_back(work: Work, captures: Sequence[CaptureAttempt]) -> Decimal:
    transaction_id = captures[0].transaction_id
    known = await work.has.journal.refunds(work.order.tenant, transaction_id)
    return due_back(captures, await work.tenant.payments.transaction(transaction_id), known)


async def _give_back(work: Work, captured: CaptureAttempt) -> None:
    """Intends what is still to be given back of a capture, and asks for it.

    The journal is read before the gateway: then a refund that is journalled meanwhile is noticed when ours is intended.
    The clock is read before it too, since what the gateway knew then is all we know.
    """
    journal, asked = work.has.journal, work.has.clock()
    known = await journal.refunds(captured.tenant, captured.transaction_id)
    transaction = await work.tenant.payments.transaction(captured.transaction_id)
    for attempt in known:
        if attempt.outcome is None and attempt.order_id == work.order.order_id:
            outcome = outcome_of(attempt, transaction, settle=work.has.timing.settle, now=asked)
            await journal.end_refund(attempt, outcome)
            known = await journal.refunds(captured.tenant, captured.transaction_id)
    amount = due_back([captured], transaction, known)
    if amount > 0:
        attempt = _attempt(work, captured, amount, before=transaction.refunded)
        work.order = await journal.intend_refund(work.order, attempt, known)
        await _send_refund(work, attempt, captured)


def _attempt(work: Work, captured: CaptureAttempt, amount: Decimal, *, before: Decimal) -> RefundAttempt:
    now, order = work.has.clock(), work.order
    return RefundAttempt(
        id=RefundId(uuid4().hex),
        tenant=order.tenant,
        job_id=order.job_id,
        order_id=order.order_id,
        transaction_id=captured.transaction_id,
        capture=captured.id,
        amount=amount,
        currency=captured.currency,
        before=before,
        intended=now,
        deadline=now + work.has.timing.patience,
    )


async def _send_refund(work: Work, attempt: RefundAttempt, captured: CaptureAttempt) -> None:
    """Sends an intended refund if it can still end before its deadline, and writes down what became of it."""
    journal, currency = work.has.journal, Currency.of(attempt.currency)
    if work.has.clock() + work.has.timing.timeout > attempt.deadline:
        await journal.end_refund(attempt, RefundOutcome.NOT_MADE)
        raise Unavailable("the refund was not sent: it took too long to get on its way")
    try:
        payments = work.tenant.payments
        await payments.refund(attempt.transaction_id, attempt.amount, currency, capture_id=captured.capture_id)
    except InDoubt as doubt:
        raise InDoubt(doubt.message, until=attempt.deadline + work.has.timing.settle) from doubt
    except PaymentRefused:
        await journal.end_refund(attempt, RefundOutcome.REFUSED)
        raise
    except (Unavailable, Misconfigured):
        await journal.end_refund(attempt, RefundOutcome.NOT_MADE)
        raise
    await journal.end_refund(attempt, RefundOutcome.REFUNDED)


async def _given_back(work: Work, captures: list[CaptureAttempt]) -> tuple[PlannedCapture, ...]:
    """How much of each transaction was given back to this order, as the journal says."""
    amounts = []
    for transaction_id in dict.fromkeys(captured.transaction_id for captured in captures):
        ours = [r for r in await work.has.journal.refunds(work.order.tenant, transaction_id) if _is_ours(work, r)]
        amounts.append(PlannedCapture(transaction_id, total(refund.amount for refund in made(ours))))
    return tuple(each for each in amounts if each.amount > 0)


def _is_ours(work: Work, refund: RefundAttempt) -> bool:
    return refund.order_id == work.order.order_id

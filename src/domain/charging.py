"""Charging a card: asked before, intended before, and never asked for twice."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome, Overcapture, Standing, is_authorized, standing
from domain.errors import AmountExceedsAuthorization, InDoubt, Misconfigured, PaymentRefused, Unavailable
from domain.invoice import Draft, PlannedCapture
from domain.order import TransactionId
from domain.work import Work


async def standing_with(work: Work, planned: PlannedCapture, draft: Draft) -> Standing:
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


async def capture_rest(work: Work, planned: PlannedCapture, before: Standing, draft: Draft) -> None:
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

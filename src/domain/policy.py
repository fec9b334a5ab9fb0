"""The five-step policy: what follows when a step ends. Nowhere else is anything retried or given up.

    VALIDATION -> RECALCULATION -> CAPTURE -> PDF -> EMAIL -> SUCCESS
                        |                            |
                 dry run: SUCCESS         gives up: SUCCESS, EMAIL_FAILED

A correction is claimed when it is accepted, so it begins with its document; its CAPTURE is the way back:

    PDF -> CAPTURE -> EMAIL -> SUCCESS

Before money moves a step is tried at most 8 times within 10 minutes; afterwards for 24 hours. Then the order fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from domain.errors import (
    AlreadyInvoiced,
    AmountExceedsAuthorization,
    Bug,
    Conflict,
    InDoubt,
    InvoicingError,
    Misconfigured,
    PaymentRefused,
    Postponed,
    RenderFailed,
    Unavailable,
)
from domain.invoice import InvoiceNumber
from domain.job import Job, JobOrder, JobState, OrderState, Step, Version

NEXT = {
    Step.VALIDATION: Step.RECALCULATION,
    Step.RECALCULATION: Step.CAPTURE,
    Step.CAPTURE: Step.PDF,
    Step.PDF: Step.EMAIL,
}

NEXT_OF_CORRECTION = {
    Step.PDF: Step.CAPTURE,
    Step.CAPTURE: Step.EMAIL,
}

ATTEMPTS_BEFORE_CAPTURE = 8
HORIZON_BEFORE_CAPTURE = timedelta(minutes=10)
HORIZON_AFTER_CAPTURE = timedelta(hours=24)
FIRST_DELAY = timedelta(seconds=0.5)
LONGEST_DELAY = timedelta(minutes=5)

ORDER_REASONS = frozenset(
    """ALREADY_INVOICED AMOUNT_EXCEEDS_AUTHORIZATION CANCELLED EMAIL_FAILED INTERNAL INVOICE_INCOMPLETE NOT_CONFIGURED
    ORDER_IN_PROGRESS ORDER_NOT_FOUND ORDER_NOT_INVOICEABLE PAYMENT_OUTCOME_UNKNOWN PAYMENT_REFUSED PLATFORM_DENIED
    PLATFORM_UNAVAILABLE RENDER_FAILED SERIES_EXHAUSTED TOTALS_MISMATCH""".split()
)
"""Every word that says why an order stands as it does; callers may rely on there being no other."""
CANCELLED = "CANCELLED"
"""Why an order that was stopped on request stands as it does."""
RETRYABLE_REASONS = frozenset({"NOT_CONFIGURED", "RENDER_FAILED", "SERIES_EXHAUSTED", "INTERNAL", "EMAIL_FAILED"})
RETRYABLE_FAMILIES = ("PAYMENT_", "PLATFORM_")
REASONS_OF_THE_CARD = frozenset({PaymentRefused.reason, AmountExceedsAuthorization.reason})
"""Why the gateway cannot capture as planned, however often it is asked."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step succeeded; `order` holds what it learnt."""

    order: JobOrder


@dataclass(frozen=True, slots=True)
class Failed:
    """A step did not succeed; `order` holds what it learnt all the same."""

    order: JobOrder
    error: InvoicingError


def advance(outcome: Done | Failed, now: datetime) -> JobOrder:
    """Where an order stands after its current step ended. A finished order stays as it is."""
    order = outcome.order
    if order.ended:
        return order
    match outcome:
        case Done():
            return _go_on(order, now)
        case Failed(error=error):
            tried = replace(
                order,
                attempt=order.attempt + (not isinstance(error, Postponed)),
                since=order.since or now,
                reason=reason_of(order, error),
                message=error.message,
            )
            due = next_try(tried, error, now)
            return _give_up(tried, error) if due is None else replace(tried, due=due)


def reason_of(order: JobOrder, error: InvoicingError) -> str:
    """Why the order does not go on, in one of `ORDER_REASONS`.

    An order changed by others twice in a row is the platform's trouble; another capture under way on a transaction
    that orders share leaves the outcome of this one's open; what should not have happened is a defect.
    """
    if error.reason in ORDER_REASONS:
        return error.reason
    if isinstance(error, Conflict) and order.step is Step.CAPTURE:
        return InDoubt.reason
    return Unavailable.reason if isinstance(error, Conflict | Unavailable) else Bug.reason


def next_try(order: JobOrder, error: InvoicingError, now: datetime) -> datetime | None:
    """When to try the step again; None: never. `order.attempt` tries were made, the first ended at `order.since`."""
    if not _may_mend(order, error):
        return None
    late = order.touched or order.step > Step.CAPTURE
    if not late and order.attempt >= ATTEMPTS_BEFORE_CAPTURE:
        return None
    horizon = HORIZON_AFTER_CAPTURE if late else HORIZON_BEFORE_CAPTURE
    wait = _wait(order, error, now)
    spent = now - (order.since or now)
    return now + wait if spent + wait <= horizon else None


def is_told(failed: Failed, order: JobOrder) -> bool:
    """Whether the journal tells of a try that left the order so: of the first eight, the 16th, the 32nd …, the last.

    So an order that waits for a whole day leaves some fifteen lines and not three hundred. A call that was postponed
    was no try.
    """
    if order.ended:
        return True
    told = order.attempt <= ATTEMPTS_BEFORE_CAPTURE or order.attempt.bit_count() == 1
    return told and not isinstance(failed.error, Postponed)


def next_search(job: Job, error: InvoicingError, now: datetime) -> datetime | None:
    """When to look again for an automatic job's orders; None: never. The wait grows with the time already spent.

    A job that looks for its orders was last updated when it began to.
    """
    age = now - job.updated
    if not isinstance(error, Unavailable | Conflict) or age > HORIZON_BEFORE_CAPTURE:
        return None
    told = error.retry_after if isinstance(error, Unavailable) else None
    wait = max(told or min(age, LONGEST_DELAY), FIRST_DELAY)
    return now + wait if wait <= HORIZON_BEFORE_CAPTURE else None


def is_retryable(reason: str) -> bool:
    """Whether RetryJob may help an order that ended with this reason; wrong data needs a new job."""
    return reason in RETRYABLE_REASONS or reason.startswith(RETRYABLE_FAMILIES)


def why_not_retried(order: JobOrder) -> str:
    """What keeps the order from being taken up again, as a sentence about it goes on; empty when nothing does."""
    if order.retryable:
        return ""
    match order.state:
        case OrderState.PENDING:
            return "is pending: it goes on by itself"
        case OrderState.SUCCESS:
            return "has succeeded: there is nothing to retry"
        case OrderState.CANCELLED:
            return "was cancelled: it needs a new job"
        case OrderState.FAILURE:
            return f"failed with {order.reason}: once that is mended, it needs a new job"


def cancelled(order: JobOrder, *, issued: bool) -> JobOrder:
    """An order whose job is to stop: cancelled, unless it ended, or what cannot be undone has begun.

    `issued` says that its job issued its document; the order itself may not know that yet.
    """
    if order.ended or order.begun or issued:
        return order
    told = "stopped on request; nothing was charged"
    return replace(order, state=OrderState.CANCELLED, due=None, reason=CANCELLED, message=told)


def taken_up(order: JobOrder, now: datetime, *, charged: bool, issued: bool) -> JobOrder:
    """A retryable order, to go on where it failed.

    `charged` says that a capture of it was made, or may have been; `issued` that its job issued its document, which the
    order itself may not know yet. One that had begun nothing was let go, so it starts by being claimed again. One whose
    card gave nothing is decided anew, as if no capture had been intended: the customer may have given another card.
    """
    renewed = replace(
        order, state=OrderState.PENDING, attempt=0, since=None, due=now, reason="", message="", retryable=False
    )
    if order.correction is not None:
        return renewed
    if not order.begun and not issued:
        return replace(renewed, step=Step.VALIDATION)
    if order.reason in REASONS_OF_THE_CARD and not charged:
        return replace(renewed, step=Step.RECALCULATION, touched=False)
    return renewed


def stopped(job: Job, now: datetime) -> Job:
    """A job that looked for its orders when it was stopped: it never gets any."""
    return replace(job, state=JobState.CANCELLED, version=Version(job.version + 1), updated=now, ended=now)


def searching_again(job: Job, now: datetime) -> Job:
    """A job whose orders could not be determined, to look for them again."""
    version = Version(job.version + 1)
    return replace(job, state=JobState.IN_PROGRESS, version=version, updated=now, ended=None, reason="", message="")


def _may_mend(order: JobOrder, error: InvoicingError) -> bool:
    """Time mends trouble of the outside; an operator's mistake is waited for only once money has moved."""
    if isinstance(error, Misconfigured):
        return order.touched and order.step is not Step.EMAIL
    return isinstance(error, Unavailable | Conflict | InDoubt | RenderFailed)


def _wait(order: JobOrder, error: InvoicingError, now: datetime) -> timedelta:
    """What we were told wins over our own patience, but is never so little that we would run in circles."""
    if isinstance(error, InDoubt) and error.until is not None:
        return max(error.until - now, timedelta(0))
    if isinstance(error, Unavailable) and error.retry_after is not None:
        return max(error.retry_after, FIRST_DELAY)
    return _backoff(order)


def _backoff(order: JobOrder) -> timedelta:
    """Doubles from half a second to five minutes; less up to a half, so that orders that failed together part."""
    delay = min(FIRST_DELAY * (1 << min(order.attempt - 1, 20)), LONGEST_DELAY)
    spread = crc32(f"{order.order_id}/{order.step}/{order.attempt}".encode()) % 1000 / 2000
    return delay * (1 - spread)


def _go_on(order: JobOrder, now: datetime) -> JobOrder:
    """The message of an order that succeeds is what its last step has to say of it."""
    if order.step is Step.EMAIL or (order.dry_run and order.step is Step.RECALCULATION):
        tries, told = order.attempt + 1, order.message if order.step is Step.EMAIL else ""
        return order.but(state=OrderState.SUCCESS, attempt=tries, since=None, due=None, reason="", message=told)
    following = NEXT if order.correction is None else NEXT_OF_CORRECTION
    return order.but(step=following[order.step], attempt=0, since=None, due=now, reason="", message="")


def _give_up(order: JobOrder, error: InvoicingError) -> JobOrder:
    """A mail that cannot be delivered does not undo an invoice; everything else fails the order.

    An order with an invoice of ours keeps its number, even if someone else wrote another one into it meanwhile. One
    that keeps its claim can be mended by its own job alone, whatever the reason. A correction that was begun can always
    be taken up again.
    """
    if order.step is Step.EMAIL:
        return replace(order, state=OrderState.SUCCESS, due=None, reason="EMAIL_FAILED", retryable=True)
    failed = replace(order, state=OrderState.FAILURE, due=None, retryable=is_retryable(order.reason))
    if isinstance(error, AlreadyInvoiced) and order.number is None:
        return replace(failed, number=InvoiceNumber(error.number), link=error.document)
    return replace(failed, retryable=failed.retryable or failed.holds_claim or failed.correction is not None)

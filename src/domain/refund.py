"""Giving captured money back once, through a gateway that gives back as often as it is asked.

A refund is intended (durably) before it is asked for, with what the gateway had given back of the transaction by then;
at most one is open on a transaction. Without an answer nobody acts before its deadline + settle; then the transaction
is read: what was given back has grown by the amount, so it was made, or it was not, and is asked for again. The gateway
does not say whose capture a refund gave back (`payment-gateway.yaml`, entries), so growth is all there is to go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from domain.capture import AttemptId, CaptureAttempt, Transaction, refunds_for, taken_for
from domain.errors import InDoubt
from domain.job import JobId
from domain.money import total
from domain.order import OrderId, TenantId, TransactionId
from domain.settlement import Balance

RefundId = NewType("RefundId", str)


class RefundOutcome(StrEnum):
    """What became of an attempt to give back."""

    REFUNDED = "REFUNDED"
    REFUSED = "REFUSED"
    NOT_MADE = "NOT_MADE"


@dataclass(frozen=True, slots=True)
class RefundAttempt:
    """The intent to give back what a `capture` took, and its outcome once there is one; not sent after `deadline`.

    `before` is what the gateway had given back of the transaction when this was intended.
    """

    id: RefundId
    tenant: TenantId
    job_id: JobId
    order_id: OrderId
    transaction_id: TransactionId
    capture: AttemptId
    amount: Decimal
    currency: str
    before: Decimal
    intended: datetime
    deadline: datetime
    outcome: RefundOutcome | None = None


def outcome_of(attempt: RefundAttempt, transaction: Transaction, *, settle: timedelta, now: datetime) -> RefundOutcome:
    """What became of an attempt without an answer. `now` must not be later than when the gateway was asked.

    Raises `InDoubt` while it may yet arrive, or be entered at the gateway.
    """
    quiet = attempt.deadline + settle
    if now < quiet:
        raise InDoubt(
            f"a refund of {attempt.amount} {attempt.currency} was sent and its outcome is unknown; "
            f"the gateway is asked again at {quiet:%H:%M:%S} UTC",
            until=quiet,
        )
    made = transaction.refunded - attempt.before >= attempt.amount
    return RefundOutcome.REFUNDED if made else RefundOutcome.NOT_MADE


def due_back(captures: Sequence[CaptureAttempt], transaction: Transaction, known: Sequence[RefundAttempt]) -> Decimal:
    """What is still to be given back of captures of a transaction: never more than the gateway has of it."""
    taken = {captured.id: captured.amount for captured in captures}
    returned = total(attempt.amount for attempt in made(known) if attempt.capture in taken)
    listed = total(each.amount for each in transaction.captures)
    there = max(listed, *taken.values()) - transaction.refunded
    return max(min(total(taken.values()) - returned, there), Decimal(0))


def made(attempts: Sequence[RefundAttempt]) -> tuple[RefundAttempt, ...]:
    """Those that gave something back."""
    return tuple(attempt for attempt in attempts if attempt.outcome is RefundOutcome.REFUNDED)


def balance(
    order_id: OrderId,
    transaction: Transaction,
    attempts: Sequence[CaptureAttempt],
    refunds: Sequence[RefundAttempt],
) -> Balance:
    """What this order has of the transaction: both journal and gateway are asked what was given back.

    Raises `InDoubt` as long as nobody knows that of one of its refunds.
    """
    ours = [refund for refund in refunds if refund.order_id == order_id]
    if any(refund.outcome is None for refund in ours):
        raise InDoubt(f"whether the refund of transaction {transaction.id} was made is unknown")
    returned = total(refund.amount for refund in made(ours))
    refunded = max(returned, refunds_for(order_id, transaction, attempts))
    return Balance(taken_for(order_id, transaction, attempts), refunded)

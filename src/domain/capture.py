"""Capturing money once, through a gateway that does not protect the caller.

A capture is intended (durably) before it is asked for, and its outcome is written down whoever holds the order by then.
`standing` reads both the journal and the gateway and says what may be done next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from domain.errors import InDoubt
from domain.job import JobId
from domain.money import total
from domain.order import OrderId, TenantId, TransactionId

AttemptId = NewType("AttemptId", str)


class CaptureOutcome(StrEnum):
    """What became of an attempt."""

    CAPTURED = "CAPTURED"
    REFUSED = "REFUSED"
    NOT_MADE = "NOT_MADE"
    """The gateway, asked long after the deadline, knows nothing of it."""


@dataclass(frozen=True, slots=True)
class CaptureAttempt:
    """The intent to capture, and its outcome once there is one. Nobody sends it after `deadline`."""

    id: AttemptId
    tenant: TenantId
    job_id: JobId
    order_id: OrderId
    transaction_id: TransactionId
    amount: Decimal
    currency: str
    intended: datetime
    deadline: datetime
    outcome: CaptureOutcome | None = None
    capture_id: str | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """A successful capture at the gateway."""

    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Transaction:
    """What the gateway knows: what it authorised, captured and gave back (`payment-gateway.yaml`)."""

    id: TransactionId
    authorized: Decimal | None
    captures: tuple[Captured, ...]
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands with a transaction: what it holds of it, and which attempts are now explained.

    The gateway does not say whose capture a refund gave back, so refunds count only where nobody else has captured of
    the transaction.
    """

    captured: Decimal
    found: tuple[tuple[CaptureAttempt, CaptureOutcome, str | None], ...] = ()


def standing(
    transaction: Transaction,
    attempts: Sequence[CaptureAttempt],
    *,
    order_id: OrderId,
    settle: timedelta,
    now: datetime,
) -> Standing:
    """What this order has captured of the transaction, journal and gateway compared.

    Captures count as ours only where the journal gives their id to this order. An open attempt is left alone until
    `settle` after its deadline; then a capture of the same amount that no journal knows is its outcome, and where there
    is none it was not made. `now` must not be later than the moment at which the gateway was asked: an answer from
    before the deadline proves nothing. Raises `InDoubt` while nobody may act, or when a capture cannot be explained.
    """
    open_attempts = [a for a in attempts if a.outcome is None]
    for attempt in open_attempts:
        quiet = attempt.deadline + settle
        if now < quiet:
            raise InDoubt(
                f"a capture of {attempt.amount} {attempt.currency} was sent and its outcome is unknown; "
                f"the gateway is asked again at {quiet:%H:%M:%S} UTC",
                until=quiet,
            )
    known = {a.capture_id for a in attempts if a.capture_id}
    strangers = [c for c in transaction.captures if c.id not in known]
    found: list[tuple[CaptureAttempt, CaptureOutcome, str | None]] = []
    mine_alone = all(a.order_id == order_id for a in open_attempts)
    for attempt in open_attempts if mine_alone else ():
        match = next((c for c in strangers if c.amount == attempt.amount), None)
        if match is None:
            found.append((attempt, CaptureOutcome.NOT_MADE, None))
        else:
            strangers.remove(match)
            found.append((attempt, CaptureOutcome.CAPTURED, match.id))
    if strangers:
        listed = ", ".join(f"{c.id} ({c.amount})" for c in strangers[:5])
        raise InDoubt(f"the gateway lists captures that cannot be given to this order: {listed}")
    done = [a for a in attempts if a.outcome is CaptureOutcome.CAPTURED]
    captured = total(a.amount for a in done if a.order_id == order_id)
    captured += total(a.amount for a, outcome, _ in found if outcome is CaptureOutcome.CAPTURED)
    shared = any(a.order_id != order_id for a in done)
    refunded = Decimal(0) if shared else transaction.refunded
    return Standing(max(captured - refunded, Decimal(0)), tuple(found))

"""Capturing money once, through a gateway that does not protect the caller.

A capture is intended (durably) before it is asked for, and its outcome is written down whoever holds the order by then.
`standing` reads both the journal and the gateway and says what may be done next. What the gateway lists and the journal
does not know is a stranger:

    the journal tells of the transaction     a stranger                    what follows
    an attempt that may yet arrive           any or none                   nobody acts before deadline + settle
    our open attempt                         none                          it was not made; capture
    our open attempt                         one of its amount             it is its outcome; done
    our open attempt, no other order         two of its amount             one is its outcome; done, and alarm
    our captures pay all, no other order     repeats one of them           done, and alarm: taken twice
    our capture, which is not listed         has its amount                done: the same under another id (below)
    another order's open attempt             none                          the intent is refused; wait
    anything else                            one that fits nothing above   in doubt until an operator has said

So nothing is ever captured while a stranger is there; and money that was taken once gets its document even where it was
taken twice.

That an entry of a transaction and the answer to its capture have the same id is unwritten (`payment-gateway.yaml`,
entries.id and captureId). Should they differ, captures of ours are strangers when the transaction is read again: an
order that has a transaction to itself is done by the journal's word and the sums agree, orders that share one are in
doubt. None is charged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from domain.errors import InDoubt
from domain.job import JobId
from domain.money import total
from domain.order import OrderId, TenantId, TransactionId

AttemptId = NewType("AttemptId", str)

LISTED = 5
"""How many captures a sentence names."""


class CaptureOutcome(StrEnum):
    """What became of an attempt."""

    CAPTURED = "CAPTURED"
    REFUSED = "REFUSED"
    NOT_MADE = "NOT_MADE"
    """The gateway, asked long after the deadline, knows nothing of it."""
    FOREIGN = "FOREIGN"
    """No attempt of ours, but a capture that the gateway lists: an operator says it is for none of our orders."""


@dataclass(frozen=True, slots=True)
class CaptureAttempt:
    """The intent to capture, and its outcome once there is one. Nobody sends it after `deadline`.

    `ended` is when the service wrote the outcome down, and makes it no other attempt. Where the outcome is an
    operator's word, `said_by` and `said` tell whose and since when.
    """

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
    ended: datetime | None = field(default=None, compare=False)
    said_by: str = ""
    said: datetime | None = None

    @property
    def asked_for(self) -> bool:
        """Whether it was ever to be sent; else it is a capture of the gateway's, entered by an operator's word."""
        return self.deadline > self.intended


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
class Overcapture:
    """More was captured of a transaction for an order than was planned: someone has to give the rest back."""

    tenant: TenantId
    job_id: JobId
    order_id: OrderId
    transaction_id: TransactionId
    currency: str
    planned: Decimal
    captured: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands with a transaction: what was taken for it, and which attempts are now explained."""

    taken: Decimal
    refunded: Decimal = Decimal(0)
    found: tuple[tuple[CaptureAttempt, CaptureOutcome, str | None], ...] = ()

    @property
    def captured(self) -> Decimal:
        """What was taken and not given back."""
        return max(self.taken - self.refunded, Decimal(0))


def standing(
    transaction: Transaction,
    attempts: Sequence[CaptureAttempt],
    *,
    order_id: OrderId,
    planned: Decimal,
    settle: timedelta,
    now: datetime,
) -> Standing:
    """What this order, which is to pay `planned` of the transaction, has captured of it: journal and gateway compared.

    `attempts` are all of the transaction. `now` must not be later than the moment at which the gateway was asked: an
    answer from before the deadline proves nothing. Raises `InDoubt` while nobody may act, or when a capture cannot be
    explained; the table above has every case.
    """
    require_quiet(attempts, settle=settle, now=now)
    found = _outcomes(transaction, attempts, order_id)
    ended = {attempt.id: replace(attempt, outcome=outcome, capture_id=of) for attempt, outcome, of in found}
    known = [ended.get(attempt.id, attempt) for attempt in attempts]
    taken, refunded = taken_for(order_id, transaction, known), refunds_for(order_id, transaction, known)
    stands = Standing(taken, refunded, found)
    strangers = strangers_in(transaction, known)
    if strangers and not (_repeat(strangers, known, order_id) and stands.captured >= planned):
        raise InDoubt(f"the gateway lists captures that cannot be given to this order: {listed(strangers)}")
    return stands


def require_quiet(attempts: Sequence[CaptureAttempt], *, settle: timedelta, now: datetime) -> None:
    """Raises `InDoubt` while an attempt may yet arrive, or its capture be entered at the gateway."""
    for attempt in attempts:
        quiet = attempt.deadline + settle
        if attempt.outcome is None and now < quiet:
            raise InDoubt(
                f"a capture of {attempt.amount} {attempt.currency} was sent and its outcome is unknown; "
                f"the gateway is asked again at {quiet:%H:%M:%S} UTC",
                until=quiet,
            )


def strangers_in(transaction: Transaction, attempts: Sequence[CaptureAttempt]) -> tuple[Captured, ...]:
    """The captures that the gateway lists and no journal knows."""
    known = {attempt.capture_id for attempt in attempts if attempt.capture_id}
    return tuple(captured for captured in transaction.captures if captured.id not in known)


def taken_for(order_id: OrderId, transaction: Transaction, attempts: Sequence[CaptureAttempt]) -> Decimal:
    """What was taken of the transaction for this order, refunds not counted.

    What the journal gives to it; where no other order has to do with the transaction, all that the gateway lists and
    nobody called foreign, if that is more.
    """
    journalled = total(_captured(attempts, order_id))
    if not _is_alone(attempts, order_id):
        return journalled
    foreign = {attempt.capture_id for attempt in attempts if attempt.outcome is CaptureOutcome.FOREIGN}
    return max(journalled, total(captured.amount for captured in transaction.captures if captured.id not in foreign))


def refunds_for(order_id: OrderId, transaction: Transaction, attempts: Sequence[CaptureAttempt]) -> Decimal:
    """What was given back to this order's customer, as far as that is certain.

    The gateway does not say whose capture a refund gave back, so refunds count only where nobody else has captured of
    the transaction.
    """
    theirs = (a for a in attempts if a.outcome is CaptureOutcome.CAPTURED and a.order_id != order_id)
    foreign = (a for a in attempts if a.outcome is CaptureOutcome.FOREIGN)
    return Decimal(0) if any(theirs) or any(foreign) else transaction.refunded


def is_authorized(amount: Decimal, transaction: Transaction, attempts: Sequence[CaptureAttempt]) -> bool:
    """Whether so much more is within what was authorised, after all that was captured for any order of ours.

    Whether foreign captures have used up the authorisation, and what is open again after a refund, the gateway decides;
    and all of it where it does not say what it authorised.
    """
    made = total(attempt.amount for attempt in attempts if attempt.outcome is CaptureOutcome.CAPTURED)
    used = max(made - transaction.refunded, Decimal(0))
    return transaction.authorized is None or used + amount <= transaction.authorized


def listed(captures: Sequence[Captured]) -> str:
    """The first few of them in words."""
    return ", ".join(f"{captured.id} ({captured.amount})" for captured in captures[:LISTED])


def _outcomes(
    transaction: Transaction, attempts: Sequence[CaptureAttempt], order_id: OrderId
) -> tuple[tuple[CaptureAttempt, CaptureOutcome, str | None], ...]:
    """What became of the order's open attempts; nothing is said while another order has one that is open too."""
    strangers = list(strangers_in(transaction, attempts))
    open_attempts = [attempt for attempt in attempts if attempt.outcome is None]
    if any(attempt.order_id != order_id for attempt in open_attempts):
        return ()
    found: list[tuple[CaptureAttempt, CaptureOutcome, str | None]] = []
    for attempt in open_attempts:
        match = next((captured for captured in strangers if captured.amount == attempt.amount), None)
        if match is None:
            found.append((attempt, CaptureOutcome.NOT_MADE, None))
        else:
            strangers.remove(match)
            found.append((attempt, CaptureOutcome.CAPTURED, match.id))
    return tuple(found)


def _captured(attempts: Sequence[CaptureAttempt], order_id: OrderId) -> list[Decimal]:
    return [a.amount for a in attempts if a.order_id == order_id and a.outcome is CaptureOutcome.CAPTURED]


def _repeat(strangers: Sequence[Captured], attempts: Sequence[CaptureAttempt], order_id: OrderId) -> bool:
    """Whether each stranger repeats a capture of this order, and can be of no other."""
    amounts = _captured(attempts, order_id)
    return _is_alone(attempts, order_id) and all(stranger.amount in amounts for stranger in strangers)


def _is_alone(attempts: Sequence[CaptureAttempt], order_id: OrderId) -> bool:
    """Whether no other order is known to have to do with the transaction."""
    return all(attempt.order_id == order_id for attempt in attempts)

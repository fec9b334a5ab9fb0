"""An operator's word on captures of which nobody knows whether they were made, or whose they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from domain.capture import AttemptId, CaptureAttempt, Captured, CaptureOutcome, listed, require_quiet, strangers_in
from domain.errors import InvalidArgument, Rejected
from domain.explanation import Seen
from domain.history import OrderHistory
from domain.job import Step
from domain.money import Currency
from domain.order import TransactionId

LARGEST = Decimal(10) ** 15
"""No amount is as large."""

_MAY_BE = (None, CaptureOutcome.NOT_MADE)
"""Outcomes of attempts that may have been captures all the same."""


def amount_in(text: str, currency: Currency, *, option: str) -> Decimal:
    """The amount that the option names, in the currency's digits. Raises `InvalidArgument`."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise InvalidArgument(option, f"is {text[:40]!r}, not an amount such as 30.78") from None
    if not amount.is_finite() or not 0 < amount < LARGEST or currency.round(amount) != amount:
        raise InvalidArgument(option, f"is {text[:40]!r}, which nobody can pay in {currency}")
    return amount


def transaction_of(known: OrderHistory, named: str) -> TransactionId:
    """The transaction that is spoken of: the named one, else the only one of the order. Raises `Rejected`."""
    every = ", ".join(known.transactions)
    if not every:
        raise _refusal(f"order {known.order_id} has no payment transaction that is to be captured, or was tried to be")
    if named and named not in known.transactions:
        raise _refusal(f"order {known.order_id} has no transaction {named[:80]!r}; it has {every}")
    if not named and len(known.transactions) > 1:
        raise _refusal(f"order {known.order_id} has several transactions; name one with --transaction: {every}")
    return TransactionId(named) if named else known.transactions[0]


@dataclass(frozen=True, slots=True)
class Hearing:
    """An operator, heard on an order and a transaction of it; and what is known of both.

    `settle` is how long after a capture's deadline the service may still find out by itself.
    """

    known: OrderHistory
    seen: Seen
    operator: str
    now: datetime
    settle: timedelta
    new_id: Callable[[], AttemptId]

    def not_captured(self) -> tuple[CaptureAttempt, ...]:
        """Nothing was captured for the order: its open attempt was not made, captures that nobody knows are foreign.

        Raises `InDoubt` while the service may find out by itself, `Rejected` when nothing is unclear.
        """
        self._require_all_silent()
        doubtful = [attempt for attempt in self.seen.attempts if attempt.outcome is None]
        not_made = [self._said(attempt, CaptureOutcome.NOT_MADE, None) for attempt in doubtful]
        foreign = [self._entered(stranger, CaptureOutcome.FOREIGN) for stranger in self._strangers()]
        if not not_made + foreign:
            raise _refusal(
                f"nothing is unclear: the journal knows all that the gateway lists; {self._listing()}{self._claimed()}"
            )
        return tuple(not_made + foreign)

    def captured(self, amount: Decimal) -> tuple[CaptureAttempt, ...]:
        """So much was captured for the order: a capture that nobody knows, or that was called foreign by mistake.

        It is the outcome of the order's last attempt of this amount that has no better one; else it had no attempt.
        Raises `InDoubt` while the service may find out by itself, `Rejected` when the gateway lists no such capture.
        """
        self._require_all_silent()
        stranger = next((captured for captured in self._strangers() if captured.amount == amount), None)
        if stranger is None:
            return (self._recalled(amount),)
        attempt = self._last(amount, *_MAY_BE)
        if attempt is None:
            return (self._entered(stranger, CaptureOutcome.CAPTURED),)
        return (self._said(attempt, CaptureOutcome.CAPTURED, stranger.id),)

    def foreign(self, amount: Decimal) -> tuple[CaptureAttempt, ...]:
        """A capture of this amount is for none of our orders: one that nobody knows, or was called the order's.

        Raises `InDoubt` while the service may find out by itself, `Rejected` when there is no such capture, or when
        that it was the order's has been built upon.
        """
        self._require_all_silent()
        stranger = next((captured for captured in self._strangers() if captured.amount == amount), None)
        if stranger is not None:
            return (self._entered(stranger, CaptureOutcome.FOREIGN),)
        claimed = next((claim for claim in reversed(self._claims()) if claim.amount == amount), None)
        if claimed is None or claimed.said is None or claimed.capture_id is None:
            raise _refusal(
                f"nobody said that a capture of {amount} {self.known.currency} is this order's, and the gateway lists "
                f"no unknown one; {self._listing()}"
            )
        self._require_not_built_upon(claimed.said)
        if not claimed.asked_for:
            return (self._said(claimed, CaptureOutcome.FOREIGN, claimed.capture_id),)
        capture = Captured(claimed.capture_id, amount)
        not_made = self._said(claimed, CaptureOutcome.NOT_MADE, None)
        return (not_made, self._entered(capture, CaptureOutcome.FOREIGN))

    def _require_not_built_upon(self, said: datetime) -> None:
        """An order that counts on a word, in work or failed past its CAPTURE, would be invoiced as paid all the same.

        A word about an order that was invoiced before is counted on by nobody yet.
        """
        order = self.known.latest
        since = [each.document.number for each in self.known.documents if each.document.created >= said]
        if since:
            raise _refusal(f"{since[-1]} was issued since: give the money back there, or cancel the invoice")
        if not order.ended:
            raise _refusal(f"order {order.order_id} is in work and may count on it: wait until it has ended")
        if order.step > Step.CAPTURE and not order.has_document:
            raise _refusal(
                f"order {order.order_id} counts as paid since, and failed at {order.step.name}: finish it with "
                f"invoicing job retry {order.job_id}, then cancel its invoice"
            )

    def _claimed(self) -> str:
        """How to take back what was said of a capture."""
        claims = self._claims()
        if not claims:
            return ""
        last = claims[-1]
        return f"; {last.said_by} said that {last.amount} was captured for it: if not, say --foreign {last.amount}"

    def _claims(self) -> list[CaptureAttempt]:
        """The captures of the transaction that are the order's because somebody said so."""
        return [made for made in self.known.made() if made.said and made.transaction_id == self.seen.transaction.id]

    def _recalled(self, amount: Decimal) -> CaptureAttempt:
        """A capture that was called foreign by mistake."""
        foreign = self._last(amount, CaptureOutcome.FOREIGN)
        if foreign is None:
            listing = self._listing()
            raise _refusal(f"the gateway lists no unknown capture of {amount} {self.known.currency}; {listing}")
        return self._said(foreign, CaptureOutcome.CAPTURED, foreign.capture_id)

    def _last(self, amount: Decimal, *outcomes: CaptureOutcome | None) -> CaptureAttempt | None:
        ours = [attempt for attempt in self.seen.attempts if attempt.order_id == self.known.order_id]
        fitting = [attempt for attempt in ours if attempt.outcome in outcomes and attempt.amount == amount]
        return fitting[-1] if fitting else None

    def _said(self, attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None) -> CaptureAttempt:
        return replace(attempt, outcome=outcome, capture_id=capture_id, said_by=self.operator, said=self.now)

    def _entered(self, stranger: Captured, outcome: CaptureOutcome) -> CaptureAttempt:
        """A capture that had no attempt, as the journal knows it from now on."""
        entered = CaptureAttempt(
            id=self.new_id(),
            tenant=self.known.tenant,
            job_id=self.known.latest.job_id,
            order_id=self.known.order_id,
            transaction_id=self.seen.transaction.id,
            amount=stranger.amount,
            currency=self.known.currency,
            intended=self.now,
            deadline=self.now,
        )
        return self._said(entered, outcome, stranger.id)

    def _strangers(self) -> tuple[Captured, ...]:
        return strangers_in(self.seen.transaction, self.seen.attempts)

    def _require_all_silent(self) -> None:
        """Nobody else may have a say: neither the gateway, which is asked in time, nor another order."""
        require_quiet(self.seen.attempts, settle=self.settle, now=self.now)
        for attempt in self.seen.attempts:
            if attempt.outcome is None and attempt.order_id != self.known.order_id:
                raise _refusal(
                    f"order {attempt.order_id} has a capture of {attempt.amount} {attempt.currency} on the transaction "
                    "whose outcome is unknown: resolve that one first"
                )

    def _listing(self) -> str:
        captures = self.seen.transaction.captures
        return f"it lists {listed(captures)}" if captures else "it lists none"


def _refusal(why: str) -> Rejected:
    return Rejected(why, reason="NOT_RESOLVABLE")

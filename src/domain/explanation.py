"""What became of an order, in words: one sentence, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.capture import CaptureAttempt, CaptureOutcome, Transaction, listed, refunds_for, strangers_in, taken_for
from domain.history import FailedTry, InJob, Issued, OrderHistory
from domain.invoice import DocumentType
from domain.job import JobOrder, JobType, OrderState, Step
from domain.money import total
from domain.numbering import Draw, DrawOutcome
from domain.order import OrderId
from domain.refund import RefundAttempt, RefundOutcome

OUTCOMES = {
    CaptureOutcome.CAPTURED: "captured",
    CaptureOutcome.REFUSED: "refused, nothing was captured",
    CaptureOutcome.NOT_MADE: "not made, nothing was captured",
    CaptureOutcome.FOREIGN: "a capture for none of our orders",
}
REFUNDS = {
    None: "no outcome known",
    RefundOutcome.REFUNDED: "given back",
    RefundOutcome.REFUSED: "refused, nothing was given back",
    RefundOutcome.NOT_MADE: "not made, nothing was given back",
}
KINDS = {DocumentType.INVOICE: "invoice", DocumentType.CREDIT_NOTE: "credit note"}
DRAWS = {
    None: "no answer yet: a number may be burnt",
    DrawOutcome.DRAWN: "drawn",
    DrawOutcome.NOTHING: "nothing was drawn",
    DrawOutcome.POSSIBLY_BURNT: "the answer was lost: a number may be burnt",
    DrawOutcome.TAKEN: "stands on another document already",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an order."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A transaction as the gateway tells it, and every attempt on it that the journal knows, whoever's."""

    transaction: Transaction
    attempts: tuple[CaptureAttempt, ...]

    @property
    def is_unclear(self) -> bool:
        """Whether nobody knows what became of an attempt, or whose a capture is."""
        doubtful = any(attempt.outcome is None for attempt in self.attempts)
        return doubtful or bool(strangers_in(self.transaction, self.attempts))

    def captured_for(self, order_id: OrderId) -> Decimal:
        """What was captured for the order and not given back."""
        refunded = refunds_for(order_id, self.transaction, self.attempts)
        return taken_for(order_id, self.transaction, self.attempts) - refunded


def meaning(known: OrderHistory, *, settle: timedelta, now: datetime, seen: Sequence[Seen] = ()) -> str:
    """The order in a sentence or two, after what the gateway tells if it was asked; money comes first.

    `settle` is how long after a capture's deadline nobody asks the gateway what became of it.
    """
    said = (*_overcaptures(known, seen), _end(known, settle=settle, now=now), *_strangers(seen))
    return " ".join(f"{sentence}." for sentence in said)


def chronology(known: OrderHistory) -> tuple[Event, ...]:
    """What happened to the order, oldest first."""
    events = (
        *_of_jobs(known),
        *_of_tries(known),
        *_of_captures(known),
        *(Event(word.said or word.intended, _word(word)) for word in known.words),
        *(Event(refund.intended, _refund(refund)) for refund in known.refunds),
        *(Event(draw.asked, _draw(draw)) for draw in known.draws),
        *(Event(issued.document.created, _document(issued)) for issued in known.documents),
        *(Event(mail.mailed, f"{mail.number} mailed to {mail.recipient} as {mail.id}") for mail in known.mails),
    )
    return tuple(sorted(events, key=lambda event: event.at))


def moment(at: datetime) -> str:
    """An instant to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


# The sentence


def _overcaptures(known: OrderHistory, seen: Sequence[Seen]) -> Iterator[str]:
    """What was taken beyond the plan, as far as the journal knows, or the gateway where it was asked."""
    told = {each.transaction.id: each.captured_for(known.order_id) for each in seen}
    for transaction_id in known.transactions:
        planned = known.planned(transaction_id)
        captured = told.get(transaction_id, known.captured(transaction_id))
        if planned is None or captured <= planned:
            continue
        howmuch = "TWICE" if planned and captured >= 2 * planned else "TOO MUCH"
        unsure = "" if transaction_id in told else ", unless that was done: the gateway was not asked"
        yield (
            f"TAKEN {howmuch}: {captured} {known.currency} captured of transaction {transaction_id} where {planned} "
            f"were planned; give {captured - planned} {known.currency} back{unsure}"
        )


def _strangers(seen: Sequence[Seen]) -> Iterator[str]:
    for each in seen:
        if strangers := strangers_in(each.transaction, each.attempts):
            yield (
                f"Nobody knows whose captures the gateway lists on transaction {each.transaction.id}: "
                f"{listed(strangers)}"
            )


def _end(known: OrderHistory, *, settle: timedelta, now: datetime) -> str:
    """How far the order has come."""
    if known.documents:
        return f"{_paid(known)}; {_issued(known)}"
    doubtful = [attempt for attempt in known.captures if attempt.outcome is None]
    if doubtful:
        return _doubt(known, doubtful[0], settle=settle, now=now)
    order = known.latest
    return f"{_paid(known)}, but not invoiced: {_state(order)}" if known.made() else f"Not invoiced: {_state(order)}"


def _paid(known: OrderHistory) -> str:
    made = known.made()
    if made:
        amounts = " and ".join(f"{attempt.amount} {attempt.currency}" for attempt in made)
        return (f"Captured {amounts} once" if len(made) == 1 else f"Captured {amounts}") + _returned(known)
    methods = ", ".join(known.draft.payment_methods) if known.draft else ""
    return f"Nothing to capture: paid by {methods}" if methods else "Nothing captured"


def _returned(known: OrderHistory) -> str:
    if any(refund.outcome is None for refund in known.refunds):
        return ", which may have been given back"
    returned = total(refund.amount for refund in known.returned())
    return f", {returned} {known.currency} given back" if returned else ""


def _issued(known: OrderHistory) -> str:
    document = known.documents[-1].document
    what = f"{KINDS[document.type]} {document.number}"
    if document.cancels is not None:
        what = f"invoice {document.cancels} cancelled, {what}"
    mails = [mail for mail in known.mails if mail.number == document.number]
    if mails:
        return f"{what} mailed to {mails[0].recipient} at {moment(mails[0].mailed)}"
    order = known.latest
    why = f": {_state(order)}" if order.reason or not order.ended else ""
    return f"{what} issued at {moment(document.created)} and not mailed{why}"


def _doubt(known: OrderHistory, attempt: CaptureAttempt, *, settle: timedelta, now: datetime) -> str:
    """An open attempt: until its deadline and `settle` are over nobody acts, then whoever works on the order asks."""
    quiet = attempt.deadline + settle
    again = max(quiet, known.latest.due or quiet)
    amount = f"A capture of {attempt.amount} {attempt.currency} may have been made"
    if known.latest.ended and now >= quiet:
        return f"{amount}, and nobody asks the gateway any more: {_state(known.latest)}"
    return f"{amount}: the gateway is asked again at {moment(again)}"


def _state(order: JobOrder) -> str:
    why = f" ({order.reason}: {order.message.rstrip('.')})" if order.reason else ""
    if order.ended:
        return f"{order.state} at {order.step.name}{why}"
    return f"in work at {order.step.name}{why}"


# What happened


def _of_jobs(known: OrderHistory) -> Iterator[Event]:
    if known.claim is not None:
        yield Event(known.claim.since, f"job {known.claim.job_id} has the order since then")
    for entry in known.jobs:
        yield Event(entry.created, f"job {entry.order.job_id} ({_kind(entry)}) created")
        yield Event(entry.order.updated or entry.created, f"job {entry.order.job_id}: {_standing(entry)}")


def _kind(entry: InJob) -> str:
    correction = entry.order.correction
    if correction is not None:
        back = ", with the money back" if correction.refund else ""
        return f"{JobType.CORRECTION} of invoice {correction.invoice}{back}"
    return f"{entry.type}, a dry run" if entry.order.dry_run else entry.type


def _standing(entry: InJob) -> str:
    order = entry.order
    tries = f", try {order.attempt}" if order.attempt > 1 or (order.attempt and order.reason) else ""
    due = f"; next try at {moment(order.due)}" if order.due and order.reason else ""
    why = f": {order.reason}: {order.message}" if order.reason else ""
    untouched = order.step == Step.VALIDATION and order.state is OrderState.PENDING and not order.attempt
    return "waits for its turn" if untouched else f"{order.state} at {order.step.name}{tries}{why}{due}"


def _of_tries(known: OrderHistory) -> Iterator[Event]:
    """The tries that failed, but for those after which the order still stands as it did: that is told of its job."""
    standing = {(entry.order.job_id, entry.order.updated) for entry in known.jobs}
    for failed in known.failed_tries:
        if (failed.job_id, failed.ended) not in standing:
            yield Event(failed.ended, _failed(failed))


def _failed(failed: FailedTry) -> str:
    then = f"next try at {moment(failed.due)}" if failed.due else "given up"
    what = f"try {failed.attempt} at {failed.step.name} failed"
    return f"job {failed.job_id}: {what}: {failed.reason}: {failed.message.rstrip('.')}; {then}"


def _of_captures(known: OrderHistory) -> Iterator[Event]:
    """Intents and what became of them; what an operator said instead is told as his word."""
    for attempt in known.captures:
        if attempt.asked_for:
            yield Event(attempt.intended, _intended(attempt))
        if attempt.ended is not None and attempt.said is None:
            yield Event(attempt.ended, f"capture of {_amount(attempt)}: {_outcome(attempt)}")


def _intended(attempt: CaptureAttempt) -> str:
    told = "" if attempt.ended or attempt.said else f": {_outcome(attempt)}"
    return f"capture of {_amount(attempt)} intended by job {attempt.job_id} until {moment(attempt.deadline)}{told}"


def _word(word: CaptureAttempt) -> str:
    return f"{word.said_by} said of {_amount(word)}: {_outcome(word)}"


def _amount(attempt: CaptureAttempt) -> str:
    return f"{attempt.amount} {attempt.currency} of transaction {attempt.transaction_id}"


def _outcome(attempt: CaptureAttempt) -> str:
    told = OUTCOMES[attempt.outcome] if attempt.outcome else "no outcome known"
    return f"{told} ({attempt.capture_id})" if attempt.capture_id else told


def _refund(refund: RefundAttempt) -> str:
    amount = f"{refund.amount} {refund.currency} of transaction {refund.transaction_id}"
    until = moment(refund.deadline)
    return f"refund of {amount} intended by job {refund.job_id} until {until}: {REFUNDS[refund.outcome]}"


def _draw(draw: Draw) -> str:
    number = f" {draw.number}" if draw.number else ""
    return f"number of series {draw.series} asked for:{number} {DRAWS[draw.outcome]}"


def _document(issued: Issued) -> str:
    document = issued.document
    kept = f"archived, {document.size:,} bytes, SHA-256 {document.sha256}" if document.sha256 else "not archived yet"
    warning = f"; {document.warning}" if document.warning else ""
    return (
        f"{KINDS[document.type]} {document.number} over {document.gross} {document.currency} issued; "
        f"place {issued.position} in the ledger of {document.series}; {kept}{warning}"
    )

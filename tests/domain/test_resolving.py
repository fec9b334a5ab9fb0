"""What an operator may say of a capture, and what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.capture import AttemptId, CaptureAttempt, Captured, CaptureOutcome, Transaction
from domain.errors import InDoubt, InvalidArgument, InvoicingError, Rejected
from domain.explanation import Seen
from domain.invoice import InvoiceNumber
from domain.job import JobOrder, OrderState, Step
from domain.money import Currency
from domain.order import OrderId, TransactionId
from domain.resolving import Hearing, amount_in, transaction_of
from fakes.clock import NOON
from fakes.known_orders import EON1, HOUR, T1, a_history, a_job_order, an_attempt, issued
from fakes.service import ACME, FakeService

SETTLE = timedelta(seconds=60)
EON2 = OrderId("EON2")
EUR = Currency.of("EUR")
NEW = AttemptId("new")
WORD = {"said_by": "anna", "said": NOON}
ENTERED = an_attempt("0", id=NEW, intended=NOON, deadline=NOON, **WORD)


def hearing(*captures: tuple[str, str], attempts: tuple[CaptureAttempt, ...] = ()) -> Hearing:
    """Anna is heard on EON1; the gateway lists these ids and amounts."""
    listed = tuple(Captured(capture_id, Decimal(amount)) for capture_id, amount in captures)
    seen = Seen(Transaction(T1, None, listed, Decimal(0)), attempts)
    return Hearing(a_history(captures=attempts), seen, "anna", NOON, SETTLE, lambda: NEW)


def ended(amount: str, outcome: CaptureOutcome, **changes: Any) -> CaptureAttempt:
    return an_attempt(amount, outcome=outcome, **changes)


def refused(
    *captures: tuple[str, str], attempts: tuple[CaptureAttempt, ...] = (), captured: str = ""
) -> InvoicingError:
    """What is answered to anna's word."""
    heard = hearing(*captures, attempts=attempts)
    with pytest.raises(InvoicingError) as raised:
        heard.captured(Decimal(captured)) if captured else heard.not_captured()
    return raised.value


def claimed(**changes: Any) -> CaptureAttempt:
    """Bert said an hour ago that c1, of which nobody knew, was EON1's."""
    said = {"said_by": "bert", "said": NOON - HOUR, "intended": NOON - HOUR, "deadline": NOON - HOUR}
    return ended("10.00", CaptureOutcome.CAPTURED, **{"capture_id": "c1", **said, **changes})


def stands(attempt: CaptureAttempt, **order: Any) -> Hearing:
    """Anna is heard on that capture; the order stands so."""
    heard = hearing(("c1", "10.00"), attempts=(attempt,))
    failed = a_job_order(**{"state": OrderState.FAILURE, "step": Step.CAPTURE, **order})
    return replace(heard, known=a_history(failed, captures=(attempt,)))


# Nothing was captured


def test_then_the_open_attempt_was_not_made() -> None:
    attempt = an_attempt("10.00")
    assert hearing(attempts=(attempt,)).not_captured() == (replace(attempt, outcome=CaptureOutcome.NOT_MADE, **WORD),)


def test_then_a_capture_that_nobody_knows_is_foreign_even_if_its_amount_would_fit() -> None:
    attempt = an_attempt("10.00")
    not_made, foreign = hearing(("c1", "10.00"), attempts=(attempt,)).not_captured()
    assert (not_made.id, not_made.outcome, not_made.capture_id) == (attempt.id, CaptureOutcome.NOT_MADE, None)
    assert foreign == replace(ENTERED, amount=Decimal("10.00"), outcome=CaptureOutcome.FOREIGN, capture_id="c1")


def test_then_what_the_journal_knows_stays() -> None:
    known = ended("10.00", CaptureOutcome.CAPTURED, capture_id="c1"), ended("5.00", CaptureOutcome.REFUSED)
    said = hearing(("c1", "10.00"), ("c9", "7.00"), attempts=known).not_captured()
    assert [attempt.capture_id for attempt in said] == ["c9"]


@pytest.mark.parametrize(
    "attempts",
    [(), (ended("10.00", CaptureOutcome.CAPTURED, capture_id="c1"),), (ended("10.00", CaptureOutcome.NOT_MADE),)],
)
def test_where_nothing_is_unclear_there_is_nothing_to_say(attempts: tuple[CaptureAttempt, ...]) -> None:
    captures = [(a.capture_id, "10.00") for a in attempts if a.capture_id]
    error = refused(*captures, attempts=attempts)
    assert (error.reason, "nothing is unclear" in error.message) == ("NOT_RESOLVABLE", True)


# So much was captured


@pytest.mark.parametrize("outcome", [None, CaptureOutcome.NOT_MADE])
def test_then_it_is_the_outcome_of_the_attempt_of_this_amount(outcome: CaptureOutcome | None) -> None:
    attempts = an_attempt("9.00", id=AttemptId("a0"), outcome=CaptureOutcome.NOT_MADE), an_attempt(outcome=outcome)
    (said,) = hearing(("c1", "10.0"), attempts=attempts).captured(Decimal(10))
    assert said == replace(attempts[1], outcome=CaptureOutcome.CAPTURED, capture_id="c1", **WORD)


def test_without_such_an_attempt_it_is_entered_for_the_order() -> None:
    (said,) = hearing(("c1", "10.00"), attempts=(ended("10.00", CaptureOutcome.REFUSED),)).captured(Decimal(10))
    assert said == replace(ENTERED, amount=Decimal("10.00"), outcome=CaptureOutcome.CAPTURED, capture_id="c1")


def test_another_orders_attempt_of_this_amount_is_not_its_outcome() -> None:
    theirs = ended("10.00", CaptureOutcome.NOT_MADE, order_id=EON2)
    (said,) = hearing(("c1", "10.00"), attempts=(theirs,)).captured(Decimal(10))
    assert (said.id, said.order_id) == (NEW, EON1)


def test_a_capture_that_was_called_foreign_by_mistake_can_be_claimed() -> None:
    foreign = ended("10.00", CaptureOutcome.FOREIGN, capture_id="c1", said_by="bert", said=NOON)
    (said,) = hearing(("c1", "10.00"), attempts=(foreign,)).captured(Decimal(10))
    assert said == replace(foreign, outcome=CaptureOutcome.CAPTURED, **WORD)


@pytest.mark.parametrize("amount", ["9.99", "20.00"])
def test_an_amount_that_the_gateway_does_not_list_is_refused_with_what_it_lists(amount: str) -> None:
    error = refused(("c1", "10.00"), attempts=(an_attempt("10.00"),), captured=amount)
    assert (error.reason, "c1 (10.00)" in error.message) == ("NOT_RESOLVABLE", True)


def test_a_capture_that_the_journal_knows_is_not_claimed_twice() -> None:
    known = ended("10.00", CaptureOutcome.CAPTURED, capture_id="c1")
    assert isinstance(refused(("c1", "10.00"), attempts=(known,), captured="10.00"), Rejected)


# A capture is foreign


def test_one_of_several_that_nobody_knows_can_be_called_foreign() -> None:
    attempt = an_attempt("20.00", outcome=CaptureOutcome.REFUSED)
    (said,) = hearing(("c1", "10.00"), ("c2", "5.00"), attempts=(attempt,)).foreign(Decimal(5))
    assert said == replace(ENTERED, amount=Decimal("5.00"), outcome=CaptureOutcome.FOREIGN, capture_id="c2")


def test_a_capture_that_was_called_the_orders_by_mistake_can_be_called_foreign() -> None:
    (said,) = stands(claimed()).foreign(Decimal(10))
    assert said == replace(claimed(), outcome=CaptureOutcome.FOREIGN, **WORD)


def test_then_the_attempt_of_which_it_was_said_to_be_the_outcome_was_not_made() -> None:
    attempt = claimed(deadline=NOON - HOUR / 2)
    not_made, foreign = stands(attempt).foreign(Decimal(10))
    assert not_made == replace(attempt, outcome=CaptureOutcome.NOT_MADE, capture_id=None, **WORD)
    assert (foreign.id, foreign.outcome, foreign.capture_id) == (NEW, CaptureOutcome.FOREIGN, "c1")


def test_where_nothing_is_unclear_it_says_how_to_take_a_word_back() -> None:
    heard = stands(claimed())
    with pytest.raises(Rejected, match=r"bert said that 10\.00 was captured for it: if not, say --foreign 10\.00"):
        heard.not_captured()


def test_what_the_service_saw_itself_is_no_word_to_take_back() -> None:
    heard = stands(claimed(said_by="", said=None))
    with pytest.raises(Rejected, match=r"nobody said that a capture of 10\.00 EUR is this order's"):
        heard.foreign(Decimal("10.00"))


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"state": OrderState.PENDING}, "is in work and may count on it: wait"),
        ({"step": Step.PDF}, "finish it with invoicing job retry job-1, then cancel its invoice"),
    ],
)
def test_a_word_that_the_order_counts_on_is_not_taken_back(order: dict[str, Any], told: str) -> None:
    heard = stands(claimed(), **order)
    with pytest.raises(Rejected, match=told):
        heard.foreign(Decimal(10))


def test_a_word_that_an_invoice_followed_from_is_not_taken_back() -> None:
    heard = stands(claimed())
    heard = replace(heard, known=replace(heard.known, documents=(issued(),)))
    with pytest.raises(Rejected, match="INV7 was issued since: give the money back there, or cancel the invoice"):
        heard.foreign(Decimal(10))


def test_what_the_service_captured_itself_meanwhile_hinders_nobody_from_taking_a_word_back() -> None:
    both = claimed(), ended("10.00", CaptureOutcome.CAPTURED, id=AttemptId("a2"), capture_id="c2")
    heard = stands(claimed())
    heard = replace(heard, known=replace(heard.known, captures=both), seen=replace(heard.seen, attempts=both))
    (said,) = heard.foreign(Decimal(10))
    assert (said.capture_id, said.outcome) == ("c1", CaptureOutcome.FOREIGN)


@pytest.mark.parametrize(
    "order",
    [
        {"state": OrderState.SUCCESS, "step": Step.EMAIL},
        {"state": OrderState.FAILURE, "step": Step.EMAIL},
    ],
)
def test_a_word_that_was_given_after_the_invoice_can_be_taken_back(order: dict[str, Any]) -> None:
    since = claimed(said=NOON + HOUR / 2)
    heard = stands(since, number=InvoiceNumber("INV7"), **order)
    heard = replace(heard, known=replace(heard.known, documents=(issued(),)), now=NOON + HOUR)
    (said,) = heard.foreign(Decimal(10))
    assert (said.outcome, said.said) == (CaptureOutcome.FOREIGN, NOON + HOUR)


# Not yet, or not here


@pytest.mark.parametrize("captured", ["", "10.00"])
def test_while_the_service_may_find_out_by_itself_nobody_else_is_heard(captured: str) -> None:
    attempt = an_attempt("10.00", deadline=NOON - SETTLE + timedelta(seconds=1))
    error = refused(("c1", "10.00"), attempts=(attempt,), captured=captured)
    assert isinstance(error, InDoubt)
    assert error.until == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("captured", ["", "10.00"])
def test_another_orders_open_attempt_comes_first(captured: str) -> None:
    error = refused(("c1", "10.00"), attempts=(an_attempt(order_id=EON2),), captured=captured)
    assert (error.reason, "order EON2" in error.message) == ("NOT_RESOLVABLE", True)


def test_the_only_transaction_need_not_be_named() -> None:
    known = a_history(captures=(an_attempt(),))
    assert transaction_of(known, "") == transaction_of(known, T1) == T1


@pytest.mark.parametrize(
    ("transactions", "named", "told"),
    [((), "", "no payment"), (("t1", "t2"), "", "--transaction: t1, t2"), (("t1",), "t9", "it has t1")],
)
def test_which_transaction_is_meant_has_to_be_clear(transactions: tuple[str, ...], named: str, told: str) -> None:
    known = a_history(captures=tuple(an_attempt(transaction_id=TransactionId(each)) for each in transactions))
    with pytest.raises(Rejected, match=told):
        transaction_of(known, named)


@pytest.mark.parametrize("text", ["30,78", "30.785", "0", "-1", "NaN", "Infinity", "1e99", ""])
def test_an_amount_is_in_the_digits_of_its_currency(text: str) -> None:
    with pytest.raises(InvalidArgument, match="--captured"):
        amount_in(text, EUR, option="--captured")
    with pytest.raises(InvalidArgument, match="JPY"):
        amount_in("0.5", Currency.of("JPY"), option="--captured")


def test_zeros_at_its_end_change_no_amount() -> None:
    assert amount_in("30.780", EUR, option="--foreign") == Decimal("30.78")


# And then


class TestTheOrder:
    """Goes on after the word, once it is retried."""

    @pytest.mark.parametrize(("captured", "charged"), [(None, ["5.00", "23.80"]), (Decimal("5.00"), ["5.00", "18.80"])])
    async def test_is_charged_what_is_left_of_it(self, captured: Decimal | None, charged: list[str]) -> None:
        service = FakeService()
        job = await service.a_job(EON1)
        card = TransactionId("t-EON1")
        await service.payments.capture(card, Decimal("5.00"), EUR)
        await service.work_to_the_end()
        order = await service.order(job, EON1)
        assert (order.state, order.reason) == (OrderState.FAILURE, "PAYMENT_OUTCOME_UNKNOWN")
        await self.settled(service, order, card, captured)
        await service.invoicing.retry_job(ACME, job.id, (EON1,))
        await service.work_to_the_end()
        order = await service.order(job, EON1)
        assert (order.state, order.captured, order.touched) == (OrderState.SUCCESS, Decimal("23.80"), True)
        assert [str(amount) for _, amount, _ in service.payments.captured] == charged
        assert service.alarms == []

    async def test_is_finished_whatever_the_caller_does_once_all_of_it_was_captured(self) -> None:
        service, card = FakeService(), TransactionId("t-EON1")
        job = await service.a_job(EON1)
        await service.payments.capture(card, Decimal("23.80"), EUR)
        await service.work_to_the_end()
        await self.settled(service, await service.order(job, EON1), card, Decimal("23.80"))
        service.sequences.last = 0
        await service.invoicing.retry_job(ACME, job.id, (EON1,))
        await service.work()
        await service.invoicing.cancel_job(ACME, job.id)
        assert (await service.order(job, EON1)).state is OrderState.PENDING
        service.sequences.last = 1
        await service.work_to_the_end()
        assert (await service.order(job, EON1)).state is OrderState.SUCCESS
        assert len(service.payments.captured) == 1

    async def test_what_was_taken_beyond_the_invoice_is_given_back_with_it_and_the_customer_is_told(self) -> None:
        service, card = FakeService(), TransactionId("t-EON1")
        order = await service.order(await service.an_invoice("EON1"), EON1)
        await service.payments.capture(card, Decimal("23.80"), EUR)
        await self.settled(service, order, card, Decimal("23.80"))
        note = await service.cancelled(refund=True)
        assert [amount for _, amount, _ in service.payments.returned] == [Decimal("23.80")] * 2
        assert (note.gross, service.payments.given_back(card)) == (Decimal("23.80"), Decimal("47.60"))
        told = "We are refunding €47.60 to you. This includes €23.80 that was charged beyond the invoice total."
        assert told in service.mailer.sent[-1].text

    async def settled(
        self, service: FakeService, order: JobOrder, card: TransactionId, captured: Decimal | None
    ) -> None:
        """Anna's word is kept."""
        seen = Seen(await service.payments.transaction(card), await service.journal.captures(ACME, card))
        draft = await service.jobs.draft(order)
        known = replace(
            a_history(drafts=(draft,), captures=seen.attempts), jobs=(replace(a_history().jobs[0], order=order),)
        )
        heard = Hearing(known, seen, "anna", service.clock(), SETTLE, lambda: NEW)
        said = heard.not_captured() if captured is None else heard.captured(captured)
        await service.journal.settle_captures(order, seen.attempts, said)

"""What became of an order, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.capture import AttemptId, CaptureAttempt, Captured, CaptureOutcome, Transaction
from domain.drafting import draft_of
from domain.explanation import Seen, chronology, meaning
from domain.history import Claim, FailedTry, InJob, Issued, Mailed, OrderHistory
from domain.invoice import DocumentType, Draft, InvoiceNumber, PlannedCapture
from domain.job import Correction, JobId, JobType, OrderState, Step
from domain.mail import MailId
from domain.numbering import Draw, DrawId, DrawOutcome, SeriesName
from domain.order import OrderId, PaymentStatus, TransactionId
from domain.refund import RefundAttempt, RefundId, RefundOutcome
from fakes.clock import NOON
from fakes.known_orders import ACME, EON1, HOUR, JOB, T1, a_history, a_job_order, an_attempt, issued
from fakes.orders import a_payment, an_order
from fakes.platform import SELLER, SITE

SETTLE = timedelta(seconds=60)
INV7 = InvoiceNumber("INV7")
FAILED = a_job_order(
    state=OrderState.FAILURE, step=Step.CAPTURE, reason="PAYMENT_OUTCOME_UNKNOWN", message="ask", retryable=True
)
MAIL = Mailed(MailId("m1"), INV7, "zaneta@example.com", NOON)


def made(amount: str = "10.00", capture_id: str = "c1", **changes: Any) -> CaptureAttempt:
    return an_attempt(amount, outcome=CaptureOutcome.CAPTURED, capture_id=capture_id, **changes)


def planning(amount: str = "10.00", **changes: Any) -> Draft:
    """What was decided: this amount is to be captured of the transaction."""
    draft = replace(draft_of(an_order(EON1), SITE, SELLER), captures=(PlannedCapture(T1, Decimal(amount)),))
    return replace(draft, **changes)


def seen(*captures: tuple[str, str], attempts: tuple[CaptureAttempt, ...] = (), refunded: str = "0") -> Seen:
    listed = tuple(Captured(capture_id, Decimal(amount)) for capture_id, amount in captures)
    return Seen(Transaction(T1, None, listed, Decimal(refunded)), attempts)


def told(known: OrderHistory, *seen: Seen) -> str:
    return meaning(known, settle=SETTLE, now=NOON, seen=seen)


class TestMeaning:
    def test_an_invoice_is_told_with_what_was_charged_and_who_got_it(self) -> None:
        known = a_history(captures=(made(),), documents=(issued(),), mails=(MAIL,), drafts=(planning(),))
        assert told(known) == (
            "Captured 10.00 EUR once; invoice INV7 mailed to zaneta@example.com at 2026-11-24 12:00:00 UTC."
        )

    def test_why_nothing_was_captured_is_how_it_is_paid(self) -> None:
        by_invoice = an_order(EON1, payments=(a_payment(status=PaymentStatus.DEFERRED, method="invoice"),))
        known = a_history(documents=(issued(),), mails=(MAIL,), drafts=(draft_of(by_invoice, SITE, SELLER),))
        assert told(known).startswith("Nothing to capture: paid by invoice; invoice INV7 mailed")

    def test_an_invoice_that_was_not_mailed_says_why(self) -> None:
        order = a_job_order(state=OrderState.SUCCESS, step=Step.EMAIL, reason="EMAIL_FAILED", message="no such mailbox")
        known = a_history(order, captures=(made(),), documents=(issued(),), drafts=(planning(),))
        assert told(known).endswith("and not mailed: SUCCESS at EMAIL (EMAIL_FAILED: no such mailbox).")

    def test_a_capture_in_doubt_says_when_the_gateway_is_asked(self) -> None:
        attempt = an_attempt("12.90", deadline=NOON)
        known = a_history(captures=(attempt,), drafts=(planning("12.90"),))
        assert told(known) == (
            "A capture of 12.90 EUR may have been made: the gateway is asked again at 2026-11-24 12:01:00 UTC."
        )

    def test_a_capture_in_doubt_that_nobody_asks_about_any_more_says_so(self) -> None:
        known = a_history(FAILED, captures=(an_attempt("12.90"),), drafts=(planning("12.90"),))
        assert "may have been made, and nobody asks the gateway any more" in told(known)

    def test_money_without_a_document_is_told(self) -> None:
        known = a_history(replace(FAILED, step=Step.PDF, reason="SERIES_EXHAUSTED"), captures=(made(),))
        assert told(known) == "Captured 10.00 EUR once, but not invoiced: FAILURE at PDF (SERIES_EXHAUSTED: ask)."

    def test_an_order_that_failed_says_where_and_why(self) -> None:
        assert told(a_history(FAILED)) == "Not invoiced: FAILURE at CAPTURE (PAYMENT_OUTCOME_UNKNOWN: ask)."

    def test_what_the_gateway_lists_and_nobody_knows_is_named(self) -> None:
        assert told(a_history(FAILED), seen(("c9", "0.01"))).endswith(
            "Nobody knows whose captures the gateway lists on transaction t1: c9 (0.01)."
        )


class TestTakenTwice:
    def test_it_is_told_first_even_if_all_went_well_after(self) -> None:
        twice = (made(), made(capture_id="c2", id=AttemptId("a2")))
        known = a_history(captures=twice, documents=(issued(),), mails=(MAIL,), drafts=(planning(),))
        assert told(known).startswith(
            "TAKEN TWICE: 20.00 EUR captured of transaction t1 where 10.00 were planned; give 10.00 EUR back, unless "
            "that was done: the gateway was not asked. Captured 10.00 EUR and 10.00 EUR; invoice INV7"
        )

    @pytest.mark.parametrize(("more", "howmuch"), [("10.00", "TWICE"), ("0.01", "TOO MUCH")])
    def test_the_gateway_tells_what_the_journal_does_not_know(self, more: str, howmuch: str) -> None:
        known = a_history(captures=(made(),), drafts=(planning(),))
        listing = seen(("c1", "10.00"), ("c2", more), attempts=known.captures)
        assert told(known, listing).startswith(f"TAKEN {howmuch}: {Decimal('10.00') + Decimal(more)} EUR captured")
        assert "the gateway was not asked" not in told(known, listing)

    def test_what_was_given_back_is_not_taken_any_more(self) -> None:
        twice = (made(), made(capture_id="c2", id=AttemptId("a2")))
        known = a_history(captures=twice, drafts=(planning(),))
        listing = seen(("c1", "10.00"), ("c2", "10.00"), attempts=twice, refunded="10.00")
        assert "TAKEN" not in told(known, listing)

    def test_what_other_orders_captured_of_the_transaction_is_not_taken_from_this_one(self) -> None:
        known = a_history(captures=(made(),), drafts=(planning(),))
        theirs = made(capture_id="c2", id=AttemptId("a2"), order_id=OrderId("EON2"))
        listing = seen(("c1", "10.00"), ("c2", "10.00"), attempts=(*known.captures, theirs))
        assert "TAKEN" not in told(known, listing)

    def test_without_a_plan_nobody_knows_how_much_is_too_much(self) -> None:
        assert "TAKEN" not in told(a_history(captures=(made(), made(id=AttemptId("a2")))))


class TestUnclear:
    """Whether an operator may have to say what was captured."""

    def test_as_long_as_nobody_knows_an_outcome_or_whose_a_capture_is(self) -> None:
        assert seen(attempts=(an_attempt(),)).is_unclear
        assert seen(("c1", "10.00"), attempts=(an_attempt(outcome=CaptureOutcome.REFUSED),)).is_unclear
        assert not seen(("c1", "10.00"), attempts=(made(),)).is_unclear

    @pytest.mark.parametrize(("failed", "is_spoken_of"), [(NOON - HOUR, True), (NOON + HOUR, False)])
    def test_a_word_clears_up_only_what_was_before_it(self, failed: datetime, is_spoken_of: bool) -> None:
        order = a_job_order(state=OrderState.FAILURE, updated=failed)
        assert a_history(order, words=(made(said_by="anna", said=NOON),)).is_spoken_of is is_spoken_of
        assert not a_history(order).is_spoken_of


class TestChronology:
    def test_everything_is_told_in_the_order_in_which_it_happened(self) -> None:
        order = a_job_order(state=OrderState.SUCCESS, step=Step.EMAIL, attempt=1, updated=NOON + HOUR)
        draw = Draw(DrawId("d1"), ACME, SeriesName("s"), EON1, JOB, NOON - HOUR / 2, DrawOutcome.DRAWN, INV7)
        capture = made(ended=NOON - HOUR * 0.9)
        known = a_history(order, captures=(capture,), draws=(draw,), documents=(issued(),), mails=(MAIL,))
        assert [event.what.partition(";")[0] for event in chronology(known)] == [
            "job job-1 (MANUAL) created",
            "capture of 10.00 EUR of transaction t1 intended by job job-1 until 2026-11-24 11:00:20 UTC",
            "capture of 10.00 EUR of transaction t1: captured (c1)",
            "number of series s asked for: INV7 drawn",
            "invoice INV7 over 23.80 EUR issued",
            "INV7 mailed to zaneta@example.com as m1",
            "job job-1: SUCCESS at EMAIL",
        ]

    def test_an_outcome_whose_time_is_not_known_is_told_with_the_intent(self) -> None:
        events = [event.what for event in chronology(a_history(captures=(made(),)))]
        assert events[-1].endswith("intended by job job-1 until 2026-11-24 11:00:20 UTC: captured (c1)")

    def test_every_word_of_an_operator_is_told_with_who_said_it_and_when(self) -> None:
        attempt = an_attempt(outcome=CaptureOutcome.NOT_MADE, said_by="anna", said=NOON)
        entered = an_attempt("5.00", intended=NOON, deadline=NOON, capture_id="c9")
        first = replace(entered, outcome=CaptureOutcome.FOREIGN, said_by="anna", said=NOON)
        second = replace(first, outcome=CaptureOutcome.CAPTURED, said_by="bert", said=NOON + HOUR)
        known = a_history(captures=(attempt, second), words=(attempt, first, second))
        events = [(event.at, event.what) for event in chronology(known)]
        assert events[-3:] == [
            (NOON, "anna said of 10.00 EUR of transaction t1: not made, nothing was captured"),
            (NOON, "anna said of 5.00 EUR of transaction t1: a capture for none of our orders (c9)"),
            (NOON + HOUR, "bert said of 5.00 EUR of transaction t1: captured (c9)"),
        ]
        intents = [what for _, what in events if "intended by" in what]
        assert len(intents) == 1, "a capture that an operator entered was intended by no job"

    def test_tries_that_failed_are_told_each_once_with_when_the_next_was_due(self) -> None:
        first = FailedTry(JOB, Step.CAPTURE, 1, "PLATFORM_UNAVAILABLE", "no answer.", NOON - HOUR, NOON - HOUR / 2)
        last = replace(first, attempt=2, ended=NOON - HOUR / 2, due=None)
        standing = replace(last, attempt=1, step=Step.PDF, ended=NOON)
        order = a_job_order(step=Step.PDF, attempt=1, reason="PLATFORM_UNAVAILABLE", message="no answer", updated=NOON)
        events = chronology(a_history(order, failed_tries=(first, last, standing)))
        why, next_try = "PLATFORM_UNAVAILABLE: no answer", "next try at 2026-11-24 11:30:00 UTC"
        assert [(event.at, event.what) for event in events[1:]] == [
            (first.ended, f"job job-1: try 1 at CAPTURE failed: {why}; {next_try}"),
            (last.ended, f"job job-1: try 2 at CAPTURE failed: {why}; given up"),
            (NOON, f"job job-1: PENDING at PDF, try 1: {why}"),
        ]

    def test_who_has_the_order_and_when_it_is_tried_again_is_told(self) -> None:
        order = a_job_order(step=Step.PDF, attempt=3, reason="SERIES_EXHAUSTED", message="no number", due=NOON)
        events = [event.what for event in chronology(a_history(order, claim=Claim(JOB, NOON)))]
        assert "job job-1 has the order since then" in events
        assert (
            "job job-1: PENDING at PDF, try 3: SERIES_EXHAUSTED: no number; next try at 2026-11-24 12:00:00 UTC"
            in events
        )


class TestLatest:
    """Which of its jobs an order is judged by."""

    def entry(self, job: str, *, dry_run: bool = False) -> InJob:
        return InJob(JobType.MANUAL, NOON, replace(a_job_order(), job_id=JobId(job), dry_run=dry_run))

    def test_by_the_one_that_has_it_else_by_the_last_that_did_more_than_look(self) -> None:
        entries = (self.entry("j1"), self.entry("j2"), self.entry("j3", dry_run=True))
        known = replace(a_history(), jobs=entries)
        assert known.latest.job_id == "j2"
        assert replace(known, claim=Claim(JobId("j1"), NOON)).latest.job_id == "j1"
        assert replace(known, jobs=entries[2:]).latest.job_id == "j3"

    def test_its_transactions_are_those_planned_and_those_tried(self) -> None:
        known = a_history(captures=(an_attempt(), an_attempt(transaction_id=TransactionId("t2"))), drafts=(planning(),))
        assert known.transactions == ("t1", "t2")


class TestCorrections:
    REFUND = RefundAttempt(
        id=RefundId("r1"),
        tenant=ACME,
        job_id=JobId("job-2"),
        order_id=EON1,
        transaction_id=T1,
        capture=AttemptId("a1"),
        amount=Decimal("10.00"),
        currency="EUR",
        before=Decimal(0),
        intended=NOON + HOUR,
        deadline=NOON + HOUR + timedelta(seconds=20),
    )
    NOTE = replace(issued("INV8", 4).document, id=2, type=DocumentType.CREDIT_NOTE, cancels=INV7)
    NOTED = MAIL, Mailed(MailId("m2"), InvoiceNumber("INV8"), "zaneta@example.com", NOON + HOUR)

    def corrected(self, outcome: RefundOutcome | None = RefundOutcome.REFUNDED, **changes: Any) -> OrderHistory:
        """EON1 with its invoice cancelled, and what became of the refund."""
        correction = Correction(INV7, "a slip", refund=True)
        order = a_job_order(job_id=JobId("job-2"), correction=correction, state=OrderState.SUCCESS, **changes)
        known = a_history(captures=(made(),), refunds=(replace(self.REFUND, outcome=outcome),), drafts=(planning(),))
        jobs = (*known.jobs, InJob(JobType.CORRECTION, NOON + HOUR, order))
        documents = (issued(), Issued(self.NOTE, 4))
        return replace(known, jobs=jobs, documents=documents, mails=self.NOTED)

    def test_a_cancelled_invoice_is_told_with_what_was_given_back(self) -> None:
        assert told(self.corrected()) == (
            "Captured 10.00 EUR once, 10.00 EUR given back; invoice INV7 cancelled, credit note INV8 mailed to "
            "zaneta@example.com at 2026-11-24 13:00:00 UTC."
        )

    def test_a_refund_in_doubt_is_told(self) -> None:
        assert "Captured 10.00 EUR once, which may have been given back" in told(self.corrected(None))

    def test_a_refusal_is_told_with_its_reason(self) -> None:
        refused = {"state": OrderState.FAILURE, "step": Step.CAPTURE, "reason": "PAYMENT_REFUSED", "message": "no."}
        known = replace(self.corrected(RefundOutcome.REFUSED), mails=(MAIL,))
        order = replace(known.jobs[-1].order, **refused)
        sentence = told(replace(known, jobs=(*known.jobs[:-1], replace(known.jobs[-1], order=order))))
        assert "credit note INV8 issued" in sentence
        assert "not mailed: FAILURE at CAPTURE (PAYMENT_REFUSED: no)" in sentence

    def test_all_that_happened_is_told_in_its_order(self) -> None:
        events = [event.what for event in chronology(self.corrected())]
        assert "job job-2 (CORRECTION of invoice INV7, with the money back) created" in events
        assert any(event.startswith("credit note INV8 over 23.80 EUR issued") for event in events)
        assert (
            "refund of 10.00 EUR of transaction t1 intended by job job-2 until 2026-11-24 13:00:20 UTC: given back"
            in events
        )

    def test_money_that_pays_a_second_invoice_was_not_taken_twice(self) -> None:
        known = replace(self.corrected(), refunds=(), drafts=(planning(), planning("0.00")))
        assert "TAKEN" not in told(known)

    def test_what_was_taken_twice_and_given_back_is_no_alarm_any_more(self) -> None:
        twice = made(), made(id=AttemptId("a2"), capture_id="c2")
        known = replace(self.corrected(), captures=twice)
        assert "TAKEN" not in told(known)
        assert told(replace(known, refunds=())).startswith("TAKEN TWICE")

"""What follows when a step ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain import errors
from domain.errors import (
    AlreadyInvoiced,
    AmountExceedsAuthorization,
    Bug,
    Conflict,
    InDoubt,
    InvoicingError,
    MailRefused,
    Misconfigured,
    OrderNotFound,
    PaymentRefused,
    Postponed,
    RenderFailed,
    SeriesExhausted,
    TotalsMismatch,
    Unavailable,
    UnknownInvoice,
)
from domain.invoice import InvoiceNumber
from domain.job import Job, JobId, JobOrder, JobState, JobType, OrderCounts, OrderState, RequestId, Step, Version
from domain.order import OrderId, TenantId
from domain.policy import (
    ATTEMPTS_BEFORE_CAPTURE,
    FIRST_DELAY,
    HORIZON_AFTER_CAPTURE,
    HORIZON_BEFORE_CAPTURE,
    LONGEST_DELAY,
    NEXT,
    ORDER_REASONS,
    Done,
    Failed,
    advance,
    cancelled,
    is_retryable,
    is_told,
    next_search,
    searching_again,
    stopped,
    taken_up,
    why_not_retried,
)
from fakes.clock import NOON

ACME = TenantId("acme")
FRESH = JobOrder(ACME, JobId("j1"), OrderId("EON1"), dry_run=False, due=NOON)
AWAY = Unavailable("away")


def failed(order: JobOrder, error: InvoicingError, now: datetime = NOON) -> JobOrder:
    return advance(Failed(order, error), now)


def history(order: JobOrder, error: InvoicingError) -> list[timedelta]:
    """The waits of an order whose step always fails so, tried again as soon as it is due."""
    now, waits = NOON, []
    while not order.ended:
        order = failed(order, error, now)
        if order.due is not None:
            waits.append(order.due - now)
            now = order.due
    return waits


class TestGoingOn:
    def test_five_steps_lead_to_success(self) -> None:
        order, walked = FRESH, [FRESH.step]
        for _ in range(4):
            order = advance(Done(order), NOON)
            assert (order.state, order.due) == (OrderState.PENDING, NOON)
            walked.append(order.step)
        order = advance(Done(order), NOON)
        assert walked == list(Step)
        assert (order.state, order.step, order.attempt, order.due) == (OrderState.SUCCESS, Step.EMAIL, 1, None)

    def test_a_dry_run_succeeds_before_money_moves(self) -> None:
        order = advance(Done(advance(Done(replace(FRESH, dry_run=True)), NOON)), NOON)
        assert (order.state, order.step, order.due) == (OrderState.SUCCESS, Step.RECALCULATION, None)

    def test_a_step_that_succeeds_at_last_leaves_no_trace_of_its_trouble(self) -> None:
        order = advance(Done(failed(FRESH, AWAY)), NOON)
        assert (order.attempt, order.since, order.reason, order.message) == (0, None, "", "")

    @pytest.mark.parametrize("state", [OrderState.SUCCESS, OrderState.FAILURE, OrderState.CANCELLED])
    def test_an_order_that_ended_stays_as_it_is(self, state: OrderState) -> None:
        ended = replace(FRESH, state=state, due=None)
        assert advance(Done(ended), NOON) == failed(ended, AWAY) == ended


class TestTryingAgain:
    @pytest.mark.parametrize("error", [AWAY, Conflict("x"), InDoubt("x"), RenderFailed("x")], ids=repr)
    def test_what_time_may_mend_is_tried_again_and_says_why_it_waits(self, error: InvoicingError) -> None:
        order = failed(FRESH, error)
        assert (order.state, order.step, order.attempt, order.since) == (OrderState.PENDING, Step.VALIDATION, 1, NOON)
        assert order.due is not None
        assert order.due > NOON
        assert (order.reason in ORDER_REASONS, order.message) == (True, error.message)

    @pytest.mark.parametrize(
        "error",
        [TotalsMismatch("x"), OrderNotFound("x"), PaymentRefused("x"), Misconfigured("x"), Bug("i"), MailRefused("x")],
        ids=repr,
    )
    def test_what_time_does_not_mend_fails_at_once(self, error: InvoicingError) -> None:
        order = failed(FRESH, error)
        assert (order.state, order.attempt, order.due) == (OrderState.FAILURE, 1, None)
        assert (order.reason, order.message) == (error.reason, error.message)

    def test_waits_double_from_half_a_second_and_part_by_up_to_a_half(self) -> None:
        for n, wait in enumerate(history(FRESH, AWAY)):
            assert FIRST_DELAY * 2**n / 2 < wait <= FIRST_DELAY * 2**n

    def test_waits_never_exceed_five_minutes(self) -> None:
        late = replace(FRESH, step=Step.PDF)
        waits = history(late, AWAY)
        assert max(waits) <= LONGEST_DELAY
        assert waits[-1] > LONGEST_DELAY / 2

    def test_orders_that_failed_together_part(self) -> None:
        orders = [replace(FRESH, order_id=OrderId(f"EON{n}")) for n in range(100)]
        assert len({failed(order, AWAY).due for order in orders}) > 50

    def test_before_money_moves_eight_tries_within_ten_minutes_are_all(self) -> None:
        waits = history(FRESH, AWAY)
        assert len(waits) == ATTEMPTS_BEFORE_CAPTURE - 1
        assert sum(waits, timedelta()) <= HORIZON_BEFORE_CAPTURE

    @pytest.mark.parametrize(
        "late",
        [
            replace(FRESH, step=Step.CAPTURE, touched=True),
            replace(FRESH, step=Step.PDF),
            replace(FRESH, step=Step.EMAIL, number=InvoiceNumber("INV1")),
        ],
        ids=lambda order: order.step.name,
    )
    def test_afterwards_it_is_tried_for_a_day(self, late: JobOrder) -> None:
        spent = sum(history(late, AWAY), timedelta())
        assert HORIZON_AFTER_CAPTURE - LONGEST_DELAY <= spent <= HORIZON_AFTER_CAPTURE

    def test_a_capture_that_never_left_is_before_money_moves(self) -> None:
        assert len(history(replace(FRESH, step=Step.CAPTURE), AWAY)) == ATTEMPTS_BEFORE_CAPTURE - 1

    def test_an_operators_mistake_is_waited_for_only_once_money_moved(self) -> None:
        paid = replace(FRESH, step=Step.PDF, touched=True)
        assert failed(replace(FRESH, step=Step.PDF), SeriesExhausted("x")).state is OrderState.FAILURE
        assert failed(paid, SeriesExhausted("x")).state is OrderState.PENDING
        assert failed(replace(paid, step=Step.EMAIL), Misconfigured("x")).reason == "EMAIL_FAILED"


class TestBeingTold:
    def wait(self, error: InvoicingError, order: JobOrder = FRESH) -> timedelta | None:
        due = failed(order, error).due
        return due - NOON if due else None

    def test_retry_after_wins_over_our_own_patience(self) -> None:
        assert self.wait(Unavailable("x", retry_after=timedelta(minutes=3))) == timedelta(minutes=3)
        tired = replace(FRESH, attempt=6, since=NOON)
        assert self.wait(Unavailable("x", retry_after=timedelta(seconds=2)), tired) == timedelta(seconds=2)

    @pytest.mark.parametrize("seconds", [0, -60])
    def test_retry_after_no_time_does_not_let_us_run_in_circles(self, seconds: int) -> None:
        assert self.wait(Unavailable("x", retry_after=timedelta(seconds=seconds))) == FIRST_DELAY

    def test_a_call_that_was_not_made_is_no_attempt_but_the_horizon_holds(self) -> None:
        waits = history(FRESH, Postponed("not sent", timedelta(seconds=30)))
        assert waits == [timedelta(seconds=30)] * 20
        assert failed(FRESH, Postponed("not sent", timedelta(seconds=30))).attempt == 0

    def test_of_a_day_of_failed_tries_the_first_ones_are_told_then_ever_fewer_and_the_last(self) -> None:
        order, now, told = replace(FRESH, step=Step.PDF, touched=True), NOON, []
        while not order.ended:
            order = failed(order, AWAY, now)
            now = order.due or now
            told += [order.attempt] if is_told(Failed(order, AWAY), order) else []
        assert told == [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256, order.attempt]
        assert order.attempt > 256

    def test_a_call_that_was_not_made_is_not_told_unless_the_order_is_given_up_for_it(self) -> None:
        postponed = Postponed("not sent", timedelta(seconds=30))
        tried = failed(FRESH, AWAY)
        late = replace(tried, since=NOON - HORIZON_BEFORE_CAPTURE)
        assert not is_told(Failed(tried, postponed), failed(tried, postponed))
        assert is_told(Failed(late, postponed), failed(late, postponed))

    def test_who_is_to_wait_beyond_the_horizon_gives_up_now(self) -> None:
        assert self.wait(Unavailable("x", retry_after=timedelta(minutes=11))) is None
        assert self.wait(Unavailable("x", retry_after=timedelta.max)) is None
        paid = replace(FRESH, step=Step.PDF)
        assert self.wait(Unavailable("x", retry_after=timedelta(minutes=11)), paid) == timedelta(minutes=11)

    def test_nobody_acts_on_a_capture_in_doubt_before_the_time_that_was_set(self) -> None:
        assert self.wait(InDoubt("x", until=NOON + timedelta(seconds=80))) == timedelta(seconds=80)


class TestGivingUp:
    def test_a_mail_that_cannot_be_delivered_undoes_no_invoice(self) -> None:
        mailing = replace(FRESH, step=Step.EMAIL, number=InvoiceNumber("INV1"))
        order = failed(mailing, MailRefused("no such mailbox"))
        assert (order.state, order.reason, order.retryable) == (OrderState.SUCCESS, "EMAIL_FAILED", True)
        assert (order.number, order.message, order.due) == ("INV1", "no such mailbox", None)

    def test_what_no_other_job_may_take_can_be_taken_up_by_its_own(self) -> None:
        paid = failed(replace(FRESH, step=Step.CAPTURE, touched=True), TotalsMismatch("x"))
        unpaid = failed(replace(FRESH, step=Step.CAPTURE), TotalsMismatch("x"))
        assert (paid.holds_claim, paid.retryable) == (True, True)
        assert (unpaid.holds_claim, unpaid.retryable) == (False, False)

    def test_an_invoice_that_is_there_already_is_told(self) -> None:
        order = failed(FRESH, AlreadyInvoiced("INV7", "https://example.com/7"))
        assert (order.reason, order.number, order.link) == ("ALREADY_INVOICED", "INV7", "https://example.com/7")
        assert not order.retryable
        assert not order.has_document

    def test_ours_keeps_its_number_when_another_hand_was_faster(self) -> None:
        issued = replace(FRESH, step=Step.PDF, touched=True, number=InvoiceNumber("INV1"))
        order = failed(issued, AlreadyInvoiced("F9", "https://example.com/F9"))
        assert (order.state, order.reason, order.number) == (OrderState.FAILURE, "ALREADY_INVOICED", "INV1")
        assert (order.has_document, order.holds_claim) == (True, False)

    @pytest.mark.parametrize(
        ("error", "step", "reason"),
        [
            (Conflict("x"), Step.CAPTURE, "PAYMENT_OUTCOME_UNKNOWN"),
            (Conflict("x"), Step.PDF, "PLATFORM_UNAVAILABLE"),
            (Unavailable("x", reason="UNAVAILABLE"), Step.PDF, "PLATFORM_UNAVAILABLE"),
            (UnknownInvoice("x"), Step.PDF, "INTERNAL"),
            (Bug("i"), Step.PDF, "INTERNAL"),
        ],
        ids=repr,
    )
    def test_an_order_ends_with_a_reason_that_callers_know_and_may_retry(
        self, error: InvoicingError, step: Step, reason: str
    ) -> None:
        order = replace(FRESH, step=step, touched=True)
        while not order.ended:
            order = failed(order, error, order.due or NOON)
        assert (order.reason, order.retryable) == (reason, True)

    @pytest.mark.parametrize("reason", sorted(ORDER_REASONS))
    def test_wrong_data_needs_a_new_job_and_all_else_may_be_retried(self, reason: str) -> None:
        wrong = set(
            """ALREADY_INVOICED AMOUNT_EXCEEDS_AUTHORIZATION CANCELLED INVOICE_INCOMPLETE ORDER_IN_PROGRESS
            ORDER_NOT_FOUND ORDER_NOT_INVOICEABLE TOTALS_MISMATCH""".split()
        )
        assert is_retryable(reason) is (reason not in wrong)

    @pytest.mark.parametrize(
        ("state", "why"),
        [
            (OrderState.PENDING, "is pending: it goes on by itself"),
            (OrderState.SUCCESS, "has succeeded: there is nothing to retry"),
            (OrderState.CANCELLED, "was cancelled: it needs a new job"),
            (OrderState.FAILURE, "failed with TOTALS_MISMATCH: once that is mended, it needs a new job"),
        ],
    )
    def test_who_wants_to_retry_what_cannot_be_is_told_why(self, state: OrderState, why: str) -> None:
        order = replace(FRESH, state=state, reason="TOTALS_MISMATCH")
        assert why_not_retried(order) == why
        assert why_not_retried(replace(order, retryable=True)) == ""


BEGUN = {
    "captured": replace(FRESH, step=Step.CAPTURE, touched=True),
    "numbered": replace(FRESH, step=Step.PDF, number=InvoiceNumber("INV1")),
    "mailing": replace(FRESH, step=Step.EMAIL, number=InvoiceNumber("INV1")),
}
"""Orders with which something began that cannot be undone."""


class TestCancelling:
    @pytest.mark.parametrize("step", [Step.VALIDATION, Step.RECALCULATION, Step.CAPTURE, Step.PDF])
    def test_an_order_with_which_nothing_has_begun_is_stopped_where_it_is(self, step: Step) -> None:
        order = cancelled(failed(replace(FRESH, step=step), AWAY), issued=False)
        assert (order.state, order.step, order.attempt, order.due) == (OrderState.CANCELLED, step, 1, None)
        assert (order.reason, order.message) == ("CANCELLED", "stopped on request; nothing was charged")
        assert (order.retryable, order.holds_claim, order.needs_draft) == (False, False, False)

    @pytest.mark.parametrize("order", BEGUN.values(), ids=BEGUN)
    def test_what_cannot_be_undone_is_finished(self, order: JobOrder) -> None:
        assert cancelled(order, issued=False) is order

    def test_a_document_that_the_order_does_not_know_of_yet_counts(self) -> None:
        order = replace(FRESH, step=Step.PDF)
        assert cancelled(order, issued=True) is order

    @pytest.mark.parametrize("state", [OrderState.SUCCESS, OrderState.FAILURE, OrderState.CANCELLED])
    def test_an_order_that_ended_stays_as_it_is(self, state: OrderState) -> None:
        ended = replace(FRESH, state=state, due=None)
        assert cancelled(ended, issued=False) is ended


LATER = NOON + timedelta(hours=1)


class TestTakingUp:
    def taken_up(
        self, order: JobOrder, error: InvoicingError, *, charged: bool = False, issued: bool = False
    ) -> JobOrder:
        """The order, taken up an hour after it ended for this reason."""
        while not order.ended:
            order = failed(order, error, order.due or NOON)
        assert order.retryable
        return taken_up(order, LATER, charged=charged, issued=issued)

    @pytest.mark.parametrize("order", [FRESH, *BEGUN.values()], ids=["fresh", *BEGUN])
    def test_an_order_goes_on_as_if_it_had_never_been_tried(self, order: JobOrder) -> None:
        again = self.taken_up(order, AWAY)
        assert (again.state, again.due, again.attempt, again.since) == (OrderState.PENDING, LATER, 0, None)
        assert (again.reason, again.message, again.retryable) == ("", "", False)

    @pytest.mark.parametrize("step", [Step.VALIDATION, Step.RECALCULATION, Step.CAPTURE, Step.PDF])
    def test_one_that_had_begun_nothing_has_to_be_claimed_again(self, step: Step) -> None:
        assert self.taken_up(replace(FRESH, step=step), Misconfigured("x")).step is Step.VALIDATION

    def test_one_whose_document_is_there_goes_on_with_it_though_it_did_not_know(self) -> None:
        assert self.taken_up(replace(FRESH, step=Step.PDF), Misconfigured("x"), issued=True).step is Step.PDF

    @pytest.mark.parametrize("order", BEGUN.values(), ids=BEGUN)
    def test_one_that_had_goes_on_where_it_was(self, order: JobOrder) -> None:
        again = self.taken_up(order, AWAY)
        assert (again.step, again.touched, again.number) == (order.step, order.touched, order.number)

    @pytest.mark.parametrize("error", [PaymentRefused("no"), AmountExceedsAuthorization("too much")], ids=repr)
    def test_a_card_that_gave_nothing_is_decided_anew_and_may_be_stopped(self, error: InvoicingError) -> None:
        again = self.taken_up(BEGUN["captured"], error)
        assert (again.step, again.touched, again.holds_claim) == (Step.RECALCULATION, False, True)
        assert cancelled(again, issued=False).state is OrderState.CANCELLED

    def test_a_refused_card_beside_one_that_was_charged_is_asked_again(self) -> None:
        again = self.taken_up(BEGUN["captured"], PaymentRefused("no"), charged=True)
        assert (again.step, again.touched) == (Step.CAPTURE, True)

    def test_a_mail_that_was_refused_is_all_that_is_done_again(self) -> None:
        again = self.taken_up(BEGUN["mailing"], MailRefused("no such mailbox"))
        assert again.step is Step.EMAIL
        assert advance(Done(again), LATER).state is OrderState.SUCCESS


class TestSearching:
    def again(self, error: InvoicingError, age: timedelta) -> timedelta | None:
        due = next_search(self.job(age), error, NOON)
        return due - NOON if due else None

    def job(self, age: timedelta) -> Job:
        """A job that has been looking for its orders so long."""
        return Job(
            ACME,
            JobId("j"),
            JobType.AUTOMATIC,
            JobState.IN_PROGRESS,
            Version(1),
            OrderCounts(),
            dry_run=False,
            request_id=RequestId(""),
            created=NOON - timedelta(days=1),
            updated=NOON - age,
            found=False,
        )

    def test_waits_grow_with_the_time_spent_up_to_five_minutes(self) -> None:
        assert self.again(AWAY, timedelta(0)) == FIRST_DELAY
        assert self.again(AWAY, timedelta(seconds=30)) == timedelta(seconds=30)
        assert self.again(AWAY, timedelta(minutes=9)) == LONGEST_DELAY

    def test_after_ten_minutes_it_is_over(self) -> None:
        assert self.again(AWAY, HORIZON_BEFORE_CAPTURE + timedelta(seconds=1)) is None

    def test_a_job_that_looks_again_has_all_its_patience_again(self) -> None:
        failed = replace(self.job(timedelta(hours=1)), state=JobState.FAILED, reason="X", message="x", ended=NOON)
        again = searching_again(failed, NOON)
        assert (again.state, again.reason, again.message) == (JobState.IN_PROGRESS, "", "")
        assert (again.ended, again.version, again.created) == (None, 2, failed.created)
        assert next_search(again, AWAY, NOON) == NOON + FIRST_DELAY

    def test_a_job_that_is_stopped_while_it_looks_ends_at_once(self) -> None:
        ended = stopped(self.job(timedelta(0)), NOON)
        assert (ended.state, ended.version, ended.updated, ended.ended) == (JobState.CANCELLED, 2, NOON, NOON)

    def test_retry_after_wins_within_reason(self) -> None:
        def told(wait: timedelta) -> timedelta | None:
            return self.again(Unavailable("x", retry_after=wait), timedelta(seconds=4))

        assert told(timedelta(seconds=90)) == timedelta(seconds=90)
        assert told(timedelta(milliseconds=1)) == FIRST_DELAY
        assert told(timedelta(hours=2)) is None
        assert told(timedelta.max) is None

    def test_what_an_operator_must_mend_is_not_waited_for(self) -> None:
        assert self.again(Misconfigured("x"), timedelta(0)) is None
        assert self.again(Bug("i"), timedelta(0)) is None


ERRORS = st.one_of(
    st.builds(Unavailable, st.just("x")),
    st.builds(Unavailable, st.just("x"), retry_after=st.timedeltas(timedelta(-1), timedelta(days=2))),
    st.builds(InDoubt, st.just("x"), until=st.datetimes().map(lambda at: at.replace(tzinfo=NOON.tzinfo))),
    st.builds(errors.AlreadyInvoiced, st.just("F1")),
    st.sampled_from(
        [
            Conflict("x"),
            InDoubt("x"),
            RenderFailed("x"),
            Misconfigured("x"),
            SeriesExhausted("x"),
            PaymentRefused("x"),
            TotalsMismatch("x"),
            MailRefused("x"),
            Bug("i"),
            InvoicingError("x"),
        ]
    ),
)


class Life(RuleBasedStateMachine):
    """One order, whatever happens to it, tried again as soon as it is due or later."""

    def __init__(self) -> None:
        super().__init__()
        self.order = FRESH
        self.now = NOON
        self.tries = 0
        self.began = NOON

    @precondition(lambda self: self.order.due is not None)
    @rule(late=st.timedeltas(timedelta(0), timedelta(seconds=5)))
    def time_passes(self, late: timedelta) -> None:
        assert self.order.due is not None
        self.now = max(self.now, self.order.due) + late

    @rule()
    def the_step_succeeds(self) -> None:
        before = self.order
        self.order = advance(Done(before), self.now)
        self.tries = 0
        if before.ended:
            assert self.order == before
        elif not self.order.ended:
            assert self.order.step == NEXT[before.step]

    @precondition(lambda self: self.order.step is Step.CAPTURE and not self.order.ended)
    @rule()
    def a_capture_is_intended(self) -> None:
        self.order = replace(self.order, touched=True)

    @precondition(lambda self: self.order.step is Step.PDF and not self.order.ended)
    @rule()
    def a_number_is_drawn(self) -> None:
        self.order = replace(self.order, number=InvoiceNumber("INV1"))

    @rule(error=ERRORS)
    def the_step_fails(self, error: InvoicingError) -> None:
        before = self.order
        if not self.tries:
            self.began = self.now
        self.tries += 1
        self.order = advance(Failed(before, error), self.now)
        if before.ended:
            assert self.order == before
            return
        assert self.order.step is before.step
        if not self.order.ended:
            self.goes_on_waiting(late=before.touched or before.step > Step.CAPTURE)

    def goes_on_waiting(self, *, late: bool) -> None:
        assert self.order.due is not None
        assert self.order.due >= self.now
        horizon = HORIZON_AFTER_CAPTURE if late else HORIZON_BEFORE_CAPTURE
        assert self.order.due - self.began <= horizon
        assert late or self.tries < ATTEMPTS_BEFORE_CAPTURE

    @rule(issued=st.booleans())
    def its_job_is_stopped(self, issued: bool) -> None:
        before = self.order
        self.order = cancelled(before, issued=issued)
        assert (self.order == before) is (before.ended or before.touched or before.begun or issued)

    @precondition(lambda self: self.order.retryable)
    @rule(charged=st.booleans())
    def it_is_taken_up(self, charged: bool) -> None:
        self.order = taken_up(self.order, self.now, charged=charged, issued=False)
        self.tries = 0
        assert not self.order.ended

    @invariant()
    def an_order_waits_until_it_ended_and_no_longer(self) -> None:
        assert self.order.ended is (self.order.due is None)
        assert self.order.reason in ORDER_REASONS | {""}

    @invariant()
    def money_that_moved_ends_in_a_document_or_can_be_taken_up_again(self) -> None:
        if self.order.touched and self.order.state is OrderState.FAILURE:
            assert self.order.retryable or self.order.number is not None

    @invariant()
    def an_order_that_is_held_goes_on_or_can_be_taken_up_again(self) -> None:
        if self.order.holds_claim:
            assert not self.order.ended or self.order.retryable

    @invariant()
    def a_number_once_ours_stays(self) -> None:
        if self.order.step > Step.PDF and self.order.number is not None:
            assert self.order.number == "INV1"


TestLife = Life.TestCase


@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.name)
@pytest.mark.parametrize("touched", [False, True], ids=["untouched", "touched"])
@pytest.mark.parametrize(
    "error", [AWAY, Conflict("x"), InDoubt("x"), RenderFailed("x"), Misconfigured("x"), Bug("i")], ids=repr
)
def test_every_order_ends(step: Step, touched: bool, error: InvoicingError) -> None:
    history(replace(FRESH, step=step, touched=touched), error)

"""Giving back once: what is due, what became of an attempt, and what an order has of a transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.capture import AttemptId, CaptureAttempt, Captured, CaptureOutcome, Transaction
from domain.errors import InDoubt
from domain.order import OrderId
from domain.refund import RefundAttempt, RefundId, RefundOutcome, balance, due_back, outcome_of
from domain.settlement import Balance
from fakes.clock import NOON
from fakes.known_orders import ACME, EON1, JOB, T1, an_attempt

SETTLE = timedelta(seconds=60)
TEN = Decimal("10.00")
OTHER = OrderId("OTHER")


def captured(amount: str = "10.00", name: str = "a1", order_id: OrderId = EON1) -> CaptureAttempt:
    return an_attempt(
        amount, id=AttemptId(name), capture_id=f"c-{name}", outcome=CaptureOutcome.CAPTURED, order_id=order_id
    )


def a_refund(amount: str = "10.00", **changes: Any) -> RefundAttempt:
    """Of the first capture, intended at noon."""
    attempt = RefundAttempt(
        id=RefundId("r1"),
        tenant=ACME,
        job_id=JOB,
        order_id=EON1,
        transaction_id=T1,
        capture=AttemptId("a1"),
        amount=Decimal(amount),
        currency="EUR",
        before=Decimal(0),
        intended=NOON,
        deadline=NOON + timedelta(seconds=20),
    )
    return replace(attempt, **changes)


def listing(*amounts: str, refunded: str = "0") -> Transaction:
    captures = tuple(Captured(f"c-{n}", Decimal(amount)) for n, amount in enumerate(amounts))
    return Transaction(T1, None, captures, Decimal(refunded))


class TestOutcome:
    def test_nobody_knows_it_before_the_gateway_must(self) -> None:
        quiet = NOON + timedelta(seconds=80)
        with pytest.raises(InDoubt) as raised:
            outcome_of(a_refund(), listing("10", refunded="10"), settle=SETTLE, now=quiet - timedelta(seconds=1))
        assert raised.value.until == quiet

    @pytest.mark.parametrize(
        ("before", "refunded", "outcome"),
        [
            ("0", "10", RefundOutcome.REFUNDED),
            ("5", "15", RefundOutcome.REFUNDED),
            ("0", "0", RefundOutcome.NOT_MADE),
            ("5", "10", RefundOutcome.NOT_MADE),
            ("10", "10", RefundOutcome.NOT_MADE),
        ],
    )
    def test_then_growth_by_the_amount_says_that_it_was_made(
        self, before: str, refunded: str, outcome: RefundOutcome
    ) -> None:
        attempt, late = a_refund(before=Decimal(before)), NOON + timedelta(seconds=80)
        transaction = listing("10", "10", refunded=refunded)
        assert outcome_of(attempt, transaction, settle=SETTLE, now=late) is outcome


class TestDue:
    @pytest.mark.parametrize(
        ("listed", "refunded", "made", "due"),
        [
            (("10",), "0", (), "10"),
            (("10",), "10", (), "0"),
            (("10",), "3", (), "7"),
            (("10", "10"), "10", (), "10"),
            (("10",), "4", ("4",), "6"),
            (("10",), "10", ("10",), "0"),
            (("10", "10"), "20", ("10", "10"), "0"),
            ((), "0", (), "10"),
        ],
        ids=["all", "by hand", "by hand in part", "of another", "the rest", "done", "done twice", "not listed yet"],
    )
    def test_it_is_what_was_captured_less_what_was_given_back(
        self, listed: tuple[str, ...], refunded: str, made: tuple[str, ...], due: str
    ) -> None:
        known = [a_refund(amount, outcome=RefundOutcome.REFUNDED) for amount in made]
        assert due_back([captured()], listing(*listed, refunded=refunded), known) == Decimal(due)

    @pytest.mark.parametrize("outcome", [RefundOutcome.REFUSED, RefundOutcome.NOT_MADE])
    def test_what_was_not_made_is_due_still(self, outcome: RefundOutcome) -> None:
        assert due_back([captured()], listing("10"), [a_refund(outcome=outcome)]) == TEN

    def test_what_was_given_back_of_another_capture_is_not_of_this_one(self) -> None:
        known = [a_refund(capture=AttemptId("a2"), outcome=RefundOutcome.REFUNDED)]
        assert due_back([captured()], listing("10", "10", refunded="10"), known) == TEN

    @pytest.mark.parametrize(
        ("listed", "refunded", "due"),
        [
            (("10", "10"), "0", "20"),
            (("10", "10"), "5", "15"),
            (("10", "10", "10"), "5", "20"),
            (("10", "10"), "20", "0"),
            ((), "0", "10"),
        ],
        ids=["all", "by hand in part", "of another", "done", "not listed yet"],
    )
    def test_of_several_captures_it_is_what_they_get_back_one_after_the_other(
        self, listed: tuple[str, ...], refunded: str, due: str
    ) -> None:
        both, known = [captured(), captured(name="a2")], []
        transaction, returned = listing(*listed, refunded=refunded), Decimal(0)
        assert due_back(both, transaction, known) == Decimal(due)
        for each in both:
            amount = due_back([each], replace(transaction, refunded=transaction.refunded + returned), known)
            known.append(a_refund(str(amount), capture=each.id, outcome=RefundOutcome.REFUNDED))
            returned += amount
        assert returned == Decimal(due)


class TestBalance:
    def test_an_order_alone_counts_what_the_gateway_gave_back(self) -> None:
        assert balance(EON1, listing("10", refunded="3"), [captured()], []) == Balance(TEN, Decimal(3))

    def test_of_a_shared_transaction_it_counts_what_the_journal_gave_back_to_it(self) -> None:
        attempts, made = [captured(), captured(name="a2", order_id=OTHER)], a_refund(outcome=RefundOutcome.REFUNDED)
        transaction = listing("10", "10", refunded="10")
        assert balance(EON1, transaction, attempts, [made]) == Balance(TEN, TEN)
        assert balance(OTHER, transaction, attempts, [made]) == Balance(TEN, Decimal(0))

    def test_what_the_gateway_does_not_tell_yet_is_given_back_all_the_same(self) -> None:
        made = a_refund(outcome=RefundOutcome.REFUNDED)
        assert balance(EON1, listing("10"), [captured()], [made]).kept == 0

    def test_as_long_as_a_refund_is_in_doubt_nobody_knows_it(self) -> None:
        with pytest.raises(InDoubt):
            balance(EON1, listing("10"), [captured()], [a_refund()])
        assert balance(OTHER, listing("10"), [captured(order_id=OTHER)], [a_refund()]).kept == TEN

"""Where an order stands with a transaction, journal and gateway compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.capture import (
    AttemptId,
    CaptureAttempt,
    Captured,
    CaptureOutcome,
    Standing,
    Transaction,
    is_authorized,
    standing,
)
from domain.errors import InDoubt
from domain.job import JobId
from domain.order import OrderId, TenantId, TransactionId
from fakes.clock import NOON

SETTLE = timedelta(seconds=60)
DEADLINE = NOON + timedelta(seconds=20)
QUIET = DEADLINE + SETTLE
OURS = OrderId("EON1")
THEIRS = OrderId("EON2")
T1 = TransactionId("t1")


def attempt(amount: str = "10.00", **changes: Any) -> CaptureAttempt:
    made = CaptureAttempt(
        id=AttemptId("a1"),
        tenant=TenantId("acme"),
        job_id=JobId("j1"),
        order_id=OURS,
        transaction_id=T1,
        amount=Decimal(amount),
        currency="EUR",
        intended=NOON,
        deadline=DEADLINE,
    )
    return replace(made, **changes)


def captured(amount: str, capture_id: str, **changes: Any) -> CaptureAttempt:
    return attempt(amount, outcome=CaptureOutcome.CAPTURED, capture_id=capture_id, **changes)


def not_made(amount: str = "10.00", **changes: Any) -> CaptureAttempt:
    return attempt(amount, outcome=CaptureOutcome.NOT_MADE, **changes)


def foreign(amount: str, capture_id: str, **changes: Any) -> CaptureAttempt:
    return attempt(amount, outcome=CaptureOutcome.FOREIGN, capture_id=capture_id, id=AttemptId("a9"), **changes)


def told(*captures: tuple[str, str], refunded: str = "0") -> Transaction:
    """What the gateway tells: ids and amounts."""
    return Transaction(T1, Decimal(100), tuple(Captured(i, Decimal(a)) for i, a in captures), Decimal(refunded))


def stand(
    transaction: Transaction, *attempts: CaptureAttempt, planned: Decimal = Decimal("10.00"), now: datetime = QUIET
) -> Standing:
    return standing(transaction, attempts, order_id=OURS, planned=planned, settle=SETTLE, now=now)


def test_where_nothing_happened_nothing_is_captured() -> None:
    assert stand(told()) == Standing(Decimal(0))


def test_captures_count_where_the_journal_gives_them_to_this_order() -> None:
    transaction = told(("c1", "10.00"), ("c2", "5.00"), ("c3", "7.00"))
    attempts = (captured("10.00", "c1"), captured("5.00", "c2", order_id=THEIRS), captured("7.00", "c3"))
    assert stand(transaction, *attempts).captured == Decimal("17.00")


@pytest.mark.parametrize("outcome", [CaptureOutcome.REFUSED, CaptureOutcome.NOT_MADE])
def test_attempts_that_came_to_nothing_count_nothing(outcome: CaptureOutcome) -> None:
    assert stand(told(), attempt(outcome=outcome)) == Standing(Decimal(0))


@pytest.mark.parametrize("owner", [OURS, THEIRS])
def test_nobody_acts_while_an_attempt_may_yet_arrive(owner: OrderId) -> None:
    with pytest.raises(InDoubt) as raised:
        stand(told(("c1", "10.00")), attempt(order_id=owner), now=QUIET - timedelta(seconds=1))
    assert (raised.value.until, raised.value.reason) == (QUIET, "PAYMENT_OUTCOME_UNKNOWN")


def test_an_unknown_capture_of_the_same_amount_is_the_outcome_of_the_open_attempt() -> None:
    open_attempt = attempt("10.00")
    assert stand(told(("c1", "10.0")), open_attempt) == Standing(
        Decimal("10.00"), found=((open_attempt, CaptureOutcome.CAPTURED, "c1"),)
    )


def test_an_attempt_of_which_the_gateway_knows_nothing_was_not_made() -> None:
    open_attempt = attempt("10.00")
    known = captured("5.00", "c0", id=AttemptId("a0"))
    assert stand(told(("c0", "5.00")), known, open_attempt) == Standing(
        Decimal("5.00"), found=((open_attempt, CaptureOutcome.NOT_MADE, None),)
    )


@pytest.mark.parametrize(
    ("captures", "attempts"),
    [
        ((("c1", "10.00"),), ()),
        ((("c1", "9.99"),), (attempt("10.00"),)),
        ((("c1", "10.00"), ("c2", "9.99")), (attempt("10.00"),)),
        ((("c1", "10.00"), ("c2", "9.99")), (captured("10.00", "c1"),)),
        ((("c1", "4.00"), ("c2", "4.00")), (captured("4.00", "c1"),)),
        ((("c1", "10.00"), ("c2", "10.00")), (captured("10.00", "c1"), captured("5.00", "c3", order_id=THEIRS))),
        ((("c1", "10.00"), ("c2", "10.00")), (captured("10.00", "c1"), not_made(order_id=THEIRS))),
        ((("c1", "10.00"), ("c2", "10.00")), (captured("10.00", "c1", order_id=THEIRS),)),
        ((("c1", "10.00"),), (attempt(outcome=CaptureOutcome.NOT_MADE),)),
        ((("c1", "10.00"),), (attempt(outcome=CaptureOutcome.REFUSED),)),
        ((("c1", "10.00"),), (attempt(order_id=THEIRS),)),
        ((("c1", "10.00"),), (attempt(), attempt(id=AttemptId("a2"), order_id=THEIRS))),
    ],
    ids=[
        "nobody captured",
        "another amount",
        "paid, and another amount",
        "known to be paid, and another amount",
        "twice, and not all is paid",
        "twice, of a transaction that orders share",
        "twice, where another order tried",
        "twice, for another order",
        "not made, and yet",
        "refused, and yet",
        "another order's",
        "whose of two",
    ],
)
def test_a_capture_that_cannot_be_explained_stops_everything(
    captures: tuple[tuple[str, str], ...], attempts: tuple[CaptureAttempt, ...]
) -> None:
    with pytest.raises(InDoubt, match="cannot be given to this order") as raised:
        stand(told(*captures), *attempts)
    assert raised.value.until is None


def test_another_orders_open_attempt_is_left_to_it() -> None:
    assert stand(told(), attempt(order_id=THEIRS)) == Standing(Decimal(0))


def test_what_was_given_back_is_open_again() -> None:
    assert stand(told(("c1", "10.00"), refunded="4.00"), captured("10.00", "c1")).captured == Decimal("6.00")


def test_more_given_back_than_was_captured_opens_no_more_than_the_whole() -> None:
    assert stand(told(("c1", "10.00"), refunded="15.00"), captured("10.00", "c1")).captured == 0


def test_whose_capture_was_given_back_is_unknown_where_orders_share_a_transaction() -> None:
    shared = captured("5.00", "c2", id=AttemptId("a2"), order_id=THEIRS)
    transaction = told(("c1", "10.00"), ("c2", "5.00"), refunded="5.00")
    assert stand(transaction, captured("10.00", "c1"), shared).captured == Decimal("10.00")


# Taken twice


@pytest.mark.parametrize(
    "attempts",
    [
        (attempt("10.00"),),
        (captured("10.00", "c1"),),
        (not_made("10.00"), captured("10.00", "c2", id=AttemptId("a2"))),
    ],
    ids=["in doubt", "known", "the first came late"],
)
def test_an_order_that_was_charged_twice_goes_on_and_both_are_told(attempts: tuple[CaptureAttempt, ...]) -> None:
    stands = stand(told(("c1", "10.00"), ("c2", "10.00")), *attempts)
    assert stands.captured == Decimal("20.00")


def test_what_the_journal_knows_twice_is_told_whatever_the_gateway_lists() -> None:
    twice = captured("10.00", "c1"), captured("10.00", "c2", id=AttemptId("a2"))
    assert stand(told(("c1", "10.00"), ("c2", "10.00")), *twice).captured == Decimal("20.00")


def test_where_the_second_was_given_back_nothing_is_open_and_nothing_too_much() -> None:
    transaction = told(("c1", "10.00"), ("c2", "10.00"), refunded="10.00")
    assert stand(transaction, captured("10.00", "c1")).captured == Decimal("10.00")


def test_while_an_unknown_capture_is_there_what_was_given_back_is_not_charged_again() -> None:
    with pytest.raises(InDoubt):
        stand(told(("c1", "10.00"), ("c2", "10.00"), refunded="15.00"), captured("10.00", "c1"))


# A gateway that lists captures under other ids than it answers


def test_a_capture_under_another_id_is_not_one_more() -> None:
    assert stand(told(("entry-1", "10.00")), captured("10.00", "c1")).captured == Decimal("10.00")


def test_nor_is_it_charged_again_where_orders_share_the_transaction() -> None:
    theirs = captured("10.00", "c1", order_id=THEIRS)
    with pytest.raises(InDoubt, match="entry-1"):
        stand(told(("entry-1", "10.00")), theirs)


def test_a_capture_that_the_gateway_does_not_list_counts_all_the_same() -> None:
    assert stand(told(), captured("10.00", "c1")).captured == Decimal("10.00")


# Captures that an operator called foreign


def test_a_foreign_capture_is_known_and_counts_for_nobody() -> None:
    assert stand(told(("c9", "10.00")), foreign("10.00", "c9")) == Standing(Decimal(0))


@pytest.mark.parametrize("owner", [OURS, THEIRS])
def test_whose_capture_was_given_back_is_unknown_where_one_is_foreign(owner: OrderId) -> None:
    transaction = told(("c1", "10.00"), ("c9", "5.00"), refunded="5.00")
    stands = stand(transaction, captured("10.00", "c1"), foreign("5.00", "c9", order_id=owner))
    assert stands.captured == Decimal("10.00")


def test_beside_a_foreign_capture_the_open_attempt_is_found_as_ever() -> None:
    open_attempt = attempt("10.00")
    stands = stand(told(("c9", "10.00"), ("c1", "10.00")), foreign("10.00", "c9"), open_attempt)
    assert (stands.captured, stands.found) == (Decimal("10.00"), ((open_attempt, CaptureOutcome.CAPTURED, "c1"),))


# What was authorised


@pytest.mark.parametrize(
    ("made", "refunded", "amount", "allowed"),
    [
        ((), "0", "100.00", True),
        ((), "0", "100.01", False),
        ((captured("60.00", "c1", order_id=THEIRS),), "0", "40.00", True),
        ((captured("60.00", "c1", order_id=THEIRS),), "0", "40.01", False),
        ((captured("60.00", "c1"),), "60.00", "100.00", True),
        ((captured("60.00", "c1"),), "90.00", "100.01", False),
        ((foreign("60.00", "c9"), not_made("60.00")), "0", "100.00", True),
    ],
)
def test_of_an_authorisation_our_orders_take_no_more_than_it_is_worth(
    made: tuple[CaptureAttempt, ...], refunded: str, amount: str, *, allowed: bool
) -> None:
    assert is_authorized(Decimal(amount), told(refunded=refunded), made) is allowed


def test_a_gateway_that_does_not_say_what_it_authorised_decides_itself() -> None:
    assert is_authorized(Decimal(10**9), Transaction(T1, None, (), Decimal(0)), ())

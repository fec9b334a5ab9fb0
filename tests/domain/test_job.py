"""What a caller may ask for, and what a job's order says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import InvalidArgument
from domain.invoice import InvoiceNumber
from domain.job import JobId, JobOrder, JobRequest, JobType, OrderCounts, OrderState, Step, require_order_id
from domain.order import OrderId, TenantId

ACME = TenantId("acme")
PENDING = JobOrder(ACME, JobId("j1"), OrderId("EON1"), dry_run=False)
NUMBER = InvoiceNumber("INV1")


def asked(*order_ids: str, type: JobType = JobType.MANUAL, request_id: str = "") -> JobRequest:  # noqa: A002 - as in JobRequest.of
    return JobRequest.of(tenant=ACME, type=type, order_ids=order_ids, request_id=request_id, dry_run=False)


def refused(*order_ids: str, **changes: Any) -> str:
    """The field that is complained about."""
    with pytest.raises(InvalidArgument) as raised:
        asked(*order_ids, **changes)
    assert raised.value.problem in raised.value.message
    return raised.value.field


class TestRequests:
    def test_an_order_named_twice_is_taken_once_where_it_was_first(self) -> None:
        assert asked("B", "A", "B").order_ids == ("B", "A")

    def test_an_automatic_job_ignores_what_orders_are_named(self) -> None:
        assert asked("A", "not / an id", type=JobType.AUTOMATIC).order_ids == ()

    def test_a_manual_job_without_orders_is_refused(self) -> None:
        assert refused() == "order_ids"

    def test_ten_thousand_orders_are_taken_and_one_more_is_refused(self) -> None:
        many = tuple(str(n) for n in range(10_000))
        assert len(asked(*many).order_ids) == 10_000
        assert refused(*many, "one more") == "order_ids"

    @pytest.mark.parametrize("bad", ["", "a/b", "..", ".", "a b", "ä", "a\n", "x" * 129, "٣"])
    def test_what_is_no_order_id_is_named_by_its_place(self, bad: str) -> None:
        assert refused("EON1", bad) == "order_ids[1]"

    @pytest.mark.parametrize("good", ["EON1200", "a-b_c.d:e~f@g", "x" * 128, "...a"])
    def test_an_order_id_is_taken_as_it_is(self, good: str) -> None:
        assert require_order_id("order_id", good) == good

    def test_a_request_id_has_at_most_128_printable_characters(self) -> None:
        assert asked("A", request_id="ü" * 128).request_id == "ü" * 128
        assert refused("A", request_id="x" * 129) == "request_id"
        assert refused("A", request_id="a\x00b") == "request_id"


class TestClaims:
    @pytest.mark.parametrize(
        ("changes", "holds"),
        [
            ({}, True),
            ({"dry_run": True}, False),
            ({"state": OrderState.SUCCESS, "number": NUMBER, "step": Step.EMAIL}, False),
            ({"state": OrderState.CANCELLED}, False),
            ({"state": OrderState.FAILURE, "retryable": True}, False),
            ({"state": OrderState.FAILURE, "retryable": True, "touched": True, "step": Step.CAPTURE}, True),
            ({"state": OrderState.FAILURE, "retryable": False, "touched": True, "step": Step.CAPTURE}, True),
            ({"state": OrderState.FAILURE, "retryable": True, "number": NUMBER, "step": Step.PDF}, True),
            ({"state": OrderState.FAILURE, "retryable": False, "number": NUMBER, "step": Step.PDF}, False),
            ({"state": OrderState.FAILURE, "number": NUMBER, "reason": "ALREADY_INVOICED"}, False),
        ],
        ids=str,
    )
    def test_an_order_is_held_while_it_is_in_work_and_while_something_begun_waits(
        self, changes: dict[str, Any], holds: bool
    ) -> None:
        assert replace(PENDING, **changes).holds_claim is holds

    @pytest.mark.parametrize(
        ("changes", "needs"),
        [
            ({}, True),
            ({"state": OrderState.SUCCESS}, False),
            ({"state": OrderState.CANCELLED}, False),
            ({"state": OrderState.FAILURE}, False),
            ({"state": OrderState.FAILURE, "retryable": True}, True),
            ({"state": OrderState.FAILURE, "touched": True}, True),
        ],
        ids=str,
    )
    def test_what_was_decided_is_kept_while_the_order_may_go_on(self, changes: dict[str, Any], needs: bool) -> None:
        assert replace(PENDING, **changes).needs_draft is needs


class TestDocuments:
    @pytest.mark.parametrize(
        ("changes", "has"),
        [
            ({}, False),
            ({"number": NUMBER, "step": Step.PDF}, False),
            ({"number": NUMBER, "step": Step.EMAIL}, True),
            ({"number": NUMBER, "reason": "ALREADY_INVOICED"}, True),
            ({"number": NUMBER, "reason": "ALREADY_INVOICED", "link": "https://example.com/1"}, False),
            ({"reason": "ALREADY_INVOICED"}, False),
        ],
        ids=str,
    )
    def test_a_document_is_ours_once_archived_unless_another_hand_made_it(
        self, changes: dict[str, Any], has: bool
    ) -> None:
        assert replace(PENDING, **changes).has_document is has


def test_the_counts_add_up() -> None:
    assert OrderCounts(pending=1, success=2, failure=3, cancelled=4).total == 10

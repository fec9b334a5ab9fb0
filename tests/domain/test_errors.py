"""Every error says what is wrong, in a word for machines and a sentence for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import errors
from domain.errors import InvoicingError
from domain.policy import ORDER_REASONS
from fakes.clock import NOON

FIELDS: dict[type[InvoicingError], tuple[InvoicingError, dict[str, object]]] = {
    errors.Unavailable: (
        errors.Unavailable("x", retry_after=timedelta(seconds=3)),
        {"retry_after": timedelta(seconds=3)},
    ),
    errors.Postponed: (errors.Postponed("x", timedelta(seconds=3)), {"retry_after": timedelta(seconds=3)}),
    errors.InDoubt: (errors.InDoubt("x", until=NOON), {"until": NOON}),
    errors.InvalidArgument: (
        errors.InvalidArgument("order_ids[3]", "is empty"),
        {"field": "order_ids[3]", "problem": "is empty"},
    ),
    errors.Missing: (errors.Missing("x"), {"name": "x"}),
    errors.UnknownTenant: (errors.UnknownTenant("acme"), {"name": "acme", "kind": "tenant"}),
    errors.UnknownJob: (errors.UnknownJob("j1"), {"name": "j1", "kind": "job"}),
    errors.UnknownOrder: (errors.UnknownOrder("EON1"), {"name": "EON1", "kind": "order"}),
    errors.UnknownInvoice: (errors.UnknownInvoice("INV1"), {"name": "INV1", "kind": "invoice"}),
    errors.UnknownSeries: (errors.UnknownSeries("local:A-"), {"name": "local:A-", "kind": "series"}),
    errors.RequestIdReused: (
        errors.RequestIdReused("r1", "j1"),
        {"request_id": "r1", "job_id": "j1", "corrects": None},
    ),
    errors.NotRetryable: (errors.NotRetryable({"EON1": "is done"}), {"order_ids": ("EON1",)}),
    errors.NotCancellable: (errors.NotCancellable("INV1", "INV2"), {"number": "INV1", "credit_note": "INV2"}),
    errors.AlreadyInvoiced: (
        errors.AlreadyInvoiced("INV1", "https://example.com/1"),
        {"number": "INV1", "document": "https://example.com/1"},
    ),
    errors.OrderInProgress: (errors.OrderInProgress("j1", must_retry=True), {"job_id": "j1"}),
    errors.InvoiceIncomplete: (errors.InvoiceIncomplete("currency", "is missing"), {"field": "currency"}),
    errors.UnknownCurrency: (errors.UnknownCurrency("EURO"), {"field": "currency"}),
    errors.NumberTaken: (errors.NumberTaken("INV1"), {"number": "INV1"}),
    errors.Bug: (errors.Bug("abc123"), {"incident": "abc123"}),
}
"""The errors that carry more than a sentence: one of each, and what it carries."""

FAMILIES = (errors.Rejected, errors.Unavailable, errors.Conflict, errors.Misconfigured, errors.InDoubt)
MENDED_BY_NOBODY = {errors.InvoicingError, errors.RenderFailed, errors.DocumentDamaged, errors.Bug}
RPC_REASONS = {
    "INVALID_ARGUMENT",
    "UNKNOWN_TENANT",
    "UNKNOWN_JOB",
    "UNKNOWN_ORDER",
    "UNKNOWN_INVOICE",
    "UNKNOWN_SERIES",
    "REQUEST_ID_REUSED",
    "NOT_RETRYABLE",
    "NOT_CANCELLABLE",
    "DRAINING",
    "UNAVAILABLE",
    "CONFLICT",
}


def every_error() -> list[type[InvoicingError]]:
    """All classes of the tree, the root first."""
    found: list[type[InvoicingError]] = [InvoicingError]
    for kind in found:
        found += [sub for sub in kind.__subclasses__() if sub.__module__ == errors.__name__ and sub not in found]
    return found


def one_of(kind: type[InvoicingError]) -> InvoicingError:
    return FIELDS[kind][0] if kind in FIELDS else kind("something is wrong")


def by_name(kind: type[InvoicingError]) -> str:
    return kind.__name__


@pytest.mark.parametrize("kind", every_error(), ids=by_name)
def test_every_error_has_a_word_for_machines_and_a_sentence_for_people(kind: type[InvoicingError]) -> None:
    error = one_of(kind)
    assert error.reason in ORDER_REASONS | RPC_REASONS
    assert error.message
    assert str(error) == error.message
    assert kind.__doc__


@pytest.mark.parametrize("kind", every_error(), ids=by_name)
def test_every_error_can_be_mended_by_someone_or_by_nobody(kind: type[InvoicingError]) -> None:
    families = [family for family in FAMILIES if issubclass(kind, family)]
    assert len(families) == (0 if kind in MENDED_BY_NOBODY else 1)


@pytest.mark.parametrize("kind", FIELDS, ids=by_name)
def test_what_an_error_knows_it_carries_and_says(kind: type[InvoicingError]) -> None:
    error, carried = FIELDS[kind]
    for name, value in carried.items():
        assert getattr(error, name) == value
    words = [value for name, value in carried.items() if isinstance(value, str) and name != "document"]
    assert all(word in error.message for word in words if kind is not errors.UnknownCurrency)


@pytest.mark.parametrize("kind", every_error(), ids=by_name)
def test_no_error_carries_what_is_not_looked_at_here(kind: type[InvoicingError]) -> None:
    known = {"message", "reason", *FIELDS.get(kind, (None, {}))[1]}
    optional = {"retry_after", "until", "document"}
    assert set(vars(one_of(kind))) - optional <= known


def test_one_reason_may_be_given_for_another() -> None:
    assert errors.Unavailable("x", reason="EMAIL_FAILED").reason == "EMAIL_FAILED"
    assert errors.Unavailable("x").reason == "PLATFORM_UNAVAILABLE"


def test_of_many_orders_that_are_not_retryable_the_first_are_named_with_why() -> None:
    why = {f"EON{n}": f"is {n}" for n in range(10_000)}
    assert errors.NotRetryable({"EON7": "is late"}).message == "EON7 is late"
    assert errors.NotRetryable(why).message == "EON0 is 0; EON1 is 1; EON2 is 2; and 9,997 more"


def test_a_request_id_of_a_cancellation_is_told_with_its_invoice_and_not_with_a_job_nobody_knows() -> None:
    message = errors.RequestIdReused("r1", "j1", corrects="INV1").message
    assert message == "request_id 'r1' was used to cancel invoice INV1, with other content; take a new one"


@pytest.mark.parametrize(("must_retry", "advice"), [(True, "retry"), (False, "wait")])
def test_who_finds_an_order_in_progress_is_told_what_to_do(must_retry: bool, advice: str) -> None:
    message = errors.OrderInProgress("j1", must_retry=must_retry).message
    assert "j1" in message
    assert advice in message


@pytest.mark.parametrize(("must_retry", "advice"), [(True, "ask for that again"), (False, "wait")])
def test_who_finds_an_order_whose_invoice_is_being_cancelled_is_told_which(must_retry: bool, advice: str) -> None:
    message = errors.OrderInProgress("j1", must_retry=must_retry, corrects="INV1").message
    assert "INV1" in message
    assert advice in message

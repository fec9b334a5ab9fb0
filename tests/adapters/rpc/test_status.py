"""What callers learn of each error."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from adapters.rpc.status import NotServed, code_of, status_of
from domain import errors
from domain.errors import InvoicingError
from fakes.refusals import unpacked

WHAT_CALLERS_GET = [
    (errors.InvoicingError("x"), StatusCode.INTERNAL, "INTERNAL"),
    (errors.Rejected("x"), StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    (errors.InvalidArgument("tenant", "is empty"), StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    (errors.Missing("x"), StatusCode.NOT_FOUND, "INVALID_ARGUMENT"),
    (errors.UnknownTenant("x"), StatusCode.NOT_FOUND, "UNKNOWN_TENANT"),
    (errors.UnknownJob("x"), StatusCode.NOT_FOUND, "UNKNOWN_JOB"),
    (errors.UnknownOrder("x"), StatusCode.NOT_FOUND, "UNKNOWN_ORDER"),
    (errors.UnknownInvoice("x"), StatusCode.NOT_FOUND, "UNKNOWN_INVOICE"),
    (errors.UnknownSeries("x"), StatusCode.NOT_FOUND, "UNKNOWN_SERIES"),
    (errors.RequestIdReused("r", "j"), StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    (errors.NotRetryable({"EON1": "is done"}), StatusCode.FAILED_PRECONDITION, "NOT_RETRYABLE"),
    (errors.NotCancellable("INV1", "INV2"), StatusCode.FAILED_PRECONDITION, "NOT_CANCELLABLE"),
    (errors.CorrectionFailed("x", reason="NOT_CONFIGURED"), StatusCode.FAILED_PRECONDITION, "NOT_CONFIGURED"),
    (errors.OrderRejected("x"), StatusCode.FAILED_PRECONDITION, "ORDER_NOT_INVOICEABLE"),
    (errors.OrderNotFound("x"), StatusCode.NOT_FOUND, "ORDER_NOT_FOUND"),
    (errors.OrderNotInvoiceable("x"), StatusCode.FAILED_PRECONDITION, "ORDER_NOT_INVOICEABLE"),
    (errors.AlreadyInvoiced("INV1"), StatusCode.FAILED_PRECONDITION, "ALREADY_INVOICED"),
    (errors.OrderInProgress("j", must_retry=True), StatusCode.ABORTED, "ORDER_IN_PROGRESS"),
    (errors.TotalsMismatch("x"), StatusCode.FAILED_PRECONDITION, "TOTALS_MISMATCH"),
    (errors.InvoiceIncomplete("f", "x"), StatusCode.FAILED_PRECONDITION, "INVOICE_INCOMPLETE"),
    (errors.UnknownCurrency("XXX"), StatusCode.FAILED_PRECONDITION, "INVOICE_INCOMPLETE"),
    (errors.AmountExceedsAuthorization("x"), StatusCode.FAILED_PRECONDITION, "AMOUNT_EXCEEDS_AUTHORIZATION"),
    (errors.PaymentRefused("x"), StatusCode.FAILED_PRECONDITION, "PAYMENT_REFUSED"),
    (errors.SeriesExhausted("x"), StatusCode.FAILED_PRECONDITION, "SERIES_EXHAUSTED"),
    (errors.NumberTaken("INV1"), StatusCode.ABORTED, "NOT_CONFIGURED"),
    (errors.RenderFailed("x"), StatusCode.INTERNAL, "RENDER_FAILED"),
    (errors.DocumentDamaged("x"), StatusCode.DATA_LOSS, "INTERNAL"),
    (errors.Bug("abc"), StatusCode.INTERNAL, "INTERNAL"),
    (errors.Misconfigured("x"), StatusCode.FAILED_PRECONDITION, "NOT_CONFIGURED"),
    (errors.PlatformDenied("x"), StatusCode.FAILED_PRECONDITION, "PLATFORM_DENIED"),
    (errors.MailRefused("x"), StatusCode.FAILED_PRECONDITION, "EMAIL_FAILED"),
    (errors.Conflict("x"), StatusCode.ABORTED, "CONFLICT"),
    (errors.StaleJobOrder("x"), StatusCode.ABORTED, "CONFLICT"),
    (errors.Unavailable("x"), StatusCode.UNAVAILABLE, "PLATFORM_UNAVAILABLE"),
    (errors.StoreUnavailable("x"), StatusCode.UNAVAILABLE, "UNAVAILABLE"),
    (errors.StoreDamaged("x"), StatusCode.UNAVAILABLE, "UNAVAILABLE"),
    (errors.Postponed("x", timedelta(seconds=3)), StatusCode.UNAVAILABLE, "PLATFORM_UNAVAILABLE"),
    (errors.Draining("x"), StatusCode.UNAVAILABLE, "DRAINING"),
    (errors.InDoubt("x"), StatusCode.UNAVAILABLE, "PAYMENT_OUTCOME_UNKNOWN"),
    (NotServed("x"), StatusCode.UNIMPLEMENTED, "UNIMPLEMENTED"),
]


def details_of(error: InvoicingError) -> list[Any]:
    """The details a caller finds behind the status."""
    ((_, rich),) = status_of(error).trailing_metadata
    assert isinstance(rich, bytes)
    return [unpacked(packed) for packed in Status.FromString(rich).details]


def test_every_error_of_the_domain_has_a_code_that_someone_decided() -> None:
    every = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, InvoicingError)}
    assert every == {type(error) for error, _, _ in WHAT_CALLERS_GET} - {NotServed}


@pytest.mark.parametrize(("error", "code", "reason"), WHAT_CALLERS_GET, ids=lambda value: type(value).__name__)
def test_callers_get_the_code_the_reason_and_the_message(error: InvoicingError, code: StatusCode, reason: str) -> None:
    status = status_of(error)
    info = details_of(error)[0]
    assert (code_of(error), status.code, status.details) == (code, code, error.message)
    assert (info.reason, info.domain) == (reason, "invoicing")


def test_a_bad_argument_is_named_by_its_field() -> None:
    _, bad_request = details_of(errors.InvalidArgument("order_ids[3]", "is empty"))
    assert [(v.field, v.description) for v in bad_request.field_violations] == [("order_ids[3]", "is empty")]


def test_what_is_missing_is_named() -> None:
    _, missing = details_of(errors.UnknownInvoice("INV1"))
    assert (missing.resource_type, missing.resource_name) == ("invoice", "INV1")


def test_a_reused_request_id_names_the_job_that_has_it() -> None:
    info, job = details_of(errors.RequestIdReused("r", "j1"))
    assert (info.metadata["job_id"], job.resource_type, job.resource_name) == ("j1", "job", "j1")


def test_a_request_id_that_a_cancellation_has_names_its_invoice() -> None:
    _, invoice = details_of(errors.RequestIdReused("r", "j1", corrects="INV1"))
    assert (invoice.resource_type, invoice.resource_name) == ("invoice", "INV1")


def test_what_is_not_retryable_is_named_as_far_as_it_fits() -> None:
    (info,) = details_of(errors.NotRetryable({"EON1": "is done", "EON2": "is done"}))
    assert info.metadata["order_ids"] == "EON1,EON2"
    status = status_of(errors.NotRetryable({f"{n:0128}": "is done" for n in range(10_000)}))
    ((_, rich),) = status.trailing_metadata
    assert len(status.details.encode()) * 3 + len(rich) * 4 / 3 < 8 * 1024


def test_what_is_cancelled_already_names_its_credit_note() -> None:
    assert details_of(errors.NotCancellable("INV1", "INV2"))[0].metadata["credit_note"] == "INV2"
    assert not details_of(errors.NotCancellable("INV2"))[0].metadata


@pytest.mark.parametrize(("told", "seconds"), [(None, 1), (timedelta(seconds=7), 7)])
def test_what_time_mends_says_when_to_try_again(told: timedelta | None, seconds: int) -> None:
    _, retry = details_of(errors.Unavailable("the platform is away", retry_after=told))
    assert retry.retry_delay.ToTimedelta() == timedelta(seconds=seconds)


def test_a_defect_tells_its_incident() -> None:
    assert details_of(errors.Bug("abc123"))[0].metadata["incident"] == "abc123"


def test_a_long_message_is_cut_so_that_it_fits_into_the_trailers() -> None:
    status = status_of(errors.InvalidArgument("tenant", "ż" * 10_000))
    ((_, rich),) = status.trailing_metadata
    assert len(status.details.encode()) * 3 + len(rich) * 4 / 3 < 8 * 1024

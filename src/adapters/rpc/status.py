"""What callers learn of an error: code, reason and details. No other module knows a gRPC code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, ResourceInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import Status as GrpcStatus
from grpc import StatusCode
from grpc_status.rpc_status import to_status

from domain.errors import (
    Bug,
    Conflict,
    CorrectionFailed,
    DocumentDamaged,
    InDoubt,
    InvalidArgument,
    InvoicingError,
    MailRefused,
    Misconfigured,
    Missing,
    NotCancellable,
    NotRetryable,
    OrderInProgress,
    OrderNotFound,
    OrderRejected,
    PaymentRefused,
    Rejected,
    RenderFailed,
    RequestIdReused,
    Unavailable,
)

DOMAIN = "invoicing"
RETRY_DELAY = timedelta(seconds=1)
"""What callers are told to wait when nobody told us how long."""
LONGEST_MESSAGE = 500
"""Status and details travel as HTTP/2 trailers, of which clients take 8 KiB in all."""
MOST_NAMED = 10
"""Orders that are named to machines, for the same reason."""


class NotServed(InvoicingError):
    """The contract has this call, but the service does not answer it yet."""

    reason = "UNIMPLEMENTED"


CODES: dict[type[InvoicingError], StatusCode] = {
    InvoicingError: StatusCode.INTERNAL,
    Rejected: StatusCode.INVALID_ARGUMENT,
    Missing: StatusCode.NOT_FOUND,
    RequestIdReused: StatusCode.ALREADY_EXISTS,
    NotRetryable: StatusCode.FAILED_PRECONDITION,
    NotCancellable: StatusCode.FAILED_PRECONDITION,
    CorrectionFailed: StatusCode.FAILED_PRECONDITION,
    OrderRejected: StatusCode.FAILED_PRECONDITION,
    OrderNotFound: StatusCode.NOT_FOUND,
    OrderInProgress: StatusCode.ABORTED,
    PaymentRefused: StatusCode.FAILED_PRECONDITION,
    MailRefused: StatusCode.FAILED_PRECONDITION,
    Unavailable: StatusCode.UNAVAILABLE,
    Conflict: StatusCode.ABORTED,
    Misconfigured: StatusCode.FAILED_PRECONDITION,
    InDoubt: StatusCode.UNAVAILABLE,
    RenderFailed: StatusCode.INTERNAL,
    DocumentDamaged: StatusCode.DATA_LOSS,
    Bug: StatusCode.INTERNAL,
    NotServed: StatusCode.UNIMPLEMENTED,
}
"""The code of each class of errors, and of those derived from it that have none of their own."""


def code_of(error: InvoicingError) -> StatusCode:
    """The gRPC code of the error."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def status_of(error: InvoicingError) -> GrpcStatus:
    """The status with which a call ends: code, message and `google.rpc` details, `ErrorInfo` first."""
    status = Status(code=code_of(error).value[0], message=error.message[:LONGEST_MESSAGE])
    for detail in _details(error):
        packed = PackedAny()
        packed.Pack(detail)
        status.details.append(packed)
    return to_status(status)


def _details(error: InvoicingError) -> Iterator[Message]:
    yield ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=_metadata(error))
    match error:
        case InvalidArgument():
            violation = BadRequest.FieldViolation(field=error.field, description=error.problem[:LONGEST_MESSAGE])
            yield BadRequest(field_violations=[violation])
        case Missing():
            yield ResourceInfo(resource_type=error.kind, resource_name=error.name)
        case RequestIdReused():
            yield _holder(error)
        case Unavailable():
            delay = RetryInfo()
            delay.retry_delay.FromTimedelta(error.retry_after or RETRY_DELAY)
            yield delay


def _holder(error: RequestIdReused) -> ResourceInfo:
    """What the request id belongs to: of a correction callers know the invoice."""
    if error.corrects:
        return ResourceInfo(resource_type="invoice", resource_name=error.corrects)
    return ResourceInfo(resource_type="job", resource_name=error.job_id)


def _metadata(error: InvoicingError) -> dict[str, str]:
    match error:
        case Bug():
            return {"incident": error.incident}
        case RequestIdReused() | OrderInProgress():
            return {"job_id": error.job_id}
        case NotCancellable():
            return {"credit_note": error.credit_note} if error.credit_note else {}
        case NotRetryable():
            return {"order_ids": ",".join(error.order_ids[:MOST_NAMED])}
    return {}

"""How a call to the service failed, read from its gRPC status and told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from domain.errors import InvoicingError

DETAILS = "grpc-status-details-bin"

Detail = TypeVar("Detail", bound=Message)


class Refused(InvoicingError):
    """The service refused a call, or is not there. `fields` are the arguments at fault, with what is wrong."""

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        code: str,
        fields: tuple[tuple[str, str], ...] = (),
        retry_after: timedelta | None = None,
        metadata: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, reason=reason)
        self.code = code
        self.fields = fields
        self.retry_after = retry_after
        self.metadata = metadata or {}

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed a little later."""
        return self.code == "UNAVAILABLE"

    @property
    def sentence(self) -> str:
        """What a person needs to know, in one line."""
        unsaid = [f"{field} {problem}" for field, problem in self.fields if field not in self.message]
        told = "; ".join((self.message, *unsaid))
        if self.retry_after is not None:
            told += f"; try again in {self.retry_after.total_seconds():g} s"
        return told

    def document(self) -> dict[str, Any]:
        """The same for machines."""
        told: dict[str, Any] = {"reason": self.reason, "message": self.message, "code": self.code}
        if self.fields:
            told["fields"] = [{"field": field, "description": problem} for field, problem in self.fields]
        if self.retry_after is not None:
            told["retryDelay"] = f"{self.retry_after.total_seconds():g}s"
        if self.metadata:
            told["metadata"] = self.metadata
        return told


@contextmanager
def told_by(address: str) -> Iterator[None]:
    """Turns what gRPC raises into `Refused`. `address` is where the service should be."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise refusal(error, address) from error


def refusal(error: grpc.aio.AioRpcError, address: str) -> Refused:
    """What the error says."""
    code, status = error.code(), _status(error)
    info = _detail(status, ErrorInfo)
    if info is None:
        return Refused(_unexplained(error, address), reason=code.name, code=code.name)
    bad, retry = _detail(status, BadRequest), _detail(status, RetryInfo)
    return Refused(
        status.message or info.reason,
        reason=info.reason,
        code=code.name,
        fields=tuple((violation.field, violation.description) for violation in bad.field_violations) if bad else (),
        retry_after=retry.retry_delay.ToTimedelta() if retry else None,
        metadata=dict(info.metadata),
    )


def _status(error: grpc.aio.AioRpcError) -> Status:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                break
    return Status()


def _detail(status: Status, kind: type[Detail]) -> Detail | None:
    for packed in status.details:
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None


def _unexplained(error: grpc.aio.AioRpcError, address: str) -> str:
    """The service explains what it refuses. Where nothing is explained, somebody else is speaking, or nobody."""
    match error.code():
        case grpc.StatusCode.UNAVAILABLE:
            return f"no service answers at {address}: is it running there? (--address, INVOICING_ADDRESS)"
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"the service at {address} did not answer in time"
        case grpc.StatusCode.UNIMPLEMENTED:
            return f"what answers at {address} does not know this call: an older service, or none of ours"
        case code:
            return f"the call to {address} failed: {error.details() or code.name}"

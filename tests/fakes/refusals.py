"""How a gRPC call failed, as a client reads it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, ResourceInfo, RetryInfo
from google.rpc.status_pb2 import Status

KINDS: tuple[type[Message], ...] = (ErrorInfo, BadRequest, ResourceInfo, RetryInfo)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Code, message and details of a failed call."""

    code: grpc.StatusCode
    message: str
    details: tuple[Any, ...]

    @property
    def reason(self) -> str:
        """The reason of its `ErrorInfo`, which is there and is ours."""
        info = self.detail(ErrorInfo)
        assert info.domain == "invoicing"
        return str(info.reason)

    @property
    def fields(self) -> list[str]:
        """The fields its `BadRequest` names."""
        return [violation.field for violation in self.detail(BadRequest).field_violations]

    def detail(self, kind: Any) -> Any:
        """Its only detail of this kind."""
        (found,) = (detail for detail in self.details if isinstance(detail, kind))
        return found


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal:
    """What the error tells."""
    rich = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = Status.FromString(rich if isinstance(rich, bytes) else rich.encode())
    assert status.code == error.code().value[0]
    return Refusal(error.code(), status.message, tuple(unpacked(packed) for packed in status.details))


async def refused(call: Awaitable[object] | AsyncIterable[object]) -> Refusal:
    """How the call, or the stream, fails; it must."""
    try:
        if isinstance(call, grpc.aio.UnaryStreamCall):
            async for _ in call:
                pass
        else:
            await call  # type: ignore[misc]  # a unary call is awaitable
    except grpc.aio.AioRpcError as error:
        return refusal_of(error)
    raise AssertionError("the call succeeded")


def unpacked(packed: Any) -> Message:
    """The detail in its own type."""
    for kind in KINDS:
        if packed.Is(kind.DESCRIPTOR):
            message = kind()
            packed.Unpack(message)
            return message
    raise AssertionError(f"unknown detail {packed.type_url}")

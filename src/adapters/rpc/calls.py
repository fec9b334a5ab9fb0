"""What every call goes through: errors become statuses here and nowhere else, and each call leaves a log line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, TypeVar, cast

import grpc
import structlog

from adapters.rpc.codec import is_tenant
from adapters.rpc.status import code_of, status_of
from domain.errors import Bug, InvoicingError

Request = TypeVar("Request")
Response = TypeVar("Response")
if TYPE_CHECKING:  # grpc's classes are generic in its stubs only
    Context = grpc.aio.ServicerContext[Request, Response]
    Handler = grpc.RpcMethodHandler[Request, Response]
    Unary = Callable[[Request, Context[Request, Response]], Awaitable[Response]]
    Stream = Callable[[Request, Context[Request, Response]], AsyncGenerator[Response, None]]
    WrittenStream = Callable[[Request, Context[Request, Response]], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Calls(grpc.aio.ServerInterceptor):
    """Wraps every call that has one request. Put it first, so that it sees what others raise."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler[Request, Response] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler[Request, Response] | None:
        """The call's handler, wrapped."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.request_streaming:
            return handler
        return _wrapped(handler_call_details.method, handler)


def _wrapped(method: str, handler: Handler[Request, Response]) -> Handler[Request, Response]:
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(
            _streaming(method, cast("Stream[Request, Response]", handler.unary_stream)),
            handler.request_deserializer,
            handler.response_serializer,
        )
    return grpc.unary_unary_rpc_method_handler(
        _answering(method, cast("Unary[Request, Response]", handler.unary_unary)),
        handler.request_deserializer,
        handler.response_serializer,
    )


def _answering(method: str, behaviour: Unary[Request, Response]) -> Unary[Request, Response]:
    async def answer(request: Request, context: Context[Request, Response]) -> Response:
        async with _accounted(method, request, context):
            return await behaviour(request, context)

    return answer


def _streaming(method: str, behaviour: Stream[Request, Response]) -> WrittenStream[Request, Response]:
    """Writes instead of yielding: gRPC leaves a generator open when its caller goes, and what it holds with it."""

    async def stream(request: Request, context: Context[Request, Response]) -> None:
        async with _accounted(method, request, context), aclosing(behaviour(request, context)) as messages:
            async for message in messages:
                await context.write(message)

    return stream


@asynccontextmanager
async def _accounted(method: str, request: Request, context: Context[Request, Response]) -> AsyncIterator[None]:
    """Ends the call with the status of what it raises, and writes its line into the log."""
    started = monotonic()
    code = "OK"
    try:
        yield
    except grpc.aio.InternalError:  # what a write raises once the caller is gone: nobody waits for an answer
        code = "CANCELLED"
    except (Exception, asyncio.CancelledError) as error:
        if _is_cancelled(error):
            code = "CANCELLED"
            raise
        known = error if isinstance(error, InvoicingError) else _defect(method, error)
        code = code_of(known).name
        await context.abort_with_status(status_of(known))
    finally:
        _write_line(method, request, code, started)


def _is_cancelled(error: BaseException) -> bool:
    """Whether the call itself was cancelled. If only something inside was, gRPC would let the caller wait for ever."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _defect(method: str, error: BaseException) -> Bug:
    bug = Bug(token_hex(6))
    _log.error("defect", method=method, incident=bug.incident, exc_info=error)
    return bug


def _write_line(method: str, request: object, code: str, started: float) -> None:
    """Only what has the shape of a tenant is logged as one: the rest is text from outside."""
    tenant = getattr(request, "tenant", "")
    write = _log.debug if method.startswith("/grpc.") else _log.info
    ms = round((monotonic() - started) * 1000, 1)
    write("call", method=method, tenant=tenant if is_tenant(tenant) else None, code=code, ms=ms)

"""Answers as the platform gives them, and the shapes in which its services complain."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from aiohttp import web

T = TypeVar("T")

Json = dict[str, Any]
"""A JSON document. Numbers with a point are decimals, so that no digit is lost."""

encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Refused(Exception):
    """The platform says no. Each service says it in a shape of its own."""

    def __init__(self, status: int, message: str, *, kind: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.detail = detail


class Fault401(Refused):
    """The gateway before all services does not let the caller in."""

    def __init__(self, said: str, code: str) -> None:
        super().__init__(401, said, kind=code)


def content(body: bytes) -> Any:
    """The body as JSON, every digit kept. Raises `Refused`."""
    try:
        return _decode(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The request body is not valid JSON.", kind="bad_payload_syntax") from error


def shaped(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The body in the shape this call takes. Raises `Refused`."""
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"The request body is not valid: {error}", kind="bad_payload_syntax") from error


def answer(document: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """The document as JSON."""
    return encoded(encode(document), status, headers)


def encoded(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON that is encoded already."""
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def refusal(service: str, refused: Refused) -> web.Response:
    """The refusal in the shape of the service."""
    return answer(complaint(service, refused), refused.status)


def complaint(service: str, refused: Refused) -> Json:
    """The body of an error of this service (`order.yaml`, `media.yaml`, `sequential-id.yaml`, …)."""
    if isinstance(refused, Fault401) or service == "oauth":
        return {"fault": {"faultstring": refused.message, "detail": {"errorcode": refused.kind}}}
    if service == "media":
        details = [refused.detail] if refused.detail else []
        return {"code": refused.status, "status": str(refused.status), "message": refused.message, "details": details}
    said: Json = {"status": refused.status, "message": refused.message}
    if refused.kind:
        said["type"] = refused.kind
    if refused.detail:
        said["details"] = [{"message": refused.detail}]
    return said

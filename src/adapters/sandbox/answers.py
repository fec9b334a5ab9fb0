"""What the platform is asked with, and what it answers."""

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
    """The platform says no. Each service says it in a shape of its own. `field` is what is wrong in the request."""

    def __init__(self, status: int, message: str, *, kind: str = "", detail: str = "", field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.detail = detail
        self.field = field


class Fault401(Refused):
    """The gateway before all services does not let the caller in."""

    def __init__(self, said: str, code: str) -> None:
        super().__init__(401, said, kind=code)


def invalid(field: str, problem: str) -> Refused:
    """A request that was understood, and cannot be."""
    message = "There are validation problems, see details section for more information"
    return Refused(400, message, kind="validation_violation", detail=problem, field=field)


def content(body: bytes) -> Any:
    """The body as JSON, every digit kept. Raises `Refused`."""
    try:
        return _decode(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The request body is not valid JSON.", kind="bad_payload_syntax") from error


def document_in(body: bytes) -> Json:
    """The body, which must be a JSON object. Raises `Refused`."""
    read = content(body)
    if not isinstance(read, dict):
        raise Refused(400, "The request body must be a JSON object.", kind="bad_payload_syntax")
    return read


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

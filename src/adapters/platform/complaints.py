"""What the platform, or the reader of its JSON, says when something is wrong, made fit to be quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

MAX_QUOTE = 200


class _Detail(msgspec.Struct):
    message: str | None = None


class _Fault(msgspec.Struct):
    faultstring: str | None = None


class _Complaint(msgspec.Struct):
    """What the services' error bodies have in common: hardly anything."""

    message: str | None = None
    error: str | None = None
    error_description: str | None = None
    fault: _Fault | None = None
    details: list[_Detail | str] | None = None


_complaint = msgspec.json.Decoder(_Complaint)


def said_in(body: bytes, *, secrets: Iterable[str]) -> str:
    """The platform's own words in an error body, if it has any; no secret is ever among them."""
    try:
        complaint = _complaint.decode(body)
    except (ValueError, RecursionError):
        return ""
    details = [d if isinstance(d, str) else d.message for d in complaint.details or ()]
    fault = complaint.fault.faultstring if complaint.fault else None
    words = [fault, complaint.error_description, complaint.message, *details[:1]]
    text = "; ".join(dict.fromkeys(word for word in words if word)) or complaint.error or ""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return quotable(text)


def quotable(text: str) -> str:
    """Text from outside as it may stand in a message of ours: one short line without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MAX_QUOTE]).split())
    return line if len(line) <= MAX_QUOTE else f"{line[:MAX_QUOTE]}…"


_SHAPE_ERROR = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<where>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")


def shape_error(message: str) -> tuple[str, str]:
    """The path of what is wrong in a document, and what is wrong with it, from msgspec's message."""
    match = _SHAPE_ERROR.fullmatch(message)
    what, where = (match["what"], match["where"] or "") if match else (message, "")
    missing = _MISSING.fullmatch(what)
    if missing:
        return f"{where}.{missing['name']}".lstrip("."), "is missing"
    return where, f"is not as it should be: {quotable(what)}"

"""A mail as it arrived, read only as far as it must be: headers, and the attachments' sizes and digests.

The standard library reads what is written in unusual ways; all else is read here, in a fifth of the time.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from binascii import a2b_qp
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from hashlib import sha256
from uuid import uuid4

from adapters.sandbox.answers import Json

Head = Mapping[str, str]

TENANT = "x-invoicing-tenant"
"""The header in which the service writes whose mail it is."""
DEEPEST = 5
"""Multiparts in multiparts: what lies deeper is not looked for."""

_FOLD = re.compile(r"\r\n[ \t]+")
_BOUNDARY = re.compile(r""";\s*boundary\s*=\s*"?([^";\s]+)""", re.IGNORECASE)
_FILE_NAME = re.compile(r"""[^;]*;\s*(?:file)?name="([^"\\=]*)"\s*""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Received:
    """A mail the sink has taken. `message_id` has no angle brackets; `to` is whom the envelope names."""

    id: str
    tenant: str
    message_id: str
    to: str
    subject: str
    attachments: tuple[Json, ...]
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, content: bytes, recipients: Sequence[str]) -> Received:
        """The mail in these bytes; whatever they are, it is one."""
        head, _, body = content.partition(b"\r\n\r\n")
        headers = _fields(head)
        return cls(
            id=uuid4().hex,
            tenant=_text(headers, TENANT),
            message_id=_text(headers, "message-id").strip("<>"),
            to=", ".join(recipients),
            subject=_text(headers, "subject"),
            attachments=tuple(_attachments(headers, body, DEEPEST)),
            content=content,
        )

    @property
    def facts(self) -> Json:
        """What the effect log says of it."""
        return {
            "message_id": self.message_id,
            "to": self.to,
            "subject": self.subject,
            "attachments": self.attachments,
            "mail": self.id,
        }


def _fields(head: bytes) -> Head:
    """Header fields by their names in lower case, each on one line."""
    lines = _FOLD.sub(" ", head.decode("utf-8", "replace")).split("\r\n")
    named = (line.partition(":") for line in reversed(lines))
    return {name.strip().lower(): value.strip() for name, colon, value in named if colon}


def _text(headers: Head, name: str) -> str:
    value = headers.get(name, "")
    if "=?" not in value:
        return " ".join(value.split())
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value


def _attachments(headers: Head, body: bytes, depth: int) -> Iterator[Json]:
    kind, disposition = headers.get("content-type", ""), headers.get("content-disposition", "")
    if kind.lower().startswith("multipart/") and depth:
        for part in _parts(body, kind):
            head, _, inner = part.partition(b"\r\n\r\n")
            yield from _attachments(_fields(head), inner, depth - 1)
    elif "name" in kind + disposition or disposition.lower().startswith("attachment"):
        content = _decoded(headers, body)
        yield {"name": _file_name(headers), "size": len(content), "sha256": sha256(content).hexdigest()}


def _parts(body: bytes, kind: str) -> list[bytes]:
    """What lies between the boundary's lines (RFC 2046, 5.1.1)."""
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        return []
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    return [piece.removeprefix(b"\r\n") for piece in pieces[1:] if not piece.startswith(b"--")]


def _file_name(headers: Head) -> str:
    plain = _FILE_NAME.fullmatch(headers.get("content-disposition") or headers.get("content-type", ""))
    if plain:
        return plain[1]
    message = Message()
    for name in headers.keys() & {"content-disposition", "content-type"}:
        message[name] = headers[name]
    return message.get_filename() or ""


def _decoded(headers: Head, body: bytes) -> bytes:
    encoding = headers.get("content-transfer-encoding", "").lower()
    try:
        return b64decode(body) if encoding == "base64" else a2b_qp(body) if encoding == "quoted-printable" else body
    except NotBase64:
        return body

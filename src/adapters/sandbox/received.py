"""A mail as it arrived, read only as far as it must be: headers, and the attachments' sizes and digests."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from binascii import a2b_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256
from uuid import uuid4

from adapters.sandbox.answers import Json

TENANT = "X-Invoicing-Tenant"
"""The header in which the service writes whose mail it is."""
DEEPEST = 5
"""Multiparts in multiparts: what lies deeper is not looked for."""

_headers = BytesHeaderParser()


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
        headers = _headers.parsebytes(head)
        return cls(
            id=uuid4().hex,
            tenant=_text(headers, TENANT),
            message_id=_text(headers, "Message-ID").strip("<>"),
            to=", ".join(recipients),
            subject=_text(headers, "Subject"),
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


def _text(headers: Message, name: str) -> str:
    value = str(headers.get(name, ""))
    if "=?" not in value:
        return " ".join(value.split())
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value


def _attachments(headers: Message, body: bytes, depth: int) -> Iterator[Json]:
    if headers.get_content_maintype() == "multipart" and depth:
        for part in _parts(body, headers.get_boundary() or ""):
            head, _, inner = part.partition(b"\r\n\r\n")
            yield from _attachments(_headers.parsebytes(head), inner, depth - 1)
    elif headers.get_filename() or headers.get_content_disposition() == "attachment":
        content = _decoded(headers, body)
        yield {"name": headers.get_filename() or "", "size": len(content), "sha256": sha256(content).hexdigest()}


def _parts(body: bytes, boundary: str) -> list[bytes]:
    """What lies between the boundary's lines (RFC 2046, 5.1.1)."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    return [piece.removeprefix(b"\r\n") for piece in pieces[1:] if not piece.startswith(b"--")]


def _decoded(headers: Message, body: bytes) -> bytes:
    encoding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        return b64decode(body) if encoding == "base64" else a2b_qp(body) if encoding == "quoted-printable" else body
    except NotBase64:
        return body

"""A mail as the bytes that travel: RFC 5322 headers, a text, and one PDF.

Written by hand because it is written once for every invoice: the standard library takes five times as long.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from domain.errors import MailRefused, Misconfigured
from domain.mail import Mail

CRLF = "\r\n"
ENCODED_BYTES = 36
"""Of a text in one encoded word: a line with one may have 76 characters (RFC 2047, 2)."""
LONGEST_PLAIN = 60
"""Characters of a header value that need no folding."""
TEXT_HEADERS = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable")

_ADDRESS = re.compile(r"""[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,64}@[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,255}""")
_PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~.,:;@()]*")
_WORDS = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~]*")


def message_of(mail: Mail, now: datetime) -> bytes:
    """The mail as bytes with CRLF line ends: the same mail at the same instant gives the same bytes.

    Raises `MailRefused` when the recipient, `Misconfigured` when the sender is no address.
    """
    boundary = f"=_{sha256(mail.id.encode()).hexdigest()[:24]}"
    return b"".join(
        (
            _lines(*_headers(mail, now, boundary)),
            _lines(f"--{boundary}", *TEXT_HEADERS),
            _text(mail.text),
            _lines(f"--{boundary}", *_attachment_headers(mail.attachment_name)),
            encodebytes(mail.attachment).replace(b"\n", b"\r\n"),
            f"--{boundary}--{CRLF}".encode(),
        )
    )


def sender_of(mail: Mail) -> str:
    """The sender's address. Raises `Misconfigured` when it is none."""
    address = _address(mail.sender)
    if address is None:
        raise Misconfigured(
            f"the mail sender {mail.sender[:80]!r} is no address: set the configuration cust.notification.email.from"
        )
    return address


def recipient_of(mail: Mail) -> str:
    """The recipient's address. Raises `MailRefused` when it is none."""
    address = _address(mail.recipient)
    if address is None:
        raise MailRefused(f"the recipient {mail.recipient[:80]!r} is no mail address")
    return address


def _address(text: str) -> str | None:
    """The address, its domain in ASCII (RFC 5891) so that any server can take it; None when it is no address."""
    if not _ADDRESS.fullmatch(text):
        return None
    local, _, domain = text.partition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def _headers(mail: Mail, now: datetime, boundary: str) -> tuple[str, ...]:
    return (
        f"From: {_mailbox(mail.sender_name, sender_of(mail))}",
        f"To: {_mailbox(mail.recipient_name, recipient_of(mail))}",
        f"Subject: {_unstructured(mail.subject)}",
        f"Date: {format_datetime(now.astimezone(UTC))}",
        f"Message-ID: <{_token(mail.id)}>",
        f"X-Invoicing-Tenant: {_token(mail.tenant)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
    )


def _attachment_headers(name: str) -> tuple[str, ...]:
    quoted = _token(name).replace('"', "").replace("\\", "")
    return (
        f'Content-Type: application/pdf; name="{quoted}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{quoted}"',
    )


def _lines(*lines: str) -> bytes:
    """Header lines, and the empty line that ends them."""
    return CRLF.join((*lines, "", "")).encode()


def _text(text: str) -> bytes:
    lines = CRLF.join(text.rstrip().splitlines()) + CRLF
    return b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _mailbox(name: str, address: str) -> str:
    clean = _one_line(name)
    if not clean:
        return f"<{address}>"
    if len(clean) <= LONGEST_PLAIN and _WORDS.fullmatch(clean):
        return f"{clean} <{address}>"
    return f"{_encoded(clean)}{CRLF} <{address}>"


def _unstructured(text: str) -> str:
    clean = _one_line(text)
    return clean if len(clean) <= LONGEST_PLAIN and _PLAIN.fullmatch(clean) else _encoded(clean)


def _one_line(text: str) -> str:
    """Text from outside cannot begin a header of its own: line ends and control characters become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047), one a line, none of them splitting a character."""
    words, word = [], b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(word) + len(encoded) > ENCODED_BYTES:
            words.append(word)
            word = b""
        word += encoded
    return f"{CRLF} ".join(f"=?utf-8?B?{b64encode(word).decode()}?=" for word in (*words, word))


def _token(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isprintable() and c not in "<> ")

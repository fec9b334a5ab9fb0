"""A mail as the bytes that travel: RFC 5322 headers, the words as plain text and as HTML, and one PDF.

Written by hand because it is written once for every invoice: the standard library takes ten times as long.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from adapters.mail.addresses import recipient_of, sender_of
from domain.addresses import address_in
from domain.mail import Mail
from domain.text import one_line

CRLF = "\r\n"
LINE = 76
"""Characters of a line of base64 (RFC 2045, 6.8)."""
LONGEST_LINE = 78
"""Characters that a line should have at most (RFC 5322, 2.1.1)."""
ENCODED_BYTES = 36
"""Of a text in one encoded word: a line with one may have 76 characters (RFC 2047, 2)."""
SECTION_BYTES = 18
"""Of a file name in one section of it, each written as three characters (RFC 2231, 3)."""
LONGEST_PLAIN = 60
"""Characters of a header value that need no folding."""
LONGEST_ID = 500
"""Characters of an identifier, which cannot be folded; a line may have 998 (RFC 5322, 2.1.1)."""

_PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~.,:;@()]*")
_WORDS = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/^_`{|}~]*")
_NO_TOKEN = re.compile(r"[^!-;=?-~]")
_FILE = re.compile(r"[A-Za-z0-9 !#$%&'+\-^_`{}~.,;@()]*")


def message_of(mail: Mail, now: datetime) -> bytes:
    """The mail as bytes with CRLF line ends: the same mail at the same instant gives the same bytes.

    Raises `MailRefused` when the recipient, `Misconfigured` when the sender is no address.
    """
    digest = sha256(mail.id.encode("utf-8", "replace")).hexdigest()[:24]
    whole, words = f"=_m{digest}", f"=_w{digest}"  # no line of base64 or quoted-printable contains "=_" (RFC 2045, 6.7)
    return b"".join(
        (
            _lines(*_headers(mail, now), f'Content-Type: multipart/mixed; boundary="{whole}"'),
            _lines(f"--{whole}", f'Content-Type: multipart/alternative; boundary="{words}"'),
            _lines(f"--{words}", *_text_headers("plain")),
            _quoted_printable(mail.text),
            _lines(f"--{words}", *_text_headers("html")),
            _quoted_printable(mail.html),
            f"--{words}--{CRLF}".encode(),
            _lines(f"--{whole}", *_attachment_headers(mail.attachment_name)),
            _base64(mail.attachment),
            f"--{whole}--{CRLF}".encode(),
        )
    )


def _headers(mail: Mail, now: datetime) -> tuple[str, ...]:
    reply_to = address_in(mail.reply_to)
    return (
        f"Date: {format_datetime(now.astimezone(UTC))}",
        _mailbox("From", mail.sender_name, sender_of(mail)),
        *((f"Reply-To: <{reply_to}>",) if reply_to and reply_to.isascii() else ()),
        _mailbox("To", mail.recipient_name, recipient_of(mail)),
        f"Subject: {_unstructured(mail.subject)}",
        f"Message-ID: <{_token(mail.id)}>",
        f"X-Invoicing-Tenant: {_token(mail.tenant)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    )


def _text_headers(subtype: str) -> tuple[str, ...]:
    return f"Content-Type: text/{subtype}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"


def _attachment_headers(name: str) -> tuple[str, ...]:
    clean = one_line(name)
    return (
        "Content-Type: application/pdf",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;{CRLF} {_file_name(clean)}",
    )


def _lines(*lines: str) -> bytes:
    """Header lines, and the empty line that ends them."""
    return CRLF.join((*lines, "", "")).encode()


def _quoted_printable(text: str) -> bytes:
    lines = CRLF.join(text.rstrip().splitlines()) + CRLF
    return b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _base64(content: bytes) -> bytes:
    encoded = b64encode(content)
    return b"\r\n".join([encoded[start : start + LINE] for start in range(0, len(encoded), LINE)] + [b""])


def _mailbox(header: str, name: str, address: str) -> str:
    clean = one_line(name)
    if not clean:
        return f"{header}: <{address}>"
    if len(clean) > LONGEST_PLAIN or not _WORDS.fullmatch(clean):
        return f"{header}: {_encoded(clean)}{CRLF} <{address}>"
    line = f"{header}: {clean} <{address}>"
    return line if len(line) <= LONGEST_LINE else f"{header}: {clean}{CRLF} <{address}>"


def _unstructured(text: str) -> str:
    clean = one_line(text)
    return clean if len(clean) <= LONGEST_PLAIN and _PLAIN.fullmatch(clean) else _encoded(clean)


def _file_name(name: str) -> str:
    """The parameter that names the file; what is long or beyond ASCII in sections, a line each (RFC 2231, 3 and 4)."""
    if len(name) <= LONGEST_PLAIN and _FILE.fullmatch(name):
        return f'filename="{name}"'
    first, *others = (quote(run, safe="") for run in _runs(name, SECTION_BYTES))
    sections = (f"utf-8''{first}", *others)
    return f";{CRLF} ".join(f"filename*{n}*={section}" for n, section in enumerate(sections))


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047), one a line."""
    words = (b64encode(run.encode()).decode() for run in _runs(text, ENCODED_BYTES))
    return f"{CRLF} ".join(f"=?utf-8?B?{word}?=" for word in words)


def _runs(text: str, size: int) -> Iterator[str]:
    """The text in pieces of at most this many bytes of UTF-8; no character is cut in two. Of nothing, one piece."""
    start = used = 0
    for end, character in enumerate(text):
        needed = len(character.encode())
        if used + needed > size:
            yield text[start:end]
            start, used = end, 0
        used += needed
    yield text[start:]


def _token(text: str) -> str:
    return _NO_TOKEN.sub("", text)[:LONGEST_ID]

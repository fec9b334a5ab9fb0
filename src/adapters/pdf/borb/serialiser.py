"""A borb document as the bytes of a file (ISO 32000-1, 7.3 and 7.5): same objects, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from adapters.pdf.borb.objects import Document, hexstr, name, stream

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""The second line tells transports that the file is binary."""

_REGULAR = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.,:*!?&@$^~|;'\"`=\\")


def to_bytes(document: Document) -> bytes:
    """The whole file. What the trailer does not reach is left out; the file's `/ID` is the hash of its content."""
    trailer = document["Trailer"]
    return _File().written(trailer["Root"], trailer["Info"])


class _File:
    """Numbers objects as they are first met, and writes them in that order.

    Streams and dictionaries with a `/Type` become objects of their own, everything else stays where it is mentioned.
    Objects are told apart by `id`, so nothing may be thrown away before the file is written.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._met: list[Mapping[str, object]] = []

    def written(self, root: Mapping[str, object], info: Mapping[str, object]) -> bytes:
        trailer = b"/Root %b/Info %b" % (self._reference(root), self._reference(info))
        parts, offsets, position = [HEADER], [], len(HEADER)
        for number, met in enumerate(self._met, 1):  # grows while it is read
            part = b"%d 0 obj\n%b\nendobj\n" % (number, self._object(met))
            offsets.append(position)
            parts.append(part)
            position += len(part)
        body = b"".join(parts)
        digest = sha256(body).hexdigest()[:32].encode()
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(offsets) + 1
        return b"".join(
            (
                body,
                b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table),
                b"trailer\n<</Size %d%b/ID[<%b><%b>]>>\n" % (size, trailer, digest, digest),
                b"startxref\n%d\n%%%%EOF\n" % position,
            )
        )

    def _reference(self, target: Mapping[str, object]) -> bytes:
        number = self._numbers.get(id(target))
        if number is None:
            self._met.append(target)
            number = self._numbers[id(target)] = len(self._met)
        return b"%d 0 R" % number

    def _object(self, target: Mapping[str, object]) -> bytes:
        if not isinstance(target, stream):
            return self._dictionary(target)
        content: bytes = target["Bytes"]
        entries = {k: v for k, v in target.items() if k not in ("Bytes", "DecodedBytes")}
        return b"%b\nstream\n%b\nendstream" % (self._dictionary(entries | {"Length": len(content)}), content)

    def _dictionary(self, entries: Mapping[str, object]) -> bytes:
        return b"<<%b>>" % b"".join(b"%b %b" % (_name(k), self._value(v)) for k, v in entries.items())

    def _value(self, value: object) -> bytes:
        match value:
            case bool():
                return b"true" if value else b"false"
            case int():
                return b"%d" % value
            case float():
                return number(value).encode()
            case name():
                return _name(value)
            case hexstr():
                return b"<%b>" % value.encode()
            case str():
                return _text(value)
            case list():
                return b"[%b]" % b" ".join(map(self._value, value))
            case dict() if isinstance(value, stream) or "Type" in value:
                return self._reference(value)
            case dict():
                return self._dictionary(value)
        raise TypeError(f"{type(value).__name__} is no PDF object")


def number(value: float) -> str:
    """A number as PDF writes it: two decimals suffice for a hundredth of a point, and no exponent is allowed."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _name(text: str) -> bytes:
    return b"/" + b"".join(b"%c" % c if c in _REGULAR else b"#%02X" % c for c in text.encode())


def _text(text: str) -> bytes:
    """A text string: as it is where it is plain ASCII, else UTF-16 with its byte order mark (7.9.2.2)."""
    if text.isascii() and text.isprintable():
        return b"(%b)" % text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode()
    return b"<FEFF%b>" % text.encode("utf-16-be", "replace").hex().upper().encode()

"""A borb document as the bytes of a file (ISO 32000-1, 7.3 and 7.5): same objects, same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import accumulate, chain

from adapters.pdf.borb.objects import Document, name, stream
from adapters.pdf.borb.structure import Structure
from adapters.pdf.borb.syntax import name_object, number, text_string

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""The second line tells transports that the file is binary."""


class Reference(int):
    """An object by its number."""


STRUCTURE = Reference(1)
"""The root of the structure tree, which begins the file."""


def to_bytes(document: Document, structure: Structure) -> bytes:
    """The whole file. What the trailer does not reach is left out; the file's `/ID` is the hash of its content."""
    root, information = document["Trailer"]["Root"], document["Trailer"]["Info"]
    file = _File(first=structure.size + 1)
    pages = [file.numbered(page) for page in root["Pages"]["Kids"]]
    ends = file.numbered(root), file.numbered(information)
    return _whole([*structure.objects(pages)], file.objects(), *ends)


def _whole(tree: Sequence[str], objects: Sequence[bytes], root: int, information: int) -> bytes:
    body = b"".join((HEADER, "".join(tree).encode("ascii"), *objects))
    digest = sha256(body).hexdigest()[:32].encode()
    *offsets, end = accumulate(map(len, chain(tree, objects)), initial=len(HEADER))
    table = b"".join([b"%010d 00000 n \n" % offset for offset in offsets])
    size = len(offsets) + 1
    return b"".join(
        (
            body,
            b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table),
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\n" % (size, root, information, digest, digest),
            b"startxref\n%d\n%%%%EOF\n" % end,
        )
    )


class _File:
    """Numbers objects as they are first met, from `first` on, and writes them in that order.

    Streams and dictionaries with a `/Type` become objects of their own, everything else stays where it is mentioned.
    Objects are told apart by `id`, so nothing may be thrown away before the file is written.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._numbers: dict[int, int] = {}
        self._met: list[Mapping[str, object]] = []

    def numbered(self, target: Mapping[str, object]) -> int:
        """The number of the object."""
        found = self._numbers.get(id(target))
        if found is None:
            found = self._numbers[id(target)] = self._first + len(self._met)
            self._met.append(target)
        return found

    def objects(self) -> list[bytes]:
        """Every object that was met, or is reached from one that was."""
        return [
            b"%d 0 obj\n%b\nendobj\n" % (number, self._object(met))
            for number, met in enumerate(self._met, self._first)  # grows while it is read
        ]

    def _object(self, target: Mapping[str, object]) -> bytes:
        if not isinstance(target, stream):
            return self._dictionary(target)
        content: bytes = target["Bytes"]
        entries = {k: v for k, v in target.items() if k not in ("Bytes", "DecodedBytes")}
        return b"%b\nstream\n%b\nendstream" % (self._dictionary(entries | {"Length": len(content)}), content)

    def _dictionary(self, entries: Mapping[str, object]) -> bytes:
        return b"<<%b>>" % b"".join(b"%b %b" % (name_object(k).encode(), self._value(v)) for k, v in entries.items())

    def _value(self, value: object) -> bytes:
        match value:
            case bool():
                return b"true" if value else b"false"
            case Reference():
                return b"%d 0 R" % value
            case int():
                return b"%d" % value
            case float():
                return number(value).encode()
            case name():
                return name_object(value).encode()
            case str():
                return text_string(value).encode()
            case list():
                return b"[%b]" % b" ".join(map(self._value, value))
            case dict() if isinstance(value, stream) or "Type" in value:
                return b"%d 0 R" % self.numbered(value)
            case dict():
                return self._dictionary(value)
        raise TypeError(f"{type(value).__name__} is no PDF object")

"""The structured invoice out of a document again. Needs no PDF library, but a document that one of our renderers drew.

What these have in common: one classic cross-reference table, and a catalog that names the file before any other text.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_TABLE = b"\nxref\n0 "
_ENTRY = 20
"""How long an entry of the cross-reference table is (ISO 32000-1, 7.5.4)."""

_ROOT = re.compile(rb"\ntrailer\s?<<[^(]*?/Root (\d+) 0 R")
_ASSOCIATED = re.compile(rb"/AF \[ ?(\d+) 0 R ?\]")
_EMBEDDED = re.compile(rb"/EF << ?/F (\d+) 0 R")
_STREAM = re.compile(rb"\d+ 0 obj\n[^\n]*/Length (\d+)[^\n]*\nstream\n")


def xml_in(document: bytes) -> bytes | None:
    """The structured invoice that the document carries, byte for byte; None where it carries none, or is no PDF."""
    try:
        return _found_in(document)
    except (ValueError, zlib.error):
        return None


def _found_in(document: bytes) -> bytes | None:
    table = document.rfind(_TABLE)
    root = _ROOT.search(document, table) if table >= 0 else None
    if root is None:
        return None
    objects = _Objects(document, document.index(b"\n", table + len(_TABLE)) + 1)
    specification = objects.named(_ASSOCIATED, int(root[1]))
    file = specification and objects.named(_EMBEDDED, specification)
    return objects.content(file) if file else None


@dataclass(frozen=True, slots=True)
class _Objects:
    """The objects of a document, found through the entries of its table."""

    document: bytes
    entries: int

    def named(self, pattern: re.Pattern[bytes], within: int) -> int | None:
        """The number of the object that this dictionary names so."""
        start = self._start(within)
        found = pattern.search(self.document, start, self.document.index(b"\nendobj\n", start))
        return int(found[1]) if found else None

    def content(self, number: int) -> bytes | None:
        """What is in this stream."""
        head = _STREAM.match(self.document, self._start(number))
        return zlib.decompress(self.document[head.end() : head.end() + int(head[1])]) if head else None

    def _start(self, number: int) -> int:
        entry = self.entries + _ENTRY * number
        return int(self.document[entry : entry + 10])

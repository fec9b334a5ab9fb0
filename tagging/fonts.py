"""From the codes of a font to the text that they stand for (ISO 32000-1, 9.10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

UNKNOWN = "\ufffe"
"""Stands for a code that the font gives no text for: no character at all, so nobody can have written it."""

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_TOKEN = re.compile(rb"<([^>]*)>|(\[)|(\])")


@dataclass(frozen=True, slots=True)
class Font:
    """How many bytes a code has, and the text of each."""

    size: int
    texts: dict[int, str]

    @classmethod
    def of(cls, entry: pikepdf.Dictionary) -> Font:
        """The font as its dictionary describes it; without `/ToUnicode` it has no text."""
        cmap = entry.get("/ToUnicode")
        texts = dict(_pairs(cmap.read_bytes())) if isinstance(cmap, pikepdf.Stream) else {}
        return cls(2 if entry.get("/Subtype") == "/Type0" else 1, texts)

    def text(self, codes: bytes) -> str:
        """What is written with these codes."""
        numbers = (int.from_bytes(codes[i : i + self.size]) for i in range(0, len(codes), self.size))
        return "".join([self.texts.get(number, UNKNOWN) for number in numbers])


def _pairs(cmap: bytes) -> Iterator[tuple[int, str]]:
    for kind, block in _BLOCK.findall(cmap):
        entries = [*_entries(block)]
        if kind == b"bfchar":
            yield from ((int(code[0], 16), _text(text[0])) for code, text in zip(*[iter(entries)] * 2, strict=True))
        else:
            for first, last, texts in zip(*[iter(entries)] * 3, strict=True):
                yield from _ranged(range(int(first[0], 16), int(last[0], 16) + 1), texts)


def _entries(block: bytes) -> Iterator[list[bytes]]:
    """Each string by itself, those in brackets together."""
    together: list[bytes] | None = None
    for string, opens, closes in _TOKEN.findall(block):
        if opens:
            together = []
        elif closes:
            yield together or []
            together = None
        elif together is None:
            yield [string]
        else:
            together.append(string)


def _ranged(codes: range, texts: list[bytes]) -> Iterator[tuple[int, str]]:
    if len(texts) > 1:
        yield from zip(codes, map(_text, texts), strict=True)
        return
    text = _text(texts[0])
    yield from ((code, text[:-1] + chr(ord(text[-1]) + step)) for step, code in enumerate(codes))


def _text(string: bytes) -> str:
    return bytes.fromhex(string.decode()).decode("utf-16-be")

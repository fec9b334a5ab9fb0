"""What embedding asks of CFF outlines: which CID each glyph has (Adobe Technical Note 5176)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

_CHARSET, _ROS = 15, 0x0C1E
_ESCAPE, _REAL, _SHORT, _LONG = 12, 30, 28, 29


def cids(table: bytes, glyphs: int) -> Sequence[int]:
    """The CID of each of so many glyphs. Where they have names, and no CIDs, PDF takes the glyph's id for it."""
    names = table[2]  # the header's size
    top, _ = _index(table, _index(table, names)[1])
    entries = dict(_entries(top))
    if _ROS not in entries:
        return range(glyphs)
    return (0, *islice(_charset(table, entries[_CHARSET][0], glyphs), glyphs - 1))


def _index(table: bytes, start: int) -> tuple[bytes, int]:
    """The first element of an INDEX, and where the INDEX ends."""
    count = int.from_bytes(table[start : start + 2])
    if count == 0:
        return b"", start + 2
    size, data = table[start + 2], start + 2 + (count + 1) * table[start + 2]
    first, second, end = (int.from_bytes(table[at : at + size]) for at in (start + 3 + size * n for n in (0, 1, count)))
    return table[data + first : data + second], data + end


def _entries(top: bytes) -> Iterator[tuple[int, list[int]]]:
    """The operators of a DICT with their operands; reals, which nobody asks for, are 0."""
    operands: list[int] = []
    data = iter(top)
    for byte in data:
        if byte > _REAL or byte in {_REAL, _SHORT, _LONG}:
            operands.append(_operand(byte, data))
        else:
            yield (byte << 8 | next(data) if byte == _ESCAPE else byte), operands
            operands = []


def _operand(byte: int, data: Iterator[int]) -> int:
    if byte in {_SHORT, _LONG}:
        return int.from_bytes(islice(data, 2 if byte == _SHORT else 4), signed=True)
    if byte == _REAL:
        any(nibbles & 0xF == 0xF for nibbles in data)  # reads up to its end
        return 0
    if byte < 247:
        return byte - 139
    return (byte - 247) * 256 + next(data) + 108 if byte < 251 else -(byte - 251) * 256 - next(data) - 108


def _charset(table: bytes, start: int, glyphs: int) -> Iterator[int]:
    """The CIDs of the glyphs after the first."""
    format, at = table[start], start + 1  # noqa: A001 - the specification's word
    left = glyphs - 1
    size = (0, 1, 2)[format]
    while left > 0:
        first = int.from_bytes(table[at : at + 2])
        more = int.from_bytes(table[at + 2 : at + 2 + size])
        yield from range(first, first + more + 1)
        at, left = at + 2 + size, left - more - 1

"""Texts of two directions in pieces, so that a document has them in the order in which they are read.

Within a piece typst writes what it draws as it stands, from left to right. Those who read text out of PDFs turn letters
from right to left around, and with them the signs that follow; so each sign is a piece of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from unicodedata import bidirectional

from adapters.pdf.bidi import directions

_LETTERS = frozenset(("L", "R", "AL"))
_EXTENDING = frozenset(("NSM", "BN"))
"""Marks and joiners, which go with what is before them."""

_DIGITS = frozenset("0123456789")
"""Readers take others for signs."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters, a number or a sign, drawn in one go."""

    text: str
    from_right: bool


@dataclass(frozen=True, slots=True)
class Ordered:
    """A text as it is read: its words, and the spaces between them; `from_right` tells the direction of the whole."""

    words: tuple[tuple[Piece, ...], ...]
    from_right: bool


def ordered(text: str) -> Ordered:
    """The text in pieces, its direction that of its first letter."""
    told = directions(text)
    parts = groupby(zip(_numbered(text), told.levels, text, strict=True), key=lambda part: part[:2])
    pieces = (_piece([*part]) for _, part in parts)
    words = (tuple(word) for _, word in groupby(pieces, key=lambda piece: piece.text == " "))
    return Ordered(tuple(words), from_right=told.base == 1)


def _numbered(text: str) -> Iterator[int]:
    """For each character which part it is of: letters and digits side by side belong together."""
    part, was_joining = 0, False
    for character in text:
        if bidirectional(character) not in _EXTENDING:
            is_joining = bidirectional(character) in _LETTERS or character in _DIGITS
            part += not (is_joining and was_joining)
            was_joining = is_joining
        yield part


def _piece(part: Sequence[tuple[int, int, str]]) -> Piece:
    level = part[0][1]
    return Piece("".join(character for *_, character in part), from_right=level % 2 == 1)

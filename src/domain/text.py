"""Text from outside, as it may be shown."""

from __future__ import annotations

import re
from unicodedata import category

_JOINERS = "\u200c\u200d"
"""Invisible, and part of how words are spelt in Persian and in the scripts of India."""


def one_line(text: str) -> str:
    """Text from outside as one line: it begins no paragraph, and no header, of its own."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join(text.split())


MOST_MARKS = 6
"""On one letter: more than any language has."""
_MARKS = "".join(character for character in map(chr, range(0x300, 0xFE30)) if category(character).startswith("M"))
_PILE = re.compile(f"([{_MARKS}]{{{MOST_MARKS}}})[{_MARKS}]+")


def without_piles(text: str) -> str:
    """The text without marks that are piled upon marks until they stand on other lines."""
    return text if text.isascii() else _PILE.sub(r"\1", text)

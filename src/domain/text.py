"""Text from outside, as it may be shown."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Invisible, and part of how words are spelt in Persian and in the scripts of India."""


def one_line(text: str) -> str:
    """Text from outside as one line: it begins no paragraph, and no header, of its own."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join(text.split())

"""Text as lines of shaped words: measured, and broken where it must be.

What the style's own face has is words with spaces between them, from left to right. All other text is a
`mixed.Paragraph`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.pdf.borb.faces import Word
from adapters.pdf.borb.mixed import ELLIPSIS, MOST_CHARACTERS, Mixture, Paragraph
from adapters.pdf.borb.styles import FONTS, Style

_SPACES = re.compile("[ \t-\r\x85\u2028\u2029]+")
"""Where lines may break. Spaces that hold words together (U+00A0, U+202F) are not among them."""

_BREAKABLE = "-/_.,;:|"
"""A word that is too long rather breaks after one of these, if one is near."""

_KERNING = 0.97
"""Kerning may add a little to the sum of the characters' own widths."""


class Line(NamedTuple):
    """A line of shaped text in one style: the elements of a `TJ` array, and its width in points.

    It ends with a space, unless its last word goes on in the next line: whoever reads the tags and not the page finds
    no other sign that a word has ended (ISO 32000-1, 14.8.2.5). The width is without that space.
    `special` are the words with glyphs that are not always embedded.
    """

    shown: str
    width: float
    style: Style
    special: tuple[Word, ...] = ()


def line(text: str, style: Style) -> Line:
    """The text on one line, however long."""
    if not style.face.has(text):
        return _mixed(_paragraph(text, style).line(), style)
    return _line(_words(text), style)


def figures(text: str, style: Style) -> Line:
    """A number on one line: its digits all have one width."""
    return _alone(style.face.figures(text), style)


def lines(text: str, style: Style, width: float, *, most: int | None = None) -> tuple[Line, ...]:
    """The text in lines of at most this width; of more than `most` lines the last ends with an ellipsis.

    Lines break between words, and inside a word only where it is wider than a line of its own.
    """
    if not style.face.has(text):
        parts = _paragraph(text, style).lines(width * 1000 / style.size, most=most)
        return tuple(_mixed(part, style) for part in parts)
    words = _words(text)
    if len(text) <= MOST_CHARACTERS and (whole := _line(words, style)).width <= width:
        return (whole,) if words else ()
    room = width * 1000 / style.size
    broken = list(_broken(words, style, room))
    if most is not None and len(broken) > most:
        rest = " ".join(word for part, _ in broken[most - 1 : most + 1] for word in part)
        broken = [*broken[: most - 1], ([_cut(rest, style, room)], True)]
    return tuple(_line(part, style, ends_word=ends_word) for part, ends_word in broken)


def _paragraph(text: str, style: Style) -> Paragraph:
    return Paragraph(" ".join(_words(text)), style.face, style.size, FONTS)


def _mixed(part: Mixture, style: Style) -> Line:
    shown = part.shown + style.space.shown if part.ends_word else part.shown
    return Line(shown, part.width * style.size / 1000, style, part.words)


def _words(text: str) -> list[str]:
    return text.split() if text.isascii() else [word for word in _SPACES.split(text) if word]


def _line(words: Iterable[str], style: Style, *, ends_word: bool = True) -> Line:
    shaped = [style.word(word) for word in words]
    if len(shaped) == 1:
        return _alone(shaped[0], style, ends_word=ends_word)
    space = style.space
    width = sum([word.width for word in shaped]) + space.width * max(len(shaped) - 1, 0)
    special = tuple([word for word in shaped if word.glyphs])
    shown = space.shown.join([word.shown for word in shaped]) + (space.shown if ends_word else "")
    return Line(shown, width * style.size / 1000, style, special)


def _alone(word: Word, style: Style, *, ends_word: bool = True) -> Line:
    shown = word.shown + style.space.shown if ends_word else word.shown
    return Line(shown, word.width * style.size / 1000, style, (word,) if word.glyphs else ())


def _cut(text: str, style: Style, room: float) -> str:
    """As much of the text as fits together with an ellipsis."""
    while text and style.word(f"{text}{ELLIPSIS}").width > room:
        text = text[:-1]
    return f"{text.rstrip()}{ELLIPSIS}"


def _broken(words: Iterable[str], style: Style, room: float) -> Iterator[tuple[list[str], bool]]:
    """The words of each line, and whether the last of them ends there."""
    space = style.space.width
    current: list[str] = []
    used, ends_word = 0.0, True
    for word, is_end in _pieces(words, style, room):
        width = style.word(word).width
        if current and (not ends_word or used + space + width > room):
            yield current, ends_word
            current, used = [], 0.0
        used += width + (space if current else 0.0)
        current.append(word)
        ends_word = is_end
    yield current, ends_word


def _pieces(words: Iterable[str], style: Style, room: float) -> Iterator[tuple[str, bool]]:
    """The words, those that are wider than a line in pieces that are not; and whether each ends its word."""
    for word in words:
        rest = word
        while len(rest) > MOST_CHARACTERS or (len(rest) > 1 and style.word(rest).width > room):
            end = _fitting(rest, style, room)
            yield rest[:end], end == len(rest)
            rest = rest[end:]
        if rest:
            yield rest, True


def _fitting(word: str, style: Style, room: float) -> int:
    """How many characters of the word fit, at least one; marks, which have no width, with what they mark."""
    left, end = room * _KERNING, 0
    while end < len(word) and (left := left - style.face.advance(word[end])) >= 0:
        end += 1
    good = 1 + max(word.rfind(mark, end // 2, end) for mark in _BREAKABLE)
    return good or max(end, 1)

"""Typefaces: text becomes glyphs, kerned and measured. Loaded once a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple
from unicodedata import bidirectional, category, normalize

import uharfbuzz as hb

from adapters.pdf.borb.outlines import Outlines

REPLACEMENT = "\ufffd"
"""Stands, visibly, for a character that no face has."""

ALWAYS_EMBEDDED = "".join(map(chr, range(0x20, 0x7F))) + REPLACEMENT
"""Of the document's own faces in every file, so that most documents share one subset of each, made once."""

REMEMBERED_WORDS, REMEMBERED_CHARACTERS = 4_096, 4_096
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
"""What text is broken into words at, besides the space; nothing of it is drawn."""

_FEATURES = {"liga": False}
"""Ligatures that need not be only make text hard to take out of a PDF; those that must be have other names."""

_LANGUAGE = "en"
"""What text is taken for where nothing tells; else it would be the language of the machine."""

_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_SHORT = 50
_NO_TEXT = "\u200b"
"""What a glyph stands for whose text another glyph beside it stands for (PDF/UA wants it to stand for something)."""


class Word(NamedTuple):
    """Shaped text. `width` is in thousandths of the font size; `shown` are elements of a `TJ` array.

    `glyphs` are those that are not always embedded, `spelled` those of them whose text is not in the face's own table.
    `replaced` are the characters for which a replacement is shown.
    """

    face: Face
    width: float
    shown: str
    glyphs: frozenset[int] = frozenset()
    spelled: tuple[tuple[int, str], ...] = ()
    replaced: str = ""


class Face(Outlines):
    """A font that text is set in. `always` is what is embedded of it in any case."""

    def __init__(self, file: hb.Face, called: str, always: str = "", axes: Mapping[str, float] = {}) -> None:
        super().__init__(file, called, axes)
        glyphs = {character: self.glyph(character) for character in always}
        self.always = frozenset((0, *glyphs.values()))
        self._writable = self.characters.union(_SPACES)
        self._hexadecimal = {character: f"{glyph:04X}" for character, glyph in glyphs.items()}
        self._advances = {character: self.advance(character) for character in always}
        self.word = lru_cache(REMEMBERED_WORDS)(self._shaped)
        self.run = lru_cache(REMEMBERED_WORDS)(self._directed)

    @classmethod
    def of_document(cls, path: Path, called: str) -> Face:
        """A face that documents are set in."""
        return cls(hb.Face(hb.Blob.from_file_path(str(path))), called, ALWAYS_EMBEDDED)

    def has(self, text: str) -> bool:
        """Whether the face has every character of the text."""
        return (text.isascii() and text.isprintable()) or self._writable.issuperset(text)

    def figures(self, text: str) -> Word:
        """Numbers and codes, quickly: digits all have one width, and between capitals nobody misses the kerning.

        Few of them are seen twice, so they are not remembered.
        """
        try:
            width = sum(map(self._advances.__getitem__, text))
        except KeyError:
            return self._shaped(text)
        codes = "".join(map(self._hexadecimal.__getitem__, text))
        return Word(self, width, f"<{codes}>" if text else "")

    def _shaped(self, text: str) -> Word:
        """A word from left to right; its marks keep their own height."""
        if text[:1].isdigit() and self._advances.keys() >= set(text):
            return self.figures(text)
        infos, positions = self._glyphs(text, "ltr", _LANGUAGE)
        return self._word(text, infos, positions, self._shown(infos, positions))

    def _directed(self, text: str, *, backwards: bool, language: str, size: float) -> Word:
        """Text of one script in one direction. How far its marks are raised depends on the size of the font."""
        infos, positions = self._glyphs(text, "rtl" if backwards else "ltr", language)
        word = self._word(text, infos, positions, self._shown(infos, positions, size))
        if not backwards:
            return word
        told = {**self.text_of, **dict(word.spelled)}
        first = next((n for n, info in enumerate(infos) if _is_letter(told[info.codepoint])), 0)
        return word._replace(shown=self._end_last(first, infos, positions, size)) if first else word

    def _end_last(self, letter: int, infos: _Infos, positions: _Positions, size: float) -> str:
        """What runs backwards, from the first glyph on that is a single letter; then what stands to the left of it.

        Readers let a ligature run as what is before it does.
        """
        end, rest = (self._shown(infos[part], positions[part], size) for part in (slice(letter), slice(letter, None)))
        ahead, all_of_it = (
            round(sum([p.x_advance for p in part]) * self.scale) for part in (positions[:letter], positions)
        )
        return f"{moved(ahead)} {rest}{self.chosen(size)}{all_of_it} {end} {moved(all_of_it - ahead)}"

    def chosen(self, size: float) -> str:
        """The face chosen in the midst of a `TJ` array."""
        return f"]TJ/{self.called} {size:g} Tf["

    def _glyphs(self, text: str, direction: str, language: str) -> tuple[_Infos, _Positions]:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.language = language
        buffer.guess_segment_properties()
        buffer.direction = direction
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        hb.shape(self.font, buffer, _FEATURES)
        return buffer.glyph_infos, buffer.glyph_positions

    def _word(self, text: str, infos: _Infos, positions: _Positions, shown: str) -> Word:
        more = frozenset([info.codepoint for info in infos]) - self.always
        width = sum([position.x_advance for position in positions]) * self.scale
        return Word(self, width, shown, more, tuple(self._spelled(text, infos)) if more else ())

    def _shown(self, infos: _Infos, positions: _Positions, size: float = 0) -> str:
        """Glyphs in hexadecimal, with what kerning adds between them; at a size also the rise of marks."""
        parts: list[str] = []
        codes, shift, rise = "", 0.0, 0
        for info, position in zip(infos, positions, strict=True):
            shift += position.x_offset * self.scale
            raised = position.y_offset if size else 0
            if round(shift) or raised != rise:
                parts += [f"<{codes}>"] if codes else []
                parts.append(moved(round(shift)))
                parts += [self._raised(raised, size)] if raised != rise else []
                codes, rise = "", raised
            codes += f"{self.codes[info.codepoint]:04X}"
            shift = (position.x_advance - position.x_offset) * self.scale - self.widths[info.codepoint]
        parts += [f"<{codes}>"] if codes else []
        parts += [self._raised(0, size)] if rise else []
        parts += [moved(round(shift))] if size else []
        return "".join(parts)

    def _raised(self, height: int, size: float) -> str:
        return f"]TJ {height * self.scale * size / 1000:.2f} Ts["

    def _spelled(self, text: str, infos: _Infos) -> Iterator[tuple[int, str]]:
        """Glyphs that stand for other text than the face's table says: composed, joined, local or mirrored forms."""
        end_of = dict(pairwise([*sorted({info.cluster for info in infos}), len(text)]))
        for start, group in groupby(infos, key=lambda info: info.cluster):
            cluster = "".join([c for c in text[start : end_of[start]] if not is_unseen(c)])
            glyphs = [info.codepoint for info in group]
            untold = [glyph for glyph in glyphs if glyph not in self.text_of]
            if len(glyphs) == 1 and normalize("NFC", cluster) != self.text_of.get(glyphs[0]):
                untold = glyphs
            if untold:
                yield untold[0], cluster if len(untold) == len(glyphs) else _NO_TEXT
            yield from ((glyph, _NO_TEXT) for glyph in untold[1:])


def _is_letter(text: str) -> bool:
    """Whether it is one letter, or mark, that runs from right to left."""
    return len(text) == 1 and bidirectional(text) in {"R", "AL", "NSM"}


def moved(step: int) -> str:
    """The pen moved, as elements of a `TJ` array. Readers take a long step ahead for a space, so it is short ones."""
    if step <= 0:
        return str(-step or "")
    steps, rest = divmod(step, _SHORT)
    return " ".join((*(f"-{_SHORT}",) * steps, *(str(-rest),) * bool(rest)))


@lru_cache(REMEMBERED_CHARACTERS)
def is_unseen(character: str) -> bool:
    """Whether nobody misses it: joiners, marks of direction, and the selectors that follow an emoji."""
    return category(character) in {"Cc", "Cf"} or ord(character) in _VARIATION_SELECTORS


_Infos = Sequence[hb.GlyphInfo]
_Positions = Sequence[hb.GlyphPosition]

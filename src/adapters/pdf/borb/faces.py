"""Typefaces: text becomes glyphs, kerned and measured. Loaded once a process."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import uharfbuzz as hb

REPLACEMENT = "\ufffd"
"""Stands, visibly, for a character that the face does not have."""

ALWAYS_EMBEDDED = "".join(map(chr, range(0x20, 0x7F)))
"""In every file, so that most documents share one subset of the face, made once."""

REMEMBERED_WORDS, REMEMBERED_FIGURES = 8_192, 2_048
_FEATURES = {"liga": False}
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Word:
    """Shaped text. `width` is in thousandths of the font size; `shown` are elements of a `TJ` array.

    `glyphs` are those that are not always embedded, `spelled` those of them whose text is not in the face's own table.
    """

    width: float
    shown: str
    glyphs: frozenset[int] = frozenset()
    spelled: tuple[tuple[int, str], ...] = ()


class Face:
    """A TrueType face with what shaping and embedding ask of it. Lengths are in thousandths of the font size."""

    def __init__(self, path: Path) -> None:
        self.outlines = hb.Face(hb.Blob.from_file_path(str(path)))
        self._font = hb.Font(self.outlines)
        self.name: str = path.stem
        self.scale: float = 1000 / self.outlines.upem
        self._read_glyphs()
        self._read_metrics()
        self.always = frozenset(self.glyph_of[ord(c)] for c in ALWAYS_EMBEDDED) | {0, self.glyph_of[ord(REPLACEMENT)]}
        self._codes = {ord(c): f"{self.glyph_of[ord(c)]:04X}" for c in ALWAYS_EMBEDDED}
        self._advances = {c: self.advance(c) for c in ALWAYS_EMBEDDED}
        self.word = lru_cache(REMEMBERED_WORDS)(self._shaped)
        self.figures = lru_cache(REMEMBERED_FIGURES)(self._unkerned)

    def _read_glyphs(self) -> None:
        characters = sorted(self.outlines.unicodes)
        self.glyph_of: dict[int, int] = {c: self._font.get_nominal_glyph(c) for c in characters}
        self._characters = frozenset(map(chr, characters))
        self.text_of = {glyph: chr(c) for c, glyph in reversed(self.glyph_of.items())}
        self.widths: list[float] = [
            self._font.get_glyph_h_advance(g) * self.scale for g in range(self.outlines.glyph_count)
        ]

    def _read_metrics(self) -> None:
        """From the tables of the font file themselves (OpenType: head, hhea, OS/2)."""
        self.box = [round(v * self.scale) for v in self._entries("head", ">4h", 36)]
        self.ascent, self.descent = (round(v * self.scale) for v in self._entries("hhea", ">2h", 4))
        self.cap_height: int = round(self._entries("OS/2", ">h", 88)[0] * self.scale)
        self.weight = self._entries("OS/2", ">H", 4)[0]

    def _entries(self, table: str, layout: str, offset: int) -> tuple[int, ...]:
        entries: tuple[int, ...] = struct.unpack_from(layout, self.outlines.reference_table(table).data, offset)
        return entries

    def advance(self, character: str) -> float:
        """How wide the character is when it stands alone."""
        return self.widths[self.glyph_of.get(ord(character), self.glyph_of[ord(REPLACEMENT)])]

    def _unkerned(self, text: str) -> Word:
        """Numbers and codes, quickly: digits all have one width, and between capitals nobody misses the kerning."""
        try:
            width = sum(map(self._advances.__getitem__, text))
        except KeyError:
            return self._shaped(text)
        return Word(width, f"<{text.translate(self._codes)}>" if text else "")

    def _shaped(self, text: str) -> Word:
        text = self._known(text)
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        hb.shape(self._font, buffer, _FEATURES)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        glyphs = [info.codepoint for info in infos]
        more = frozenset(glyphs) - self.always
        return Word(
            width=sum([position.x_advance for position in positions]) * self.scale,
            shown=self._shown(glyphs, positions),
            glyphs=more,
            spelled=tuple(self._spelled(text, infos)) if more else (),
        )

    def _known(self, text: str) -> str:
        """The text, with a replacement for each character that the face does not have."""
        for character in frozenset(text) - self._characters:
            text = text.replace(character, "" if _is_unseen(character) else REPLACEMENT)
        return text

    def _shown(self, glyphs: list[int], positions: list[hb.GlyphPosition]) -> str:
        """Glyphs in hexadecimal, with what kerning adds between them; marks keep their own height."""
        parts: list[str] = []
        codes, shift = "", 0.0
        for glyph, position in zip(glyphs, positions, strict=True):
            shift += position.x_offset * self.scale
            if round(shift):
                parts += [f"<{codes}>"] if codes else []
                parts.append(str(-round(shift)))
                codes = ""
            codes += f"{glyph:04X}"
            shift = (position.x_advance - position.x_offset) * self.scale - self.widths[glyph]
        parts += [f"<{codes}>"] if codes else []
        return "".join(parts)

    def _spelled(self, text: str, infos: list[hb.GlyphInfo]) -> Iterator[tuple[int, str]]:
        """Glyphs that stand for other text than the face's table says: composed or local forms, by their cluster."""
        end_of = dict(pairwise([*sorted({info.cluster for info in infos}), len(text)]))
        for info in infos:
            cluster = text[info.cluster : end_of[info.cluster]]
            alone = len(cluster) == 1 and sum(i.cluster == info.cluster for i in infos) == 1
            known = self.text_of.get(info.codepoint)
            if known is None or (alone and known != cluster):
                yield info.codepoint, cluster


def _is_unseen(character: str) -> bool:
    """Whether nobody misses it: joiners, marks of direction, and the selectors that follow an emoji."""
    return unicodedata.category(character) == "Cf" or ord(character) in _VARIATION_SELECTORS

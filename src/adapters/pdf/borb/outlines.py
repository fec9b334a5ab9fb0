"""Fonts in files: which characters they have, how wide their glyphs are, and what embedding asks of them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from unicodedata import normalize

import uharfbuzz as hb

from adapters.pdf.borb.cff import cids

_ARABIC_FORMS = frozenset(map(chr, (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD))))


class Outlines:
    """A font with TrueType or CFF outlines. Lengths are in thousandths of the font size.

    `called` is its name in content streams. A variable font has the values of its axes in `axes`.
    """

    def __init__(self, file: hb.Face, called: str, axes: Mapping[str, float]) -> None:
        self.file, self.called, self.axes = file, called, axes
        self.font = hb.Font(file)
        self.font.set_variations(axes)
        self.name: str = file.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)
        self.scale: float = 1000 / file.upem
        self.characters = frozenset(map(chr, file.unicodes))
        self._read_metrics()

    def _read_metrics(self) -> None:
        """From the tables of the font file themselves (OpenType: head, hhea, OS/2)."""
        self.box = [round(v * self.scale) for v in self._entries("head", ">4h", 36)]
        self.ascent, self.descent = (round(v * self.scale) for v in self._entries("hhea", ">2h", 4))
        self.weight = round(self.axes.get("wght", self._entries("OS/2", ">H", 4)[0]))
        self.cap_height: int = round(self._entries("OS/2", ">h", 88)[0] * self.scale)

    def _entries(self, table: str, layout: str, offset: int) -> tuple[int, ...]:
        entries: tuple[int, ...] = struct.unpack_from(layout, self.file.reference_table(table).data, offset)
        return entries

    @cached_property
    def is_compact(self) -> bool:
        """Whether the outlines are CFF; else they are TrueType's."""
        return "CFF " in self.file.table_tags

    @cached_property
    def codes(self) -> Sequence[int]:
        """What stands for each glyph in content streams: its id, or its CID where the outlines give it one."""
        count = self.file.glyph_count
        return cids(self.file.reference_table("CFF ").data, count) if self.is_compact else range(count)

    @cached_property
    def widths(self) -> Sequence[float]:
        """How wide each glyph is."""
        return [self.font.get_glyph_h_advance(glyph) * self.scale for glyph in range(self.file.glyph_count)]

    @cached_property
    def text_of(self) -> Mapping[int, str]:
        """What each glyph stands for that has a character; the first of several. Arabic forms are their letters."""
        return {
            self.glyph(character): normalize("NFKC", character) if character in _ARABIC_FORMS else character
            for character in sorted(self.characters, reverse=True)
        }

    def glyph(self, character: str) -> int:
        """The glyph of a character; 0 if the font has none."""
        return self.font.get_nominal_glyph(ord(character)) or 0

    def advance(self, character: str) -> float:
        """How wide the character is when it stands alone."""
        return self.widths[self.glyph(character)]

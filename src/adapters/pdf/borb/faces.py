"""Typefaces: text becomes glyphs, kerned and measured. Loaded once a process."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from unicodedata import category, normalize

import uharfbuzz as hb

from adapters.pdf.borb.cff import cids

REPLACEMENT = "\ufffd"
"""Stands, visibly, for a character that no face has."""

ALWAYS_EMBEDDED = "".join(map(chr, range(0x20, 0x7F))) + REPLACEMENT
"""Of the document's own faces in every file, so that most documents share one subset of each, made once."""

REMEMBERED_WORDS, REMEMBERED_FIGURES = 16_384, 4_096
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
"""What text is broken into words at, besides the space; nothing of it is drawn."""

_LANGUAGE = "en"
"""What shaping takes text for where nothing tells; else it would be the language of the machine."""

_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_SHORT = 100
_ARABIC_FORMS = "\ufb50"
_NO_TEXT = "\u200b"
"""What a glyph stands for whose text another glyph beside it stands for (PDF/UA wants it to stand for something)."""


@dataclass(frozen=True, slots=True)
class Word:
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


class Face:
    """A face with what shaping and embedding ask of it. Lengths are in thousandths of the font size.

    `called` is the name of the font in the content streams, `always` what is embedded in any case. A variable font has
    the values of its axes in `axes`.
    """

    def __init__(self, outlines: hb.Face, called: str, always: str = "", axes: Mapping[str, float] = {}) -> None:
        self.outlines, self.called, self.axes = outlines, called, axes
        self._font = hb.Font(outlines)
        if axes:
            self._font.set_variations(axes)
        self.name: str = outlines.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)
        self.scale: float = 1000 / outlines.upem
        self._read_metrics()
        self.characters = frozenset(map(chr, outlines.unicodes))
        self._writable = self.characters.union(_SPACES)
        self._features = {"liga": False} if always else {}
        glyphs = {character: self.glyph(character) for character in always}
        self.always = frozenset((0, *glyphs.values()))
        self._hexadecimal = {ord(character): f"{glyph:04X}" for character, glyph in glyphs.items()}
        self._advances = {character: self.advance(character) for character in always}
        self.word = lru_cache(REMEMBERED_WORDS)(self._shaped)
        self.figures = lru_cache(REMEMBERED_FIGURES)(self._unkerned)
        self.run = lru_cache(REMEMBERED_WORDS)(self._run)

    @classmethod
    def of_document(cls, path: Path, called: str) -> Face:
        """A face that documents are set in."""
        return cls(hb.Face(hb.Blob.from_file_path(str(path))), called, ALWAYS_EMBEDDED)

    def _read_metrics(self) -> None:
        """From the tables of the font file themselves (OpenType: head, hhea, OS/2)."""
        self.box = [round(v * self.scale) for v in self._entries("head", ">4h", 36)]
        self.ascent, self.descent = (round(v * self.scale) for v in self._entries("hhea", ">2h", 4))
        self.weight = round(self.axes.get("wght", self._entries("OS/2", ">H", 4)[0]))
        version = self._entries("OS/2", ">H", 0)[0]
        self.cap_height: int = round(self._entries("OS/2", ">h", 88)[0] * self.scale) if version > 1 else self.ascent

    def _entries(self, table: str, layout: str, offset: int) -> tuple[int, ...]:
        entries: tuple[int, ...] = struct.unpack_from(layout, self.outlines.reference_table(table).data, offset)
        return entries

    @cached_property
    def text_of(self) -> Mapping[int, str]:
        """What each glyph stands for that has a character; the first of several. Arabic forms are their letters."""
        return {
            self.glyph(character): normalize("NFKC", character) if character >= _ARABIC_FORMS else character
            for character in sorted(self.characters, reverse=True)
        }

    @cached_property
    def widths(self) -> list[float]:
        """How wide each glyph is."""
        return [self._font.get_glyph_h_advance(glyph) * self.scale for glyph in range(self.outlines.glyph_count)]

    @cached_property
    def codes(self) -> Sequence[int]:
        """What stands for each glyph in the content streams: its id, or its CID where the outlines give it one."""
        count = self.outlines.glyph_count
        return cids(self.outlines.reference_table("CFF ").data, count) if self.is_compact else range(count)

    @cached_property
    def is_compact(self) -> bool:
        """Whether the outlines are CFF; else they are TrueType's."""
        return "CFF " in self.outlines.table_tags

    def glyph(self, character: str) -> int:
        """The glyph of a character; 0 if the face has none."""
        return self._font.get_nominal_glyph(ord(character)) or 0

    def has(self, text: str) -> bool:
        """Whether the face has every character of the text."""
        return (text.isascii() and text.isprintable()) or self._writable.issuperset(text)

    def advance(self, character: str) -> float:
        """How wide the character is when it stands alone."""
        return self.widths[self.glyph(character)]

    def _unkerned(self, text: str) -> Word:
        """Numbers and codes, quickly: digits all have one width, and between capitals nobody misses the kerning."""
        try:
            width = sum(map(self._advances.__getitem__, text))
        except KeyError:
            return self._shaped(text)
        return Word(self, width, f"<{text.translate(self._hexadecimal)}>" if text else "")

    def _shaped(self, text: str) -> Word:
        """A word from left to right."""
        return self._run(text)

    def _run(self, text: str, *, backwards: bool = False, language: str = _LANGUAGE, size: float = 0) -> Word:
        """Text of one script, of which the face has every character, in one direction.

        How far marks are raised depends on the size of the font; 0 leaves them as they are drawn.
        """
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.language = language
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if backwards else "ltr"
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        hb.shape(self._font, buffer, self._features)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        glyphs = [info.codepoint for info in infos]
        more = frozenset(glyphs) - self.always
        return Word(
            face=self,
            width=sum([position.x_advance for position in positions]) * self.scale,
            shown=self._shown(glyphs, positions, size),
            glyphs=more,
            spelled=tuple(self._spelled(text, infos)) if more else (),
        )

    def _shown(self, glyphs: list[int], positions: list[hb.GlyphPosition], size: float) -> str:
        """Glyphs in hexadecimal, with what kerning adds between them, and the rise of marks."""
        parts: list[str] = []
        codes, shift, rise = "", 0.0, 0
        for glyph, position in zip(glyphs, positions, strict=True):
            shift += position.x_offset * self.scale
            raised = position.y_offset if size else 0
            if round(shift) or raised != rise:
                parts += [f"<{codes}>"] if codes else []
                parts.append(moved(round(shift)))
                parts += [self._raised(raised, size)] if raised != rise else []
                codes, rise = "", raised
            codes += f"{self.codes[glyph]:04X}"
            shift = (position.x_advance - position.x_offset) * self.scale - self.widths[glyph]
        parts += [f"<{codes}>"] if codes else []
        parts += [self._raised(0, size)] if rise else []
        parts += [moved(round(shift))] if size else []
        return "".join(parts)

    def _raised(self, height: int, size: float) -> str:
        return f"]TJ {height * self.scale * size / 1000:.2f} Ts["

    def _spelled(self, text: str, infos: list[hb.GlyphInfo]) -> Iterator[tuple[int, str]]:
        """Glyphs that stand for other text than the face's table says: composed, joined, local or mirrored forms."""
        end_of = dict(pairwise([*sorted({info.cluster for info in infos}), len(text)]))
        for start, group in groupby(infos, key=lambda info: info.cluster):
            cluster = text[start : end_of[start]]
            glyphs = [info.codepoint for info in group]
            if len(glyphs) == 1:
                if normalize("NFC", cluster) != self.text_of.get(glyphs[0]):
                    yield glyphs[0], cluster
                continue
            untold = [glyph for glyph in glyphs if glyph not in self.text_of]
            yield from zip(untold, [cluster] if len(untold) == len(glyphs) else [], strict=False)
            yield from ((glyph, _NO_TEXT) for glyph in untold[len(untold) == len(glyphs) :])


def moved(step: int) -> str:
    """The pen moved, as elements of a `TJ` array. Readers take a long step ahead for a space, so it is short ones."""
    steps, rest = divmod(max(step, 0), _SHORT)
    return f"-{_SHORT} " * steps + (str(-rest) if rest else "") if step > 0 else str(-step or "")


def is_unseen(character: str) -> bool:
    """Whether nobody misses it: joiners, marks of direction, and the selectors that follow an emoji."""
    return category(character) in {"Cc", "Cf"} or ord(character) in _VARIATION_SELECTORS

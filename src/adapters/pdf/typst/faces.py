"""The faces that typst may draw with, and the text that they can show. Read once a process."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb
from typst import FontInfo, Fonts

from adapters.pdf.typefaces import TYPEFACE

REPLACEMENT = "\ufffd"
"""Stands, visibly, for a character that no face has."""

_SPACES = re.compile("[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
"""Where lines may break. Spaces that hold words together (U+00A0, U+202F) are not among them."""

_JOINERS = frozenset("\u200c\u200d")
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


class Faces:
    """The bundled typeface, and what it lacks from the fonts in other folders; those of the system are left alone."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self.fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[TYPEFACE, *folders])
        bundled = [face for face in self.fonts.fonts() if face.path and Path(face.path).parent == TYPEFACE]
        self._usual = frozenset.intersection(*map(_characters, bundled))

    @cached_property
    def _all(self) -> frozenset[str]:
        """Every character of every face; asked for only when the bundled typeface lacks one."""
        return frozenset[str]().union(*map(_characters, self.fonts.fonts()))

    def drawable(self, text: str, *, replaced: set[str]) -> str:
        """The text on one line, with a replacement for each character that no face has; `replaced` learns which."""
        text = _SPACES.sub(" ", text).strip(" ")
        if self._usual.issuperset(text):
            return text
        visible = [character for character in text if character in self._all or not _is_unseen(character)]
        replaced.update(frozenset(visible) - self._all)
        return "".join(character if character in self._all else REPLACEMENT for character in visible)


def _characters(face: FontInfo) -> frozenset[str]:
    """The characters of a face that mean the same to everybody, and change no direction."""
    if face.path is None:
        return frozenset()
    outlines = hb.Face(hb.Blob.from_file_path(face.path), face.index)
    return frozenset(_meant(map(chr, outlines.unicodes)))


def _meant(characters: Iterable[str]) -> Iterable[str]:
    for character in characters:
        category = unicodedata.category(character)
        if character in _JOINERS or category not in {"Cc", "Cf", "Co", "Cs"}:
            yield character


def _is_unseen(character: str) -> bool:
    """Whether nobody misses it: joiners, marks of direction, and the selectors that follow an emoji."""
    return unicodedata.category(character) in {"Cc", "Cf"} or ord(character) in _VARIATION_SELECTORS

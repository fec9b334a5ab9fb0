"""The invoice's grid and its few styles. Loads the typeface when imported: only worker processes need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from adapters.pdf.borb.faces import Face, Word
from adapters.pdf.borb.fonts import Fonts
from adapters.pdf.typefaces import TYPEFACE, installed

MM = 72 / 25.4
"""Points in a millimetre."""

PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
LEFT, RIGHT = 25 * MM, 190 * MM
MIDDLE = 122 * MM
"""Where the second column begins: what identifies the invoice, above, and what it comes to, below."""

REGULAR = Face.of_document(TYPEFACE / "NotoSans-Regular.ttf", "F1")
SEMIBOLD = Face.of_document(TYPEFACE / "NotoSans-SemiBold.ttf", "F2")
FACES = (REGULAR, SEMIBOLD)
FONTS = Fonts(installed())
"""Where the characters are that these lack."""


INK, GREY = 0.1, 0.42


@dataclass(frozen=True, eq=False)
class Style:
    """How text looks: face, size in points, from one base line to the next, and its grey (0 is black)."""

    face: Face
    size: float
    leading: float
    grey: float = INK
    kerned: bool = True

    @cached_property
    def word(self) -> Callable[[str], Word]:
        """Text in glyphs."""
        return self.face.word if self.kerned else self.face.figures

    @cached_property
    def space(self) -> Word:
        """What stands between words."""
        return self.word(" ")

    def width(self, figures: str) -> float:
        """How wide a number is, in points."""
        return self.face.figures(figures).width * self.size / 1000

    @cached_property
    def rise(self) -> float:
        """From the top of a line to its base line."""
        return self.leading * 0.5 + self.size * self.face.cap_height / 2000


BODY = Style(REGULAR, 9, 12.5)
NARROW = Style(REGULAR, 6.5, 12.5)
STRONG = Style(SEMIBOLD, 9, 12.5)
QUIET = Style(REGULAR, 9, 12.5, GREY)
SMALL = Style(REGULAR, 7, 9.6, GREY)
SMALL_CODE = Style(REGULAR, 7, 9.6, GREY, kerned=False)
SMALL_STRONG = Style(SEMIBOLD, 7, 9.6, GREY)
LABEL = Style(REGULAR, 7, 10.5, GREY)
TITLE = Style(SEMIBOLD, 17, 22)

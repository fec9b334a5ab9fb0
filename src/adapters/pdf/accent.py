"""The brand's colour, found in its logo and darkened until it can be read on paper."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from PIL import Image

CONTRAST = 4.5
"""To white, at least (WCAG 2.2, 1.4.3)."""

_SAMPLE = (32, 32)
_STEP = 32
"""Shades that lie this close together count as one."""

_COLOURFUL = 48
"""How far apart the largest and the smallest part of a colour are, of 255; below it is a grey."""


class Accent(NamedTuple):
    """A colour in sRGB, each part from 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def stroke(self) -> str:
        """The operator that draws lines in it."""
        red, green, blue = (f"{part / 255:.3f}" for part in self)
        return f"{red} {green} {blue} RG"

    @property
    def code(self) -> str:
        """As style sheets write it: #1a1a1a."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def contrast(self) -> float:
        """To white, from 1 to 21 (WCAG 2.2, relative luminance)."""
        red, green, blue = (_linear(part / 255) for part in self)
        return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


INK = Accent(26, 26, 26)
"""Of a document without a colour of its own."""


def accent_of(pixels: Image.Image) -> Accent:
    """The colour that most of a logo has, as dark as it has to be; ink, if it has none."""
    samples = pixels.convert("RGBA").resize(_SAMPLE).tobytes()
    found = Counter(_shade(pixel) for pixel in zip(*[iter(samples)] * 4, strict=True) if _is_colourful(*pixel))
    return _readable(Accent(*min(found, key=lambda shade: (-found[shade], shade)))) if found else INK


def _is_colourful(red: int, green: int, blue: int, alpha: int) -> bool:
    return alpha > 127 and max(red, green, blue) - min(red, green, blue) >= _COLOURFUL


def _shade(pixel: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(part // _STEP * _STEP + _STEP // 2 for part in pixel[:3])


def _readable(colour: Accent) -> Accent:
    while colour.contrast < CONTRAST:
        colour = Accent(*(part * 9 // 10 for part in colour))
    return colour


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

"""Logos as they come from outside: read with care, brought to the size of print, and the colour they have."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps

from adapters.pdf.accent import Accent, accent_of

MOST_PIXELS = 25_000_000
"""A picture that would be larger in memory is left out."""

WIDEST, HIGHEST = 850, 290
"""Pixels: 300 dots an inch in the space that a logo has."""


class Logo(NamedTuple):
    """Pixels that are grey or red, green, blue, with transparency where there is any; and the brand's colour."""

    pixels: Image.Image
    is_photo: bool
    accent: Accent


def logo_of(content: bytes) -> Logo | None:
    """The PNG or JPEG, no larger than print can show; None if it is none, or damaged, or far too large."""
    try:
        with catch_warnings():
            simplefilter("error")
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
                return _logo(opened)
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the invoice is worth more than its logo
        return None


def _logo(opened: Image.Image) -> Logo | None:
    if opened.width * opened.height > MOST_PIXELS:
        return None
    is_photo = opened.format == "JPEG"
    pixels = _plain(ImageOps.exif_transpose(opened))
    pixels.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    return Logo(pixels, is_photo, accent_of(pixels))


def _plain(pixels: Image.Image) -> Image.Image:
    if pixels.mode.startswith("I"):
        pixels = pixels.point(lambda value: value / 256).convert("L")  # sixteen bits a pixel
    if pixels.has_transparency_data:
        return pixels.convert("RGBA")
    return pixels.convert("L" if pixels.mode in {"1", "L"} else "RGB")

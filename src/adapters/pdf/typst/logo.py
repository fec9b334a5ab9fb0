"""Logos as typst is given them: nothing but pixels, no more than print can show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps

MOST_PIXELS = 25_000_000
"""A picture that would be larger in memory is left out."""

WIDEST, HIGHEST = 850, 290
"""Pixels: 300 dots an inch in the space that a logo has."""

REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG or JPEG, and how wide it is for its height."""

    content: bytes
    proportion: float


@lru_cache(REMEMBERED)
def logo_of(content: bytes) -> Logo | None:
    """The PNG or JPEG; None if it is none, or damaged, or far too large."""
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
    kind = str(opened.format)
    pixels = _plain(ImageOps.exif_transpose(opened))
    pixels.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    written = BytesIO()
    pixels.save(written, kind, quality=90)
    return Logo(written.getvalue(), pixels.width / pixels.height)


def _plain(pixels: Image.Image) -> Image.Image:
    """The pixels as grey or red, green, blue, with transparency where there is any."""
    if pixels.mode.startswith("I"):
        pixels = pixels.point(lambda value: value / 256).convert("L")  # sixteen bits a pixel
    if pixels.has_transparency_data:
        return pixels.convert("RGBA")
    return pixels.convert("L" if pixels.mode in {"1", "L"} else "RGB")

"""Logos as files that typst is given: nothing but pixels goes into the document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from adapters.pdf.accent import Accent
from adapters.pdf.logos import logo_of

REMEMBERED_PICTURES = 8
JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG, how wide it is for its height, and the brand's colour."""

    content: bytes
    proportion: float
    accent: Accent


@lru_cache(REMEMBERED_PICTURES)
def picture_of(content: bytes) -> Picture | None:
    """The PNG or JPEG as a picture; None if it is none, or damaged, or far too large."""
    logo = logo_of(content)
    if logo is None:
        return None
    written = BytesIO()
    logo.pixels.save(written, "JPEG" if logo.is_photo else "PNG", quality=JPEG_QUALITY)
    return Picture(written.getvalue(), logo.pixels.width / logo.pixels.height, logo.accent)

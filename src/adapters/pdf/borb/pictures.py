"""Logos as image objects: nothing but pixels goes into the document, no more than print can show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image

from adapters.pdf.accent import Accent
from adapters.pdf.borb.objects import compressed, name, stream
from adapters.pdf.logos import logo_of

REMEMBERED_PICTURES = 8
JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be embedded. Documents share it: it must not be changed."""

    width: int
    height: int
    image: stream
    accent: Accent

    def within(self, width: float, height: float) -> tuple[float, float]:
        """Its size when it is as large as fits, in points."""
        scale = min(width / self.width, height / self.height)
        return self.width * scale, self.height * scale


@lru_cache(REMEMBERED_PICTURES)
def picture_of(content: bytes) -> Picture | None:
    """The PNG or JPEG as a picture; None if it is none, or damaged, or far too large."""
    logo = logo_of(content)
    if logo is None:
        return None
    return Picture(*logo.pixels.size, _embedded(logo.pixels, is_photo=logo.is_photo), logo.accent)


def _embedded(pixels: Image.Image, *, is_photo: bool) -> stream:
    if "A" in pixels.getbands():
        mask = _image(pixels.getchannel("A"))
        return _image(pixels.convert(pixels.mode.removesuffix("A")), SMask=mask)
    return _photo(pixels) if is_photo else _image(pixels)


def _image(pixels: Image.Image, **entries: object) -> stream:
    return compressed(pixels.tobytes(), **_entries(pixels), **entries)


def _photo(pixels: Image.Image) -> stream:
    encoded = BytesIO()
    pixels.save(encoded, "JPEG", quality=JPEG_QUALITY)
    image = stream({name(key): value for key, value in _entries(pixels).items()})
    image["Filter"] = name("DCTDecode")
    image["Bytes"] = encoded.getvalue()
    return image


def _entries(pixels: Image.Image) -> dict[str, object]:
    return {
        "Type": name("XObject"),
        "Subtype": name("Image"),
        "Width": pixels.width,
        "Height": pixels.height,
        "ColorSpace": name("DeviceGray" if pixels.mode == "L" else "DeviceRGB"),
        "BitsPerComponent": 8,
    }

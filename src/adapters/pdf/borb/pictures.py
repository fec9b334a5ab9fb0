"""Logos as image objects: nothing but pixels goes into the document, no more than print can show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageOps

from adapters.pdf.borb.accent import Accent, accent_of
from adapters.pdf.borb.objects import compressed, name, stream

MOST_PIXELS = 25_000_000
"""A picture that would be larger in memory is left out."""

WIDEST, HIGHEST = 850, 290
"""Pixels: 300 dots an inch in the space that a logo has."""

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
    try:
        with catch_warnings():
            simplefilter("error")
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
                return _picture(opened)
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the invoice is worth more than its logo
        return None


def _picture(opened: Image.Image) -> Picture | None:
    if opened.width * opened.height > MOST_PIXELS:
        return None
    is_photo = opened.format == "JPEG"
    pixels = _plain(ImageOps.exif_transpose(opened))
    pixels.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    return Picture(*pixels.size, _embedded(pixels, is_photo=is_photo), accent_of(pixels))


def _embedded(pixels: Image.Image, *, is_photo: bool) -> stream:
    if "A" in pixels.getbands():
        mask = _image(pixels.getchannel("A"))
        return _image(pixels.convert(pixels.mode.removesuffix("A")), SMask=mask)
    return _photo(pixels) if is_photo else _image(pixels)


def _plain(pixels: Image.Image) -> Image.Image:
    """The pixels as grey or red, green, blue, with transparency where there is any."""
    if pixels.mode.startswith("I"):
        pixels = pixels.point(lambda value: value / 256).convert("L")  # sixteen bits a pixel
    if pixels.has_transparency_data:
        return pixels.convert("RGBA")
    return pixels.convert("L" if pixels.mode in {"1", "L"} else "RGB")


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

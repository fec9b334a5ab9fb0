"""Which logos come into a document, and what of them."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from adapters.pdf.accent import CONTRAST, INK
from adapters.pdf.borb.pictures import picture_of
from adapters.pdf.borb.renderer import draw
from adapters.pdf.logos import HIGHEST, WIDEST
from fakes.invoices import XML, a_png, an_invoice

BLUE = (32, 96, 160)


def a_picture(mode: str, form: str = "PNG", size: tuple[int, int] = (120, 40), **options: object) -> bytes:
    """A picture that is blue all over, or as blue as the mode can be."""
    buffer = BytesIO()
    Image.new("RGB", size, BLUE).convert(mode, palette=Image.Palette.ADAPTIVE).save(buffer, form, **options)
    return buffer.getvalue()


def colour_at(content: bytes, x: float, y: float) -> tuple[int, ...]:
    """The colour that is seen there on the first page, in millimetres from the top left."""
    document = pypdfium2.PdfDocument(draw(an_invoice(), content, XML))
    seen = document[0].render(scale=2).to_pil().convert("RGB")
    document.close()
    return seen.getpixel((round(x * 2 * 72 / 25.4), round(y * 2 * 72 / 25.4)))


@pytest.mark.parametrize(
    ("mode", "form"),
    [("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("RGB", "JPEG"), ("CMYK", "JPEG")],
)
def test_colours_are_seen_as_they_are(mode: str, form: str) -> None:
    seen = colour_at(a_picture(mode, form), 30, 20)
    assert all(abs(is_ - should) < 12 for is_, should in zip(seen, BLUE, strict=True))


@pytest.mark.parametrize(("mode", "form"), [("L", "PNG"), ("LA", "PNG"), ("I;16", "PNG"), ("L", "JPEG")])
def test_greys_are_seen_as_greys(mode: str, form: str) -> None:
    content = a_sixteen_bit_grey() if mode == "I;16" else a_picture(mode, form)
    red, green, blue = colour_at(content, 30, 20)
    assert red == green == blue
    assert 80 < red < 100


def a_sixteen_bit_grey() -> bytes:
    buffer = BytesIO()
    Image.new("I;16", (120, 40), 88 * 256).save(buffer, "PNG")
    return buffer.getvalue()


def test_black_and_white_is_a_picture() -> None:
    assert colour_at(a_picture("1"), 80, 20) in {(0, 0, 0), (255, 255, 255)}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_paper_is_seen_through_what_is_transparent(mode: str) -> None:
    picture = Image.new("RGBA", (120, 40), (0, 0, 0, 0)).convert(mode)
    buffer = BytesIO()
    picture.save(buffer, "PNG", **({"transparency": picture.getpixel((0, 0))} if mode == "P" else {}))
    assert colour_at(buffer.getvalue(), 30, 20) == (255, 255, 255)


def test_half_transparent_is_half_seen() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (120, 40), (0, 0, 0, 128)).save(buffer, "PNG")
    assert all(120 < part < 136 for part in colour_at(buffer.getvalue(), 30, 20))


@pytest.mark.parametrize("size", [(1, 1), (4000, 10), (10, 4000), (2000, 2000)])
def test_any_size_is_brought_into_its_space(size: tuple[int, int]) -> None:
    picture = picture_of(a_picture("RGB", size=size))
    assert picture
    assert picture.width <= WIDEST
    assert picture.height <= HIGHEST
    width, height = picture.within(200, 70)
    assert width <= 200.001
    assert height <= 70.001


def test_a_large_logo_makes_no_large_document() -> None:
    noise = Image.effect_noise((3000, 1000), 80).convert("RGB")
    buffer = BytesIO()
    noise.save(buffer, "JPEG", quality=95)
    assert len(draw(an_invoice(), buffer.getvalue(), XML)) < 250_000


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        a_png()[:50],
        a_picture("RGB", "JPEG")[:200],
        b"\xff\xd8\xff",
        a_picture("RGB", "GIF"),
        a_picture("RGB", "BMP"),
        a_picture("1", size=(6_000, 5_000)),
    ],
    ids=["only magic", "half a PNG", "half a JPEG", "no JPEG", "GIF", "BMP", "bomb"],
)
def test_what_is_damaged_foreign_or_far_too_large_is_left_out(content: bytes) -> None:
    assert draw(an_invoice(), content, XML) == draw(an_invoice(), None, XML)


def test_what_a_camera_wrote_beside_the_pixels_stays_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken in secret"
    content = a_picture("RGB", "JPEG", exif=exif)
    assert b"secret" in content
    picture = picture_of(content)
    assert picture
    assert b"secret" not in picture.image["Bytes"]


def test_a_picture_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = picture_of(a_picture("RGB", "JPEG", size=(100, 40), exif=exif))
    assert picture
    assert (picture.width, picture.height) == (40, 100)


def test_without_a_logo_the_brand_is_in_its_place_and_with_one_it_says_what_the_picture_shows() -> None:
    invoice = an_invoice(brand="Nordwind")
    bare, pictured = draw(invoice, None, XML), draw(invoice, a_png(), XML)
    assert "Nordwind" in PdfReader(BytesIO(bare)).pages[0].extract_text()
    assert "Nordwind" not in PdfReader(BytesIO(pictured)).pages[0].extract_text()
    assert b"/S/Figure" not in bare
    assert b"/Alt (Nordwind)" in pictured


@pytest.mark.parametrize(
    ("colour", "is_ink"),
    [("#e67814", False), ("#ffee00", False), ("#0a3d91", False), ("#777777", True), ("#ffffff", True)],
)
def test_the_brands_colour_is_dark_enough_to_be_read(colour: str, is_ink: bool) -> None:
    picture = picture_of(encoded(Image.new("RGB", (40, 20), colour)))
    assert picture
    assert picture.accent.contrast >= CONTRAST
    assert (picture.accent == INK) is is_ink


def encoded(image: Image.Image) -> bytes:
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()

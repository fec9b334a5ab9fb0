"""What is typst's alone: where its documents are read aloud from, and what it draws with."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from adapters.pdf.typefaces import BUNDLED, TYPEFACE
from adapters.pdf.typst.faces import Faces
from adapters.pdf.typst.renderer import drawing
from domain.invoice import Invoice
from fakes.invoices import XML, a_png, an_invoice, an_order_of, lines_of
from fakes.kinds import KINDS
from fakes.orders import a_line


def opened(invoice: Invoice, logo: bytes | None = None) -> PdfReader:
    return PdfReader(BytesIO(drawing(invoice, logo, XML).content), strict=True)


def elements(node: Any, parents: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], DictionaryObject]]:
    """Every element of the tag tree in reading order, with the names on the way to it."""
    node = node.get_object()
    if isinstance(node, list):
        return [found for part in node for found in elements(part, parents)]
    if not isinstance(node, DictionaryObject) or "/S" not in node:
        return []
    way = (*parents, node["/S"])
    return [(way, node), *elements(node.get("/K", []), way)]


def tagged(invoice: Invoice, logo: bytes | None = None) -> list[tuple[tuple[str, ...], DictionaryObject]]:
    return elements(opened(invoice, logo).root_object["/StructTreeRoot"]["/K"])


def test_it_says_that_it_is_archived_and_read_aloud() -> None:
    packet = opened(an_invoice()).root_object["/Metadata"].get_data().decode()
    for said in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert said in packet


def test_what_is_read_aloud_is_a_title_and_one_table_however_many_pages() -> None:
    names = [way[-1] for way, _ in tagged(an_invoice(an_order_of(lines_of(60))))]
    assert (names.count("/H1"), names.count("/Table"), names.count("/THead")) == (1, 1, 1)
    assert names.count("/TH") == 5
    assert names.count("/TR") == 1 + 60 + 1


def test_every_heading_says_that_it_heads_a_column() -> None:
    heads = [node for way, node in tagged(an_invoice()) if way[-1] == "/TH"]
    assert [attributes["/Scope"] for head in heads for attributes in head["/A"]] == ["/Column"] * 5


def test_pictures_are_told_in_words() -> None:
    invoice = an_invoice(paid=False, brand="Mugs & more")
    told = [node["/Alt"] for way, node in tagged(invoice, a_png()) if way[-1] == "/Figure"]
    assert told == ["Mugs & more", "GiroCode: Please pay 23.80\u00a0EUR."]


def test_units_stand_beside_quantities() -> None:
    said = opened(KINDS["odd units"]).pages[0].extract_text()
    assert re.search(r"0\.333\s+kg", said)
    assert re.search(r"10\s+Schock", said)


def test_decimal_points_stand_one_below_the_other() -> None:
    prices = ("37.05", "0.12", "1.234")
    document = pypdfium2.PdfDocument(drawing(KINDS["odd units"], None, XML).content)
    page = document[0].get_textpage()
    said = page.get_text_range()
    points = [page.get_charbox(said.index(f" {price} ") + 1 + price.index("."))[0] for price in prices]
    assert all(abs(one - next_) < 0.05 for one, next_ in pairwise(points))
    document.close()


def test_the_giro_code_is_lines_and_no_pixels() -> None:
    (page,) = opened(an_invoice(paid=False)).pages
    assert not page.images


def test_faces_are_those_of_the_package_whatever_the_system_has() -> None:
    folders = {Path(str(face.path)).parent for face in Faces().fonts.fonts()}
    assert folders == {TYPEFACE, BUNDLED}


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Tasse\u00a0 à\tcafé\r\n", "Tasse\u00a0 à café"),
        ("寿司 \U0001f600\ufe0f", "\ufffd\ufffd \ufffd"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("\x00\ud800\ue000", "\ufffd\ufffd"),
        ("x\u0301", "x\u0301"),
    ],
)
def test_text_is_what_the_faces_can_show(text: str, drawn: str) -> None:
    replaced: set[str] = set()
    assert Faces().drawable(text, replaced=replaced) == drawn
    assert bool(replaced) is ("\ufffd" in drawn)


def test_fonts_in_other_folders_show_what_the_bundled_lack() -> None:
    fonts = Path(__file__).parents[3] / "fonts"
    invoice = an_invoice(an_order_of([a_line(name={"": "Mug ꙮ \u0378"})]))
    for folders, seen, replaced in (((), "Mug \ufffd \ufffd", "\u0378ꙮ"), ((fonts,), "Mug ꙮ \ufffd", "\u0378")):
        drawn = drawing(invoice, None, XML, font_dirs=folders)
        assert seen in PdfReader(BytesIO(drawn.content)).pages[0].extract_text()
        assert drawn.replaced == replaced

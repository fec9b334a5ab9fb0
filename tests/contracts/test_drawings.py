"""What is in a document, whichever library draws it: read back with other libraries than those that made it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from itertools import chain, combinations
from typing import Any
from unicodedata import normalize

import facturx
import pypdfium2
import pytest
import zxingcpp
from lxml import etree
from pypdf import PdfReader

from adapters.einvoice import cii
from adapters.pdf.composition import content_of
from adapters.pdf.content import Content
from adapters.pdf.renderers import Renderer
from domain.invoice import Invoice, Party
from domain.money import Currency
from domain.order import Address, Price
from domain.text import one_line
from fakes.invoices import FULL_SELLER, XML, a_png, an_invoice, an_order_of, lines_of
from fakes.kinds import KINDS, a_credit_note
from fakes.orders import a_line, an_order

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
DC = "{http://purl.org/dc/elements/1.1/}"
SIZES = {"60 lines": an_invoice(an_order_of(lines_of(60)))}
DRAFT = replace(KINDS["discounts, fees, shipping"], number="")
NOT_AS_WRITTEN = {"hostile", "long"}
"""Kinds whose texts hold what no face has, or more than there is room for."""

PLAIN = {name: invoice for name, invoice in KINDS.items() if name not in NOT_AS_WRITTEN}
SAID = PLAIN | SIZES | {"credit note": a_credit_note(an_invoice()), "draft": DRAFT}


Drawn = Callable[[Invoice, bytes | None, bytes], bytes]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@pytest.fixture(params=[*Renderer])
def draw(request: pytest.FixtureRequest) -> Drawn:
    drawing = request.param.drawing()
    return lambda *parts: drawing(*parts).content


def opened(document: bytes) -> PdfReader:
    return PdfReader(BytesIO(document), strict=True)


def pages(document: bytes) -> list[str]:
    """The text of each page; a space at the end of a line says nothing."""
    return ["\n".join(map(str.rstrip, page.extract_text().split("\n"))) for page in opened(document).pages]


def squeezed(*texts: str) -> str:
    """The text without spaces: where lines break is each library's own affair."""
    return re.sub(r"\s", "", "".join(texts))


# The same text


def texts_of(content: Content) -> Iterator[str]:
    """All that a document says, but what a page has for itself."""
    yield from (content.title, content.sender, content.settlement, *content.about, *content.address)
    for fact in (content.lead, *content.facts, *content.payment):
        yield from (fact.label, *fact.lines)
    columns = content.columns
    yield from (columns.item, columns.quantity, columns.price, columns.discount, columns.vat, columns.amount)
    for item in content.items:
        yield from (item.name, item.sku, item.quantity, item.price, item.discount, item.vat, item.amount)
    for part in content.sums:
        yield from (part.label, part.reason, part.amount)
    yield from chain.from_iterable(content.foot)


@pytest.mark.parametrize("kind", SAID)
def test_a_document_says_all_of_its_content(draw: Drawn, kind: str) -> None:
    invoice = SAID[kind]
    said = squeezed(*pages(draw(invoice, None, XML)))
    assert [text for text in texts_of(content_of(invoice)) if squeezed(text) not in said] == []


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_document_says_it_in_its_language(draw: Drawn, language: str) -> None:
    invoice = an_invoice(an_order_of(lines_of(3)), paid=False, payment_days=14, language=language)
    document = draw(invoice, None, XML)
    said = squeezed(*pages(document))
    assert [text for text in texts_of(content_of(invoice)) if squeezed(text) not in said] == []
    assert opened(document).root_object["/Lang"].startswith(language)


AMOUNT = re.compile(r"\u2212?\d[\d,]*\.\d\d(?!\d)")


@pytest.mark.parametrize("kind", ["discounts, fees, shipping", "rounded", "paid in part", "Swiss francs", "exempt"])
def test_a_document_has_the_amounts_of_its_content_and_no_others(draw: Drawn, kind: str) -> None:
    content = content_of(KINDS[kind])
    drawn = Counter(AMOUNT.findall(" ".join(pages(draw(KINDS[kind], None, XML)))))
    assert drawn == Counter(chain.from_iterable(map(AMOUNT.findall, texts_of(content))))


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "202"), ("EUR", "202.00"), ("CHF", "202.00")])
def test_amounts_have_the_digits_of_their_currency(draw: Drawn, currency: str, amount: str) -> None:
    invoice = an_invoice(an_order_of(lines_of(1, currency=currency), currency=currency))
    assert amount in " ".join(pages(draw(invoice, None, XML))).split()
    assert invoice.draft.currency == Currency.of(currency)


@pytest.mark.parametrize(
    "name", ["Żółć w kości słoniowej", "Κύπελλο καφέ από πηλό", "Чашка для эспрессо ёж", "AVATAR To"]
)
def test_names_are_read_back_as_they_were_written(draw: Drawn, name: str) -> None:
    assert name in "\n".join(pages(draw(an_invoice(an_order_of([a_line(name={"": name})])), None, XML)))


@pytest.mark.parametrize(
    "name",
    [
        "קפה שחור 250 גרם",
        "כיסא IKEA (XL) 2024",
        "תמר בן־דוד",
        "שלום (עולם) טוב, מאוד",
        "مصباح مكتب LED قابل للطي (أبيض)",
        "كوب خزفي مع غطاء، 350 مل",
        "نورة القحطاني",
    ],
)
def test_what_is_written_from_right_to_left_is_read_back_in_its_order(draw: Drawn, name: str) -> None:
    said = normalize("NFC", "\n".join(pages(draw(an_invoice(an_order_of([a_line(name={"": name})])), None, XML))))
    assert normalize("NFC", name) in said


@pytest.mark.parametrize(
    "name", ["Chair תמר בן דוד XL", "Lamp מנורה (שולחן) 40 W", "Desk lamp مصباح مكتب قابل (white)"]
)
def test_words_from_right_to_left_within_others_are_read_back_in_their_order(draw: Drawn, name: str) -> None:
    """Where the text goes on to their right, readers may take the step for a space."""
    said = "\n".join(pages(draw(an_invoice(an_order_of([a_line(name={"": name})])), None, XML)))
    assert name in re.sub(" +", " ", said)


@pytest.mark.parametrize("first", ["(أبيض)", "(white)"])
def test_brackets_of_either_direction_are_read_back_beside_those_of_the_other(draw: Drawn, first: str) -> None:
    names = [first, "(أبيض)", "(white)", "כיסא (XL) גדול"]
    invoice = an_invoice(an_order_of([a_line(name={"": name}) for name in names]))
    said = "\n".join(pages(draw(invoice, None, XML)))
    assert [name for name in names if name not in said] == []


def test_a_word_longer_than_others_keeps_its_direction_among_words_from_right_to_left(draw: Drawn) -> None:
    link = "https://example.com/a1-b2/c3"
    document = draw(an_invoice(an_order_of([a_line(name={"": f"קישור {link}"})])), None, XML)
    assert link in squeezed(*(character for *_, character in sorted(places(document))))


def places(document: bytes) -> Iterator[tuple[float, float, str]]:
    """Each character of the first page: its line, where in it it stands, what it is."""
    text = pypdfium2.PdfDocument(document)[0].get_textpage()
    for index in range(text.count_chars()):
        left, bottom, _, _ = text.get_charbox(index, loose=True)
        yield round(-bottom), left, text.get_text_range(index, 1)


def test_what_is_no_invoice_says_so_on_every_page(draw: Drawn) -> None:
    draft = replace(an_invoice(an_order_of(lines_of(60)), paid=False), number="")
    drawn = pages(draw(draft, None, b""))
    assert len(drawn) > 1
    assert all("Draft: this is no invoice" in page for page in drawn)
    assert not any("Invoice INV" in page for page in drawn)


# Texts of any length


def test_a_draft_is_crossed_by_what_it_is_and_tells_of_no_payment(draw: Drawn) -> None:
    (said,) = pages(draw(replace(an_invoice(), number=""), None, b""))
    assert said.count("Draft: this is no invoice") == 3  # title, across the page, and instead of how it is paid
    assert not [told for told in ("Paid", "is paid", "Please pay", "Amount due") if told in said]
    assert "Total EUR" in said


@pytest.mark.parametrize("name", ["x" * 200, "word " * 40, "Ünïcödé-" * 25, "W" * 200])
def test_long_names_are_there_whole(draw: Drawn, name: str) -> None:
    invoice = an_invoice(an_order_of([a_line(name={"": name}), a_line(name={"": "the last"})]))
    said = squeezed(*pages(draw(invoice, None, XML)))
    assert squeezed(name) in said
    assert "thelast" in said


@pytest.mark.parametrize(
    "name", ["\u200b\u00ad\ufeff", "☕\ufe0f 寿司 \U0001f600", "a\tb\nc\0d\x1be", "\ud800", "\u202e\ue000"]
)
def test_any_name_is_printed_whatever_it_holds(draw: Drawn, name: str) -> None:
    drawn = pages(draw(an_invoice(an_order_of([a_line(name={"": name}), a_line(name={"": "the last"})])), None, XML))
    assert "the last" in drawn[-1]


def test_a_character_that_no_face_has_is_replaced_where_it_can_be_seen(draw: Drawn) -> None:
    invoice = an_invoice(an_order_of([a_line(name={"": "Tea ☕\ufe0f! \U0001f600"})]))
    assert "Tea \ufffd! \ufffd" in "\n".join(pages(draw(invoice, None, XML)))


def test_text_is_never_markup(draw: Drawn) -> None:
    name = '#read("/etc/passwd") *bold* $x$ <b> \\u{41} = heading @label // gone'
    assert squeezed(name) in squeezed(*pages(draw(an_invoice(an_order_of([a_line(name={"": name})])), None, XML)))


@pytest.mark.parametrize("kind", ["long", "hostile"])
def test_nothing_is_drawn_beside_the_paper(draw: Drawn, kind: str) -> None:
    assert_on_paper(draw(KINDS[kind], None, XML))


def test_texts_without_end_stay_on_the_page(draw: Drawn) -> None:
    endless = "endless " * 500
    address = Address(name=endless, company=endless, street=endless, extra=(endless,) * 9, city=endless, country="FR")
    seller = replace(FULL_SELLER, name=endless, street=endless, email=endless)
    invoice = an_invoice(an_order(billing=address), seller=seller, brand=endless, paid=False)
    assert_on_paper(draw(invoice, None, XML))


@pytest.mark.parametrize("rates", [1, 40, 100])
def test_vat_rates_without_end_stay_on_the_page(draw: Drawn, rates: int) -> None:
    invoice = an_invoice(an_order_of([line for rate in range(1, rates + 1) for line in lines_of(1, rate=rate)]))
    document = draw(invoice, None, XML)
    assert_on_paper(document)
    assert "Amount due EUR" in "".join(pages(document))


def assert_on_paper(document: bytes) -> None:
    """Nothing is drawn outside the margins."""
    opened = pypdfium2.PdfDocument(document)
    for page in opened:
        width, height = page.get_size()
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            assert 10 < left <= right < width - 50
            assert 20 < bottom <= top < height - 20
    opened.close()


def priced(net: int) -> Price:
    return Price(Decimal(net), Decimal(net) * 119 / 100, Decimal(net) * 19 / 100, tax_code="ANY", rate=Decimal(19))


def overlapping(document: bytes) -> list[tuple[str, str]]:
    """Characters of the first page that are drawn over each other, by more than kerning does."""
    text = pypdfium2.PdfDocument(document)[0].get_textpage()
    placed = [(text.get_charbox(index), text.get_text_range(index, 1)) for index in range(text.count_chars())]
    return [(one, other) for (box, one), (there, other) in combinations(placed, 2) if min(shared(box, there)) > 1]


def shared(box: Box, other: Box) -> tuple[float, float]:
    """How wide and how high is what both have; negative where they stand apart."""
    return min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("net", [10**5, 10**10, 10**16])
def test_amounts_of_any_size_stand_beside_each_other(draw: Drawn, net: int, language: str) -> None:
    lamp = a_line(name={"": "Schreibtischleuchte"}, unit_price=priced(net), price=priced(2 * net))
    lamp = replace(lamp, discounted=priced(net), final=priced(net))
    invoice = an_invoice(an_order_of([lamp, a_line()]), paid=False, language=language)
    document = draw(invoice, None, XML)
    said = squeezed(*pages(document))
    assert overlapping(document) == []
    assert [text for text in texts_of(content_of(invoice)) if squeezed(text) not in said] == []


# Pages


def test_five_hundred_lines_are_all_there_under_a_header_on_each_page(draw: Drawn) -> None:
    drawn = pages(draw(an_invoice(an_order_of(lines_of(500, name="Cup"))), None, XML))
    assert 15 <= len(drawn) <= 30
    assert all("Unit price" in page and "INV-1" in page for page in drawn)
    assert all(f"Page {n} of {len(drawn)}" in page for n, page in enumerate(drawn, 1))
    assert re.findall(r"SKU-(\d+)", "\n".join(drawn)) == [str(n) for n in range(1, 501)]


def test_subtotals_are_carried_from_page_to_page(draw: Drawn) -> None:
    drawn = pages(draw(an_invoice(an_order_of(lines_of(60))), None, XML))
    assert [page.count("Carried forward") for page in drawn] == [1, *[2] * (len(drawn) - 2), 1]
    rows = drawn[0].count("SKU-")
    carried = f"{sum(2 * (100 + n) for n in range(1, rows + 1)):,}.00"
    assert carried in drawn[0]
    assert carried in drawn[1]


@pytest.mark.parametrize("count", [1, 8, 11, 14, 15, 16, 35, 37])
def test_totals_never_stand_without_a_line(draw: Drawn, count: int) -> None:
    drawn = pages(draw(an_invoice(an_order_of(lines_of(count, name="Cup")), paid=False), None, XML))
    assert [page for page in drawn if "Total without VAT" in page] == drawn[-1:]
    assert "Total EUR" in drawn[-1]
    assert f"Cup {count}\n" in drawn[-1]
    assert "Please pay" in drawn[-1]


# The file


@pytest.mark.parametrize("logo", [a_png(), None])
def test_the_same_content_is_the_same_file(draw: Drawn, logo: bytes | None) -> None:
    assert draw(an_invoice(), logo, XML) == draw(an_invoice(), logo, XML)


def test_the_files_id_is_that_of_its_content_and_of_no_clock(draw: Drawn) -> None:
    first, again, other = (opened(draw(an_invoice(), None, xml)).trailer["/ID"] for xml in (XML, XML, b"<other/>"))
    assert first == again != other


def test_a_logo_takes_the_place_of_the_brand(draw: Drawn) -> None:
    invoice = an_invoice(brand="Mugs & more")
    (page,) = opened(draw(invoice, a_png(), XML)).pages
    assert len(page.images) == 1
    assert "Mugs & more" not in page.extract_text()
    assert "Mugs & more" in pages(draw(invoice, b"no picture", XML))[0]


@pytest.mark.parametrize("invoice", [an_invoice(), a_credit_note(an_invoice())], ids=["invoice", "credit note"])
def test_a_reader_of_factur_x_finds_the_structured_invoice(draw: Drawn, invoice: Invoice) -> None:
    xml = cii(invoice)
    assert facturx.get_xml_from_pdf(draw(invoice, None, xml)) == ("factur-x.xml", xml)


def test_the_xml_is_attached_as_factur_x_wants_it(draw: Drawn) -> None:
    root = opened(draw(an_invoice(), None, XML)).root_object
    (file,) = (entry.get_object() for entry in root["/AF"])
    name, named = root["/Names"]["/EmbeddedFiles"]["/Names"]
    content = file["/EF"]["/F"]
    assert (name, named.get_object()) == ("factur-x.xml", file)
    assert (file["/F"], file["/UF"], file["/AFRelationship"]) == ("factur-x.xml", "factur-x.xml", "/Alternative")
    assert (content["/Subtype"], content["/Params"]["/Size"], content.get_data()) == ("/text/xml", len(XML), XML)
    assert content["/Params"]["/ModDate"] == "D:20261125000000Z"


@pytest.mark.parametrize("number", ["R-1", "</rdf:li>&<!-- ]]>", "a\x00b\x1bc\ufffe", "Żółć"])
def test_the_metadata_says_what_the_document_is(draw: Drawn, number: str) -> None:
    packet = metadata(opened(draw(an_invoice(language="de", number=number), None, XML)))
    assert said(packet, f"{DC}title").startswith(f"Rechnung {number[0]}")
    assert said(packet, f"{DC}creator") == "Example GmbH"
    assert said(packet, f"{DC}language") == "de"
    told = {f"{FX}DocumentType": "INVOICE", f"{FX}DocumentFileName": "factur-x.xml", f"{FX}Version": "1.0"}
    assert {name: said(packet, name) for name in told} == told
    assert said(packet, f"{FX}ConformanceLevel") == "EN 16931"


def metadata(reader: PdfReader) -> etree._Element:
    stream = reader.root_object["/Metadata"]
    assert "/Filter" not in stream
    return etree.fromstring(stream.get_data())


def said(packet: Any, name: str) -> str:
    """What the metadata says under this name."""
    (element,) = packet.iter(name)
    return " ".join("".join(element.itertext()).split())


def test_a_document_that_cannot_be_drawn_is_an_error(draw: Drawn) -> None:
    with pytest.raises(ArithmeticError):
        draw(replace(an_invoice(), prepaid=Decimal("NaN")), None, XML)


# Text that would go elsewhere


def off_the_page(document: bytes) -> list[str]:
    """What is drawn where no paper is."""
    pages = [*pypdfium2.PdfDocument(document)]
    found = []
    for page in pages:
        width, height = page.get_size()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            if left < 0 or bottom < 0 or right > width or top > height:
                found.append(text.get_text_range(index, 1))
    return found


PILED = "e" + "\u0301" * 300
LONG = "Bâtiment Nord, Entrée C, Quatrième étage, Porte de droite 12"
ANYWHERE = {
    "marks on marks": {"brand": PILED, "buyer": Party(PILED, street="ก" + "\u0e48" * 200, city=PILED, country="DE")},
    "no place to break": {"brand": "W" * 200, "buyer": Party(")" * 120, street="/" * 300, city="!" * 90, country="DE")},
    "an address of many lines": {"buyer": Party("N", LONG, LONG, (LONG,) * 5, "69001", "Lyon", "", "FR")},
    "a delivery far away": {"deliver_to": Party("N", extra=(LONG,) * 60, city="Lyon", country="FR")},
}


@pytest.mark.parametrize("kind", ANYWHERE)
def test_whatever_is_written_stays_on_the_page_with_town_and_country(draw: Drawn, kind: str) -> None:
    invoice = an_invoice(an_order_of([a_line(name={"": PILED}, sku="." * 120, unit="a" + "." * 60)]), paid=False)
    document = draw(replace(invoice, draft=replace(invoice.draft, **ANYWHERE[kind]), number="." * 120), None, XML)
    assert off_the_page(document) == []
    if "many lines" in kind or "far away" in kind:
        assert all(word in pages(document)[0] for word in ("Lyon", "FRANCE"))


# The code to pay by


def scanned(document: bytes) -> list[str]:
    """What a phone reads on the first page."""
    page = pypdfium2.PdfDocument(document)[0].render(scale=3).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(page)]


@pytest.mark.parametrize("name", ["Example GmbH", "Bäckerei Žižek & Söhne, gegründet 1887", "A\nBCD\n002\x00\ud800"])
def test_who_scans_the_code_of_an_unpaid_invoice_pays_it(draw: Drawn, name: str) -> None:
    seller = replace(FULL_SELLER, name=name)
    (code,) = scanned(draw(an_invoice(paid=False, seller=seller, number="INV-2026-7"), None, XML))
    service, version, charset, kind, bic, to, iban, amount, purpose, reference, remittance = code.split("\n")
    assert (service, version, charset, kind) == ("BCD", "002", "1", "SCT")
    assert (bic, iban) == ("BYLADEM1001", "DE02120300000000202051")
    assert to == "".join(one_line(name).encode("utf-8", "replace").decode())
    assert (amount, purpose, reference, remittance) == ("EUR23.80", "", "", "INV-2026-7")


@pytest.mark.parametrize(
    "invoice",
    [
        an_invoice(),
        DRAFT,
        a_credit_note(an_invoice()),
        KINDS["no account"],
        KINDS["Swiss francs"],
        KINDS["on delivery"],
    ],
    ids=["paid", "draft", "credit note", "no account", "Swiss francs", "on delivery"],
)
def test_where_there_is_nothing_to_transfer_in_euros_there_is_no_code(draw: Drawn, invoice: Invoice) -> None:
    assert scanned(draw(invoice, None, XML)) == []

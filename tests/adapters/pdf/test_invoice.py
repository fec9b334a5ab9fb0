"""What an invoice looks like as a PDF: read back with other libraries than the one that made it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader

from adapters.pdf.renderer import draw
from domain.invoice import Invoice
from domain.money import Currency
from domain.order import Address, Customer, Fee, OrderId
from fakes.invoices import FULL_SELLER, a_png, an_invoice, an_order_of, lines_of
from fakes.orders import a_line, a_payment, a_price, an_order


def texts(invoice: Invoice, logo: bytes | None = None) -> list[str]:
    """The text of each page; the file must open without a complaint."""
    return [page.extract_text() for page in PdfReader(BytesIO(draw(invoice, logo)), strict=True).pages]


def text(invoice: Invoice) -> str:
    return "\n".join(texts(invoice))


def in_language(language: str) -> Invoice:
    return an_invoice(language=language)


# What is said


def test_everything_the_law_wants_is_on_it() -> None:
    said = text(an_invoice(number="INV-2026-42"))
    for wanted in (
        ("Invoice INV-2026-42", "25 November 2026"),
        ("Example GmbH", "Ring 5", "10115 Berlin", "VAT ID DE123456789"),
        ("Żaneta Ó Brien", "Lange Straße 2"),
        ("21 November 2026", "20 November 2026", "EON1"),
        ("Mug", "MUG-1", "10.00", "19%", "20.00"),
        ("VAT 19% on 20.00", "3.80", "Total EUR", "23.80"),
    ):
        for part in wanted:
            assert part in said


@pytest.mark.parametrize(
    "name", ["Żółć w kości słoniowej", "Κύπελλο καφέ από πηλό", "Чашка для эспрессо ёж", "AVATAR To"]
)
def test_names_are_read_back_as_they_were_written(name: str) -> None:
    assert name in text(an_invoice(an_order_of([a_line(name={"": name})])))


def test_in_german_it_speaks_german() -> None:
    said = text(an_invoice(an_order_of(lines_of(30)), paid=False, language="de_DE"))
    for part in (
        "Rechnung INV-1",
        "25.11.2026",
        "Einzelpreis",
        "USt. 19\u00a0% auf 6.930,00",
        "Seite 1 von",
        "8.246,70",
    ):
        assert part in said.replace("19 %", "19\u00a0%")


def test_a_language_nobody_taught_it_is_english() -> None:
    assert "Invoice date" in text(in_language("xx")) == text(in_language("")) == text(in_language("en_GB"))


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "202"), ("EUR", "202.00"), ("CHF", "202.00")])
def test_amounts_have_the_digits_of_their_currency(currency: str, amount: str) -> None:
    invoice = an_invoice(an_order_of(lines_of(1, currency=currency), currency=currency))
    words = text(invoice).split()
    assert amount in words
    assert f"Net {currency}" in text(invoice)


def test_discounts_have_a_column_where_there_are_any() -> None:
    goods = a_price("18.00", "3.42")
    said = text(an_invoice(an_order_of([a_line(discounted=goods, final=goods)])))
    assert "Discount" in said
    assert "\u22122.00" in said
    assert "Discount" not in text(an_invoice())


def test_every_vat_rate_has_its_sum() -> None:
    lines = lines_of(2) + lines_of(1, name="Book", rate=7)
    said = text(an_invoice(an_order_of(lines)))
    assert "VAT 19% on 406.00" in said
    assert "VAT 7% on 202.00" in said


def test_shipping_and_fees_stand_below_the_lines() -> None:
    fee, shipping = a_price("1.00", "0.19"), a_price("5.00", "0.95")
    order = an_order(
        payment_fees=(Fee({"": "Card fee"}, fee),),
        total_shipping=shipping,
        shipping_name={"": "DHL"},
        final=a_price("26.00", "4.94"),
        tax_lines=(),
        payments=(a_payment(authorized=Decimal("30.94")),),
    )
    said = text(an_invoice(order))
    assert said.index("Mug") < said.index("Card fee") < said.index("DHL") < said.index("Total EUR")


def test_rounding_is_shown_where_there_is_any() -> None:
    totals = an_invoice().draft.totals
    rounded = an_invoice(totals=replace(totals, rounding=Decimal("-0.01"), gross=Decimal("23.79")))
    assert "Rounding" in text(rounded)
    assert "\u22120.01" in text(rounded)
    assert "Rounding" not in text(an_invoice())


def test_the_unpaid_are_told_how_to_pay() -> None:
    said = text(an_invoice(paid=False))
    assert "Please pay 23.80 EUR." in said
    assert "DE02 1203 0000 0000 2020 51" in said
    assert "Reference" in said
    assert "Amount due" not in said


def test_the_paid_are_not_asked_to_pay() -> None:
    said = text(an_invoice())
    assert "This invoice is paid." in said
    assert "credit card" in said
    assert "Please pay" not in said
    assert "Amount due EUR" in said


def test_what_was_paid_in_part_or_too_much_is_said() -> None:
    assert "Please pay 13.80 EUR." in text(replace(an_invoice(), prepaid=Decimal("10.00")))
    assert "1.20 EUR more" in text(replace(an_invoice(), prepaid=Decimal("25.00")))


def test_a_buyer_abroad_has_his_country_and_his_vat_id() -> None:
    billing = Address(
        name="Γιώργος", company="Καφές και Υιοί", street="Συγγρού 120", zip_code="117 41", city="Αθήνα", country="GR"
    )
    said = text(an_invoice(an_order(billing=billing, customer=Customer(email="g@example.gr", vat_id="EL123456789"))))
    assert [
        part for part in ("Καφές και Υιοί", "Γιώργος", "117 41 Αθήνα", "GREECE", "EL123456789") if part not in said
    ] == []


def test_what_is_not_known_is_not_mentioned() -> None:
    seller = replace(FULL_SELLER, iban="", bic="", email="", phone="")
    said = text(an_invoice(paid=False, ordered=None, delivered=None, seller=seller))
    assert not [
        label for label in ("IBAN", "BIC", "Order date", "Delivery date", "Your VAT ID", "Payee") if label in said
    ]


# Pages


@pytest.mark.parametrize("count", [1, 2, *range(8, 15), 40, 41, 42, 43, 44, 45])
def test_totals_stand_in_one_piece_and_never_without_a_line(count: int) -> None:
    pages = texts(an_invoice(an_order_of(lines_of(count, name="Cup"))))
    with_total = [page for page in pages if "Total EUR" in page or "Total without VAT" in page]
    assert with_total == pages[-1:]
    assert f"Cup {count}\n" in pages[-1]
    assert "Amount due EUR" in pages[-1]


def test_five_hundred_lines_are_all_there_under_a_header_on_each_page() -> None:
    pages = texts(an_invoice(an_order_of(lines_of(500, name="Cup"))))
    words = [page.split() for page in pages]
    assert all("Unit price" in page and "INV-1" in page for page in pages)
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1))
    found = [word for page in words for word in page if word.startswith("SKU-")]
    assert found == [f"SKU-{n}" for n in range(1, 501)]


def test_subtotals_are_carried_from_page_to_page() -> None:
    pages = texts(an_invoice(an_order_of(lines_of(60))))
    assert [page.count("Carried forward") for page in pages] == [1, *[2] * (len(pages) - 2), 1]
    rows = pages[0].count("SKU-")
    carried = f"{sum(2 * (100 + n) for n in range(1, rows + 1)):,}.00"
    assert carried in pages[0]
    assert carried in pages[1]


def test_ten_thousand_lines_are_no_trouble() -> None:
    document = pypdfium2.PdfDocument(draw(an_invoice(an_order_of(lines_of(10_000))), None))
    assert len(document) > 300
    document.close()


@pytest.mark.parametrize(
    "name",
    [
        "x" * 200,
        "word " * 2000,
        "W" * 5000,
        "a\u0301" * 300,
        "\u200b\u00ad\ufeff",
        "☕\ufe0f 寿司 \U0001f600",
        "a\tb\nc\0d\x1be",
    ],
)
def test_any_name_is_printed_whatever_it_holds(name: str) -> None:
    pages = texts(an_invoice(an_order_of([a_line(name={"": name}), a_line(name={"": "the last"})])))
    assert "the last" in pages[-1]


def test_texts_without_end_stay_on_the_page() -> None:
    endless = "endless " * 500
    address = Address(name=endless, company=endless, street=endless, extra=(endless,) * 9, city=endless, country="FR")
    seller = replace(FULL_SELLER, name=endless, street=endless, email=endless)
    order = an_order(OrderId(endless), billing=address)
    invoice = an_invoice(order, seller=seller, brand=endless, paid=False, payment_methods=(endless,))
    assert_on_paper(invoice)


@pytest.mark.parametrize("rates", [1, 40, 100])
def test_vat_rates_without_end_stay_on_the_page(rates: int) -> None:
    lines = [line for rate in range(1, rates + 1) for line in lines_of(1, rate=rate)]
    invoice = an_invoice(an_order_of(lines), paid=False)
    assert_on_paper(invoice)
    assert "Please pay" in texts(invoice)[-1]


def assert_on_paper(invoice: Invoice) -> None:
    """Nothing is drawn outside the margins, and nothing that stands above the foot reaches into it."""
    document = pypdfium2.PdfDocument(draw(invoice, None))
    for page in document:
        width, height = page.get_size()
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            assert 10 < left <= right < width - 50
            assert 20 < bottom <= top < height - 20
    document.close()


def test_a_missing_glyph_is_replaced_where_it_can_be_seen() -> None:
    assert "Sushi \ufffd\ufffd" in text(an_invoice(an_order_of([a_line(name={"": "Sushi 寿司"})])))


def test_what_nobody_sees_is_not_replaced() -> None:
    assert "Tea \ufffd!" in text(an_invoice(an_order_of([a_line(name={"": "Tea \u2615\ufe0f!"})])))


def test_characters_that_look_alike_leave_other_words_alone() -> None:
    said = text(an_invoice(an_order_of([a_line(name={"": "hy\u200bphen 5 \u212a; Kilo Kelvin\u037e a b"})])))
    assert "hyphen 5 \u212a; Kilo Kelvin\u037e a b" in said


# The file


def test_the_same_invoice_is_the_same_file_in_every_process() -> None:
    program = (
        "from hashlib import sha256; from adapters.pdf.renderer import draw; from fakes.invoices import *;"
        "print(sha256(draw(an_invoice(an_order_of(lines_of(50, name='Żółty Καφές'))), a_png())).hexdigest())"
    )
    assert _printed(program, seed="1") == _printed(program, seed="2") != ""


def _printed(program: str, *, seed: str) -> str:
    """What a process of its own prints, whose sets are in another order."""
    env = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def test_it_says_its_title_and_language_and_no_time() -> None:
    reader = PdfReader(BytesIO(draw(an_invoice(language="de", number="R-1"), None)), strict=True)
    assert dict(reader.metadata or {}) == {"/Title": "Rechnung R-1", "/Author": "Example GmbH", "/Producer": "borb"}
    assert reader.root_object["/Lang"] == "de"


def test_fonts_are_embedded_as_subsets() -> None:
    reader = PdfReader(BytesIO(draw(an_invoice(an_order_of(lines_of(40))), None)), strict=True)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            outlines = descendant.get_object()["/FontDescriptor"]["/FontFile2"].get_data()
            assert font.get_object()["/BaseFont"][7:8] == "+"
            assert len(outlines) < 60_000


def test_pages_are_a4_and_share_fonts_and_logo() -> None:
    content = draw(an_invoice(an_order_of(lines_of(100))), a_png())
    pages = PdfReader(BytesIO(content), strict=True).pages
    assert {tuple(map(float, page.mediabox)) for page in pages} == {(0, 0, 595.28, 841.89)}
    assert content.count(b"/Subtype/Image") + content.count(b"/Subtype /Image") == 1
    assert content.count(b"FontFile2") == 2


@pytest.mark.parametrize("hostile", ["(", ")", "\\", "() Tj ET", "%PDF-", "endstream", "<</JS>>", "<script>", "\r\n"])
def test_text_is_data_wherever_it_stands(hostile: str) -> None:
    invoice = an_invoice(
        an_order_of([a_line(name={"": f"A {hostile} Z"}, sku=hostile, unit=hostile)]),
        number=f"INV {hostile}",
        brand=hostile,
        seller=replace(FULL_SELLER, name=f"Seller {hostile}"),
    )
    said = text(invoice)
    assert " ".join(f"A {hostile} Z".split()) in said
    assert "Total EUR" in said
    metadata = PdfReader(BytesIO(draw(invoice, None)), strict=True).metadata
    assert metadata
    assert metadata.title == f"Invoice INV {hostile}"
    assert metadata.author == f"Seller {hostile}"


def test_a_day_of_a_single_digit_is_a_day() -> None:
    assert "5 March 2027" in text(replace(an_invoice(), issue_date=date(2027, 3, 5)))


def test_huge_amounts_are_written_in_full() -> None:
    euro, line = Currency.of("EUR"), an_invoice().draft.lines[0]
    huge = euro.round(Decimal(10) ** 13 / 3)
    assert "3,333,333,333,333.33" in text(an_invoice(lines=(replace(line, net=huge),)))

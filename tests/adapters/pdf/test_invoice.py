"""What an invoice looks like as a PDF: read back with other libraries than the one that made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader

from adapters.pdf.borb.renderer import draw
from adapters.pdf.extraction import xml_in
from domain.invoice import Invoice
from domain.money import Currency
from domain.order import Address, Customer, Fee, OrderId
from fakes.invoices import (
    FULL_SELLER,
    XML,
    a_png,
    an_invoice,
    an_order_of,
    lines_of,
)
from fakes.kinds import KINDS, a_credit_note
from fakes.orders import a_line, a_payment, a_price, an_order


def texts(invoice: Invoice, logo: bytes | None = None) -> list[str]:
    """The text of each page, without the spaces at the ends of lines; the file must open without a complaint."""
    pages = PdfReader(BytesIO(draw(invoice, logo, XML)), strict=True).pages
    return [page.extract_text().replace(" \n", "\n") for page in pages]


def text(invoice: Invoice) -> str:
    return "\n".join(texts(invoice))


def lined(invoice: Invoice) -> str:
    """The text, its lines put together."""
    return " ".join(text(invoice).split())


def spoken(invoice: Invoice, language: str) -> Invoice:
    return replace(invoice, draft=replace(invoice.draft, language=language))


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
        "25. November 2026",
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
        shipping_fee=Fee({"": "DHL"}, shipping),
        final=a_price("26.00", "4.94"),
        tax_lines=(),
        payments=(a_payment(authorized=Decimal("30.94")),),
    )
    said = text(an_invoice(order))
    assert said.index("Mug") < said.index("Card fee") < said.index("DHL") < said.rindex("Total EUR")


def test_what_is_taken_off_shipping_stands_below_it() -> None:
    shipping = Fee({"": "DHL"}, a_price("4.00", "0.76"), a_price("5.00", "0.95"))
    payments = (a_payment(authorized=Decimal("28.56")),)
    order = an_order(shipping_fee=shipping, final=a_price("24.00", "4.56"), tax_lines=(), payments=payments)
    said = text(an_invoice(order))
    assert said.index("Shipping (DHL)") < said.index("Discount: Shipping (DHL)") < said.rindex("Total EUR")
    assert "\u22121.00" in said


def test_rounding_is_shown_where_there_is_any() -> None:
    totals = an_invoice().draft.totals
    rounded = an_invoice(totals=replace(totals, rounding=Decimal("-0.01"), gross=Decimal("23.79")))
    assert "Rounding" in text(rounded)
    assert "\u22120.01" in text(rounded)
    assert "Rounding" not in text(an_invoice())


def test_the_unpaid_are_told_how_to_pay() -> None:
    said = text(an_invoice(paid=False))
    assert "Please pay 23.80\u00a0EUR." in said
    assert "DE02 1203 0000 0000 2020 51" in said
    assert "Reference" in said
    assert said.count("Amount due EUR") == 1


def test_what_it_comes_to_is_the_first_thing_one_sees() -> None:
    due, paid = text(an_invoice(paid=False)), text(an_invoice())
    assert due.index("Amount due EUR\n23.80") < due.index("Mug")
    assert paid.index("Total EUR\n23.80") < paid.index("Mug")


def test_the_paid_are_not_asked_to_pay() -> None:
    said = text(an_invoice())
    assert "This invoice is paid." in said
    assert "credit card" in said
    assert "Please pay" not in said
    assert "Amount due EUR" in said


def test_what_was_paid_in_part_or_too_much_is_said() -> None:
    assert "Please pay 13.80\u00a0EUR." in text(replace(an_invoice(), prepaid=Decimal("10.00")))
    assert "1.20\u00a0EUR more" in text(replace(an_invoice(), prepaid=Decimal("25.00")))


def test_what_is_paid_on_delivery_is_not_asked_for_by_transfer() -> None:
    said = text(an_invoice(paid=False, payment_methods=("cash_on_delivery",)))
    assert "Please pay 23.80\u00a0EUR." in said
    assert "cash on delivery" in said
    assert "Payee" not in said


def test_by_when_to_pay_is_said() -> None:
    assert "Due date 25 December 2026" in lined(an_invoice(paid=False, payment_days=30))
    assert "Due date on receipt" in lined(an_invoice(paid=False))
    assert "Due date" not in text(an_invoice(payment_days=30))


@pytest.mark.parametrize(
    ("language", "tax", "reason"),
    [
        ("en", "VAT AE 0% on 20.00", "AE: Reverse charge"),
        ("de", "USt. AE 0\u00a0% auf 20,00", "AE: Steuerschuldnerschaft des Leistungsempfängers"),
        ("fr", "TVA AE 0\u00a0% sur 20,00", "AE: Autoliquidation"),
    ],
)
def test_who_owes_the_tax_instead_of_the_seller_is_told_so(language: str, tax: str, reason: str) -> None:
    said = text(spoken(KINDS["reverse charge"], language))
    assert tax in said
    assert reason in said
    assert "ATU12345678" in said


@pytest.mark.parametrize(
    ("kind", "tax", "reason"),
    [
        ("intra-community", "K 0%", "K: Intra-Community supply, exempt from VAT"),
        ("export", "G 0%", "G: Export outside the EU, exempt from VAT"),
        ("out of scope", "O", "O: Not subject to VAT"),
        ("exempt", "E 0%", "E: Small business"),
        ("zero rated", "0%", ""),
    ],
)
def test_without_vat_it_says_why_and_where(kind: str, tax: str, reason: str) -> None:
    said = text(KINDS[kind])
    assert f"VAT {tax} on 2" in said
    assert said.count(tax) >= 2
    assert reason in said


def test_each_group_without_vat_has_its_own_reason_under_it() -> None:
    said = text(KINDS["reverse charge and taxed"])
    assert (
        said.index("VAT 19% on") < said.index("VAT AE 0% on") < said.index("AE: Reverse charge") < said.index("Total E")
    )


def test_where_the_goods_went_is_said_if_it_is_not_where_the_buyer_is() -> None:
    elsewhere = Address(name="Luc", street="Rue Haute 7", zip_code="67000", city="Strasbourg", country="FR")
    assert "Delivered to Luc Rue Haute 7 67000 Strasbourg FRANCE" in lined(an_invoice(an_order(shipping=elsewhere)))
    here = replace(an_order().billing, company="The same place by another name")
    assert "Delivered to" not in text(an_invoice(an_order(shipping=here)))


def test_a_buyer_finds_his_reference() -> None:
    buyer = Customer(name="Amt", email="amt@example.de", reference="04011000-1234512345-06")
    assert "Your reference 04011000-1234512345-06" in lined(an_invoice(an_order(customer=buyer)))


def test_a_seller_without_vat_id_has_his_tax_number() -> None:
    assert "Tax number 37/123" in text(an_invoice(seller=replace(FULL_SELLER, vat_id="", tax_number="37/123")))
    assert "Tax number" not in text(an_invoice(seller=replace(FULL_SELLER, tax_number="37/123")))


# Credit notes


def test_a_credit_note_says_what_it_takes_back_and_why() -> None:
    said = text(a_credit_note(an_invoice(number="INV-7"), reason="Returned"))
    for part in (
        "Credit note CN-1",
        "Date",
        "This credit note cancels invoice INV-7 of 25 November 2026.",
        "Reason: Returned",
        "VAT 19% on 20.00",
        "23.80",
    ):
        assert part in said
    assert "Invoice date" not in said
    assert "Reason" not in text(a_credit_note(an_invoice(), reason=""))


@pytest.mark.parametrize(("language", "title"), [("en", "Credit note"), ("de", "Stornorechnung"), ("fr", "Avoir")])
def test_every_page_of_a_credit_note_is_called_one(language: str, title: str) -> None:
    pages = texts(a_credit_note(an_invoice(an_order_of(lines_of(60)), language=language)))
    assert len(pages) > 1
    assert all(f"{title} CN-1" in page for page in pages)


@pytest.mark.parametrize(
    ("paid", "sentence"),
    [
        ("23.80", "We will return 23.80\u00a0EUR to you."),
        ("10.00", "We will return 10.00\u00a0EUR to you."),
        ("0.00", "There is nothing to pay."),
        ("47.60", "This includes 23.80\u00a0EUR that was charged beyond the invoice total."),
    ],
)
def test_nobody_is_asked_to_pay_a_credit_note(paid: str, sentence: str) -> None:
    said = text(a_credit_note(replace(an_invoice(payment_days=30), prepaid=Decimal(paid))))
    assert sentence in said.replace("\n", " ")
    assert not [word for word in ("Please pay", "Payee", "Due date", "Amount due", "is paid") if word in said]


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
    with_total = [page for page in pages if "Total without VAT" in page]
    assert with_total == pages[-1:]
    assert f"Cup {count}\n" in pages[-1]
    assert "Total EUR" in pages[-1]
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
    document = pypdfium2.PdfDocument(draw(an_invoice(an_order_of(lines_of(10_000))), None, XML))
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
    document = pypdfium2.PdfDocument(draw(invoice, None, XML))
    for page in document:
        width, height = page.get_size()
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            assert 10 < left <= right < width - 50
            assert 20 < bottom <= top < height - 20
    document.close()


def test_a_missing_glyph_is_replaced_where_it_can_be_seen() -> None:
    assert "Sushi \ufffd\ufffd" in text(an_invoice(an_order_of([a_line(name={"": "Sushi \U0001f363\U0001f363"})])))


def test_what_nobody_sees_is_not_replaced() -> None:
    assert "Tea \ufffd!" in text(an_invoice(an_order_of([a_line(name={"": "Tea \u2615\ufe0f!"})])))


def test_characters_that_look_alike_leave_other_words_alone() -> None:
    said = text(an_invoice(an_order_of([a_line(name={"": "hy\u200bphen 5 \u212a; Kilo Kelvin\u037e a b"})])))
    assert "hyphen 5 \u212a; Kilo Kelvin\u037e a b" in said


# The file


def test_fonts_are_embedded_as_subsets() -> None:
    reader = PdfReader(BytesIO(draw(an_invoice(an_order_of(lines_of(40))), None, XML)), strict=True)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            outlines = descendant.get_object()["/FontDescriptor"]["/FontFile2"].get_data()
            assert font.get_object()["/BaseFont"][7:8] == "+"
            assert len(outlines) < 60_000


def test_pages_are_a4_and_share_fonts_and_logo() -> None:
    content = draw(an_invoice(an_order_of(lines_of(100))), a_png(), XML)
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
    metadata = PdfReader(BytesIO(draw(invoice, None, XML)), strict=True).metadata
    assert metadata
    assert metadata.title == f"Invoice INV {hostile}"
    assert metadata.author == f"Seller {hostile}"


def test_a_day_of_a_single_digit_is_a_day() -> None:
    assert "5 March 2027" in text(replace(an_invoice(), issue_date=date(2027, 3, 5)))


def test_huge_amounts_are_written_in_full() -> None:
    euro, line = Currency.of("EUR"), an_invoice().draft.lines[0]
    huge = euro.round(Decimal(10) ** 13 / 3)
    assert "3,333,333,333,333.33" in text(an_invoice(lines=(replace(line, net=huge),)))


def test_a_draft_says_that_it_is_none_and_carries_nothing_for_machines() -> None:
    pdf = draw(an_invoice(number=""), None, b"")
    assert "Draft: this is no invoice" in text(an_invoice(number=""))
    assert xml_in(pdf) is None

"""What an electronic invoice says, beyond what the official rules ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from adapters.einvoice import cii, ubl
from domain.invoice import Invoice
from domain.order import Fee, Price
from fakes.invoices import FULL_SELLER
from fakes.kinds import HOSTILE, IN_30_DAYS, KINDS, a_credit_note, an_invoice_of
from fakes.orders import a_line_of, a_price, an_order, an_order_of

BOTH = pytest.mark.parametrize("write", [cii, ubl])

Write = Callable[[Invoice], bytes]


def said(document: bytes, cii_path: str, ubl_path: str) -> list[str]:
    """The texts at this path, whichever of the two syntaxes it is."""
    root = etree.fromstring(document)
    path = cii_path if root.tag.endswith("CrossIndustryInvoice") else ubl_path
    found = root.xpath(path, namespaces=root.nsmap)
    return [each if isinstance(each, str) else each.text for each in found]


def price(line_net: str, unit_net: str, quantity: str, write: Write) -> tuple[list[str], list[str]]:
    """The item's price, and for how many it is."""
    line = a_line_of(a_price(line_net, "0.00"), quantity=Decimal(quantity), unit_price=a_price(unit_net, "0.00"))
    gross = Price(line.final.net, line.final.net, Decimal(0), rate=Decimal(0))
    line = replace(line, price=gross, final=gross, unit_price=replace(gross, net=Decimal(unit_net)))
    document = write(an_invoice_of(an_order_of(line)))
    return (
        said(document, "//ram:NetPriceProductTradePrice/ram:ChargeAmount", "//cac:Price/cbc:PriceAmount"),
        said(document, "//ram:BasisQuantity", "//cbc:BaseQuantity"),
    )


@BOTH
def test_the_unit_price_is_that_of_the_shop_to_its_last_digit(write: Write) -> None:
    assert price("588.235", "294.1175", "2", write) == (["294.1175"], [])


@BOTH
def test_a_unit_price_that_does_not_give_the_amount_is_told_for_all_that_were_bought(write: Write) -> None:
    assert price("1234.57", "0.12", "1E+4", write) == (["1234.57"], ["10000"])


@BOTH
def test_what_is_to_be_paid_says_until_when(write: Write) -> None:
    paths = ("//ram:DueDateDateTime/udt:DateTimeString", "//cbc:DueDate")
    words = ("//ram:SpecifiedTradePaymentTerms/ram:Description", "//cac:PaymentTerms/cbc:Note")
    by_day = write(an_invoice_of(an_order(), terms=IN_30_DAYS))
    assert said(by_day, *paths) in (["20261225"], ["2026-12-25"])
    assert said(by_day, *words) == []
    at_once = write(KINDS["to be transferred"])
    assert (said(at_once, *paths), said(at_once, *words)) == ([], ["Payable on receipt of the invoice"])
    assert said(write(KINDS["on delivery"]), *words) == ["Payable on delivery"]
    assert said(write(KINDS["standard"]), *words) == []


@BOTH
def test_a_credit_note_names_its_invoice_and_asks_for_no_money(write: Write) -> None:
    note = write(a_credit_note(an_invoice_of(an_order(), terms=IN_30_DAYS), reason="Broken"))
    assert said(note, "//ram:IncludedNote/ram:Content", "/*/cbc:Note") == ["Broken"]
    assert said(note, "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID", "//cac:BillingReference//cbc:ID") == [
        "INV-1"
    ]
    assert said(note, "//ram:DueDateDateTime", "//cbc:DueDate") == []
    assert said(note, "//ram:PayeePartyCreditorFinancialAccount", "//cac:PayeeFinancialAccount") == []


@BOTH
@pytest.mark.parametrize(
    ("kind", "words", "means"),
    [
        ("standard", "To the buyer's credit, against invoice INV-1; 23.80 EUR will be returned", "68"),
        ("to be transferred", "To the buyer's credit, against invoice INV-1", "1"),
    ],
)
def test_a_credit_note_announces_a_refund_and_counts_nothing_as_paid(
    kind: str, words: str, means: str, write: Write
) -> None:
    note = write(a_credit_note(KINDS[kind]))
    assert said(note, "//ram:SpecifiedTradePaymentTerms/ram:Description", "//cac:PaymentTerms/cbc:Note") == [words]
    assert said(note, "//ram:TypeCode[../ram:Information]", "//cbc:PaymentMeansCode") == [means]
    assert said(note, "//ram:TotalPrepaidAmount", "//cbc:PrepaidAmount") == []
    assert said(note, "//ram:DuePayableAmount", "//cbc:PayableAmount") == ["23.80"]


@BOTH
def test_a_credit_note_tells_what_is_returned_beyond_its_invoice(write: Write) -> None:
    note = write(a_credit_note(replace(KINDS["standard"], prepaid=Decimal("47.60"))))
    (words,) = said(note, "//ram:SpecifiedTradePaymentTerms/ram:Description", "//cac:PaymentTerms/cbc:Note")
    assert words.endswith("47.60 EUR will be returned, of which 23.80 EUR were charged beyond the invoice total")


@BOTH
def test_the_seller_is_paid_into_his_account_under_the_invoices_number(write: Write) -> None:
    document = write(KINDS["to be transferred"])
    assert said(document, "//ram:IBANID", "//cac:PayeeFinancialAccount/cbc:ID") == [FULL_SELLER.iban]
    assert said(document, "//ram:BICID", "//cac:FinancialInstitutionBranch/cbc:ID") == [FULL_SELLER.bic]
    assert said(document, "//ram:PaymentReference", "//cbc:PaymentID") == ["INV-1"]


@BOTH
@pytest.mark.parametrize(
    ("unit", "code", "note"),
    [
        ("", "C62", []),
        ("H87", "H87", []),
        ("pcs", "H87", []),
        ("kg", "KGM", []),
        ("KGM", "KGM", []),
        (" Liter ", "LTR", []),
        ("m²", "MTK", []),
        ("Schock", "C62", ["Unit: Schock"]),
    ],
)
def test_a_unit_has_its_code_and_an_unknown_one_is_told_in_words(
    write: Write, unit: str, code: str, note: list[str]
) -> None:
    document = write(an_invoice_of(an_order_of(a_line_of(a_price("20.00", "3.80"), unit=unit))))
    assert said(document, "//ram:BilledQuantity/@unitCode", "//cbc:InvoicedQuantity/@unitCode") == [code]
    notes = said(document, "//ram:IncludedNote/ram:Content", "//cac:InvoiceLine/cbc:Note")
    assert notes == note


@BOTH
def test_discounts_are_told_in_the_language_of_the_document(write: Write) -> None:
    less = a_price("18.00", "3.42")
    line = a_line_of(less, price=a_price("20.00", "3.80"), discounted=less)
    order = an_order_of(line, shipping=Fee({"": "DHL"}, a_price("4.00", "0.76"), a_price("5.00", "0.95")))
    german = replace(order, customer=replace(order.customer, language="de"))
    reasons = said(write(an_invoice_of(german)), "//ram:Reason", "//cbc:AllowanceChargeReason")
    assert sorted(reasons) == ["Rabatt", "Rabatt: Versand (DHL)", "Versand (DHL)"]


@BOTH
def test_out_of_scope_of_vat_no_vat_id_is_told(write: Write) -> None:
    document = write(KINDS["out of scope"])
    assert said(document, "//ram:ID[@schemeID='VA']", "//cac:PartyTaxScheme") == []
    assert said(document, "//ram:SellerTradeParty/ram:ID", "//cac:PartyIdentification/cbc:ID") == ["DE123456789"]


@BOTH
def test_a_seller_whose_number_names_no_country_is_known_by_it(write: Write) -> None:
    document = write(KINDS["American seller"])
    assert said(document, "//ram:ID[@schemeID='FC']", "//cac:PartyTaxScheme/cbc:CompanyID") == ["12-3456789"]
    assert said(document, "//ram:SellerTradeParty/ram:ID", "//cac:PartyIdentification/cbc:ID") == ["12-3456789"]


@BOTH
def test_a_buyers_number_that_names_no_country_is_but_an_identifier(write: Write) -> None:
    document = write(KINDS["buyer's VAT id of no country"])
    paths = ("//ram:BuyerTradeParty/ram:ID", "//cac:AccountingCustomerParty//cac:PartyIdentification/cbc:ID")
    assert said(document, *paths) == ["12345"]


@BOTH
def test_kosovo_has_the_code_that_the_lists_have_for_it(write: Write) -> None:
    document = write(KINDS["export to Kosovo"])
    countries = said(document, "//ram:CountryID", "//cbc:IdentificationCode")
    assert countries == ["DE", "1A"]


@BOTH
def test_a_text_stays_a_text_and_what_xml_forbids_is_replaced_visibly(write: Write) -> None:
    [name] = said(write(KINDS["hostile"]), "//ram:SpecifiedTradeProduct/ram:Name", "//cac:Item/cbc:Name")
    assert name == HOSTILE.translate(dict.fromkeys((0, 0x1B, 0xD800, 0xFFFE), "\ufffd"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_is_its_price_times_its_quantity_less_its_allowance(kind: str) -> None:
    """PEPPOL-EN16931-R120 and R121, which no package ships."""
    root = etree.fromstring(ubl(KINDS[kind]))
    for line in root.xpath("//cac:InvoiceLine", namespaces=root.nsmap):
        price, base, quantity, allowance, net = (
            Decimal(line.findtext(path, default, root.nsmap))
            for path, default in {
                "cac:Price/cbc:PriceAmount": "0",
                "cac:Price/cbc:BaseQuantity": "1",
                "cbc:InvoicedQuantity": "0",
                "cac:AllowanceCharge/cbc:Amount": "0",
                "cbc:LineExtensionAmount": "0",
            }.items()
        )
        assert base > 0
        assert abs(quantity * price / base - allowance - net) <= Decimal("0.02")


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_no_element_is_empty(kind: str, write: Write) -> None:
    """PEPPOL-EN16931-R008."""
    root = etree.fromstring(write(KINDS[kind]))
    assert [each.tag for each in root.iter() if not len(each) and not (each.text or "").strip()] == []

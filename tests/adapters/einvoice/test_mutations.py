"""The checks can fail: a good document with one thing wrong breaks the rule that is about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from lxml import etree

from adapters.einvoice import cii, ubl
from fakes.kinds import KINDS
from fakes.official import broken_rules

Change = Callable[[etree._Element], None]
DOCUMENTS = {"cii": cii, "ubl": ubl}


def says(text: str) -> Change:
    """It says something else."""

    def change(found: etree._Element) -> None:
        found.text = text

    return change


def is_gone(found: etree._Element) -> None:
    """It is left out."""
    found.getparent().remove(found)


def is_twice(found: etree._Element) -> None:
    """It is there twice."""
    found.addnext(etree.fromstring(etree.tostring(found)))


Mutation = tuple[str, str, str, Change, str]
"""Syntax, kind of invoice, where, what is done to it, the rule that finds it."""

MUTATIONS: Mapping[str, Mutation] = {
    "no number": ("ubl", "standard", "/*/cbc:ID", is_gone, "XSD"),
    "elements in another order": ("ubl", "standard", "/*/cbc:IssueDate", is_twice, "XSD"),
    "no specification": ("ubl", "standard", "/*/cbc:CustomizationID", is_gone, "BR-01"),
    "no type": ("ubl", "standard", "/*/cbc:InvoiceTypeCode", is_gone, "BR-04"),
    "a type nobody knows": ("ubl", "standard", "/*/cbc:InvoiceTypeCode", says("999"), "BR-CL-01"),
    "a currency nobody knows": ("ubl", "standard", "/*/cbc:DocumentCurrencyCode", says("BGN"), "BR-CL-04"),
    "a country nobody knows": ("ubl", "standard", "(//cbc:IdentificationCode)[1]", says("XK"), "BR-CL-14"),
    "a seller without a name": ("ubl", "standard", "(//cbc:RegistrationName)[1]", is_gone, "BR-06"),
    "a buyer without a country": ("cii", "standard", "//ram:BuyerTradeParty//ram:CountryID", is_gone, "XSD"),
    "a VAT id of no country": ("cii", "standard", "//ram:ID[@schemeID='VA']", says("123456789"), "BR-CO-09"),
    "a seller nobody can identify": ("cii", "standard", "//ram:SpecifiedTaxRegistration", is_gone, "BR-CO-26"),
    "a line without a name": ("ubl", "standard", "//cac:Item/cbc:Name", is_gone, "BR-25"),
    "a price below nothing": ("ubl", "standard", "//cbc:PriceAmount", says("-1.00"), "BR-27"),
    "a unit nobody knows": ("ubl", "standard", "//cbc:InvoicedQuantity/@unitCode", says("Schock"), "BR-CL-23"),
    "a line a cent off": (
        "cii",
        "standard",
        "//ram:SpecifiedLineTradeSettlement//ram:LineTotalAmount",
        says("20.01"),
        "BR-CO-10",
    ),
    "a net a cent off": ("cii", "standard", "//ram:TaxBasisTotalAmount", says("20.01"), "BR-CO-13"),
    "VAT a cent off": ("cii", "standard", "//ram:TaxTotalAmount", says("3.81"), "BR-CO-14"),
    "a gross a cent off": ("cii", "standard", "//ram:GrandTotalAmount", says("23.81"), "BR-CO-15"),
    "a due amount a cent off": ("cii", "standard", "//ram:DuePayableAmount", says("0.01"), "BR-CO-16"),
    "VAT of another rate": ("ubl", "standard", "//cac:TaxSubtotal//cbc:Percent", says("7"), "BR-S-08"),
    "three decimals": ("ubl", "standard", "//cbc:PayableAmount", says("0.001"), "BR-DEC-18"),
    "a charge without a reason": (
        "ubl",
        "exempt",
        "/*/cac:AllowanceCharge/cbc:AllowanceChargeReason",
        is_gone,
        "BR-38",
    ),
    "charges a cent off": ("cii", "exempt", "//ram:ChargeTotalAmount", says("4.91"), "BR-CO-12"),
    "an allowance of nobody knows what": (
        "ubl",
        "discounts on fees and shipping",
        "/*/cac:AllowanceCharge/cbc:AllowanceChargeReason | /*/cac:AllowanceCharge/cbc:AllowanceChargeReasonCode",
        is_gone,
        "BR-33",
    ),
    "allowances a cent off": (
        "cii",
        "discounts on fees and shipping",
        "//ram:AllowanceTotalAmount",
        says("4.91"),
        "BR-CO-11",
    ),
    "an allowance taken for a charge": (
        "ubl",
        "discounts on fees and shipping",
        "/*/cac:AllowanceCharge/cbc:ChargeIndicator",
        says("true"),
        "BR-CO-12",
    ),
    "no reason for no VAT": ("ubl", "exempt", "//cbc:TaxExemptionReason", is_gone, "BR-E-10"),
    "VAT where the buyer owes it": ("ubl", "reverse charge", "//cac:Item//cbc:Percent", says("19"), "BR-AE-05"),
    "reverse charge for nobody": (
        "cii",
        "reverse charge",
        "//ram:BuyerTradeParty/ram:SpecifiedTaxRegistration",
        is_gone,
        "BR-AE-02",
    ),
    "a supply abroad at no time": (
        "cii",
        "intra-community",
        "//ram:ActualDeliverySupplyChainEvent",
        is_gone,
        "BR-IC-11",
    ),
    "a supply to nowhere": ("ubl", "intra-community", "//cac:DeliveryLocation", is_gone, "BR-IC-12"),
    "a code of no exemption": (
        "ubl",
        "export",
        "//cbc:TaxExemptionReasonCode",
        says("VATEX-EU-X"),
        "BR-CL-22",
    ),
    "a VAT id out of scope of VAT": (
        "cii",
        "export",
        "//ram:ApplicableTradeTax/ram:CategoryCode",
        says("O"),
        "BR-O-02",
    ),
    "no account to pay into": ("ubl", "to be transferred", "//cac:PayeeFinancialAccount", is_gone, "BR-61"),
    "an allowance without an amount": (
        "ubl",
        "discounts, fees, shipping",
        "//cac:InvoiceLine/cac:AllowanceCharge/cbc:Amount",
        is_gone,
        "XSD",
    ),
    "an allowance without a reason": (
        "cii",
        "discounts, fees, shipping",
        "//ram:SpecifiedLineTradeSettlement//ram:Reason | //ram:SpecifiedLineTradeSettlement//ram:ReasonCode",
        is_gone,
        "BR-42",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_thing_wrong_is_found(name: str) -> None:
    syntax, kind, where, change, rule = MUTATIONS[name]
    root = etree.fromstring(DOCUMENTS[syntax](KINDS[kind]))
    for found in root.xpath(where, namespaces=root.nsmap):
        if isinstance(found, etree._Element):
            change(found)
        else:
            found.getparent().set(found.attrname, "Schock")
    broken = broken_rules(etree.tostring(root, encoding="UTF-8"))
    assert rule in [told.partition(":")[0] for told in broken]

"""What an electronic invoice says, read back by paths that its writers do not share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

Key = tuple[str, Decimal]
"""A VAT category and its rate."""


@dataclass(frozen=True)
class ReadGroup:
    """A row of the VAT breakdown."""

    key: Key
    net: Decimal
    tax: Decimal

    @property
    def rate(self) -> Decimal:
        return self.key[1]


@dataclass(frozen=True)
class Reading:
    """The amounts of a document; `parts` are its lines, charges and, below nothing, allowances under their VAT."""

    type: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    rounding: Decimal
    prepaid: Decimal
    due: Decimal
    line_nets: list[Decimal]
    parts: list[tuple[Key, Decimal]]
    groups: list[ReadGroup]
    cancels: tuple[str, date] | None

    @property
    def signed_gross(self) -> Decimal:
        """What it changes of what the buyer owes."""
        return -self.gross if self.type == "381" else self.gross

    @classmethod
    def of(cls, content: bytes) -> Reading:
        """The document's, whichever syntax it has."""
        root = etree.fromstring(content)
        return _cii(root) if root.tag.endswith("CrossIndustryInvoice") else _ubl(root)


def _cii(root: etree._Element) -> Reading:
    prefixes = root.nsmap
    [total] = root.xpath("//ram:SpecifiedTradeSettlementHeaderMonetarySummation", namespaces=prefixes)
    lines = root.xpath("//ram:IncludedSupplyChainTradeLineItem", namespaces=prefixes)
    on_top = root.xpath("//ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge", namespaces=prefixes)
    taxes = root.xpath("//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax", namespaces=prefixes)

    def key(at: etree._Element) -> Key:
        return _text(at, ".//ram:CategoryCode"), _number(at, ".//ram:RateApplicablePercent")

    line_nets = [_number(line, ".//ram:LineTotalAmount") for line in lines]
    return Reading(
        type=_text(root, "//rsm:ExchangedDocument/ram:TypeCode"),
        net=_number(total, "ram:TaxBasisTotalAmount"),
        tax=_number(total, "ram:TaxTotalAmount"),
        gross=_number(total, "ram:GrandTotalAmount"),
        rounding=_number(total, "ram:RoundingAmount"),
        prepaid=_number(total, "ram:TotalPrepaidAmount"),
        due=_number(total, "ram:DuePayableAmount"),
        line_nets=line_nets,
        parts=[(key(line), net) for line, net in zip(lines, line_nets, strict=True)]
        + [(key(at), _signed(at, "ram:ActualAmount", "ram:ChargeIndicator/udt:Indicator")) for at in on_top],
        groups=[ReadGroup(key(t), _number(t, "ram:BasisAmount"), _number(t, "ram:CalculatedAmount")) for t in taxes],
        cancels=_reference(root, "//ram:InvoiceReferencedDocument", "ram:IssuerAssignedID", ".//qdt:DateTimeString"),
    )


def _ubl(root: etree._Element) -> Reading:
    prefixes = root.nsmap
    [total] = root.xpath("//cac:LegalMonetaryTotal", namespaces=prefixes)
    lines = root.xpath("//cac:InvoiceLine | //cac:CreditNoteLine", namespaces=prefixes)
    on_top = root.xpath("/*/cac:AllowanceCharge", namespaces=prefixes)

    def key(at: etree._Element, category: str) -> Key:
        return _text(at, f".//cac:{category}/cbc:ID"), _number(at, f".//cac:{category}/cbc:Percent")

    line_nets = [_number(line, "cbc:LineExtensionAmount") for line in lines]
    return Reading(
        type=_text(root, "/*/cbc:InvoiceTypeCode | /*/cbc:CreditNoteTypeCode"),
        net=_number(total, "cbc:TaxExclusiveAmount"),
        tax=_number(root, "/*/cac:TaxTotal/cbc:TaxAmount"),
        gross=_number(total, "cbc:TaxInclusiveAmount"),
        rounding=_number(total, "cbc:PayableRoundingAmount"),
        prepaid=_number(total, "cbc:PrepaidAmount"),
        due=_number(total, "cbc:PayableAmount"),
        line_nets=line_nets,
        parts=[(key(line, "ClassifiedTaxCategory"), net) for line, net in zip(lines, line_nets, strict=True)]
        + [(key(at, "TaxCategory"), _signed(at, "cbc:Amount", "cbc:ChargeIndicator")) for at in on_top],
        groups=[
            ReadGroup(key(t, "TaxCategory"), _number(t, "cbc:TaxableAmount"), _number(t, "cbc:TaxAmount"))
            for t in root.xpath("//cac:TaxSubtotal", namespaces=prefixes)
        ],
        cancels=_reference(root, "//cac:InvoiceDocumentReference", "cbc:ID", "cbc:IssueDate"),
    )


def _reference(root: etree._Element, path: str, number: str, day: str) -> tuple[str, date] | None:
    found = root.xpath(path, namespaces=root.nsmap)
    return (_text(found[0], number), date.fromisoformat(_text(found[0], day))) if found else None


def _text(at: etree._Element, path: str) -> str:
    found = at.xpath(path, namespaces=at.getroottree().getroot().nsmap)
    return str(found[0].text) if found else ""


def _signed(at: etree._Element, path: str, is_charge: str) -> Decimal:
    amount = _number(at, path)
    return amount if _text(at, is_charge) == "true" else -amount


def _number(at: etree._Element, path: str) -> Decimal:
    return Decimal(_text(at, path) or "0")

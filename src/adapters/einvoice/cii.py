"""An invoice as UN/CEFACT Cross Industry Invoice D22B, profile EN 16931 of Factur-X and ZUGFeRD."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from adapters.einvoice import terms
from adapters.einvoice.units import unit_code
from adapters.einvoice.values import clean, country_code, number
from domain.invoice import AllowanceCharge, Draft, Invoice, InvoiceLine, Party, VatGroup
from domain.vat import Vat

SPECIFICATION = "urn:cen.eu:en16931:2017"

_PREFIXES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_RSM, _RAM, _QDT, _UDT = (f"{{{uri}}}" for uri in _PREFIXES.values())
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def cii(invoice: Invoice) -> bytes:
    """The invoice as XML in UTF-8. Comments name the business terms of EN 16931."""
    root = etree.Element(f"{_RSM}CrossIndustryInvoice", nsmap=_PREFIXES)
    context = etree.SubElement(root, f"{_RSM}ExchangedDocumentContext")
    _leaf(_branch(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", SPECIFICATION)  # BT-24
    _document(etree.SubElement(root, f"{_RSM}ExchangedDocument"), invoice)
    trade = etree.SubElement(root, f"{_RSM}SupplyChainTradeTransaction")
    for index, line in enumerate(invoice.draft.lines, 1):
        _line(_branch(trade, "IncludedSupplyChainTradeLineItem"), index, line, invoice.draft)
    _agreement(_branch(trade, "ApplicableHeaderTradeAgreement"), invoice.draft)
    _delivery(_branch(trade, "ApplicableHeaderTradeDelivery"), invoice.draft)
    _settlement(_branch(trade, "ApplicableHeaderTradeSettlement"), invoice)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def is_of(content: bytes, invoice: Invoice) -> bool:
    """Whether the XML, as this or an earlier version wrote it, is of this invoice: by its number, order, day, total."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return False
    totals = invoice.draft.totals
    told = {
        "rsm:ExchangedDocument/ram:ID": clean(invoice.number),
        "rsm:ExchangedDocument/ram:TypeCode": invoice.type,
        "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString": invoice.issue_date.strftime("%Y%m%d"),
        ".//ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID": clean(invoice.draft.order_id),
        ".//ram:GrandTotalAmount": number(totals.net + totals.tax),
    }
    return all(root.findtext(path, namespaces=_PREFIXES) == text for path, text in told.items())


def _document(document: etree._Element, invoice: Invoice) -> None:
    _leaf(document, "ID", invoice.number)  # BT-1
    _leaf(document, "TypeCode", invoice.type)  # BT-3
    _day(document, "IssueDateTime", invoice.issue_date)  # BT-2
    if invoice.cancels and invoice.cancels.reason:
        _leaf(_branch(document, "IncludedNote"), "Content", invoice.cancels.reason)  # BT-22


def _line(item: etree._Element, index: int, line: InvoiceLine, draft: Draft) -> None:
    document = _branch(item, "AssociatedDocumentLineDocument")
    _leaf(document, "LineID", str(index))  # BT-126
    if note := terms.line_note(line):
        _leaf(_branch(document, "IncludedNote"), "Content", note)  # BT-127
    product = _branch(item, "SpecifiedTradeProduct")
    _leaf(product, "SellerAssignedID", line.sku)  # BT-155
    _leaf(product, "Name", line.name)  # BT-153
    price, base = terms.line_price(line)
    charged = _branch(_branch(item, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _leaf(charged, "ChargeAmount", number(price))  # BT-146
    unit = unit_code(line.unit)  # BT-130, BT-150
    if base is not None:
        _leaf(charged, "BasisQuantity", number(base), unitCode=unit)  # BT-149
    _leaf(_branch(item, "SpecifiedLineTradeDelivery"), "BilledQuantity", number(line.quantity), unitCode=unit)  # BT-129
    settlement = _branch(item, "SpecifiedLineTradeSettlement")
    _tax(_branch(settlement, "ApplicableTradeTax"), line.vat)
    if line.allowance:
        _line_allowance(_branch(settlement, "SpecifiedTradeAllowanceCharge"), line, draft)
    summation = _branch(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _leaf(summation, "LineTotalAmount", number(line.net))  # BT-131


def _line_allowance(allowance: etree._Element, line: InvoiceLine, draft: Draft) -> None:
    _indicator(allowance, is_charge=False)
    _leaf(allowance, "ActualAmount", number(line.allowance))  # BT-136
    _leaf(allowance, "ReasonCode", terms.DISCOUNT)  # BT-140
    _leaf(allowance, "Reason", terms.discount(draft))  # BT-139


# Who, where, when


def _agreement(agreement: etree._Element, draft: Draft) -> None:
    _leaf(agreement, "BuyerReference", draft.buyer.reference)  # BT-10
    _seller(_branch(agreement, "SellerTradeParty"), draft)
    _buyer(_branch(agreement, "BuyerTradeParty"), draft)
    for role in ("Seller", "Buyer"):  # BT-14, BT-13: both call the order by the shop's name for it
        _leaf(_branch(agreement, f"{role}OrderReferencedDocument"), "IssuerAssignedID", draft.order_id)


def _seller(seller: etree._Element, draft: Draft) -> None:
    party, identity = terms.seller_party(draft), terms.seller_identity(draft)
    _leaf(seller, "ID", identity.id)  # BT-29
    _leaf(seller, "Name", party.name)  # BT-27
    if name := terms.trading_name(draft):
        _leaf(_branch(seller, "SpecifiedLegalOrganization"), "TradingBusinessName", name)  # BT-28
    phone = draft.seller.phone
    if phone or party.email:
        _contact(seller, party.name, phone, party.email)  # BT-41, BT-42, BT-43
    _address(seller, party, party.country)  # BG-5
    _electronic_address(seller, party.email)  # BT-34
    _registration(seller, "VA", identity.vat_id)  # BT-31
    _registration(seller, "FC", identity.tax_number)  # BT-32


def _buyer(buyer: etree._Element, draft: Draft) -> None:
    party, identity = draft.buyer, terms.buyer_identity(draft)
    _leaf(buyer, "ID", identity.id)  # BT-46
    _leaf(buyer, "Name", party.name)  # BT-44
    if party.contact or party.email:
        _contact(buyer, party.contact, "", party.email)  # BT-56, BT-58
    _address(buyer, party, party.country)  # BG-8
    _electronic_address(buyer, party.email)  # BT-49
    _registration(buyer, "VA", identity.vat_id)  # BT-48


def _contact(party: etree._Element, name: str, phone: str, email: str) -> None:
    contact = _branch(party, "DefinedTradeContact")
    _leaf(contact, "PersonName", name)
    if phone:
        _leaf(_branch(contact, "TelephoneUniversalCommunication"), "CompleteNumber", phone)
    if email:
        _leaf(_branch(contact, "EmailURIUniversalCommunication"), "URIID", email)


def _address(parent: etree._Element, party: Party, country: str) -> None:
    address = _branch(parent, "PostalTradeAddress")
    _leaf(address, "PostcodeCode", party.zip_code)
    _leaf(address, "LineOne", party.street)
    _leaf(address, "LineTwo", "".join(party.extra[:1]))
    _leaf(address, "LineThree", ", ".join(party.extra[1:]))
    _leaf(address, "CityName", party.city)
    _leaf(address, "CountryID", country_code(country))
    _leaf(address, "CountrySubDivisionName", party.state)


def _electronic_address(party: etree._Element, email: str) -> None:
    if email:
        _leaf(_branch(party, "URIUniversalCommunication"), "URIID", email, schemeID="EM")


def _registration(party: etree._Element, scheme: str, registered: str) -> None:
    if registered:
        _leaf(_branch(party, "SpecifiedTaxRegistration"), "ID", registered, schemeID=scheme)


def _delivery(delivery: etree._Element, draft: Draft) -> None:
    if goes := terms.deliver_to(draft):
        party, country = goes
        place = _branch(delivery, "ShipToTradeParty")
        _leaf(place, "Name", party.name)  # BT-70
        _address(place, party, country)  # BG-15
    if draft.delivered:
        _day(_branch(delivery, "ActualDeliverySupplyChainEvent"), "OccurrenceDateTime", draft.delivered)  # BT-72


# Money


def _settlement(settlement: etree._Element, invoice: Invoice) -> None:
    draft = invoice.draft
    _leaf(settlement, "PaymentReference", invoice.number)  # BT-83
    _leaf(settlement, "InvoiceCurrencyCode", draft.currency.code)  # BT-5
    _payment_means(_branch(settlement, "SpecifiedTradeSettlementPaymentMeans"), invoice)
    for group in draft.vat_groups:
        _vat_group(_branch(settlement, "ApplicableTradeTax"), group)
    for allowance in draft.allowances:
        _allowance(_branch(settlement, "SpecifiedTradeAllowanceCharge"), allowance)
    for charge in draft.charges:
        _charge(_branch(settlement, "SpecifiedTradeAllowanceCharge"), charge)
    _payment_terms(settlement, invoice)
    _totals(_branch(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
    if invoice.cancels:
        document = _branch(settlement, "InvoiceReferencedDocument")
        _leaf(document, "IssuerAssignedID", invoice.cancels.number)  # BT-25
        _day(document, "FormattedIssueDateTime", invoice.cancels.issue_date, _QDT)  # BT-26


def _payment_means(means: etree._Element, invoice: Invoice) -> None:
    _leaf(means, "TypeCode", invoice.payment_means)  # BT-81
    _leaf(means, "Information", terms.payment_methods(invoice.draft))  # BT-82
    if terms.is_transfer(invoice):
        told = terms.account(invoice.draft)
        account = _branch(means, "PayeePartyCreditorFinancialAccount")
        _leaf(account, "IBANID" if _IBAN.fullmatch(told) else "ProprietaryID", told)  # BT-84
        if bic := invoice.draft.seller.bic:
            _leaf(_branch(means, "PayeeSpecifiedCreditorFinancialInstitution"), "BICID", bic)  # BT-86


def _vat_group(tax: etree._Element, group: VatGroup) -> None:
    exemption = group.exemption
    _leaf(tax, "CalculatedAmount", number(group.tax))  # BT-117
    _leaf(tax, "TypeCode", "VAT")
    _leaf(tax, "ExemptionReason", exemption.text if exemption else "")  # BT-120
    _leaf(tax, "BasisAmount", number(group.net))  # BT-116
    _leaf(tax, "CategoryCode", group.vat.category)  # BT-118
    _leaf(tax, "ExemptionReasonCode", exemption.code if exemption else "")  # BT-121
    _leaf(tax, "RateApplicablePercent", terms.rate(group.vat))  # BT-119


def _allowance(allowance: etree._Element, told: AllowanceCharge) -> None:
    _indicator(allowance, is_charge=False)
    _leaf(allowance, "ActualAmount", number(told.net))  # BT-92
    _leaf(allowance, "ReasonCode", terms.DISCOUNT)  # BT-98
    _leaf(allowance, "Reason", told.name)  # BT-97
    _tax(_branch(allowance, "CategoryTradeTax"), told.vat)


def _charge(charge: etree._Element, told: AllowanceCharge) -> None:
    _indicator(charge, is_charge=True)
    _leaf(charge, "ActualAmount", number(told.net))  # BT-99
    _leaf(charge, "Reason", told.name)  # BT-104
    _tax(_branch(charge, "CategoryTradeTax"), told.vat)


def _payment_terms(settlement: etree._Element, invoice: Invoice) -> None:
    words = terms.payment_terms(invoice)
    if words or invoice.due_date:
        payment = _branch(settlement, "SpecifiedTradePaymentTerms")
        _leaf(payment, "Description", words)  # BT-20
        if invoice.due_date:
            _day(payment, "DueDateDateTime", invoice.due_date)  # BT-9


def _totals(summation: etree._Element, invoice: Invoice) -> None:
    totals = invoice.draft.totals
    _leaf(summation, "LineTotalAmount", number(totals.lines))  # BT-106
    if invoice.draft.charges:
        _leaf(summation, "ChargeTotalAmount", number(totals.charges))  # BT-108
    if invoice.draft.allowances:
        _leaf(summation, "AllowanceTotalAmount", number(totals.allowances))  # BT-107
    _leaf(summation, "TaxBasisTotalAmount", number(totals.net))  # BT-109
    _leaf(summation, "TaxTotalAmount", number(totals.tax), currencyID=invoice.draft.currency.code)  # BT-110
    if totals.rounding:
        _leaf(summation, "RoundingAmount", number(totals.rounding))  # BT-114
    _leaf(summation, "GrandTotalAmount", number(totals.net + totals.tax))  # BT-112
    if invoice.prepaid:
        _leaf(summation, "TotalPrepaidAmount", number(invoice.prepaid))  # BT-113
    _leaf(summation, "DuePayableAmount", number(invoice.due))  # BT-115


def _tax(tax: etree._Element, vat: Vat) -> None:
    _leaf(tax, "TypeCode", "VAT")
    _leaf(tax, "CategoryCode", vat.category)  # BT-151, BT-95, BT-102
    _leaf(tax, "RateApplicablePercent", terms.rate(vat))  # BT-152, BT-96, BT-103


# XML


def _branch(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, _RAM + name)


def _leaf(parent: etree._Element, tag: str, text: str, /, **attributes: str) -> None:
    """An element with this text; none where nothing is to be said (an empty element is an error)."""
    if text:
        etree.SubElement(parent, _RAM + tag, attributes).text = clean(text)


def _day(parent: etree._Element, name: str, day: date, types: str = _UDT) -> None:
    told = etree.SubElement(_branch(parent, name), f"{types}DateTimeString", {"format": "102"})
    told.text = day.strftime("%Y%m%d")


def _indicator(parent: etree._Element, *, is_charge: bool) -> None:
    told = etree.SubElement(_branch(parent, "ChargeIndicator"), f"{_UDT}Indicator")
    told.text = "true" if is_charge else "false"

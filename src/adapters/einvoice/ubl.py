"""An invoice as UBL 2.1: an Invoice, or a CreditNote, which has a vocabulary of its own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from adapters.einvoice import terms
from adapters.einvoice.addresses import ElectronicAddress
from adapters.einvoice.customization import Customization, customization_of
from adapters.einvoice.units import unit_code
from adapters.einvoice.values import clean, country_code, number
from domain.invoice import AllowanceCharge, Cancelled, Draft, Invoice, InvoiceLine, Party, VatGroup
from domain.vat import Exemption, Vat

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_PREFIXES = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}
_CAC, _CBC = (f"{{{uri}}}" for uri in _PREFIXES.values())


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """How an invoice and a credit note call the same things."""

    root: str
    type: str
    line: str
    quantity: str


_INVOICE = _Vocabulary("Invoice", "InvoiceTypeCode", "InvoiceLine", "InvoicedQuantity")
_CREDIT_NOTE = _Vocabulary("CreditNote", "CreditNoteTypeCode", "CreditNoteLine", "CreditedQuantity")


def ubl(invoice: Invoice) -> bytes:
    """The invoice as XML in UTF-8. Comments name the business terms of EN 16931."""
    draft, currency = invoice.draft, invoice.draft.currency.code
    words, custom = _CREDIT_NOTE if invoice.cancels else _INVOICE, customization_of(draft)
    uri = f"{_UBL}{words.root}-2"
    root = etree.Element(f"{{{uri}}}{words.root}", nsmap={"ubl": uri, **_PREFIXES})
    _head(root, invoice, words, custom)
    _seller(_branch(_branch(root, "AccountingSupplierParty"), "Party"), draft, custom.seller)
    _buyer(_branch(_branch(root, "AccountingCustomerParty"), "Party"), draft, custom.buyer)
    _delivery(root, draft)
    _payment(root, invoice)
    for allowance in draft.allowances:
        _allowance(_branch(root, "AllowanceCharge"), allowance, currency)
    for charge in draft.charges:
        _charge(_branch(root, "AllowanceCharge"), charge, currency)
    _vat(_branch(root, "TaxTotal"), draft)
    _totals(_branch(root, "LegalMonetaryTotal"), invoice)
    for index, line in enumerate(draft.lines, 1):
        _line(_branch(root, words.line), index, line, draft, words.quantity)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _head(root: etree._Element, invoice: Invoice, words: _Vocabulary, custom: Customization) -> None:
    draft, cancels = invoice.draft, invoice.cancels
    _leaf(root, "CustomizationID", custom.specification)  # BT-24
    _leaf(root, "ProfileID", custom.profile)  # BT-23
    _leaf(root, "ID", invoice.number)  # BT-1
    _leaf(root, "IssueDate", invoice.issue_date.isoformat())  # BT-2
    if invoice.due_date:
        _leaf(root, "DueDate", invoice.due_date.isoformat())  # BT-9; never on a credit note
    _leaf(root, words.type, invoice.type)  # BT-3
    _leaf(root, "Note", cancels.reason if cancels else "")  # BT-22
    _leaf(root, "DocumentCurrencyCode", draft.currency.code)  # BT-5
    _leaf(root, "BuyerReference", draft.buyer.reference)  # BT-10
    order = _branch(root, "OrderReference")
    _leaf(order, "ID", draft.order_id)  # BT-13
    _leaf(order, "SalesOrderID", draft.order_id)  # BT-14
    if cancels:
        _cancelled(_branch(_branch(root, "BillingReference"), "InvoiceDocumentReference"), cancels)


def _cancelled(document: etree._Element, cancels: Cancelled) -> None:
    _leaf(document, "ID", cancels.number)  # BT-25
    _leaf(document, "IssueDate", cancels.issue_date.isoformat())  # BT-26


def _line(item: etree._Element, index: int, line: InvoiceLine, draft: Draft, quantity: str) -> None:
    currency, unit = draft.currency.code, unit_code(line.unit)  # BT-130, BT-150
    _leaf(item, "ID", str(index))  # BT-126
    _leaf(item, "Note", terms.line_note(line))  # BT-127
    _leaf(item, quantity, number(line.quantity), unitCode=unit)  # BT-129
    _amount(item, "LineExtensionAmount", line.net, currency)  # BT-131
    if line.allowance:
        _line_allowance(_branch(item, "AllowanceCharge"), line, draft)
    goods = _branch(item, "Item")
    _leaf(goods, "Name", line.name)  # BT-153
    if line.sku:
        _leaf(_branch(goods, "SellersItemIdentification"), "ID", line.sku)  # BT-155
    _category(_branch(goods, "ClassifiedTaxCategory"), line.vat)  # BT-151, BT-152
    amount, base = terms.line_price(line)
    price = _branch(item, "Price")
    _amount(price, "PriceAmount", amount, currency)  # BT-146
    if base is not None:
        _leaf(price, "BaseQuantity", number(base), unitCode=unit)  # BT-149


def _line_allowance(allowance: etree._Element, line: InvoiceLine, draft: Draft) -> None:
    _leaf(allowance, "ChargeIndicator", "false")
    _leaf(allowance, "AllowanceChargeReasonCode", terms.DISCOUNT)  # BT-140
    _leaf(allowance, "AllowanceChargeReason", terms.discount(draft))  # BT-139
    _amount(allowance, "Amount", line.allowance, draft.currency.code)  # BT-136


# Who, where, when


def _seller(seller: etree._Element, draft: Draft, address: ElectronicAddress | None) -> None:
    party, identity = terms.seller_party(draft), terms.seller_identity(draft)
    _identified(seller, identity.id, address)  # BT-29, BT-34
    if name := terms.trading_name(draft):
        _leaf(_branch(seller, "PartyName"), "Name", name)  # BT-28
    _address(_branch(seller, "PostalAddress"), party, party.country)  # BG-5
    _tax_scheme(seller, "VAT", identity.vat_id)  # BT-31
    _tax_scheme(seller, "TAX", identity.tax_number)  # BT-32
    _leaf(_branch(seller, "PartyLegalEntity"), "RegistrationName", party.name)  # BT-27
    phone = draft.seller.phone
    if phone or party.email:
        _contact(_branch(seller, "Contact"), party.name, phone, party.email)  # BT-41, BT-42, BT-43


def _buyer(buyer: etree._Element, draft: Draft, address: ElectronicAddress | None) -> None:
    party, identity = draft.buyer, terms.buyer_identity(draft)
    _identified(buyer, identity.id, address)  # BT-46, BT-49
    _address(_branch(buyer, "PostalAddress"), party, party.country)  # BG-8
    _tax_scheme(buyer, "VAT", identity.vat_id)  # BT-48
    _leaf(_branch(buyer, "PartyLegalEntity"), "RegistrationName", party.name)  # BT-44
    if party.contact or party.email:
        _contact(_branch(buyer, "Contact"), party.contact, "", party.email)  # BT-56, BT-58


def _identified(party: etree._Element, identifier: str, address: ElectronicAddress | None) -> None:
    if address:
        _leaf(party, "EndpointID", address.value, schemeID=address.scheme)
    if identifier:
        _leaf(_branch(party, "PartyIdentification"), "ID", identifier)


def _address(address: etree._Element, party: Party, country: str) -> None:
    _leaf(address, "StreetName", party.street)
    _leaf(address, "AdditionalStreetName", "".join(party.extra[:1]))
    _leaf(address, "CityName", party.city)
    _leaf(address, "PostalZone", party.zip_code)
    _leaf(address, "CountrySubentity", party.state)
    if more := ", ".join(party.extra[1:]):
        _leaf(_branch(address, "AddressLine"), "Line", more)
    _leaf(_branch(address, "Country"), "IdentificationCode", country_code(country))


def _tax_scheme(party: etree._Element, scheme: str, registered: str) -> None:
    if registered:
        registration = _branch(party, "PartyTaxScheme")
        _leaf(registration, "CompanyID", registered)
        _leaf(_branch(registration, "TaxScheme"), "ID", scheme)


def _contact(contact: etree._Element, name: str, phone: str, email: str) -> None:
    _leaf(contact, "Name", name)
    _leaf(contact, "Telephone", phone)
    _leaf(contact, "ElectronicMail", email)


def _delivery(root: etree._Element, draft: Draft) -> None:
    goes = terms.deliver_to(draft)
    if not goes and not draft.delivered:
        return
    delivery = _branch(root, "Delivery")
    if draft.delivered:
        _leaf(delivery, "ActualDeliveryDate", draft.delivered.isoformat())  # BT-72
    if goes:
        party, country = goes
        _address(_branch(_branch(delivery, "DeliveryLocation"), "Address"), party, country)  # BG-15
        if party.name:
            _leaf(_branch(_branch(delivery, "DeliveryParty"), "PartyName"), "Name", party.name)  # BT-70


# Money


def _payment(root: etree._Element, invoice: Invoice) -> None:
    means = _branch(root, "PaymentMeans")
    methods = terms.payment_methods(invoice.draft)  # BT-82
    _leaf(means, "PaymentMeansCode", invoice.payment_means, **({"name": clean(methods)} if methods else {}))  # BT-81
    _leaf(means, "PaymentID", invoice.number)  # BT-83
    if terms.is_transfer(invoice):
        account = _branch(means, "PayeeFinancialAccount")
        _leaf(account, "ID", terms.account(invoice.draft))  # BT-84
        if bic := invoice.draft.seller.bic:
            _leaf(_branch(account, "FinancialInstitutionBranch"), "ID", bic)  # BT-86
    if words := terms.payment_terms(invoice):
        _leaf(_branch(root, "PaymentTerms"), "Note", words)  # BT-20


def _allowance(allowance: etree._Element, told: AllowanceCharge, currency: str) -> None:
    _leaf(allowance, "ChargeIndicator", "false")
    _leaf(allowance, "AllowanceChargeReasonCode", terms.DISCOUNT)  # BT-98
    _leaf(allowance, "AllowanceChargeReason", told.name)  # BT-97
    _amount(allowance, "Amount", told.net, currency)  # BT-92
    _category(_branch(allowance, "TaxCategory"), told.vat)  # BT-95, BT-96


def _charge(charge: etree._Element, told: AllowanceCharge, currency: str) -> None:
    _leaf(charge, "ChargeIndicator", "true")
    _leaf(charge, "AllowanceChargeReason", told.name)  # BT-104
    _amount(charge, "Amount", told.net, currency)  # BT-99
    _category(_branch(charge, "TaxCategory"), told.vat)  # BT-102, BT-103


def _vat(tax: etree._Element, draft: Draft) -> None:
    currency = draft.currency.code
    _amount(tax, "TaxAmount", draft.totals.tax, currency)  # BT-110
    for group in draft.vat_groups:
        _vat_group(_branch(tax, "TaxSubtotal"), group, currency)


def _vat_group(row: etree._Element, group: VatGroup, currency: str) -> None:
    _amount(row, "TaxableAmount", group.net, currency)  # BT-116
    _amount(row, "TaxAmount", group.tax, currency)  # BT-117
    _category(_branch(row, "TaxCategory"), group.vat, group.exemption or Exemption())  # BT-118, BT-119


def _category(category: etree._Element, vat: Vat, exemption: Exemption = Exemption()) -> None:  # noqa: B008 - frozen
    _leaf(category, "ID", vat.category)
    _leaf(category, "Percent", terms.rate(vat))
    _leaf(category, "TaxExemptionReasonCode", exemption.code)  # BT-121
    _leaf(category, "TaxExemptionReason", exemption.text)  # BT-120
    _leaf(_branch(category, "TaxScheme"), "ID", "VAT")


def _totals(total: etree._Element, invoice: Invoice) -> None:
    totals, currency = invoice.draft.totals, invoice.draft.currency.code
    _amount(total, "LineExtensionAmount", totals.lines, currency)  # BT-106
    _amount(total, "TaxExclusiveAmount", totals.net, currency)  # BT-109
    _amount(total, "TaxInclusiveAmount", totals.net + totals.tax, currency)  # BT-112
    if invoice.draft.allowances:
        _amount(total, "AllowanceTotalAmount", totals.allowances, currency)  # BT-107
    if invoice.draft.charges:
        _amount(total, "ChargeTotalAmount", totals.charges, currency)  # BT-108
    if invoice.prepaid:
        _amount(total, "PrepaidAmount", invoice.prepaid, currency)  # BT-113
    if totals.rounding:
        _amount(total, "PayableRoundingAmount", totals.rounding, currency)  # BT-114
    _amount(total, "PayableAmount", invoice.due, currency)  # BT-115


# XML


def _branch(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, _CAC + name)


def _leaf(parent: etree._Element, tag: str, text: str, /, **attributes: str) -> None:
    """An element with this text; none where nothing is to be said (an empty element is an error)."""
    if text:
        etree.SubElement(parent, _CBC + tag, attributes).text = clean(text)


def _amount(parent: etree._Element, name: str, amount: Decimal, currency: str) -> None:
    etree.SubElement(parent, _CBC + name, {"currencyID": currency}).text = number(amount)

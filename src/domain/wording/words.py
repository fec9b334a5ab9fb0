"""What the document says in a language, and how that language writes numbers and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from domain.invoice import DocumentType, Invoice, VatGroup
from domain.money import Currency
from domain.order import Seller
from domain.vat import EXEMPTIONS, Vat, VatCategory

MINUS = "\u2212"
FINEST_PRICE = Decimal("0.000001")
"""Unit prices are exact; what is finer than this is noise of the platform's arithmetic."""


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its code, its separators and patterns, its names of countries, and the labels of the invoice.

    `untaxed` says why there is no VAT, by category, where the tenant has no words of its own for it.
    """

    language: str
    group: str
    point: str
    percent: str
    day: str
    months: tuple[str, ...]
    countries: Mapping[str, str]
    untaxed: Mapping[VatCategory, str]

    invoice: str
    credit_note: str
    draft: str
    cancels: str
    reason: str
    credited: str
    issued: str
    order: str
    ordered: str
    delivered: str
    deliver_to: str
    buyer_vat_id: str
    buyer_reference: str
    seller_vat_id: str
    seller_tax_number: str
    page: str

    item: str
    quantity: str
    unit_price: str
    discount: str
    vat: str
    amount: str
    carried: str

    net: str
    tax: str
    rounding: str
    gross: str
    prepaid: str
    due: str

    paid: str
    overpaid: str
    please_pay: str
    nothing_to_pay: str
    refund: str
    due_date: str
    on_receipt: str
    payee: str
    reference: str
    methods: str

    def title(self, invoice: Invoice) -> str:
        """What the document is, and its number; of a draft that it is none yet."""
        if invoice.is_draft:
            return self.draft
        name = self.credit_note if invoice.type is DocumentType.CREDIT_NOTE else self.invoice
        return f"{name} {invoice.number}"

    def coins(self, amount: Decimal, currency: Currency) -> str:
        """An amount in the currency's own digits, with separators: 1,234.50."""
        return self._written(amount, currency.digits)

    def price(self, amount: Decimal, currency: Currency) -> str:
        """A unit price: the currency's digits, or as many more as it has."""
        exact = amount.quantize(FINEST_PRICE, ROUND_HALF_UP).normalize()
        return self._written(exact, max(currency.digits, -int(exact.as_tuple().exponent)))

    def number(self, value: Decimal) -> str:
        """A number with as many digits as it has: 2, 1.5."""
        return self._written(value, max(0, -int(value.normalize().as_tuple().exponent)))

    def rate(self, percent: Decimal) -> str:
        """A rate: 19%, 5.5%."""
        return f"{self.number(percent)}{self.percent}"

    def taxed(self, vat: Vat) -> str:
        """How a price is taxed: 19%; the category besides where it says more than the rate, as in AE 0%."""
        match vat.category:
            case VatCategory.STANDARD | VatCategory.ZERO:
                return self.rate(vat.rate)
            case VatCategory.OUT_OF_SCOPE:
                return vat.category.value
        return f"{vat.category} {self.rate(vat.rate)}"

    def exemption(self, group: VatGroup) -> str:
        """Why a group has no VAT, in the tenant's own words or the language's; empty where it has."""
        reason = group.exemption
        if reason is None:
            return ""
        category = group.vat.category
        usual = self.untaxed[category]
        if reason == EXEMPTIONS.get(category):
            return usual
        return reason.text or (f"{usual} ({reason.code})" if reason.code else usual)

    def date(self, day: date) -> str:
        """A day as the language writes it."""
        return self.day.format(day=day.day, month=day.month, name=self.months[day.month - 1], year=day.year)

    def country(self, code: str) -> str:
        """The country's name, or its code where the name is not known."""
        return self.countries.get(code, code)

    def _written(self, value: Decimal, digits: int) -> str:
        whole, _, fraction = f"{abs(value):,.{digits}f}".partition(".")
        sign = MINUS if value < 0 else ""
        return f"{sign}{whole.replace(',', self.group)}{self.point if fraction else ''}{fraction}"


def town_of(seller: Seller) -> str:
    """The seller's zip code and city."""
    return f"{seller.zip_code} {seller.city}".strip()

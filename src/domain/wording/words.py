"""What documents and mails say in a language, and how they write numbers and dates in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from unicodedata import normalize

from domain.invoice import DocumentType, Invoice, VatGroup
from domain.money import Currency
from domain.order import Seller
from domain.vat import EXEMPTIONS, Vat, VatCategory
from domain.wording.notation import Notation, notation_of

_TONOS = "\u0301"
FINEST_PRICE = Decimal("0.000001")
"""Unit prices are exact; what is finer than this is noise of the platform's arithmetic."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """What a mail says besides what the document in it says.

    `colon` stands between a label and what it tells. Braces stand for what differs: `document` is its kind and number,
    `amount` a sum with its currency.
    """

    colon: str
    subject: str
    greeting: str
    ordered: str
    corrected: str
    cancelled: str
    total: str
    due: str
    settled: str
    transfer: str
    on_delivery: str
    pay: str
    refund: str
    questions: str
    regards: str


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its code, the locale whose notation it has, the labels of documents, and the words of mails.

    `untaxed` says why there is no VAT, by category, where the tenant has no words of its own for it. `method_names` are
    those of payment methods, by the platform's codes. Braces stand for what differs: figures and names.
    """

    language: str
    locale: str
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
    fee: str
    shipping: str
    discount_on: str
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
    beyond: str
    due_date: str
    on_receipt: str
    payee: str
    reference: str
    methods: str
    method_names: Mapping[str, str]

    mail: MailWords

    @property
    def notation(self) -> Notation:
        """How numbers, money, days and countries are written."""
        return notation_of(self.locale)

    @property
    def point(self) -> str:
        """What stands before decimals."""
        return self.notation.point

    @property
    def direction(self) -> str:
        """How the script runs: `ltr` or `rtl`."""
        return self.notation.direction

    def title(self, invoice: Invoice) -> str:
        """What the document is, and its number; of a draft that it is none yet."""
        if invoice.is_draft:
            return self.draft
        name = self.credit_note if invoice.type is DocumentType.CREDIT_NOTE else self.invoice
        return f"{name} {invoice.number}"

    def coins(self, amount: Decimal, currency: Currency) -> str:
        """An amount in the currency's own digits, with separators: 1,234.50."""
        return self.notation.number(amount, currency.digits)

    def money(self, amount: Decimal, currency: Currency) -> str:
        """An amount with its currency, as it stands in a sentence: €1,234.50."""
        return self.notation.money(amount, currency)

    def price(self, amount: Decimal, currency: Currency) -> str:
        """A unit price: the currency's digits, or as many more as it has."""
        if amount == currency.round(amount):
            return self.coins(amount, currency)
        exact = amount.quantize(FINEST_PRICE, ROUND_HALF_UP).normalize()
        return self.notation.number(exact, max(currency.digits, -int(exact.as_tuple().exponent)))

    def number(self, value: Decimal) -> str:
        """A number with as many digits as it has: 2, 1.5."""
        return self.notation.number(value, max(0, -int(value.normalize().as_tuple().exponent)))

    def rate(self, percent: Decimal) -> str:
        """A rate: 19%, 5.5%."""
        return f"{self.number(percent)}{self.notation.percent}"

    def taxed(self, vat: Vat) -> str:
        """How a price is taxed: 19%; the category besides where it says more than the rate, as in AE 0%."""
        match vat.category:
            case VatCategory.STANDARD | VatCategory.ZERO:
                return self.rate(vat.rate)
            case VatCategory.OUT_OF_SCOPE:
                return vat.category.value
        return f"{vat.category} {self.rate(vat.rate)}"

    def method(self, code: str) -> str:
        """A payment method: its name, or the platform's code where it has none."""
        return self.method_names.get(code.lower().replace("-", "_"), code.replace("_", " "))

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
        """A day as the language writes it, its month by name."""
        return self.notation.date(day)

    def country(self, code: str) -> str:
        """The country's name, or its code where the name is not known."""
        return self.notation.countries.get(code, code)

    def destination(self, code: str) -> str:
        """The country as the last line of an address: in capital letters, of which Greek ones bear no accent."""
        bare = normalize("NFD", self.country(code)).replace(_TONOS, "") if self.language == "el" else self.country(code)
        return normalize("NFC", bare).upper()


def town_of(seller: Seller) -> str:
    """The seller's zip code and city."""
    return f"{seller.zip_code} {seller.city}".strip()


def spaced_iban(iban: str) -> str:
    """The IBAN in groups of four, as it is printed (ISO 13616)."""
    plain = iban.replace(" ", "")
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))

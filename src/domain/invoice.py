"""The invoice: what is printed, sent as XML and kept. Terms and BT/BG numbers are those of EN 16931.

How an order becomes one is in `domain.drafting`; how its amounts come about is in `domain.pricing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from domain.money import Currency
from domain.order import OrderId, Seller, Site, TransactionId
from domain.vat import Exemption, Vat

InvoiceNumber = NewType("InvoiceNumber", str)

TEMPLATE_VERSION = 3
"""Grows when the same content would give another document."""


class DocumentType(StrEnum):
    """What a document is; the values are UNTDID 1001 (BT-3)."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


class PaymentMeans(StrEnum):
    """How it is, or was, paid (BT-81); the values are UNTDID 4461."""

    NOT_DEFINED = "1"
    CASH = "10"
    CREDIT_TRANSFER = "30"
    SEPA_CREDIT_TRANSFER = "58"
    ONLINE = "68"


@dataclass(frozen=True, slots=True)
class Party:
    """The buyer (BG-7), or where the goods went (BG-13). `country` is ISO 3166-1 alpha-2."""

    name: str
    contact: str = ""
    street: str = ""
    extra: tuple[str, ...] = ()
    zip_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    vat_id: str = ""
    email: str = ""
    reference: str = ""
    """What the buyer wants to find on his invoices (BT-10)."""

    @property
    def address(self) -> tuple[str, ...]:
        """The lines under the name that are not empty, top down, without the country."""
        town = f"{self.zip_code} {self.city}".strip()
        return tuple(line for line in (self.contact, self.street, *self.extra, town, self.state) if line)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line (BG-25). `net` (BT-131) = `list_net` - `allowance`; `unit_net` (BT-146) is exact, the others are coins."""

    name: str
    sku: str
    quantity: Decimal
    unit: str
    unit_net: Decimal
    list_net: Decimal
    allowance: Decimal
    net: Decimal
    vat: Vat


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """A charge on the whole document (BG-21), such as shipping, or an allowance (BG-20): what is taken off one."""

    name: str
    net: Decimal
    vat: Vat


@dataclass(frozen=True, slots=True)
class VatGroup:
    """One row of the VAT breakdown (BG-23): `tax` (BT-117) is exactly `net` (BT-116) times the rate, rounded."""

    vat: Vat
    net: Decimal
    tax: Decimal
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """net (BT-109) = lines - allowances + charges; gross = net + tax (BT-110) + rounding (BT-114), in coins."""

    lines: Decimal
    charges: Decimal
    net: Decimal
    tax: Decimal
    rounding: Decimal
    gross: Decimal
    allowances: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlannedCapture:
    """How much of which transaction is to be captured."""

    transaction_id: TransactionId
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything decided about an invoice before money moves: all that is printed but number, date and payments."""

    order_id: OrderId
    site_code: str
    zone: str
    language: str
    currency: Currency
    seller: Seller
    brand: str
    logo_url: str
    buyer: Party
    recipient: str
    ordered: date | None
    delivered: date | None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[AllowanceCharge, ...]
    vat_groups: tuple[VatGroup, ...]
    totals: Totals
    captures: tuple[PlannedCapture, ...]
    paid_before: Decimal
    payment_methods: tuple[str, ...]
    deliver_to: Party | None = None
    payment_days: int | None = None
    allowances: tuple[AllowanceCharge, ...] = ()

    @property
    def site(self) -> Site:
        """The shop as it was when this was decided; what becomes of it later changes no document."""
        return Site(self.site_code, self.brand, self.language, self.zone, self.logo_url, self.seller)

    def issue_date(self, now: datetime) -> date:
        """The seller's local date at this instant (VAT directive art. 226 no. 1)."""
        return now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The invoice that a credit note takes back (BG-3), and why (BT-22).

    `refund` is what of the money that was captured will be given back; at issue nothing of it is yet.
    """

    number: InvoiceNumber
    issue_date: date
    reason: str = ""
    refund: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, or a credit note, as it is issued: fixed for ever.

    `prepaid` is what was paid by then (BT-113): by the buyer, or on a credit note by the seller, which is nothing. One
    without a number is a draft of what may be issued.
    """

    number: InvoiceNumber
    series: str
    issue_date: date
    prepaid: Decimal
    draft: Draft
    template_version: int = TEMPLATE_VERSION
    cancels: Cancelled | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it is not issued, and must not look as if it were."""
        return not self.number

    @property
    def type(self) -> DocumentType:
        """What it is (BT-3)."""
        return DocumentType.INVOICE if self.cancels is None else DocumentType.CREDIT_NOTE

    @property
    def due(self) -> Decimal:
        """What is still to be paid (BT-115); of a credit note, to the buyer's credit: both come to what is owed."""
        return self.draft.totals.gross - self.prepaid

    @property
    def refund_beyond(self) -> Decimal:
        """What of a credit note's refund is more than it comes to: it was captured beyond the invoice."""
        return max(self.cancels.refund - self.draft.totals.gross, Decimal(0)) if self.cancels else Decimal(0)

    @property
    def due_date(self) -> date | None:
        """By when it is to be paid (BT-9); None: there is nothing for the buyer to pay, or no day was agreed."""
        days = self.draft.payment_days
        if days is None or self.due <= 0 or self.cancels is not None:
            return None
        return self.issue_date + timedelta(days=days)

    @property
    def payment_means(self) -> PaymentMeans:
        """How it is to be paid, or was (BT-81)."""
        draft = self.draft
        if self.due <= 0 or (self.cancels and self.cancels.refund):
            return PaymentMeans.ONLINE
        if self.cancels is not None:
            return PaymentMeans.NOT_DEFINED
        if any("delivery" in method.lower() for method in draft.payment_methods):
            return PaymentMeans.CASH
        if not draft.seller.iban:
            return PaymentMeans.NOT_DEFINED
        return PaymentMeans.SEPA_CREDIT_TRANSFER if draft.currency.code == "EUR" else PaymentMeans.CREDIT_TRANSFER

"""What the platform owns and we read: orders, their prices and payments, sites, and the invoice settings.

Field names follow the platform's published order (`emporix/api-references`, `order.yaml`, salesOrder) where they mean
the same; deprecated fields are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from domain.errors import AlreadyInvoiced, OrderNotInvoiceable
from domain.text import one_line

TenantId = NewType("TenantId", str)
OrderId = NewType("OrderId", str)
TransactionId = NewType("TransactionId", str)

LocalText = Mapping[str, str]
"""One text in several languages, by language code; the empty code is the text without a language."""

END_OF_DAY = time(23, 59, 59)
GUEST = "ANONYMOUS"
"""The platform's customer id for whoever ordered without having one (`order.yaml`, customer.id)."""
NEVER_INVOICED = frozenset({"DECLINED", "IN_CHECKOUT"})
"""Statuses of orders that nobody has to pay for."""


def spoken(text: LocalText, language: str) -> str:
    """The text in this language, else without one, else in English, else in whichever comes first."""
    for code in (language, language.split("_", maxsplit=1)[0].split("-", maxsplit=1)[0], "", "en"):
        if text.get(code):
            return text[code]
    return next((value for value in text.values() if value), "")


@dataclass(frozen=True, slots=True)
class Price:
    """An amount as the platform calculated it: exact, often finer than a coin. `rate` is in percent."""

    net: Decimal
    gross: Decimal
    tax: Decimal
    tax_code: str | None = None
    rate: Decimal | None = None

    @property
    def is_charged(self) -> bool:
        """Whether it costs anything at all."""
        return bool(self.gross or self.net)


@dataclass(frozen=True, slots=True)
class Fee:
    """Something paid on top of a line or of the order, such as shipping.

    `final` is after discounts, `listed` before them; None where there were none.
    """

    name: LocalText
    final: Price
    listed: Price | None = None

    @property
    def field(self) -> str:
        """Where in a fee of an order `final` stands."""
        return "price" if self.listed is None else "discountedPrice"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One position of an order (`entries[]`). `price` is unit price times quantity, `discounted` after discounts.

    Of goods that are sold by the piece `pieces` were ordered and `packed` are delivered, where anybody said so.
    """

    id: str
    sku: str
    name: LocalText
    quantity: Decimal
    unit: str
    unit_price: Price
    price: Price
    discounted: Price | None
    fees: tuple[Fee, ...]
    total_fee: Price | None
    final: Price
    pieces: int | None = None
    packed: int | None = None

    @property
    def goods(self) -> Price:
        """What the goods themselves cost, fees apart."""
        return self.discounted or self.price

    @property
    def goods_field(self) -> str:
        """Where in the prices of an entry `goods` stand."""
        return "price" if self.discounted is None else "discountedPrice"


@dataclass(frozen=True, slots=True)
class Address:
    """Where someone lives or resides. `country` is ISO 3166-1 alpha-2."""

    name: str = ""
    company: str = ""
    street: str = ""
    extra: tuple[str, ...] = ()
    zip_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who ordered."""

    id: str = ""
    name: str = ""
    company: str = ""
    email: str = ""
    vat_id: str = ""
    language: str = ""
    reference: str = ""
    """What he wants to find on his invoices (BT-10), such as a German Leitweg-ID."""

    @property
    def is_guest(self) -> bool:
        """Whether the shop knows no more of him than the order tells."""
        return self.id in {"", GUEST}

    def known_as(self, profile: Profile) -> Customer:
        """This customer, with what the order does not tell of him taken from his profile."""
        return replace(self, email=self.email or profile.email, language=self.language or profile.language)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a customer wants to be written to: where, and in which language (`de`, `de_AT`); empty is what is unknown."""

    email: str = ""
    language: str = ""


class PaymentStatus(StrEnum):
    """How a payment stands (`order.yaml`, payments.status), as far as invoicing tells them apart."""

    DEFERRED = "DEFERRED"
    AUTHORIZED = "AUTHORIZED"
    PAID = "PAID"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of the order. `paid` is what was captured before us, less what was `refunded`."""

    method: str
    status: PaymentStatus
    transaction_id: TransactionId | None
    authorized: Decimal
    paid: Decimal
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class InvoiceMark:
    """How an order shows its invoice (`mixins.invoice`)."""

    number: str
    document: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """When the goods came: an instant, or a day in the site's zone and the end of its time window."""

    instant: datetime | None = None
    day: date | None = None
    until: time | None = None

    def at(self, zone: ZoneInfo) -> datetime | None:
        """The instant of delivery in UTC; a day without a window ends with the day. None: not known."""
        if self.instant is not None:
            return self.instant.astimezone(UTC)
        if self.day is None:
            return None
        return datetime.combine(self.day, self.until or END_OF_DAY, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Order:
    """An order, as an invoice sees it."""

    id: OrderId
    status: str
    extended_status: str
    order_type: str
    sub_orders: tuple[str, ...]
    site_code: str
    currency: str
    created: datetime | None
    customer: Customer
    billing: Address
    shipping: Address | None
    lines: tuple[OrderLine, ...]
    payment_fees: tuple[Fee, ...]
    shipping_fee: Fee | None
    final: Price
    tax_lines: tuple[Price, ...]
    payments: tuple[Payment, ...]
    delivery: Delivery
    mark: InvoiceMark | None
    credit_note: InvoiceMark | None = None
    """What cancelled the last of its invoices that was cancelled."""

    def delivered(self) -> Mapping[str, int]:
        """What was delivered of each line that is sold by the piece; nothing where that is just what was ordered."""
        pieces = {line.id: line.pieces for line in self.lines if line.id and line.pieces is not None}
        packed = {line.id: line.packed for line in self.lines if line.id in pieces and line.packed is not None}
        return {} if packed.items() <= pieces.items() else {**pieces, **packed}

    def require_invoiceable(self) -> None:
        """Raises `AlreadyInvoiced` or `OrderNotInvoiceable` unless the order may get an invoice."""
        if self.mark is not None:
            raise AlreadyInvoiced(self.mark.number, self.mark.document)
        if self.status in NEVER_INVOICED:
            raise OrderNotInvoiceable(f"the order's status is {self.status}; only accepted orders get an invoice")
        if self.order_type == "MASTER_ORDER" and self.sub_orders:
            raise OrderNotInvoiceable(f"the order is split; invoice its sub-orders: {', '.join(self.sub_orders[:10])}")


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells: what the law wants on an invoice of its issuer (VAT directive art. 226)."""

    name: str = ""
    street: str = ""
    zip_code: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""
    iban: str = ""
    bic: str = ""
    email: str = ""
    phone: str = ""
    tax_number: str = ""
    """At the local tax office (BT-32), for those who have no VAT id."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What an invoice must say of its issuer, and nobody gave (VAT directive art. 226; terms of EN 16931)."""
        required = {
            "seller name (BT-27)": self.name,
            "seller street (BT-35)": self.street,
            "seller zip code (BT-38)": self.zip_code,
            "seller city (BT-37)": self.city,
            "seller country (BT-40)": self.country,
            "seller VAT id (BT-31)": self.vat_id or self.tax_number,
        }
        return tuple(what for what, given in required.items() if not one_line(given))

    def over(self, other: Seller) -> Seller:
        """This seller, with what it lacks taken from the other."""
        given = {f.name: value for f in fields(self) if (value := getattr(self, f.name))}
        return replace(other, **given)


@dataclass(frozen=True, slots=True)
class Site:
    """A shop of the tenant: its language and zone, its logo, and the seller behind it."""

    code: str
    brand: str
    language: str
    zone: str
    logo_url: str
    seller: Seller

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone in which the site's days begin and end."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class InvoiceSettings:
    """Which orders an automatic job takes (configuration `invoiceSettings`). An empty list is no filter."""

    statuses: tuple[str, ...]
    extended_statuses: tuple[str, ...]
    threshold: timedelta

    def select(self, order: Order, zone: ZoneInfo, now: datetime) -> bool:
        """Whether the order is due: both statuses fit, it was delivered long enough ago, and has no invoice.

        Declined orders and those in checkout are never due, so that a missing filter does not fill jobs with failures.
        """
        if order.mark is not None or order.status in NEVER_INVOICED:
            return False
        if self.statuses and order.status not in self.statuses:
            return False
        if self.extended_statuses and order.extended_status not in self.extended_statuses:
            return False
        delivered = order.delivery.at(zone)
        return delivered is not None and delivered <= now - self.threshold

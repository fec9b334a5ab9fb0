"""The platform's order document as it is sent (`order.yaml`, salesOrder), as far as an invoice needs it.

What is not named here is skipped unread, so a document may be as large and as strange elsewhere as it likes. Deprecated
price fields are among that: they contradict the calculated ones. Anything optional may also be null.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

Name = str | dict[str, str | None] | None
Code = str | int | None
"""A code that some tenants write as a number."""


class PriceDocument(Struct, rename="camel"):
    """A calculated price (`order.yaml`, price). The rate is given only where it is uniform."""

    net_value: Decimal
    gross_value: Decimal
    tax_value: Decimal
    tax_code: str | None = None
    tax_rate: Decimal | None = None


class TaxAggregate(Struct, rename="camel"):
    """The tax of the whole order by code and rate; the same pair may come twice."""

    lines: list[PriceDocument] | None = None


class FinalPrice(PriceDocument, rename="camel"):
    """The price of the whole order."""

    tax_aggregate: TaxAggregate | None = None


class FeeDocument(Struct, rename="camel"):
    """A fee of an entry or of the payment; its name is a text or one text a language."""

    price: PriceDocument
    name: Name = None
    discounted_price: PriceDocument | None = None


class EntryPrice(Struct, rename="camel"):
    """The prices of an entry (`entries[].calculatedPrice`)."""

    price: PriceDocument
    final_price: PriceDocument
    discounted_price: PriceDocument | None = None
    fees: list[FeeDocument] | None = None
    total_fee: PriceDocument | None = None


class OrderPrice(Struct, rename="camel"):
    """The prices of the order (`calculatedPrice`). `shipping` is before discounts, `total_shipping` after them."""

    final_price: FinalPrice
    payment_fees: list[FeeDocument] | None = None
    shipping: PriceDocument | None = None
    total_shipping: PriceDocument | None = None


class ProductDocument(Struct, rename="camel"):
    """What was bought."""

    id: Code = None
    sku: Code = None
    code: Code = None
    name: Name = None
    localized_name: dict[str, str | None] | None = None


class MeasurementUnit(Struct, rename="camel"):
    """In what it is measured."""

    unit: str | None = None


class EntryDocument(Struct, rename="camel"):
    """One position (`orderEntry`)."""

    calculated_unit_price: PriceDocument
    calculated_price: EntryPrice
    id: Code = None
    amount: Decimal | None = None
    effective_quantity: Decimal | None = None
    packed_amount_in_pc: Decimal | None = None
    measurement_unit: MeasurementUnit | None = None
    product: ProductDocument | None = None


class AddressDocument(Struct, rename="camel"):
    """A billing or shipping address."""

    contact_name: str | None = None
    company_name: str | None = None
    street: str | None = None
    street_number: Code = None
    street_appendix: Code = None
    extra_line1: str | None = None
    extra_line2: str | None = None
    extra_line3: str | None = None
    extra_line4: str | None = None
    zip_code: Code = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class CustomerDocument(Struct, rename="camel"):
    """Who ordered: a company has `name`, a person `firstName` and `lastName`."""

    id: Code = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None


class PaymentDocument(Struct, rename="camel"):
    """One payment (`payments[]`)."""

    status: str | None = None
    method: str | None = None
    provider: str | None = None
    currency: str | None = None
    transaction_id: str | None = None
    authorized_amount: Decimal | None = None
    paid_amount: Decimal | None = None
    refund_amount: Decimal | None = None


class TimeRange(Struct, rename="camel"):
    """When on the day."""

    time_to: str | None = None


class DeliveryWindow(Struct, rename="camel"):
    """On which day, in the time of the site."""

    delivery_date: str | None = None
    delivery_time_range: TimeRange | None = None


class DeliveryTime(Struct, rename="camel"):
    """The older way to say when: an instant."""

    delivery_date: str | None = None


class GeneralAttributes(Struct, rename="camel"):
    """The tenant's own attributes; the extended status is a text with leading zeros, as a rule."""

    extended_order_status: Code = None


class InvoiceMixin(Struct, rename="camel"):
    """The mark that an invoice leaves; or, when it is cancelled, which one it was and what cancelled it."""

    invoice_no: Code = None
    invoice_document: str | None = None
    cancelled_invoice_no: Code = None
    credit_note_no: Code = None
    credit_note_document: str | None = None


class Mixins(Struct, rename="camel"):
    """The extensions that invoicing knows; there may be any others."""

    general_attributes: GeneralAttributes | None = None
    delivery_time: DeliveryTime | None = None
    invoice: InvoiceMixin | None = None


class ShippingLine(Struct, rename="camel"):
    """A way of shipping; of it, only what it is called."""

    name: str | None = None
    localized_name: dict[str, str | None] | None = None


class Shipping(Struct, rename="camel"):
    """How it was shipped."""

    lines: list[ShippingLine] | None = None


class SubOrder(Struct):
    """A part of a split order."""

    id: str | None = None


class OrderSummary(Struct, rename="camel"):
    """What an answer to a search says of an order."""

    id: str
    status: str | None = None
    site_code: Code = None
    delivery_window: DeliveryWindow | None = None
    mixins: Mixins | None = None


class OrderDocument(OrderSummary, rename="camel", kw_only=True):
    """A whole order."""

    calculated_price: OrderPrice
    entries: list[EntryDocument]
    currency: str | None = None
    order_type: str | None = None
    sub_orders: list[str | SubOrder] | None = None
    created: str | None = None
    customer: CustomerDocument | None = None
    billing_address: AddressDocument | None = None
    shipping_address: AddressDocument | None = None
    payments: list[PaymentDocument] | None = None
    shipping: Shipping | None = None

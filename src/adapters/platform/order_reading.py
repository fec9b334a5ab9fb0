"""The platform's order document becomes the order that invoicing sees.

Raises `InvoiceIncomplete` with the path of the field for what cannot be read; whether an order may be invoiced is not
decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import msgspec
from msgspec import Raw

from adapters.platform.order_payments import payment_of
from adapters.platform.prices import exact, optional_price, price
from adapters.platform.salesorder import (
    AddressDocument,
    Code,
    CustomerDocument,
    DeliveryWindow,
    EntryDocument,
    FeeDocument,
    Mixins,
    Name,
    OrderDocument,
    OrderSummary,
    ProductDocument,
    Shipping,
    SubOrder,
    TaxAggregate,
)
from domain.errors import InvoiceIncomplete
from domain.order import (
    Address,
    Customer,
    Delivery,
    Fee,
    InvoiceMark,
    LocalText,
    Order,
    OrderId,
    OrderLine,
    Price,
)

NOTHING = Price(Decimal(0), Decimal(0), Decimal(0))


def summary_of(document: OrderSummary) -> Order:
    """The order as far as an answer to a search tells it: how it stands, not what it costs."""
    mixins = document.mixins or Mixins()
    attributes = mixins.general_attributes
    return Order(
        id=OrderId(document.id),
        status=document.status or "",
        extended_status=_text(attributes.extended_order_status) if attributes else "",
        order_type="",
        sub_orders=(),
        site_code=_text(document.site_code),
        currency="",
        created=None,
        customer=Customer(),
        billing=Address(),
        shipping=None,
        lines=(),
        payment_fees=(),
        total_shipping=None,
        shipping_name={},
        final=NOTHING,
        tax_lines=(),
        payments=(),
        delivery=_delivery(document.delivery_window or DeliveryWindow(), mixins),
        mark=_mark(mixins),
    )


def order_of(document: OrderDocument, *, vat_id: str) -> Order:
    """The order in this document. The buyer's VAT id lies where the tenant keeps it, so it is given."""
    calculated = document.calculated_price
    return replace(
        summary_of(document),
        order_type=document.order_type or "",
        sub_orders=tuple(_sub_order(sub) for sub in document.sub_orders or ()),
        currency=document.currency or "",
        created=_instant(document.created, "created"),
        customer=_customer(document.customer or CustomerDocument(), vat_id),
        billing=_address(document.billing_address or AddressDocument()),
        shipping=_address(document.shipping_address) if document.shipping_address else None,
        lines=tuple(_line(entry, f"entries[{n}]") for n, entry in enumerate(document.entries)),
        payment_fees=_fees(calculated.payment_fees, "calculatedPrice.paymentFees"),
        total_shipping=optional_price(calculated.total_shipping, "calculatedPrice.totalShipping"),
        shipping_name=_shipping_name(document.shipping or Shipping()),
        final=price(calculated.final_price, "calculatedPrice.finalPrice"),
        tax_lines=_tax_lines(calculated.final_price.tax_aggregate or TaxAggregate()),
        payments=tuple(
            payment_of(payment, document.currency or "", f"payments[{n}]")
            for n, payment in enumerate(document.payments or ())
        ),
    )


def text_at(content: bytes, path: str) -> str:
    """The text at this path of a JSON document, names joined by dots; empty when there is none."""
    raw = Raw(content)
    try:
        for name in path.split("."):
            raw = msgspec.json.decode(raw, type=dict[str, Raw]).get(name, Raw(b"null"))
        return msgspec.json.decode(raw, type=str | None) or ""
    except msgspec.ValidationError:
        return ""


# Prices


def _line(entry: EntryDocument, where: str) -> OrderLine:
    product = entry.product or ProductDocument()
    prices = entry.calculated_price
    path = f"{where}.calculatedPrice"
    return OrderLine(
        id=_text(entry.id),
        sku=_text(product.sku) or _text(product.code) or _text(product.id),
        name=_name(product.name) | _name(product.localized_name),
        quantity=_quantity(entry, where),
        unit=(entry.measurement_unit.unit if entry.measurement_unit else None) or "",
        unit_price=price(entry.calculated_unit_price, f"{where}.calculatedUnitPrice"),
        price=price(prices.price, f"{path}.price"),
        discounted=optional_price(prices.discounted_price, f"{path}.discountedPrice"),
        fees=_fees(prices.fees, f"{path}.fees"),
        total_fee=optional_price(prices.total_fee, f"{path}.totalFee"),
        final=price(prices.final_price, f"{path}.finalPrice"),
    )


def _quantity(entry: EntryDocument, where: str) -> Decimal:
    """What the customer pays for, which for goods by weight is not the number of pieces."""
    if entry.effective_quantity is not None:
        return exact(entry.effective_quantity, where, "effectiveQuantity")
    if entry.amount is not None:
        return exact(entry.amount, where, "amount")
    raise InvoiceIncomplete(f"{where}.amount", "is missing")


def _fees(documents: Sequence[FeeDocument] | None, where: str) -> tuple[Fee, ...]:
    return tuple(
        Fee(_name(fee.name), price(fee.discounted_price or fee.price, f"{where}[{n}].price"))
        for n, fee in enumerate(documents or ())
    )


def _tax_lines(aggregate: TaxAggregate) -> tuple[Price, ...]:
    where = "calculatedPrice.finalPrice.taxAggregate.lines"
    return tuple(price(line, f"{where}[{n}]") for n, line in enumerate(aggregate.lines or ()))


# Who, where, when


def _customer(document: CustomerDocument, vat_id: str) -> Customer:
    person = f"{document.first_name or ''} {document.last_name or ''}".strip()
    return Customer(
        id=_text(document.id),
        name=(document.name or "").strip() or person,
        company=document.company or "",
        email=(document.email or "").strip(),
        vat_id=vat_id.strip(),
    )


def _address(document: AddressDocument) -> Address:
    more = (
        _text(document.street_appendix),
        document.extra_line1,
        document.extra_line2,
        document.extra_line3,
        document.extra_line4,
    )
    return Address(
        name=document.contact_name or "",
        company=document.company_name or "",
        street=f"{document.street or ''} {_text(document.street_number)}".strip(),
        extra=tuple(line.strip() for line in more if line and line.strip()),
        zip_code=_text(document.zip_code),
        city=document.city or "",
        state=document.state or "",
        country=document.country or "",
    )


def _delivery(window: DeliveryWindow, mixins: Mixins) -> Delivery:
    """The instant of the older mixin where there is one; else the day, until the end of its time range."""
    older = mixins.delivery_time.delivery_date if mixins.delivery_time else None
    if older:
        return _instant_or_day(older, "mixins.deliveryTime.deliveryDate", None)
    until = window.delivery_time_range.time_to if window.delivery_time_range else None
    if not window.delivery_date:
        return Delivery()
    return _instant_or_day(window.delivery_date, "deliveryWindow.deliveryDate", _until(until))


def _instant_or_day(told: str, where: str, until: time | None) -> Delivery:
    if len(told) > len("2025-06-12"):
        return Delivery(instant=_instant(told, where))
    try:
        return Delivery(day=date.fromisoformat(told), until=until)
    except ValueError:
        raise InvoiceIncomplete(where, f"is {told!r}, not a date") from None


def _until(told: str | None) -> time | None:
    if not told or told.startswith("24:"):
        return None
    try:
        return time.fromisoformat(told).replace(tzinfo=None)
    except ValueError:
        raise InvoiceIncomplete("deliveryWindow.deliveryTimeRange.timeTo", f"is {told[:40]!r}, not a time") from None


def _instant(told: str | None, where: str) -> datetime | None:
    """An instant in UTC. The platform writes ISO 8601 with Z or an offset, sometimes with a space for the T."""
    if not told:
        return None
    try:
        instant = datetime.fromisoformat(told)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvoiceIncomplete(where, f"is {told[:40]!r}, not an instant") from None


def _mark(mixins: Mixins) -> InvoiceMark | None:
    if mixins.invoice is None or not _text(mixins.invoice.invoice_no):
        return None
    return InvoiceMark(_text(mixins.invoice.invoice_no), mixins.invoice.invoice_document or "")


# Texts


def _shipping_name(shipping: Shipping) -> LocalText:
    line = next(iter(shipping.lines or ()), None)
    return _name(line.name) | _name(line.localized_name) if line else {}


def _name(name: Name) -> dict[str, str]:
    if isinstance(name, dict):
        return {language: text for language, text in name.items() if text}
    return {"": name} if name else {}


def _sub_order(sub: str | SubOrder) -> str:
    return sub if isinstance(sub, str) else sub.id or ""


def _text(code: Code) -> str:
    return "" if code is None else str(code)

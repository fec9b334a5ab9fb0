"""The platform's order document becomes the order that invoicing sees.

Raises `InvoiceIncomplete` with the path of the field for what cannot be read; whether an order may be invoiced is not
decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec
from msgspec import Raw

from adapters.platform.complaints import quotable
from adapters.platform.dates import delivery_of, instant_of
from adapters.platform.order_payments import payment_of
from adapters.platform.order_terms import unreadable
from adapters.platform.prices import exact, optional_price, price
from adapters.platform.salesorder import (
    AddressDocument,
    Code,
    CustomerDocument,
    DeliveryWindow,
    EntryDocument,
    FeeDocument,
    InvoiceMixin,
    Mixins,
    Name,
    OrderDocument,
    OrderPrice,
    OrderSummary,
    ProductDocument,
    Shipping,
    SubOrder,
    TaxAggregate,
)
from domain.order import (
    Address,
    Customer,
    Fee,
    InvoiceMark,
    LocalText,
    Order,
    OrderId,
    OrderLine,
    Price,
)

PIECE = "H87"
"""A piece, among the units of measurement (UN/ECE Recommendation 20)."""
MOST_PIECES = 10**9
NOTHING = Price(Decimal(0), Decimal(0), Decimal(0))
LONGEST_LINK = 2000


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
        shipping_fee=None,
        final=NOTHING,
        tax_lines=(),
        payments=(),
        delivery=delivery_of(document.delivery_window or DeliveryWindow(), mixins),
        mark=_mark(mixins),
        credit_note=_credit_note(mixins),
    )


def order_of(document: OrderDocument) -> Order:
    """The order in this document, but for what a tenant keeps in places of its own."""
    calculated = document.calculated_price
    return replace(
        summary_of(document),
        order_type=document.order_type or "",
        sub_orders=tuple(_sub_order(sub) for sub in document.sub_orders or ()),
        currency=document.currency or "",
        created=instant_of(document.created, "created"),
        customer=_customer(document.customer or CustomerDocument()),
        billing=_address(document.billing_address or AddressDocument()),
        shipping=_address(document.shipping_address) if document.shipping_address else None,
        lines=tuple(_line(entry, f"entries[{n}]") for n, entry in enumerate(document.entries)),
        payment_fees=_fees(calculated.payment_fees, "calculatedPrice.paymentFees"),
        shipping_fee=_shipping_fee(calculated, document.shipping or Shipping()),
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
        sku=_trimmed(product.sku) or _trimmed(product.code) or _trimmed(product.id),
        name=_name(product.name) | _name(product.localized_name),
        quantity=_quantity(entry, where),
        unit=_trimmed(entry.measurement_unit.unit if entry.measurement_unit else None),
        unit_price=price(entry.calculated_unit_price, f"{where}.calculatedUnitPrice"),
        price=price(prices.price, f"{path}.price"),
        discounted=optional_price(prices.discounted_price, f"{path}.discountedPrice"),
        fees=_fees(prices.fees, f"{path}.fees"),
        total_fee=optional_price(prices.total_fee, f"{path}.totalFee"),
        final=price(prices.final_price, f"{path}.finalPrice"),
        pieces=_pieces(entry.amount, entry),
        packed=_pieces(entry.packed_amount_in_pc, entry),
    )


def _quantity(entry: EntryDocument, where: str) -> Decimal:
    """What the customer pays for, which for goods by weight is not the number of pieces."""
    if entry.effective_quantity is not None:
        return exact(entry.effective_quantity, where, "effectiveQuantity")
    if entry.amount is not None:
        return exact(entry.amount, where, "amount")
    raise unreadable(f"{where}.amount", "is missing")


def _pieces(amount: Decimal | None, entry: EntryDocument) -> int | None:
    """A number of pieces; of what is sold by weight or length nobody knows one."""
    unit = entry.measurement_unit.unit if entry.measurement_unit else None
    if amount is None or not amount.is_finite() or (unit or PIECE) != PIECE:
        return None
    return int(amount) if 0 <= amount <= MOST_PIECES and not amount % 1 else None


def _fees(documents: Sequence[FeeDocument] | None, where: str) -> tuple[Fee, ...]:
    return tuple(_fee(fee, f"{where}[{n}]") for n, fee in enumerate(documents or ()))


def _fee(document: FeeDocument, where: str) -> Fee:
    listed = price(document.price, f"{where}.price")
    discounted = optional_price(document.discounted_price, f"{where}.discountedPrice")
    return Fee(_name(document.name), discounted or listed, listed if discounted else None)


def _shipping_fee(prices: OrderPrice, shipping: Shipping) -> Fee | None:
    if prices.total_shipping is None:
        return None
    return Fee(
        name=_shipping_name(shipping),
        final=price(prices.total_shipping, "calculatedPrice.totalShipping"),
        listed=optional_price(prices.shipping, "calculatedPrice.shipping"),
    )


def _tax_lines(aggregate: TaxAggregate) -> tuple[Price, ...]:
    where = "calculatedPrice.finalPrice.taxAggregate.lines"
    return tuple(price(line, f"{where}[{n}]") for n, line in enumerate(aggregate.lines or ()))


# Who, where, when


def _customer(document: CustomerDocument) -> Customer:
    person = f"{_trimmed(document.first_name)} {_trimmed(document.last_name)}".strip()
    return Customer(
        id=_text(document.id),
        name=_trimmed(document.name) or person,
        company=_trimmed(document.company),
        email=_trimmed(document.email),
    )


def _address(document: AddressDocument) -> Address:
    more = (
        document.street_appendix,
        document.extra_line1,
        document.extra_line2,
        document.extra_line3,
        document.extra_line4,
    )
    return Address(
        name=_trimmed(document.contact_name),
        company=_trimmed(document.company_name),
        street=f"{_trimmed(document.street)} {_trimmed(document.street_number)}".strip(),
        extra=tuple(line for line in map(_trimmed, more) if line),
        zip_code=_trimmed(document.zip_code),
        city=_trimmed(document.city),
        state=_trimmed(document.state),
        country=_trimmed(document.country),
    )


def _mark(mixins: Mixins) -> InvoiceMark | None:
    return mark_in(mixins.invoice or InvoiceMixin())


def _credit_note(mixins: Mixins) -> InvoiceMark | None:
    there = mixins.invoice or InvoiceMixin()
    return mark_in(InvoiceMixin(there.credit_note_no, there.credit_note_document))


def mark_in(mixin: InvoiceMixin) -> InvoiceMark | None:
    """The mark that an invoice left, if one did. Others may have written it: what is no link is not given as one."""
    number, link = _text(mixin.invoice_no).strip(), (mixin.invoice_document or "").strip()
    if not number:
        return None
    is_link = link.startswith(("https://", "http://")) and link.isprintable() and len(link) <= LONGEST_LINK
    return InvoiceMark(quotable(number), link if is_link else "")


# Texts


def _shipping_name(shipping: Shipping) -> LocalText:
    line = next(iter(shipping.lines or ()), None)
    return _name(line.name) | _name(line.localized_name) if line else {}


def _name(name: Name) -> dict[str, str]:
    if isinstance(name, dict):
        return {language: text for language, text in name.items() if text and text.strip()}
    return {"": name} if name and name.strip() else {}


def _sub_order(sub: str | SubOrder) -> str:
    return quotable(sub if isinstance(sub, str) else sub.id or "")


def _text(code: Code) -> str:
    return "" if code is None else str(code)


def _trimmed(text: Code) -> str:
    """What is said, blanks before and after it left out: a text of blanks says nothing."""
    return _text(text).strip()

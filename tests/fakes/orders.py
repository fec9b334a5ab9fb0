"""Orders to try things on: valid ones that take changes, and the documents the platform would send of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from domain.money import total
from domain.order import (
    Address,
    Customer,
    Delivery,
    Fee,
    Order,
    OrderId,
    OrderLine,
    Payment,
    PaymentStatus,
    Price,
    TransactionId,
)

STATUSES = {
    PaymentStatus.AUTHORIZED: "AUTHORIZATION_SUCCESS",
    PaymentStatus.PAID: "CAPTURE_SUCCESS",
    PaymentStatus.DEFERRED: "PENDING",
    PaymentStatus.FAILED: "AUTHORIZATION_FAILURE",
}

BY_INVOICE = Payment("invoice", PaymentStatus.DEFERRED, None, Decimal(0), Decimal(0))


def a_price(net: str, tax: str, rate: int | str = 19) -> Price:
    """A price from its net and its tax."""
    amounts = Decimal(net), Decimal(net) + Decimal(tax), Decimal(tax)
    return Price(*amounts, tax_code="STANDARD" if rate == 19 else "REDUCED", rate=Decimal(rate))


def a_line(**changes: Any) -> OrderLine:
    """Two mugs for 20.00 and 19 % VAT, if nothing else is said."""
    line = OrderLine(
        id="mug",
        sku="MUG-1",
        name={"": "Mug", "de": "Becher"},
        quantity=Decimal(2),
        unit="",
        unit_price=a_price("10.00", "1.90"),
        price=a_price("20.00", "3.80"),
        discounted=None,
        fees=(),
        total_fee=None,
        final=a_price("20.00", "3.80"),
    )
    line = replace(line, **changes)
    by_the_piece = not line.unit and not line.quantity % 1 and "pieces" not in changes
    return replace(line, pieces=int(line.quantity)) if by_the_piece else line


def an_order(order_id: str = "EON1", **changes: Any) -> Order:
    """Two mugs over 23.80 EUR, delivered, the card authorised for them, if nothing else is said."""
    final = a_price("20.00", "3.80")
    order = Order(
        id=OrderId(order_id),
        status="CREATED",
        extended_status="70",
        order_type="",
        sub_orders=(),
        site_code="main",
        currency="EUR",
        created=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        customer=Customer(id="c-1", name="Żaneta Ó Brien", email="zaneta@example.com"),
        billing=Address(name="Żaneta Ó Brien", street="Lange Straße 2", zip_code="10115", city="Berlin", country="DE"),
        shipping=None,
        lines=(a_line(),),
        payment_fees=(),
        shipping_fee=None,
        final=final,
        tax_lines=(final,),
        payments=(a_payment(order_id),),
        delivery=Delivery(day=date(2026, 11, 21), until=time(14, 30)),
        mark=None,
    )
    return replace(order, **changes)


def a_line_of(goods: Price, **changes: Any) -> OrderLine:
    """One mug at this price."""
    line = a_line(quantity=Decimal(1), unit_price=goods, price=goods, final=goods)
    return replace(line, **changes)


def an_order_of(
    *lines: OrderLine, fees: tuple[Fee, ...] = (), shipping: Fee | Price | None = None, **changes: Any
) -> Order:
    """An order of these lines that adds up, paid by invoice if nothing else is said."""
    shipping = Fee({}, shipping) if isinstance(shipping, Price) else shipping
    on_top = [*fees, *([shipping] if shipping else [])]
    parts = [line.final for line in lines] + [fee.final for fee in on_top]
    order = an_order(
        lines=lines,
        payment_fees=fees,
        shipping_fee=shipping,
        final=summed(*parts),
        tax_lines=tuple(parts),
        payments=(BY_INVOICE,),
    )
    return replace(order, **changes)


def delivered_line(line: OrderLine, pieces: int | None) -> OrderLine:
    """The line as it comes to when so many pieces are delivered."""
    if pieces is None or line.pieces is None:
        return line
    unit = line.unit_price
    price = Price(unit.net * pieces, unit.gross * pieces, unit.tax * pieces)
    whole = replace(price, tax_code=line.price.tax_code, rate=line.price.rate)
    return replace(line, quantity=Decimal(pieces), pieces=pieces, price=whole, final=whole)


def summed(*prices: Price) -> Price:
    """The prices as one, which has no rate of its own."""
    return Price(total(p.net for p in prices), total(p.gross for p in prices), total(p.tax for p in prices))


def a_payment(order_id: str = "EON1", **changes: Any) -> Payment:
    """The card that was authorised for the order."""
    transaction = TransactionId(f"t-{order_id}")
    payment = Payment("credit_card", PaymentStatus.AUTHORIZED, transaction, Decimal("23.80"), Decimal(0))
    return replace(payment, **changes)


def document_of(order: Order) -> dict[str, Any]:
    """The order as the platform would send it. Amounts stay decimals: encode them as numbers."""
    shipping = order.shipping_fee
    document = {
        "id": order.id,
        "status": order.status,
        "orderType": order.order_type or None,
        "subOrders": list(order.sub_orders),
        "siteCode": order.site_code,
        "currency": order.currency,
        "created": order.created.isoformat() if order.created else None,
        "customer": {
            "id": order.customer.id,
            "name": order.customer.name,
            "company": order.customer.company,
            "email": order.customer.email,
        },
        "billingAddress": _address(order.billing),
        "shippingAddress": _address(order.shipping) if order.shipping else None,
        "entries": [_entry(line) for line in order.lines],
        "shipping": {"lines": [{"localizedName": shipping.name}]} if shipping and shipping.name else None,
        "payments": [_payment(payment, order.currency) for payment in order.payments],
        "calculatedPrice": {
            "paymentFees": [_fee(fee) for fee in order.payment_fees],
            "shipping": _price(shipping.listed) if shipping else None,
            "totalShipping": _price(shipping.final) if shipping else None,
            "finalPrice": {**_known(order.final), "taxAggregate": {"lines": [_price(p) for p in order.tax_lines]}},
        },
        "deliveryWindow": _window(order.delivery),
        "mixins": _mixins(order),
        "metadata": {"version": 1, "mixins": {}},
    }
    whole: dict[str, Any] = _without_nothing(document)
    return whole


def _without_nothing(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_nothing(value) for key, value in part.items() if value is not None}
    return [_without_nothing(item) for item in part] if isinstance(part, list) else part


def _mixins(order: Order) -> dict[str, Any]:
    mixins: dict[str, Any] = {"generalAttributes": {"extendedOrderStatus": order.extended_status}}
    if order.customer.vat_id:
        mixins["customerTax"] = {"vatId": order.customer.vat_id}
    if order.delivery.instant:
        mixins["deliveryTime"] = {"deliveryDate": order.delivery.instant.isoformat()}
    if order.mark:
        mixins["invoice"] = {"invoiceNo": order.mark.number, "invoiceDocument": order.mark.document}
    return mixins


def _window(delivery: Delivery) -> dict[str, Any] | None:
    if delivery.day is None:
        return None
    window: dict[str, Any] = {"deliveryDate": delivery.day.isoformat()}
    if delivery.until is not None:
        window["deliveryTimeRange"] = {"timeFrom": "08:00", "timeTo": delivery.until.isoformat("minutes")}
    return window


def _entry(line: OrderLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "amount": line.quantity if line.pieces is None else line.pieces,
        **({} if line.packed is None else {"packedAmountInPc": line.packed}),
        "effectiveQuantity": line.quantity,
        "measurementUnit": {"unit": line.unit, "value": 1},
        "product": {"sku": line.sku, "name": line.name.get(""), "localizedName": _texts(line.name)},
        "calculatedUnitPrice": _price(line.unit_price),
        "calculatedPrice": {
            "price": _price(line.price),
            "discountedPrice": _price(line.discounted),
            "fees": [_fee(fee) for fee in line.fees],
            "totalFee": _price(line.total_fee),
            "finalPrice": _price(line.final),
        },
    }


def _fee(fee: Fee) -> dict[str, Any]:
    discounted = _price(fee.final) if fee.listed else None
    return {"name": fee.name, "price": _price(fee.listed or fee.final), "discountedPrice": discounted}


def _price(price: Price | None) -> dict[str, Any] | None:
    return _known(price) if price else None


def _known(price: Price) -> dict[str, Any]:
    amounts = {"netValue": price.net, "grossValue": price.gross, "taxValue": price.tax}
    return {**amounts, "taxCode": price.tax_code, "taxRate": price.rate}


def _payment(payment: Payment, currency: str) -> dict[str, Any]:
    return {
        "method": payment.method,
        "provider": "payment-gateway",
        "status": "REFUND_SUCCESS" if payment.refunded else STATUSES[payment.status],
        "transactionId": payment.transaction_id,
        "authorizedAmount": payment.authorized,
        "paidAmount": payment.paid + payment.refunded,
        "refundAmount": payment.refunded,
        "currency": currency,
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "contactName": address.name,
        "companyName": address.company,
        "street": address.street,
        **{f"extraLine{n}": line for n, line in enumerate(address.extra, 1)},
        "zipCode": address.zip_code,
        "city": address.city,
        "state": address.state,
        "country": address.country,
    }


def _texts(name: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in name.items() if language}

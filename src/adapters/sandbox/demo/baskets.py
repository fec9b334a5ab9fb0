"""Order documents from what is in a basket, every sum as the platform's published orders keep it (`order.yaml`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.sandbox.amounts import plus, tax_lines
from adapters.sandbox.answers import Json
from adapters.sandbox.demo.buyers import Buyer
from adapters.sandbox.demo.prices import Tariff

NOTHING = Decimal(0)
PACKING = {"en": "Gift wrapping", "de": "Geschenkverpackung"}
PAYMENT_FEE = {"en": "Payment fee", "de": "Zahlungsgebühr"}


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a basket. The amounts are for one piece, gross or net as the shop prices; `off` is in percent."""

    sku: str
    name: str
    amount: Decimal
    quantity: int = 1
    reduced: bool = False
    off: Decimal = NOTHING
    packing: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought in a shop, and what is paid on top; `shipping_off` is in percent."""

    tariff: Tariff
    items: Sequence[Item]
    shipping: Decimal = NOTHING
    payment_fee: Decimal = NOTHING
    shipping_off: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How an order stands. Extended status 10 is one that no automatic job takes."""

    created: datetime
    status: str = "CREATED"
    extended_status: str = "10"
    method: str = "credit_card"
    transaction_id: str = ""
    delivery: Json = field(default_factory=dict)
    mixins: Json = field(default_factory=dict)


def order_of(order_id: str, buyer: Buyer, basket: Basket, so: Circumstances) -> Json:
    """The order as the platform returns it."""
    entries = [_entry(n, item, basket.tariff) for n, item in enumerate(basket.items)]
    calculated = _calculated(basket, entries)
    return {
        "id": order_id,
        "status": so.status,
        "created": _instant(so.created),
        "checkout": True,
        "channel": {"name": "storefront", "source": "https://shop.example/"},
        "siteCode": basket.tariff.site,
        "countryCode": basket.tariff.country,
        "currency": basket.tariff.currency,
        "customer": buyer.customer,
        "billingAddress": buyer.address,
        "shippingAddress": buyer.address,
        "entries": entries,
        "shipping": _shipping(basket),
        "payments": [_payment(order_id, basket.tariff, calculated["finalPrice"], so)],
        "calculatedPrice": calculated,
        **so.delivery,
        "mixins": {
            "generalAttributes": {"extendedOrderStatus": so.extended_status, "orderNumber": order_id},
            **buyer.mixins,
            **so.mixins,
        },
        "metadata": {"version": 1, "mixins": {}},
    }


def delivered_on(day: datetime) -> Json:
    """A delivery in a time window of this day."""
    window = {"timeFrom": "10:00", "timeTo": "14:30"}
    return {"deliveryWindow": {"deliveryDate": f"{day:%Y-%m-%d}", "deliveryTimeRange": window}}


def delivered_at(instant: datetime) -> Json:
    """A delivery at this instant, in the older way to say so."""
    return {"deliveryTime": {"deliveryDate": _instant(instant)}}


def _entry(number: int, item: Item, tariff: Tariff) -> Json:
    price = tariff.price(item.amount * item.quantity, reduced=item.reduced)
    prices: Json = {"price": price}
    goods = price
    if item.off:
        goods = tariff.price(item.amount * item.quantity * (100 - item.off) / 100, reduced=item.reduced)
        prices |= {"discountedPrice": {**goods, "appliedDiscounts": [_discount(item.off, price, goods)]}}
        prices |= {"totalDiscount": {"calculationType": _calculation(tariff), "value": _saved(price, goods)}}
    finals = [goods]
    if item.packing:
        fee = tariff.price(item.packing * item.quantity)
        prices |= {"fees": [{"id": "packing", "type": "ABSOLUTE", "name": PACKING, "price": fee}], "totalFee": fee}
        finals.append(fee)
    return {
        "id": f"{number}_{item.sku}",
        "type": "INTERNAL",
        "amount": item.quantity,
        "orderedAmount": item.quantity,
        "effectiveQuantity": item.quantity,
        "product": {"id": item.sku, "sku": item.sku, "name": item.name, "productType": "BASIC"},
        "calculatedUnitPrice": tariff.price(item.amount, reduced=item.reduced),
        "calculatedPrice": {**prices, "finalPrice": plus(finals)},
    }


def _discount(off: Decimal, price: Json, goods: Json) -> Json:
    return {
        "id": "sale",
        "value": off,
        "discountType": "PERCENT",
        "origin": "INTERNAL",
        "price": _less(price, goods),
    }


def _less(price: Json, goods: Json) -> Json:
    return {name: price[name] - goods[name] for name in ("netValue", "grossValue", "taxValue")}


def _saved(price: Json, goods: Json) -> Decimal:
    saved: Decimal = price["grossValue"] - goods["grossValue"]
    return saved


def _calculation(tariff: Tariff) -> str:
    return "ApplyDiscountAfterTax" if tariff.includes_tax else "ApplyDiscountBeforeTax"


def _calculated(basket: Basket, entries: list[Json]) -> Json:
    """The order's prices: lines, payment fee and shipping make the final price, and its tax lines again."""
    prices = [entry["calculatedPrice"] for entry in entries]
    fees = [basket.tariff.price(basket.payment_fee)] if basket.payment_fee else []
    shipping = _shipping_prices(basket) if basket.shipping else {}
    calculated: Json = {"price": plus(price["price"] for price in prices)}
    if fees:
        calculated["paymentFees"] = [{"id": "payment", "type": "ABSOLUTE", "name": PAYMENT_FEE, "price": fees[0]}]
    calculated |= shipping
    goods = [price.get("discountedPrice", price["price"]) for price in prices]
    packing = [price["totalFee"] for price in prices if "totalFee" in price]
    parts = [*goods, *packing, *fees, *([shipping["totalShipping"]] if shipping else [])]
    final = plus(parts)
    calculated["finalPrice"] = {**final, "taxAggregate": {"lines": tax_lines(parts)}}
    return calculated


def _shipping_prices(basket: Basket) -> Json:
    """What shipping costs before discounts and after them."""
    listed = basket.tariff.price(basket.shipping)
    if not basket.shipping_off:
        return {"shipping": listed, "totalShipping": listed}
    total = basket.tariff.price(basket.shipping * (100 - basket.shipping_off) / 100)
    return {
        "shipping": listed,
        "totalShipping": {**total, "appliedDiscounts": [_discount(basket.shipping_off, listed, total)]},
    }


def _shipping(basket: Basket) -> Json:
    """How it is sent; the sums are those of the older way to write prices."""
    total = {"amount": basket.shipping, "currency": basket.tariff.currency}
    name = {"name": "Parcel", "localizedName": {"en": "Parcel", "de": "Paket"}}
    return {"total": total, "lines": [{"code": "parcel", **total, **name}]}


def _payment(order_id: str, tariff: Tariff, final: Json, so: Circumstances) -> Json:
    """A card that is authorised for the order, or a payment that is settled elsewhere."""
    payment: Json = {"method": so.method, "provider": "payment-gateway", "paidAmount": 0, "currency": tariff.currency}
    if so.method == "invoice":
        return {**payment, "status": "PENDING", "paymentResponse": "Payment is handled externally"}
    authorized = final["grossValue"].quantize(Decimal(1) if tariff.decimals == 0 else Decimal("0.01"), "ROUND_HALF_UP")
    transaction = so.transaction_id or f"t-{order_id}"
    return {
        **payment,
        "status": "AUTHORIZATION_SUCCESS",
        "transactionId": transaction,
        "authorizedAmount": authorized,
    }


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

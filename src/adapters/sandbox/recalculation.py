"""Orders calculated anew (`order.yaml`, calculations): from what was delivered, or from their own lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

import msgspec

from adapters.sandbox.amounts import Share, plus, tax_lines
from adapters.sandbox.answers import Json, invalid, shaped

DIVISIBLE = ("price", "discountedPrice", "upliftValue")
"""The prices of a line that grow with its amount."""


class Delivered(msgspec.Struct, rename="camel"):
    """What was delivered of an entry."""

    entry_id: str
    delivered_amount: int
    delivered_amount_in_pc: int | None = None


class Deliveries(msgspec.Struct):
    """What was delivered of an order; entries that are not named stay as they are."""

    entries: list[Delivered] = []


_deliveries = msgspec.json.Decoder(Deliveries)


def delivered_order(order: Json, ordered: Mapping[str, Json], body: bytes, decimals: int) -> Json:
    """The order as it was delivered, its entries calculated from those that were ordered. Raises `Refused`."""
    deliveries = {each.entry_id: each for each in shaped(body, _deliveries).entries}
    for entry_id, each in deliveries.items():
        if entry_id not in ordered:
            raise invalid("entries.entryId", f"there is no entry {entry_id[:80]}")
        if each.delivered_amount < 0 or (each.delivered_amount_in_pc or 0) < 0:
            raise invalid("entries.deliveredAmount", "must be greater than or equal to 0")
    with _sound_prices():
        entries = [
            _delivered(ordered[entry_id], deliveries[entry_id], decimals) if entry_id in deliveries else entry
            for entry in entries_of(order)
            for entry_id in [str(entry.get("id"))]
        ]
    return calculated_order({**order, "entries": entries})


def calculated_order(order: Json) -> Json:
    """The order with the sums that its lines, fees and shipping make. Raises `Refused` when they have no prices."""
    with _sound_prices():
        return {**order, "calculatedPrice": _calculated(order["calculatedPrice"], order["entries"])}


def entries_of(order: Json) -> list[Json]:
    """The entries of the order, as far as they are entries."""
    entries = order.get("entries")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


@contextmanager
def _sound_prices() -> Iterator[None]:
    """Whatever is not as it should be in an order's prices is the caller's trouble. Raises `Refused`."""
    try:
        yield
    except (ArithmeticError, AttributeError, KeyError, TypeError) as error:
        raise invalid("calculatedPrice", "the order's prices cannot be calculated anew") from error


def _delivered(entry: Json, delivered: Delivered, decimals: int) -> Json:
    """The line with what was delivered in place of what was ordered."""
    share = Share(Decimal(delivered.delivered_amount), Decimal(entry["amount"]), decimals)
    pieces = delivered.delivered_amount_in_pc
    return {
        **entry,
        "amount": delivered.delivered_amount,
        "orderedAmount": entry.get("orderedAmount", entry["amount"]),
        "effectiveQuantity": delivered.delivered_amount,
        **({} if pieces is None else {"packedAmountInPc": pieces}),
        "calculatedPrice": _divided(entry["calculatedPrice"], share),
    }


def _divided(prices: Json, share: Share) -> Json:
    """A part of a line's prices; its final price is goods and fees, as ever."""
    parts: Json = {name: share.of_price(prices[name]) for name in DIVISIBLE if name in prices}
    if "totalDiscount" in prices:
        parts["totalDiscount"] = share.of_total_discount(prices["totalDiscount"])
    if prices.get("fees"):
        parts["fees"] = [share.of_fee(fee) for fee in prices["fees"]]
        parts["totalFee"] = plus(map(_goods, parts["fees"]))
    elif "totalFee" in prices:
        parts["totalFee"] = share.of_price(prices["totalFee"])
    final = plus([_goods(parts), *([parts["totalFee"]] if "totalFee" in parts else [])])
    return {**prices, **parts, "finalPrice": final}


def _calculated(prices: Json, entries: Sequence[Json]) -> Json:
    """An order's prices, the sums in them from its lines."""
    lines = [entry["calculatedPrice"] for entry in entries]
    payment_fees = [fee["price"] for fee in prices.get("paymentFees", [])]
    on_top = [*payment_fees, *([prices["totalShipping"]] if "totalShipping" in prices else [])]
    final = plus([*(line["finalPrice"] for line in lines), *on_top])
    aggregate = {"lines": tax_lines([*(part for line in lines for part in _parts(line)), *on_top])}
    sums: Json = {"price": plus(line["price"] for line in lines)}
    if "discountedPrice" in prices:
        sums["discountedPrice"] = plus(map(_goods, lines))
    if "totalFee" in prices:
        sums["totalFee"] = plus([*(line["totalFee"] for line in lines if "totalFee" in line), *payment_fees])
    if "totalDiscount" in prices:
        sums["totalDiscount"] = _total_discount(prices["totalDiscount"], lines)
    return {**prices, **sums, "finalPrice": {**final, "taxAggregate": aggregate}}


def _goods(prices: Json) -> Json:
    """The price of a line's goods, or of a fee, after what was taken off it."""
    goods: Json = prices["discountedPrice" if "discountedPrice" in prices else "price"]
    return goods


def _parts(prices: Json) -> list[Json]:
    """What a line consists of, each with a rate of its own."""
    fees = [_goods(fee) for fee in prices.get("fees", [])]
    total = [prices["totalFee"]] if "totalFee" in prices and not fees else []
    return [_goods(prices), *fees, *total]


def _total_discount(before: Json, entries: Sequence[Json]) -> Json:
    """What was taken off the lines. Which discounts those were is left out: they have no amounts of their own."""
    price = plus(entry["totalDiscount"]["price"] for entry in entries if "price" in entry.get("totalDiscount", {}))
    kind = {name: before[name] for name in ("calculationType",) if name in before}
    return {**kind, "value": price["grossValue"], "price": price}

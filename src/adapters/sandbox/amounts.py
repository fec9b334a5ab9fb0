"""Prices as the platform calculates them (`order.yaml`, calculatedPrice): summed, and divided, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.sandbox.answers import Json

VALUES = ("netValue", "grossValue", "taxValue")
PER_LINE = "ABSOLUTE"
"""The type of a fee that does not grow with the amount."""


def plus(prices: Iterable[Json]) -> Json:
    """The sum. It has a rate where all have the same."""
    listed = list(prices)
    summed: Json = {name: sum((_decimal(price.get(name)) for price in listed), Decimal(0)) for name in VALUES}
    rates = {(price.get("taxCode"), price.get("taxRate")) for price in listed}
    if len(rates) == 1 and None not in (rate := rates.pop()):
        summed["taxCode"], summed["taxRate"] = rate
    return summed


def tax_lines(prices: Iterable[Json]) -> list[Json]:
    """The sums of the prices with the same rate (`taxAggregate.lines`). Raises `KeyError` for one without a rate."""
    groups: dict[tuple[str, Decimal], list[Json]] = {}
    for price in prices:
        groups.setdefault((price.get("taxCode", ""), price["taxRate"]), []).append(price)
    return [plus(group) for group in groups.values()]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what a line says of its whole amount, as finely as its site calculates."""

    delivered: Decimal
    ordered: Decimal
    decimals: int

    def of_value(self, value: Any) -> Decimal:
        """This part of the value."""
        return (_decimal(value) * self.delivered / self.ordered).quantize(
            Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP
        )

    def of_price(self, price: Json) -> Json:
        """This part of the price and of all that was taken off it: net + tax = gross to the last digit."""
        net, gross = self.of_value(price.get("netValue")), self.of_value(price.get("grossValue"))
        part = {**price, "netValue": net, "grossValue": gross, "taxValue": gross - net}
        if isinstance(price.get("appliedDiscounts"), list):
            part["appliedDiscounts"] = [self._of_discount(discount) for discount in price["appliedDiscounts"]]
        return part

    def of_fee(self, fee: Json) -> Json:
        """The fee, which only a line without goods does not owe if it is one for the whole line."""
        if fee.get("type") == PER_LINE and self.delivered:
            return fee
        return fee | {name: self.of_price(fee[name]) for name in ("price", "discountedPrice") if name in fee}

    def of_total_discount(self, discount: Json) -> Json:
        """This part of all that was taken off a line."""
        part = {**discount, "value": self.of_value(discount.get("value"))}
        return part | {"price": self.of_price(discount["price"])} if "price" in discount else part

    def _of_discount(self, discount: Json) -> Json:
        """A percentage stays one."""
        value = {} if discount.get("discountType") == "PERCENT" else {"value": self.of_value(discount.get("value"))}
        return {**discount, **value, "price": self.of_price(discount["price"])} if "price" in discount else discount


def _decimal(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)

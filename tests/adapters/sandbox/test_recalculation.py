"""Orders calculated anew: every sum is again that of its parts, to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.answers import Json, Refused, content, encode
from adapters.sandbox.demo import demo_orders, generated_orders
from adapters.sandbox.recalculation import calculated_order, delivered_order
from fakes.clock import NOON

VALUES = ("netValue", "grossValue", "taxValue")
DATA = Path(__file__).parents[2] / "data"
GENERATED = list(generated_orders(60))


def deliver(order: Json, amounts: dict[str, int]) -> Json:
    """The order with these amounts delivered."""
    entries = [{"entryId": entry_id, "deliveredAmount": amount} for entry_id, amount in amounts.items()]
    ordered = {entry["id"]: entry for entry in order["entries"]}
    decimals = 0 if order["currency"] == "JPY" else 3
    return delivered_order(order, ordered, json.dumps({"entries": entries}).encode(), decimals)


def sum_of(prices: list[Any]) -> tuple[Decimal, ...]:
    """Net, gross, tax."""
    return tuple(sum((Decimal(price[name]) for price in prices), Decimal(0)) for name in VALUES)


def require_identities(order: Json) -> None:
    """What holds in every order the platform has published (`order.yaml`, its examples)."""
    prices = order["calculatedPrice"]
    lines = [entry["calculatedPrice"] for entry in order["entries"]]
    for line in lines:
        goods = line.get("discountedPrice", line["price"])
        assert sum_of([line["finalPrice"]]) == sum_of([goods, *([line["totalFee"]] if "totalFee" in line else [])])
    on_top = [fee["price"] for fee in prices.get("paymentFees", [])]
    on_top += [prices["totalShipping"]] if "totalShipping" in prices else []
    final = sum_of([prices["finalPrice"]])
    assert final == sum_of([*(line["finalPrice"] for line in lines), *on_top])
    assert final == sum_of(prices["finalPrice"]["taxAggregate"]["lines"])
    assert final[0] + final[2] == final[1]


def a_published(name: str) -> Json:
    """An example of `order.yaml`."""
    order: Json = content((DATA / name).read_bytes())
    return order


def test_an_order_calculated_from_its_own_lines_is_the_same() -> None:
    for order in [*demo_orders(NOON), *GENERATED]:
        if order["id"].startswith("EON"):
            continue  # its tax lines are in another order, or not yet merged
        assert encode(calculated_order(order)) == encode(order), order["id"]


@pytest.mark.parametrize("name", ["order_EON1200.json", "order_EON2076_unnested.json"])
def test_the_published_examples_keep_their_sums(name: str) -> None:
    order = a_published(name)
    again = calculated_order(deliver(order, {entry["id"]: entry["amount"] for entry in order["entries"]}))
    require_identities(again)
    for price in ("price", "discountedPrice", "totalFee", "finalPrice"):
        if price in order["calculatedPrice"]:
            assert sum_of([again["calculatedPrice"][price]]) == sum_of([order["calculatedPrice"][price]])


def test_half_of_a_line_costs_half_and_keeps_its_fee_for_the_line() -> None:
    order = a_published("order_EON1200.json")
    line = deliver(order, {order["entries"][0]["id"]: 1})["entries"][0]["calculatedPrice"]
    assert sum_of([line["price"]]) == (Decimal("294.118"), Decimal(350), Decimal("55.882"))
    assert sum_of([line["discountedPrice"]]) == (Decimal("141.431"), Decimal("168.303"), Decimal("26.872"))
    assert line["totalFee"]["grossValue"] == Decimal("3.299")
    assert line["totalDiscount"]["value"] == Decimal("181.920")


@given(st.integers(0, len(GENERATED) - 1), st.data())
def test_whatever_is_delivered_the_sums_are_those_of_the_parts(index: int, data: st.DataObject) -> None:
    order = GENERATED[index]
    amounts = {entry["id"]: data.draw(st.integers(0, 12)) for entry in order["entries"]}
    delivered = deliver(order, amounts)
    require_identities(delivered)
    assert [entry["amount"] for entry in delivered["entries"]] == list(amounts.values())
    assert [entry["orderedAmount"] for entry in delivered["entries"]] == [e["amount"] for e in order["entries"]]


@pytest.mark.parametrize(
    "change",
    [
        {"calculatedPrice": None},
        {"calculatedPrice": {"paymentFees": 7}},
        {"entries": [{"id": "x"}]},
        {"entries": [{"id": "x", "calculatedPrice": {"price": {}, "finalPrice": {}}}]},
        {"entries": "none"},
    ],
)
def test_what_has_no_prices_is_refused(change: Json) -> None:
    with pytest.raises(Refused) as raised:
        calculated_order({**GENERATED[0], **change})
    assert raised.value.status == 400

"""The demo's orders: right to the last digit, and ending as they are said to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import aiohttp
import msgspec
import pytest

from adapters.platform import Platform
from adapters.sandbox import Sandbox
from adapters.sandbox.demo import (
    AUTOMATIC_ORDERS,
    EXPECTED,
    LEFT_ALONE,
    MANUAL_ORDERS,
    demo_orders,
    generated_orders,
)
from domain.drafting import Terms, draft_of
from domain.errors import InvoicingError, OrderNotFound
from domain.job import JobType, OrderState
from domain.order import OrderId, TenantId
from domain.ports import Orders
from domain.vat import Exemption, VatRules
from fakes.clock import NOON, FakeClock
from fakes.sandbox_caller import Caller, encode

TERMS = Terms(VatRules(reasons={"EXEMPT": Exemption(text="Education")}))
VALUES = ("netValue", "grossValue", "taxValue")
BUILT = [order for order in demo_orders(NOON) if order["id"].startswith("DEMO-")]


@pytest.fixture
async def platform(sandbox: Sandbox, clock: FakeClock) -> Any:
    async with Platform.connected(
        url=sandbox.url, tenant=TenantId("acme"), client_id="sandbox", client_secret="sandbox", clock=clock
    ) as connected:
        yield connected


def added(prices: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    """The sum of prices."""
    listed = list(prices)
    return {value: sum((price[value] for price in listed), Decimal(0)) for value in VALUES}


def values(price: dict[str, Any]) -> dict[str, Decimal]:
    """Only the amounts."""
    return {value: price[value] for value in VALUES}


async def ending(platform: Platform, order_id: str) -> tuple[OrderState, str]:
    """How an order ends that needs no luck: found, allowed, right, and its card not declined."""
    try:
        order = await platform.orders.order(OrderId(order_id))
        order.require_invoiceable()
        site = await platform.sites.site(order.site_code)
        draft = draft_of(order, site, site.seller, TERMS)
        for planned in draft.captures:
            await platform.payments.capture(planned.transaction_id, planned.amount, draft.currency)
    except InvoicingError as error:
        return OrderState.FAILURE, error.reason
    return OrderState.SUCCESS, ""


@pytest.mark.parametrize("order", [*BUILT, *islice(generated_orders(300), 0, None, 7)], ids=lambda order: order["id"])
def test_the_sums_of_an_order_are_exact(order: dict[str, Any]) -> None:
    final = order["calculatedPrice"]["finalPrice"]
    lines = [entry["calculatedPrice"] for entry in order["entries"]]
    fees = [fee["price"] for fee in order["calculatedPrice"].get("paymentFees", [])]
    shipping = [order["calculatedPrice"]["totalShipping"]] if "totalShipping" in order["calculatedPrice"] else []
    for line in lines:
        fee = [line["totalFee"]] if "totalFee" in line else []
        assert values(line["finalPrice"]) == added([line.get("discountedPrice", line["price"]), *fee])
    assert values(final) == added([*(line["finalPrice"] for line in lines), *fees, *shipping])
    assert values(final) == added(final["taxAggregate"]["lines"])
    rates = [(line["taxCode"], line["taxRate"]) for line in final["taxAggregate"]["lines"]]
    assert len(rates) == len(set(rates))
    assert all(price["netValue"] + price["taxValue"] == price["grossValue"] for price in [final, *fees, *shipping])


@pytest.mark.parametrize(
    ("order_id", "category"), [("DEMO-REVERSE-CHARGE", "AE"), ("DEMO-VIENNA", "K"), ("DEMO-EXEMPT", "E")]
)
async def test_orders_without_vat_are_so_for_three_reasons(platform: Platform, order_id: str, category: str) -> None:
    order = await platform.orders.order(OrderId(order_id))
    site = await platform.sites.site(order.site_code)
    draft = draft_of(order, site, site.seller, TERMS)
    assert [group.vat.category for group in draft.vat_groups] == [category]
    assert draft.totals.gross == draft.totals.net
    assert category == "E" or draft.buyer.vat_id


@pytest.mark.parametrize("order_id", EXPECTED)
async def test_an_order_ends_as_it_is_expected_to(platform: Platform, order_id: str) -> None:
    expected = EXPECTED[order_id]
    assert await ending(platform, order_id) == (expected.outcome, expected.reason)


async def test_the_published_order_paid_by_invoice_needs_no_capture(platform: Platform, caller: Caller) -> None:
    assert await ending(platform, "EON1200") == (OrderState.SUCCESS, "")
    assert await caller.effects("capture") == []


async def test_the_automatic_job_finds_exactly_its_orders(platform: Platform, sandbox: Sandbox) -> None:
    settings = await platform.configurations.invoice_settings()
    site = await platform.sites.site("main")
    orders: Orders = platform.orders
    found = {o.id async for o in orders.search(settings, now=NOON) if settings.select(o, site.time_zone, NOON)}
    assert found == set(AUTOMATIC_ORDERS)


async def test_what_the_automatic_job_leaves_alone_exists(platform: Platform) -> None:
    for order_id in LEFT_ALONE:
        assert (await platform.orders.order(OrderId(order_id))).id == order_id


async def test_one_order_does_not_exist(platform: Platform) -> None:
    with pytest.raises(OrderNotFound):
        await platform.orders.order(OrderId("DEMO-NOWHERE"))


def test_the_lists_name_every_order_once() -> None:
    there = [order["id"] for order in demo_orders(NOON)]
    assert len(there) == len(set(there))
    assert set(there) == (set(EXPECTED) | set(LEFT_ALONE)) - {"DEMO-NOWHERE"}
    assert set(MANUAL_ORDERS).isdisjoint(AUTOMATIC_ORDERS)
    assert {EXPECTED[order_id].job for order_id in AUTOMATIC_ORDERS} == {JobType.AUTOMATIC}


def test_the_spread_is_real() -> None:
    orders = {order["id"]: order for order in BUILT}
    assert {order["currency"] for order in BUILT} == {"EUR", "CHF", "JPY"}
    assert any(len(order["calculatedPrice"]["finalPrice"]["taxAggregate"]["lines"]) == 2 for order in BUILT)
    net = orders["DEMO-WHOLESALE"]["calculatedPrice"]["finalPrice"]["netValue"]
    assert net != net.quantize(Decimal("0.01"))
    text = encode(BUILT).decode()
    assert all(word in text for word in ("Παπαδοπούλου", "Brzęczyszczykiewicz", "Йорданов", "appliedDiscounts"))


async def test_generated_orders_can_all_be_invoiced(platform: Platform, caller: Caller) -> None:
    orders = list(generated_orders(120, prefix="G"))
    await caller.add(*orders)
    for order in orders:
        assert await ending(platform, order["id"]) == (OrderState.SUCCESS, "")
    assert len(await caller.effects("capture")) > 90


def test_the_same_seed_gives_the_same_orders() -> None:
    first, second = list(generated_orders(50, seed=3)), list(generated_orders(50, seed=3))
    assert msgspec.json.encode(first) == msgspec.json.encode(second) != msgspec.json.encode(list(generated_orders(50)))
    assert len({order["id"] for order in first}) == 50


async def test_dates_go_with_the_clock(clock: FakeClock) -> None:
    clock.advance(timedelta(days=1000))
    async with (
        Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=clock) as sandbox,
        aiohttp.ClientSession(sandbox.url) as session,
    ):
        caller = Caller(session)
        caller = await caller.as_holder_of("tenant=acme")
        _, found = await caller.get("/order-v2/acme/salesorders/DEMO-DUE-CARD")
        assert found["deliveryWindow"]["deliveryDate"].startswith("2029-08")

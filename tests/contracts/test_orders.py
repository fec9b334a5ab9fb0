"""What `domain.ports.Orders` promises, asked of the fake and of the adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.errors import AlreadyInvoiced, Conflict, OrderNotFound
from domain.invoice import PlannedCapture
from domain.order import (
    Address,
    Delivery,
    Fee,
    InvoiceMark,
    InvoiceSettings,
    Order,
    OrderId,
    PaymentStatus,
    TransactionId,
)
from fakes.clock import NOON
from fakes.orders import a_line, a_payment, a_price, an_order
from fakes.worlds import World

SETTINGS = InvoiceSettings(("CREATED", "CONFIRMED"), ("70", "75"), timedelta(hours=24))
BERLIN = ZoneInfo("Europe/Berlin")
MARK = InvoiceMark("INV1", "https://example.com/INV1")
RICH = an_order(
    "RICH",
    status="CONFIRMED",
    extended_status="75",
    order_type="MASTER_ORDER",
    sub_orders=("A", "B"),
    shipping=Address(
        name="Ὀδυσσεύς", company="Ιθάκη", street="1", extra=("c/o X", "2. Stock"), city="Ithaki", country="GR"
    ),
    lines=(
        a_line(
            quantity=Decimal("1.5"),
            unit="kg",
            discounted=a_price("18.123", "3.443"),
            fees=(Fee({"": "Wrapping"}, a_price("3.083", "0.216", 7), a_price("4", "0.28", 7)),),
            total_fee=a_price("3.083", "0.216", 7),
        ),
    ),
    payment_fees=(Fee({"de": "Gebühr", "en": "Fee"}, a_price("0.001", "0.000")),),
    shipping_fee=Fee({"en": "Pickup"}, a_price("8.808", "1.674"), a_price("10", "1.9")),
    tax_lines=(a_price("1", "0.19"), a_price("2", "0.14", 7)),
    payments=(
        a_payment("1"),
        a_payment("2", status=PaymentStatus.PAID, paid=Decimal("5.5")),
        a_payment("3", status=PaymentStatus.DEFERRED, method="invoice"),
        a_payment("4", status=PaymentStatus.FAILED, transaction_id=None),
    ),
    delivery=Delivery(instant=datetime(2026, 11, 20, 11, tzinfo=UTC)),
    mark=InvoiceMark("INV0", "https://example.com/INV0"),
)


@pytest.mark.parametrize("order", [an_order(), RICH, an_order("a/b ?#ü")], ids=["plain", "rich", "oddly named"])
async def test_an_order_is_given_as_it_is_to_the_last_digit(world: World, order: Order) -> None:
    await world.add(order)
    assert await world.orders.order(order.id) == order


async def test_an_order_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(OrderNotFound) as raised:
        await world.orders.order(OrderId("NOBODY"))
    assert raised.value.reason == "ORDER_NOT_FOUND"


async def found(world: World, settings: InvoiceSettings = SETTINGS) -> list[Order]:
    return [order async for order in world.orders.search(settings, now=NOON)]


async def test_a_search_finds_every_due_order_once_over_many_pages(world: World) -> None:
    due = [an_order(f"DUE{number}") for number in range(230)]
    await world.add(*due)
    ids = [order.id for order in await found(world)]
    assert len(ids) == len(set(ids))
    assert {order.id for order in due} <= set(ids)


async def test_what_a_search_finds_can_be_selected_from(world: World) -> None:
    instant = Delivery(instant=datetime(2026, 11, 20, 11, tzinfo=UTC))
    await world.add(an_order("DAY"), an_order("INSTANT", delivery=instant), an_order("MARKED", mark=MARK))
    orders = {order.id: order for order in await found(world)}
    for name in ("DAY", "INSTANT"):
        whole = await world.orders.order(OrderId(name))
        assert SETTINGS.select(orders[OrderId(name)], BERLIN, NOON)
        assert orders[OrderId(name)].delivery == whole.delivery
    marked = orders.get(OrderId("MARKED"))
    assert marked is None or not SETTINGS.select(marked, BERLIN, NOON)


async def test_a_search_leaves_out_what_its_settings_leave_out(world: World) -> None:
    await world.add(
        an_order("SHIPPED", status="SHIPPED"),
        an_order("LATE", extended_status="80"),
        an_order("FRESH", delivery=Delivery(day=date(2026, 12, 24))),
        an_order("FIT"),
    )
    ids = {order.id for order in await found(world)}
    assert "FIT" in ids
    assert ids.isdisjoint({"SHIPPED", "LATE", "FRESH"})


async def test_a_search_never_misses_an_order_because_of_its_zone(world: World) -> None:
    """One o'clock on the 25th is eleven o'clock on the 24th in UTC, seen from the isle of Kiritimati."""
    far = an_order("FAR", delivery=Delivery(day=date(2026, 11, 25), until=time(1, 0)))
    await world.add(far)
    at_once = replace(SETTINGS, threshold=timedelta(0))
    assert at_once.select(far, ZoneInfo("Pacific/Kiritimati"), NOON)
    assert "FAR" in {order.id for order in await found(world, at_once)}


async def test_without_filters_a_search_finds_whatever_was_delivered(world: World) -> None:
    await world.add(an_order("ANY", status="SHIPPED", extended_status=""))
    ids = {order.id for order in await found(world, InvoiceSettings((), (), timedelta(0)))}
    assert "ANY" in ids


async def test_a_mark_is_written_and_all_else_stays(world: World) -> None:
    order = an_order()
    await world.add(order)
    await world.orders.mark(order.id, MARK)
    assert await world.orders.order(order.id) == replace(order, mark=MARK)


async def test_the_same_mark_again_changes_nothing(world: World) -> None:
    await world.add(an_order())
    for _ in range(3):
        await world.orders.mark(OrderId("EON1"), MARK)
    assert await world.effects("order_patched") == 1


async def test_the_mark_of_another_invoice_is_never_written_over(world: World) -> None:
    await world.add(an_order(mark=InvoiceMark("INV0", "https://example.com/INV0")))
    with pytest.raises(AlreadyInvoiced) as raised:
        await world.orders.mark(OrderId("EON1"), MARK)
    assert (raised.value.number, raised.value.document) == ("INV0", "https://example.com/INV0")
    assert await world.effects("order_patched") == 0


async def test_an_order_that_does_not_exist_cannot_be_marked(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.orders.mark(OrderId("NOBODY"), MARK)


async def test_a_mark_that_others_got_before_once_is_written_all_the_same(world: World) -> None:
    await world.add(an_order())
    await world.others_change_orders(1)
    await world.orders.mark(OrderId("EON1"), MARK)
    assert (await world.orders.order(OrderId("EON1"))).mark == MARK


async def test_a_mark_that_others_got_before_twice_is_a_conflict(world: World) -> None:
    await world.add(an_order())
    await world.others_change_orders(2)
    with pytest.raises(Conflict):
        await world.orders.mark(OrderId("EON1"), MARK)
    assert (await world.orders.order(OrderId("EON1"))).mark is None


async def test_what_was_captured_is_written_with_the_mark(world: World) -> None:
    await world.add(an_order(payments=(a_payment("1"), a_payment("2"))))
    await world.orders.mark(OrderId("EON1"), MARK, [PlannedCapture(TransactionId("t-1"), Decimal("23.80"))])
    written, other = (await world.orders.order(OrderId("EON1"))).payments
    assert (written.status, written.paid) == (PaymentStatus.PAID, Decimal("23.80"))
    assert other == a_payment("2")
    assert await world.effects("order_patched") == 1


async def test_a_payment_that_others_have_changed_is_theirs_to_tell(world: World) -> None:
    paid = a_payment("1", status=PaymentStatus.PAID, paid=Decimal("5.5"))
    await world.add(an_order(payments=(paid,)))
    await world.orders.mark(OrderId("EON1"), MARK, [PlannedCapture(TransactionId("t-1"), Decimal("23.80"))])
    order = await world.orders.order(OrderId("EON1"))
    assert (order.payments, order.mark) == ((paid,), MARK)


async def test_an_order_is_calculated_anew_for_what_was_delivered_however_often(world: World) -> None:
    await world.add(an_order())
    for _ in range(2):
        await world.orders.recalculate(OrderId("EON1"), {"mug": 1})
        order = await world.orders.order(OrderId("EON1"))
        assert (order.final.net, order.final.gross) == (Decimal("10.00"), Decimal("11.90"))
        assert [line.final.gross for line in order.lines] == [Decimal("11.90")]


async def test_an_order_that_does_not_exist_cannot_be_calculated(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.orders.recalculate(OrderId("NOBODY"), {"mug": 1})

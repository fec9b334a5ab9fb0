"""What `domain.ports.Orders` promises of what is written into an order besides its mark."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.errors import OrderNotFound
from domain.invoice import PlannedCapture
from domain.order import InvoiceMark, OrderId, PaymentStatus, TransactionId
from fakes.orders import a_line, a_payment, an_order, an_order_of
from fakes.worlds import World

ID = OrderId("EON1")
MARK = InvoiceMark("INV1", "https://example.com/INV1")
CAPTURED = (PlannedCapture(TransactionId("t-EON1"), Decimal("23.80")),)


async def test_what_was_captured_is_written_with_the_mark_and_all_else_stays(world: World) -> None:
    order = an_order(payments=(a_payment(), a_payment("GIFT", method="gift")))
    await world.add(order)
    await world.orders.mark(order.id, MARK, CAPTURED)
    paid = a_payment(status=PaymentStatus.PAID, paid=Decimal("23.80"))
    assert await world.orders.order(order.id) == replace(order, mark=MARK, payments=(paid, order.payments[1]))
    assert await world.effects("order_patched") == 1


async def test_a_payment_that_others_have_changed_is_left_to_them(world: World) -> None:
    order = an_order(payments=(a_payment(status=PaymentStatus.PAID, paid=Decimal("5.00")),))
    await world.add(order)
    await world.orders.mark(order.id, MARK, CAPTURED)
    assert (await world.orders.order(order.id)).payments == order.payments


async def test_what_was_captured_is_written_though_others_got_before_once(world: World) -> None:
    await world.add(an_order())
    await world.others_change_orders(1)
    await world.orders.mark(ID, MARK, CAPTURED)
    assert (await world.orders.order(ID)).payments[0].status is PaymentStatus.PAID


async def test_an_order_is_calculated_anew_for_what_was_delivered(world: World) -> None:
    await world.add(an_order_of(a_line(packed=1), a_line(id="cup")))
    order = await world.orders.order(ID)
    await world.orders.recalculate(order.id, order.delivered())
    after = await world.orders.order(ID)
    assert [(line.pieces, line.quantity, line.final.gross) for line in after.lines] == [
        (1, Decimal(1), Decimal("11.90")),
        (2, Decimal(2), Decimal("23.80")),
    ]
    assert after.final.gross == Decimal("35.70")
    assert after.delivered() == {}


async def test_an_order_calculated_twice_for_the_same_is_as_after_once(world: World) -> None:
    await world.add(an_order(lines=(a_line(packed=1),)))
    for _ in range(2):
        await world.orders.recalculate(ID, {"mug": 1})
    assert (await world.orders.order(ID)).final.gross == Decimal("11.90")


async def test_an_order_that_does_not_exist_is_not_calculated(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.orders.recalculate(OrderId("NOBODY"), {"mug": 1})

"""What `domain.ports.Orders` promises of an order whose invoice is cancelled."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.errors import Conflict, OrderNotFound
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.order import InvoiceMark, OrderId, PaymentStatus, TransactionId
from fakes.orders import a_payment, an_order
from fakes.worlds import World

ID = OrderId("EON1")
INV1 = InvoiceNumber("INV1")
MARK = InvoiceMark(INV1, "https://example.com/INV1")
CREDIT_NOTE = InvoiceMark("INV2", "https://example.com/INV2")
NEXT = InvoiceMark("INV3", "https://example.com/INV3")
CAPTURED = a_payment(status=PaymentStatus.PAID, paid=Decimal("23.80"))
GIVEN_BACK = (PlannedCapture(TransactionId("t-EON1"), Decimal("23.80")),)


async def test_the_mark_of_a_cancelled_invoice_is_taken_away_and_all_else_stays(world: World) -> None:
    order = an_order()
    await world.add(order)
    await world.orders.mark(ID, MARK)
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    assert await world.orders.order(ID) == replace(order, credit_note=CREDIT_NOTE)


async def test_it_is_taken_away_once(world: World) -> None:
    await world.add(an_order())
    await world.orders.mark(ID, MARK)
    for _ in range(3):
        await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    assert await world.effects("order_patched") <= 2


async def test_an_invoice_that_is_cancelled_is_not_written_into_the_order_again(world: World) -> None:
    await world.add(an_order())
    await world.orders.mark(ID, MARK)
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    await world.orders.mark(ID, MARK)
    assert (await world.orders.order(ID)).mark is None


async def test_the_next_invoice_is_written_into_the_order(world: World) -> None:
    await world.add(an_order())
    await world.orders.mark(ID, MARK)
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    await world.orders.mark(ID, NEXT)
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    assert (await world.orders.order(ID)).mark == NEXT


async def test_the_mark_of_another_invoice_stays(world: World) -> None:
    await world.add(an_order(mark=NEXT))
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    assert (await world.orders.order(ID)).mark == NEXT


async def test_an_order_that_others_change_is_read_again_once(world: World) -> None:
    await world.add(an_order(mark=MARK))
    await world.others_change_orders(1)
    await world.orders.cancel_mark(ID, INV1, CREDIT_NOTE)
    await world.orders.mark(ID, NEXT)
    await world.others_change_orders(2)
    with pytest.raises(Conflict):
        await world.orders.cancel_mark(ID, InvoiceNumber("INV3"), CREDIT_NOTE)


async def test_what_was_given_back_is_written_into_the_payments(world: World) -> None:
    await world.add(an_order(payments=(CAPTURED, a_payment("GIFT", method="gift"))))
    await world.orders.mark_refunds(ID, GIVEN_BACK)
    payments = (await world.orders.order(ID)).payments
    given_back = replace(CAPTURED, paid=Decimal("0.00"), refunded=Decimal("23.80"))
    assert payments == (given_back, a_payment("GIFT", method="gift"))


@pytest.mark.parametrize(
    "payment",
    [a_payment(), replace(CAPTURED, paid=Decimal("13.80"), refunded=Decimal("10.00"))],
    ids=["not captured", "given back by others"],
)
async def test_a_payment_that_is_not_as_it_was_captured_stays(world: World, payment: object) -> None:
    await world.add(an_order(payments=(payment,)))
    await world.orders.mark_refunds(ID, GIVEN_BACK)
    assert (await world.orders.order(ID)).payments == (payment,)


async def test_payments_that_cannot_be_written_harm_nothing(world: World) -> None:
    await world.add(an_order(payments=(CAPTURED,)))
    await world.others_change_orders(2)
    await world.orders.mark_refunds(ID, GIVEN_BACK)
    assert (await world.orders.order(ID)).payments[0].paid == Decimal("23.80")


async def test_an_order_that_does_not_exist_has_no_mark_to_lose(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.orders.cancel_mark(OrderId("NOBODY"), INV1, CREDIT_NOTE)
    with pytest.raises(OrderNotFound):
        await world.orders.mark_refunds(OrderId("NOBODY"), GIVEN_BACK)

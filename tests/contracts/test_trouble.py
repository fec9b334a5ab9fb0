"""What every port of the platform promises when a call goes wrong: said in its words, and done at most once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import InDoubt, InvoicingError, Unavailable
from domain.invoice import PlannedCapture
from domain.money import Currency
from domain.numbering import Series, SeriesName
from domain.order import InvoiceMark, Order, OrderId, TransactionId
from fakes.clock import NOON
from fakes.orders import an_order
from fakes.platform import SETTINGS
from fakes.worlds import Mishap, World

EUR = Currency.of("EUR")
ORDER, TRANSACTION, AMOUNT = OrderId("EON1"), TransactionId("t-EON1"), Decimal("23.80")
MARK = InvoiceMark("INV1", "https://example.com/INV1")


async def found(world: World) -> list[Order]:
    return [order async for order in world.orders.search(SETTINGS, now=NOON)]


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of a port. One with a `doubt` must not be made twice: that is its reason while its outcome is unknown."""

    service: str
    name: str
    call: Callable[[World], Awaitable[Any]]
    effect: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"


CAPTURE = Operation(
    "payments",
    "capture",
    lambda world: world.payments.capture(TRANSACTION, AMOUNT, EUR),
    effect="capture",
    doubt="PAYMENT_OUTCOME_UNKNOWN",
)
DRAW = Operation(
    "sequences",
    "next_id",
    lambda world: world.sequences.draw(Series(SeriesName("invoiceNoSequence"), "main")),
    effect="number",
    doubt="PLATFORM_UNAVAILABLE",
)
REFUND = Operation(
    "payments",
    "refund",
    lambda world: world.payments.refund(TRANSACTION, Decimal("3.80"), EUR, capture_id=None),
    effect="refund",
    doubt="PAYMENT_OUTCOME_UNKNOWN",
)
MARKING = Operation(
    "orders",
    "patch",
    lambda world: world.orders.mark(ORDER, MARK, [PlannedCapture(TRANSACTION, AMOUNT)]),
    effect="order_patched",
)
OPERATIONS = (
    Operation("orders", "get", lambda world: world.orders.order(ORDER)),
    Operation("orders", "search", found),
    Operation("configurations", "get", lambda world: world.configurations.invoice_settings()),
    Operation("configurations", "get", lambda world: world.configurations.mail_sender()),
    Operation("sites", "get", lambda world: world.sites.site("main")),
    Operation("customers", "get", lambda world: world.customers.profile("c-1")),
    Operation("payments", "get", lambda world: world.payments.transaction(TRANSACTION)),
    MARKING,
    CAPTURE,
    DRAW,
)
TROUBLE = [
    (operation, mishap)
    for operation in OPERATIONS
    for mishap in Mishap
    if (operation, mishap) != (MARKING, Mishap.GARBAGE)  # the answer to a mark says nothing that anyone would read
]


async def failed(world: World, operation: Operation, mishap: Mishap) -> InvoicingError:
    """The error of the call, which goes wrong so."""
    caller = world if mishap.is_prompt else world.hurried
    if not mishap.is_prompt:
        await caller.orders.order(ORDER)  # is connected and has its token, so that its moment is the call's alone
    await world.goes_wrong(operation.service, operation.name, mishap)
    with pytest.raises(InvoicingError) as raised:
        await operation.call(caller)
    return raised.value


@pytest.mark.parametrize(("operation", "mishap"), TROUBLE, ids=str)
async def test_a_call_that_goes_wrong_says_what_is_known_of_it(
    world: World, operation: Operation, mishap: Mishap
) -> None:
    await world.add(an_order())
    error = await failed(world, operation, mishap)
    assert isinstance(error, InDoubt if operation.doubt else Unavailable)
    assert error.reason == (operation.doubt or "PLATFORM_UNAVAILABLE")
    if operation.effect:
        assert await world.effects(operation.effect) == mishap.has_effect
    again = await operation.call(world)
    assert (again is None) == (operation is MARKING)


@pytest.mark.parametrize("mishap", [mishap for operation, mishap in TROUBLE if operation is MARKING])
async def test_a_mark_is_written_once_however_often_its_answer_is_lost(world: World, mishap: Mishap) -> None:
    await world.add(an_order())
    await failed(world, MARKING, mishap)
    for _ in range(2):
        await MARKING.call(world)
    assert await world.effects("order_patched") == 1
    assert (await world.orders.order(ORDER)).mark == MARK


@pytest.mark.parametrize("mishap", Mishap)
async def test_the_gateway_tells_later_whether_a_lost_capture_was_made(world: World, mishap: Mishap) -> None:
    await world.add(an_order())
    await failed(world, CAPTURE, mishap)
    captures = (await world.payments.transaction(TRANSACTION)).captures
    assert [capture.amount for capture in captures] == [AMOUNT] * mishap.has_effect


@pytest.mark.parametrize("mishap", Mishap)
async def test_the_gateway_tells_later_whether_a_lost_refund_was_made(world: World, mishap: Mishap) -> None:
    await world.add(an_order())
    await CAPTURE.call(world)
    error = await failed(world, REFUND, mishap)
    assert (type(error), error.reason) == (InDoubt, REFUND.doubt)
    assert await world.effects("refund") == mishap.has_effect
    assert (await world.payments.transaction(TRANSACTION)).refunded == Decimal("3.80") * mishap.has_effect


@pytest.mark.parametrize("mishap", Mishap)
async def test_a_lost_number_is_not_handed_out_again(world: World, mishap: Mishap) -> None:
    await world.add(an_order())
    await failed(world, DRAW, mishap)
    drawn = [await DRAW.call(world) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert await world.effects("number") == 3 + mishap.has_effect

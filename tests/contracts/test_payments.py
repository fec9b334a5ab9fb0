"""What `domain.ports.Payments` promises, asked of the fake and of the adapter."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.errors import PaymentRefused
from domain.money import Currency
from domain.order import TransactionId
from fakes.orders import an_order
from fakes.worlds import World

EUR = Currency.of("EUR")
ID = TransactionId("t-EON1")
AMOUNT = Decimal("23.80")


async def test_a_transaction_says_what_was_authorised(world: World) -> None:
    await world.add(an_order())
    transaction = await world.payments.transaction(ID)
    assert (transaction.id, transaction.authorized, transaction.captures, transaction.refunded) == (ID, AMOUNT, (), 0)


async def test_a_capture_appears_under_its_id_in_the_transaction(world: World) -> None:
    await world.add(an_order())
    capture_id = await world.payments.capture(ID, Decimal("12.34"), EUR)
    (capture,) = (await world.payments.transaction(ID)).captures
    assert (capture.id, capture.amount) == (capture_id, Decimal("12.34"))


async def test_the_gateway_captures_as_often_as_it_is_asked(world: World) -> None:
    await world.add(an_order())
    ids = {await world.payments.capture(ID, AMOUNT, EUR) for _ in range(2)}
    assert len(ids) == 2
    assert await world.effects("capture") == 2


async def test_more_than_was_authorised_is_refused(world: World) -> None:
    await world.add(an_order())
    with pytest.raises(PaymentRefused) as raised:
        await world.payments.capture(ID, AMOUNT + Decimal("0.01"), EUR)
    assert raised.value.reason == "PAYMENT_REFUSED"
    assert await world.effects("capture") == 0


async def test_a_transaction_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(PaymentRefused):
        await world.payments.transaction(TransactionId("t-nobody"))
    with pytest.raises(PaymentRefused):
        await world.payments.capture(TransactionId("t-nobody"), AMOUNT, EUR)


async def test_a_refund_appears_in_the_transaction(world: World) -> None:
    await world.add(an_order())
    capture_id = await world.payments.capture(ID, AMOUNT, EUR)
    await world.payments.refund(ID, Decimal("3.80"), EUR, capture_id=capture_id)
    transaction = await world.payments.transaction(ID)
    assert (transaction.refunded, len(transaction.captures)) == (Decimal("3.80"), 1)
    assert await world.effects("refund") == 1


async def test_of_several_captures_the_one_named_is_given_back(world: World) -> None:
    await world.add(an_order())
    first, _ = [await world.payments.capture(ID, AMOUNT, EUR) for _ in range(2)]
    with pytest.raises(PaymentRefused):
        await world.payments.refund(ID, AMOUNT, EUR, capture_id=None)
    await world.payments.refund(ID, AMOUNT, EUR, capture_id=first)
    assert (await world.payments.transaction(ID)).refunded == AMOUNT


async def test_more_than_was_captured_is_not_given_back(world: World) -> None:
    await world.add(an_order())
    capture_id = await world.payments.capture(ID, AMOUNT, EUR)
    with pytest.raises(PaymentRefused) as raised:
        await world.payments.refund(ID, AMOUNT + Decimal("0.01"), EUR, capture_id=capture_id)
    assert "to give back 23.81 EUR" in raised.value.message
    assert await world.effects("refund") == 0

"""The gateway: no protection at all, and every capture on record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from fakes.sandbox_caller import Caller

AMOUNT = Decimal("23.80")
EVERYTHING = {"amount": AMOUNT, "currency": "EUR"}


def an_order(order_id: str = "O1", transaction: str = "t-1", amount: object = AMOUNT) -> dict[str, Any]:
    """An order whose card is authorised."""
    payment = {"transactionId": transaction, "authorizedAmount": amount, "status": "AUTHORIZATION_SUCCESS"}
    return {"id": order_id, "currency": "EUR", "payments": [payment]}


async def capture(caller: Caller, body: object = None, transaction: str = "t-1") -> tuple[int, Any]:
    """Asks for money, all that was authorised if nothing else is said."""
    return await caller.post(f"/payment-gateway/acme/payment/{transaction}/capture", body or EVERYTHING)


async def refund(caller: Caller, amount: str, **more: str) -> tuple[int, Any]:
    """Gives money back."""
    body = {"amount": Decimal(amount), "currency": "EUR", **more}
    return await caller.post("/payment-gateway/acme/payment/t-1/refund", body)


async def cancel(caller: Caller, transaction: str = "t-1") -> tuple[int, Any]:
    """Gives the authorisation up."""
    return await caller.post(f"/payment-gateway/acme/payment/{transaction}/cancel")


async def entries(caller: Caller, kind: str) -> list[tuple[str, str, bool]]:
    """What the transaction has of a kind: ids, amounts, success."""
    _, found = await caller.get("/payment-gateway/acme/transactions/t-1")
    assert found["id"] == "t-1"
    return [
        (entry["id"], str(entry["amount"]["amount"]), entry["successful"])
        for entry in found["entries"]
        if entry["type"] == kind
    ]


@pytest.fixture(autouse=True)
async def order(caller: Caller) -> None:
    await caller.add(an_order())


async def test_a_payment_with_a_transaction_is_authorised(caller: Caller) -> None:
    ((_, amount, successful),) = await entries(caller, "AUTHORIZATION")
    assert (amount, successful) == ("23.80", True)


async def test_the_second_capture_of_the_whole_amount_succeeds_too_and_is_an_effect(caller: Caller) -> None:
    answers = [await capture(caller) for _ in range(2)]
    assert all(status == 200 and answer["successful"] for status, answer in answers)
    ids = [answer["captureId"] for _, answer in answers]
    assert len(set(ids)) == 2
    assert [entry for entry, _, _ in await entries(caller, "CAPTURE")] == ids
    effects = await caller.effects("capture")
    assert [effect["capture_id"] for effect in effects] == ids
    assert (effects[0]["transaction_id"], effects[0]["order_id"]) == ("t-1", "O1")
    assert (str(effects[0]["amount"]), effects[0]["currency"]) == ("23.80", "EUR")


@pytest.mark.parametrize(
    "body", [{"amount": AMOUNT + Decimal("0.01"), "currency": "EUR"}, {**EVERYTHING, "currency": "CHF"}]
)
async def test_a_capture_the_gateway_declines_is_answered_200_and_moves_nothing(caller: Caller, body: object) -> None:
    status, answer = await capture(caller, body)
    assert (status, answer["successful"], "captureId" in answer) == (200, False, False)
    assert answer["message"]
    assert [successful for _, _, successful in await entries(caller, "CAPTURE")] == [False]
    assert await caller.effects("capture") == []


async def test_a_card_without_money_is_one_whose_transaction_says_so(caller: Caller) -> None:
    await caller.add(an_order("O2", "declined-1"))
    assert await capture(caller, transaction="declined-1") == (
        200,
        {"successful": False, "message": "Insufficient funds"},
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"amount": 0, "currency": "EUR"}',
        b'{"amount": -1, "currency": "EUR"}',
        b'{"amount": 1}',
        b'{"amount": "NaN", "currency": "EUR"}',
    ],
)
async def test_what_is_no_amount_is_refused(caller: Caller, body: bytes) -> None:
    assert (await caller.call("POST", "/payment-gateway/acme/payment/t-1/capture", body))[0] == 400


async def test_a_transaction_that_does_not_exist_has_nothing(caller: Caller) -> None:
    assert (await capture(caller, transaction="t-2"))[0] == 404
    assert (await caller.get("/payment-gateway/acme/transactions/t-2"))[0] == 404


async def test_what_was_captured_can_be_given_back_and_no_more(caller: Caller) -> None:
    assert (await refund(caller, "1"))[1]["successful"] is False
    await capture(caller)
    assert (await refund(caller, "20"))[1]["successful"] is True
    assert (await refund(caller, "3.81"))[1]["successful"] is False
    assert [amount for _, amount, _ in await entries(caller, "REFUND")] == ["20"]
    (effect,) = await caller.effects("refund")
    assert (effect["order_id"], str(effect["amount"])) == ("O1", "20")


async def test_of_several_captures_one_is_named_and_gives_back_no_more_than_it_took(caller: Caller) -> None:
    first, second = [(await capture(caller, {"amount": 10, "currency": "EUR"}))[1]["captureId"] for _ in range(2)]
    assert (await refund(caller, "5"))[1]["successful"] is False
    assert (await refund(caller, "5", captureId="nothing"))[1]["successful"] is False
    assert (await refund(caller, "8", captureId=first))[1]["successful"] is True
    assert (await refund(caller, "3", captureId=first))[1]["successful"] is False
    assert (await refund(caller, "10", captureId=second))[1]["successful"] is True
    assert (await refund(caller, "1", captureId=second, currency="CHF"))[1]["successful"] is False
    effects = await caller.effects("refund")
    assert [(effect["capture_id"], effect["amount"]) for effect in effects] == [(first, 8), (second, 10)]
    assert len({effect["refund_id"] for effect in effects}) == 2


async def test_what_is_cancelled_is_not_captured_and_what_is_captured_not_cancelled(caller: Caller) -> None:
    await caller.add(an_order("O2", "t-2"))
    assert (await cancel(caller))[1]["successful"] is True
    assert (await capture(caller))[1] == {"successful": False, "message": "The transaction is cancelled."}
    assert (await cancel(caller))[1]["successful"] is False
    await capture(caller, transaction="t-2")
    assert (await cancel(caller, "t-2"))[1]["successful"] is False
    (effect,) = await caller.effects("cancel")
    assert (effect["transaction_id"], effect["order_id"], str(effect["amount"])) == ("t-1", "O1", "23.80")
    assert (await cancel(caller, "nothing"))[0] == 404


async def test_a_payment_that_is_settled_elsewhere_cannot_be_captured(caller: Caller) -> None:
    order = an_order("O2", "t-2")
    order["payments"][0] |= {"method": "invoice", "status": "PENDING"}
    await caller.add(order)
    status, answer = await capture(caller, transaction="t-2")
    assert (status, answer["code"], answer["message"]) == (422, 422, "The payment action is not supported.")
    assert (await caller.get("/payment-gateway/acme/transactions/t-2"))[1]["provider"] == "INVOICE"


async def test_transactions_are_listed_fifty_a_page(caller: Caller) -> None:
    await caller.add(*(an_order(f"P{n}", f"p-{n:02}") for n in range(60)))
    where = "/payment-gateway/acme/transactions?sort=id:desc"
    pages = [(await caller.get(f"{where}&pageNumber={number}"))[1] for number in (1, 2)]
    assert len(pages[0]) == 50
    found = [transaction["id"] for page in pages for transaction in page]
    assert found == sorted(found, reverse=True)
    assert {"t-1", "p-00", "p-59"} <= set(found)
    assert (await caller.get(f"{where}&pageSize=51"))[0] == 400


async def test_orders_may_share_a_transaction_and_its_history_stays(caller: Caller) -> None:
    await capture(caller)
    await caller.add(an_order("O2", amount=50))
    assert len(await entries(caller, "CAPTURE")) == 1
    assert (await capture(caller, {"amount": 50, "currency": "EUR"}))[1]["successful"] is True


async def test_a_capture_whose_answer_is_lost_has_happened(caller: Caller) -> None:
    await caller.fault(service="payments", operation="capture", kind="drop_after", times=1)
    with pytest.raises(aiohttp.ClientError):
        await capture(caller)
    assert len(await caller.effects("capture")) == 1

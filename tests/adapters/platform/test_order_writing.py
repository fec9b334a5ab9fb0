"""What is written into an order: the payments that were captured, beside the mark, and what was delivered."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from domain.errors import Conflict, InvoicingError, OrderNotFound, OrderNotInvoiceable, PlatformDenied, Unavailable
from domain.invoice import PlannedCapture
from domain.order import InvoiceMark, OrderId, TransactionId
from fakes.lying_server import LyingServer, Reply

ID = OrderId("EON1")
MARK = InvoiceMark("INV1", "https://example.com/INV1")
CARD: dict[str, Any] = {
    "method": "credit_card",
    "status": "AUTHORIZATION_SUCCESS",
    "transactionId": "t-1",
    "authorizedAmount": 30,
    "paidAmount": 0,
    "currency": "EUR",
    "own": [1],
}
GIFT = {**CARD, "method": "gift", "transactionId": "t-2"}
BY_INVOICE = {"method": "invoice", "status": "PENDING", "paidAmount": 0, "currency": "EUR"}
DONE = Reply(204, b"")
STALE = Reply.json({"status": 409, "message": "Update version is not valid."}, 409)


def order(*payments: object, version: int | None = 7) -> Reply:
    return Reply.json({"id": "EON1", "payments": payments, "metadata": {"version": version}})


def captured(*amounts: str) -> tuple[PlannedCapture, ...]:
    return tuple(PlannedCapture(TransactionId(f"t-{n}"), Decimal(amount)) for n, amount in enumerate(amounts, 1))


async def written(platform: Platform, server: LyingServer, *replies: Reply, amounts: tuple[str, ...]) -> list[Any]:
    """What the last call says the payments are; an empty list if it says nothing of them."""
    server.says(*replies)
    await platform.orders.mark(ID, MARK, captured(*amounts))
    body: Any = server.asked[-1].content
    assert server.asked[-1].method == "PATCH"
    assert body["mixins"]["invoice"]["invoiceNo"] == "INV1"
    payments: list[Any] = body.get("payments", [])
    return payments


def kept(payment: dict[str, Any]) -> Any:
    """The payment as the server hears it, its numbers as they are written."""
    return json.loads(json.dumps(payment), parse_int=str, parse_float=str)


async def test_what_was_captured_is_written_with_the_mark_in_one_call(platform: Platform, server: LyingServer) -> None:
    payments = await written(platform, server, order(CARD), DONE, amounts=("23.80",))
    assert payments == [{**kept(CARD), "status": "CAPTURE_SUCCESS", "paidAmount": "23.80"}]
    assert [asked.method for asked in server.asked] == ["GET", "PATCH"]


async def test_each_of_several_payments_gets_what_was_captured_of_it(platform: Platform, server: LyingServer) -> None:
    payments = await written(platform, server, order(GIFT, BY_INVOICE, CARD), DONE, amounts=("20.00", "3.80"))
    assert [(p["method"], p["status"], p["paidAmount"]) for p in payments] == [
        ("gift", "CAPTURE_SUCCESS", "3.80"),
        ("invoice", "PENDING", "0"),
        ("credit_card", "CAPTURE_SUCCESS", "20.00"),
    ]


async def test_of_two_payments_of_one_transaction_the_first_gets_it(platform: Platform, server: LyingServer) -> None:
    payments = await written(platform, server, order(CARD, CARD), DONE, amounts=("23.80",))
    assert [p["status"] for p in payments] == ["CAPTURE_SUCCESS", "AUTHORIZATION_SUCCESS"]


@pytest.mark.parametrize(
    "payment",
    [
        {**CARD, "status": "CAPTURE_SUCCESS", "paidAmount": 23.8},
        {**CARD, "status": "REFUND_SUCCESS"},
        {**CARD, "paidAmount": 5},
        {**CARD, "transactionId": "t-9"},
        {**CARD, "transactionId": None},
        {**CARD, "status": 5},
        "none",
        None,
    ],
)
async def test_a_payment_that_others_have_changed_is_left_to_them(
    platform: Platform, server: LyingServer, payment: object
) -> None:
    assert await written(platform, server, order(payment), DONE, amounts=("23.80",)) == []


async def test_without_a_version_payments_are_left_alone(platform: Platform, server: LyingServer) -> None:
    assert await written(platform, server, order(CARD, version=None), DONE, amounts=("23.80",)) == []


async def test_an_order_that_changed_meanwhile_is_read_and_written_once_more(
    platform: Platform, server: LyingServer
) -> None:
    newer = order({**CARD, "own": [2]}, version=8)
    payments = await written(platform, server, order(CARD), STALE, newer, DONE, amounts=("23.80",))
    assert [(p["own"], p["status"]) for p in payments] == [(["2"], "CAPTURE_SUCCESS")]
    assert b'"version":8' in server.asked[-1].body


async def test_payments_that_changed_meanwhile_are_left_alone(platform: Platform, server: LyingServer) -> None:
    newer = order({**CARD, "status": "CAPTURE_SUCCESS"}, version=8)
    assert await written(platform, server, order(CARD), STALE, newer, DONE, amounts=("23.80",)) == []


async def test_payments_that_the_platform_does_not_take_cost_a_line_in_the_log(
    platform: Platform, server: LyingServer
) -> None:
    refused = Reply.json({"message": "payments are read only"}, 400)
    with capture_logs() as logs:
        assert await written(platform, server, order(CARD), refused, DONE, amounts=("23.80",)) == []
    warnings = [log for log in logs if log["log_level"] == "warning"]
    assert [log["event"] for log in warnings] == ["the order's payments stay as they are"]
    assert "payments are read only" in warnings[0]["problem"]


async def test_a_mark_that_the_platform_does_not_take_is_no_matter_of_payments(
    platform: Platform, server: LyingServer
) -> None:
    server.says(order(CARD), Reply(400))
    with pytest.raises(InvoicingError):
        await platform.orders.mark(ID, MARK, captured("23.80"))
    assert [asked.method for asked in server.asked] == ["GET", "PATCH", "PATCH"]


async def test_something_in_the_place_of_the_mark_is_waited_for(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": "EON1", "mixins": {"invoice": "none"}}))
    with pytest.raises(Unavailable, match=r"mixins\.invoice"):
        await platform.orders.mark(ID, MARK)


# What was delivered


async def test_what_was_delivered_is_told_by_entry(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(200, b""))
    await platform.orders.recalculate(ID, {"shirt": 2, "mug": 0})
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/order-v2/acme/salesorders/EON1/calculations")
    assert asked.content == {
        "entries": [{"entryId": "shirt", "deliveredAmount": "2"}, {"entryId": "mug", "deliveredAmount": "0"}]
    }


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply.json({"message": "no such entry"}, 400), OrderNotInvoiceable),
        (Reply(404), OrderNotFound),
        (Reply(409), Conflict),
        (Reply(403), PlatformDenied),
        (Reply(429), Unavailable),
        (Reply(500), Unavailable),
        (Reply(drop=True), Unavailable),
    ],
)
async def test_what_goes_wrong_with_it_is_told(
    platform: Platform, server: LyingServer, reply: Reply, error: type[InvoicingError]
) -> None:
    server.says(reply)
    with pytest.raises(error):
        await platform.orders.recalculate(ID, {"shirt": 2})


@pytest.mark.parametrize(
    ("entry", "pieces", "packed"),
    [
        ({"amount": 3}, 3, None),
        ({"amount": 3, "packedAmountInPc": 2}, 3, 2),
        ({"amount": 3, "packedAmountInPc": 0, "measurementUnit": {"unit": "H87"}}, 3, 0),
        ({"amount": 500, "packedAmountInPc": 1, "measurementUnit": {"unit": "GRM"}}, None, None),
        ({"amount": 1.5, "packedAmountInPc": 1.5}, None, None),
        ({"amount": 1, "packedAmountInPc": -1}, 1, None),
        ({"amount": 1, "packedAmountInPc": "NaN"}, 1, None),
        ({"amount": 1e30, "effectiveQuantity": 1}, None, None),
    ],
)
async def test_pieces_are_read_where_goods_are_sold_by_the_piece(
    platform: Platform, server: LyingServer, entry: dict[str, Any], pieces: int | None, packed: int | None
) -> None:
    price = {"netValue": 1, "grossValue": 1, "taxValue": 0}
    prices = {"calculatedUnitPrice": price, "calculatedPrice": {"price": price, "finalPrice": price}}
    document = {"id": "EON1", "calculatedPrice": {"finalPrice": price}, "entries": [{"id": "a", **entry, **prices}]}
    server.says(Reply.json(document))
    (line,) = (await platform.orders.order(ID)).lines
    assert (line.pieces, line.packed) == (pieces, packed)

"""What the gateway says of a transaction, and what became of a capture."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.platform import Platform
from domain.capture import Captured
from domain.errors import InDoubt, PaymentRefused, PlatformDenied, Unavailable
from domain.money import Currency
from domain.order import TransactionId
from fakes.lying_server import LyingServer, Reply

ID = TransactionId("d8abfb12")
EUR = Currency.of("EUR")


def entry(kind: str, amount: object, entry_id: str = "e", successful: object = True) -> dict[str, Any]:
    return {"id": entry_id, "type": kind, "successful": successful, "amount": {"amount": amount, "currency": "EUR"}}


async def test_a_transaction_counts_only_what_succeeded(platform: Platform, server: LyingServer) -> None:
    entries = [
        entry("AUTHORIZATION_START", 36.63),
        entry("AUTHORIZATION", 36.63),
        entry("AUTHORIZATION", 99, successful=False),
        entry("CAPTURE", 20.1, "c-1"),
        entry("CAPTURE", 16.53, "c-2"),
        entry("CAPTURE", 16.53, "c-3", successful=False),
        entry("REFUND", 1),
        entry("REFUND", "2.50"),
        entry("REFUND", 7, successful=False),
        {"type": "CANCEL", "successful": True},
    ]
    server.says(Reply.json({"id": ID, "provider": "SPREEDLY", "entries": entries}))
    transaction = await platform.payments.transaction(ID)
    assert transaction.authorized == Decimal("36.63")
    assert transaction.captures == (Captured("c-1", Decimal("20.1")), Captured("c-2", Decimal("16.53")))
    assert transaction.refunded == Decimal("3.50")


async def test_a_transaction_without_entries_was_never_authorised(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"id": ID}))
    transaction = await platform.payments.transaction(ID)
    assert (transaction.authorized, transaction.captures, transaction.refunded) == (None, (), 0)


async def test_a_transaction_that_does_not_exist_refuses_the_payment(platform: Platform, server: LyingServer) -> None:
    server.says(Reply(404))
    with pytest.raises(PaymentRefused, match=ID):
        await platform.payments.transaction(ID)


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "another", "entries": []},
        {"id": ID, "entries": [{"type": "CAPTURE", "successful": True}]},
        {"id": ID, "entries": [entry("CAPTURE", "NaN")]},
        {"id": ID, "entries": [entry("CAPTURE", -1)]},
        {"id": ID, "entries": [entry("CAPTURE", 1e300)]},
        {"id": ID, "entries": [entry("CAPTURE", 5, successful="yes")]},
        {"id": ID, "entries": "none"},
    ],
)
async def test_a_transaction_that_cannot_be_read_is_unavailable_and_never_counted_as_nothing(
    platform: Platform, server: LyingServer, answer: object
) -> None:
    server.says(Reply.json(answer))
    with pytest.raises(Unavailable):
        await platform.payments.transaction(ID)


@pytest.mark.parametrize("amount", ["501.83", "0.10", "100", "123456789012.345", "1E+2"])
async def test_the_amount_is_sent_as_a_number_digit_by_digit(
    platform: Platform, server: LyingServer, amount: str
) -> None:
    server.says(Reply.json({"successful": True, "captureId": "c-1"}))
    assert await platform.payments.capture(ID, Decimal(amount), EUR) == "c-1"
    assert server.asked[0].path == f"/payment-gateway/acme/payment/{ID}/capture"
    assert server.asked[0].content == {"amount": amount, "currency": "EUR"}


async def test_a_declined_capture_is_refused_in_the_gateways_words(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"successful": False, "message": "Insufficient\r\nfunds \x1b[31m"}))
    with pytest.raises(PaymentRefused) as raised:
        await platform.payments.capture(ID, Decimal(5), EUR)
    assert "5 EUR: Insufficient funds" in raised.value.message
    assert raised.value.message.isprintable()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(400), PaymentRefused),
        (Reply(404), PaymentRefused),
        (Reply(409), PaymentRefused),
        (Reply.json({"message": "The payment action is not supported."}, 422), PaymentRefused),
        (Reply(403), PlatformDenied),
        (Reply(429), Unavailable),
        (Reply(408), InDoubt),
        (Reply(500), InDoubt),
        (Reply(504), InDoubt),
        (Reply.json({"message": "fine"}), InDoubt),
        (Reply.json({"successful": "true", "captureId": "c"}), InDoubt),
        (Reply.json({"successful": True}), InDoubt),
        (Reply.json({"successful": True, "captureId": ""}), InDoubt),
        (Reply(204, b""), InDoubt),
    ],
)
async def test_what_goes_wrong_says_whether_money_may_have_moved(
    platform: Platform, server: LyingServer, reply: Reply, error: type[Exception]
) -> None:
    server.says(reply)
    with pytest.raises(error):
        await platform.payments.capture(ID, Decimal(5), EUR)
    assert len(server.asked) == 1

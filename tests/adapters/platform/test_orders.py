"""How the platform's order document is read, searched and marked, value by value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.platform import Platform
from domain.errors import AlreadyInvoiced, Conflict, InvoiceIncomplete, OrderNotFound, Unavailable
from domain.order import InvoiceMark, InvoiceSettings, Order, OrderId, PaymentStatus
from fakes.clock import NOON
from fakes.lying_server import LyingServer, Reply

PRICE = {"netValue": 8.233, "grossValue": 8.809, "taxValue": 0.576, "taxCode": "REDUCED", "taxRate": 7}
PRICES = {"price": PRICE, "finalPrice": PRICE}
ORDER: dict[str, Any] = {
    "id": "EON1",
    "status": "CREATED",
    "created": "2025-06-10 12:31:39.614000+00:00",
    "siteCode": "main",
    "currency": "EUR",
    "customer": {"id": "1", "firstName": "Joan", "lastName": "Doe", "email": " joan@example.com"},
    "billingAddress": {"contactName": "Joan", "street": "Way", "streetNumber": "2", "city": "B", "country": "DE"},
    "entries": [
        {
            "id": "shirt",
            "amount": 2,
            "effectiveQuantity": 1.5,
            "product": {"sku": "S-1", "name": "shirt", "localizedName": {"de": "Hemd"}},
            "calculatedUnitPrice": PRICE,
            "calculatedPrice": PRICES,
        }
    ],
    "payments": [{"method": "credit_card", "status": "AUTHORIZATION_SUCCESS", "transactionId": "t-1"}],
    "calculatedPrice": {"finalPrice": {**PRICE, "taxAggregate": {"lines": [PRICE]}}},
    "mixins": {"generalAttributes": {"extendedOrderStatus": "05"}, "customerTax": {"vatId": "DE123456789"}},
    "metadata": {"version": 7, "mixins": {"generalAttributes": "https://example.com/schema.json"}},
}
MARK = InvoiceMark("INV1", "https://example.com/INV1")
SETTINGS = InvoiceSettings(("CREATED", "CONFIRMED"), ("70", "75"), timedelta(hours=24))


def changed(path: str, value: object) -> dict[str, Any]:
    """The order with this value at this path; a path's numbers are positions."""
    document: dict[str, Any] = json.loads(json.dumps(ORDER))
    *names, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    place: Any = document
    for name in names:
        place = place[name]
    place[last] = value
    return document


async def read(platform: Platform, server: LyingServer, document: object) -> Order:
    server.says(document if isinstance(document, Reply) else Reply.json(document))
    return await platform.orders.order(OrderId("EON1"))


async def test_an_order_is_read_as_invoicing_needs_it(platform: Platform, server: LyingServer) -> None:
    order = await read(platform, server, ORDER)
    assert (order.id, order.status, order.extended_status, order.site_code) == ("EON1", "CREATED", "05", "main")
    assert order.created == datetime(2025, 6, 10, 12, 31, 39, 614000, tzinfo=UTC)
    assert (order.customer.name, order.customer.email) == ("Joan Doe", "joan@example.com")
    assert order.customer.vat_id == "DE123456789"
    assert order.billing.street == "Way 2"
    assert order.lines[0].quantity == Decimal("1.5")
    assert order.lines[0].name == {"": "shirt", "de": "Hemd"}
    assert order.tax_lines[0].rate == 7


@pytest.mark.parametrize(
    "number", ["501.829", "0.1", "1e-7", "0.10", "294.11764705882354", '"12.34"', "0.30000000000000004", "1E3"]
)
async def test_amounts_are_exact_to_the_last_digit(platform: Platform, server: LyingServer, number: str) -> None:
    body = json.dumps(ORDER).replace('"netValue": 8.233', f'"netValue": {number}')
    order = await read(platform, server, Reply(200, body.encode()))
    assert str(order.final.net) == str(Decimal(number.strip('"')))


@pytest.mark.parametrize("number", ['"NaN"', '"Infinity"', '"-inf"', "1e15", "1e999999", '"1e-31"', "9" * 400])
async def test_amounts_beyond_all_measure_are_refused_by_name(
    platform: Platform, server: LyingServer, number: str
) -> None:
    body = json.dumps(changed("calculatedPrice.finalPrice.netValue", "HERE")).replace('"HERE"', number)
    with pytest.raises(InvoiceIncomplete) as raised:
        await read(platform, server, Reply(200, body.encode()))
    assert raised.value.field == "calculatedPrice.finalPrice.netValue"


WRONG: list[tuple[str, object, str]] = [
    ("entries.0.calculatedPrice.finalPrice.netValue", None, "entries[0].calculatedPrice.finalPrice.netValue"),
    ("entries.0.calculatedPrice.finalPrice.netValue", True, "entries[0].calculatedPrice.finalPrice.netValue"),
    ("entries.0.calculatedPrice.finalPrice.netValue", "ten", "entries[0].calculatedPrice.finalPrice.netValue"),
    ("entries.0.calculatedPrice.finalPrice", {}, "entries[0].calculatedPrice.finalPrice.netValue"),
    ("entries.0.calculatedPrice", [], "entries[0].calculatedPrice"),
    ("entries.0", {"calculatedUnitPrice": PRICE, "calculatedPrice": PRICES}, "entries[0].amount"),
    ("entries", None, "entries"),
    ("entries", {}, "entries"),
    ("calculatedPrice", {}, "calculatedPrice.finalPrice"),
    ("created", "yesterday", "created"),
    ("created", 20250610, "created"),
    ("deliveryWindow", {"deliveryDate": "2025-13-45"}, "deliveryWindow.deliveryDate"),
    ("deliveryWindow", "soon", "deliveryWindow"),
    ("mixins.deliveryTime", {"deliveryDate": "tomorrow noon"}, "mixins.deliveryTime.deliveryDate"),
    ("customer.email", ["a@b.c"], "customer.email"),
    ("payments.0.status", "PERHAPS", "payments[0].status"),
    ("payments.0.currency", "USD", "payments[0].currency"),
    ("payments.0.authorizedAmount", "much", "payments[0].authorizedAmount"),
]


@pytest.mark.parametrize(("path", "value", "field"), WRONG)
async def test_an_order_that_cannot_be_read_names_the_field(
    platform: Platform, server: LyingServer, path: str, value: object, field: str
) -> None:
    with pytest.raises(InvoiceIncomplete) as raised:
        await read(platform, server, changed(path, value))
    assert raised.value.field == field
    assert raised.value.message.startswith(field)


@pytest.mark.parametrize("document", [[], "EON1", {}, {**ORDER, "id": "EON2"}, {**ORDER, "id": None}])
async def test_an_answer_that_is_not_the_order_asked_for_is_unavailable(
    platform: Platform, server: LyingServer, document: object
) -> None:
    with pytest.raises(Unavailable):
        await read(platform, server, document)


@pytest.mark.parametrize("path", ["customer", "payments", "mixins", "metadata", "billingAddress", "status", "created"])
async def test_what_is_optional_may_be_null(platform: Platform, server: LyingServer, path: str) -> None:
    assert (await read(platform, server, changed(path, None))).id == "EON1"


async def test_what_nobody_asked_for_may_be_anything(platform: Platform, server: LyingServer) -> None:
    document = {**ORDER, "totalPrice": {"odd": []}, "tax": None, "mixins": {**ORDER["mixins"], "own": [[[]]]}}
    assert (await read(platform, server, document)).id == "EON1"


@pytest.mark.parametrize(
    ("payment", "status", "paid"),
    [
        ({"status": "AUTHORIZATION_SUCCESS"}, PaymentStatus.AUTHORIZED, 0),
        ({"status": "CAPTURE_SUCCESS", "paidAmount": 12}, PaymentStatus.PAID, 12),
        ({"status": "CAPTURE_SUCCESS", "paidAmount": 0}, PaymentStatus.PAID, 20),
        ({"status": "SUCCESS"}, PaymentStatus.PAID, 20),
        ({"status": "REFUND_SUCCESS", "paidAmount": 12, "refundAmount": 5}, PaymentStatus.PAID, 7),
        ({"status": "REFUND_FAILURE", "paidAmount": 12}, PaymentStatus.PAID, 12),
        ({"status": "AUTHORIZATION_FAILURE"}, PaymentStatus.FAILED, 0),
        ({"status": "CAPTURE_FAILURE"}, PaymentStatus.FAILED, 0),
        ({"status": "FAILURE", "method": "invoice"}, PaymentStatus.FAILED, 0),
        ({"status": "CANCELLATION_SUCCESS"}, PaymentStatus.FAILED, 0),
        ({"status": "PENDING"}, PaymentStatus.DEFERRED, 0),
        ({"status": None}, PaymentStatus.DEFERRED, 0),
        ({"status": "AUTHORIZATION_SUCCESS", "method": "invoice"}, PaymentStatus.DEFERRED, 0),
        ({"status": "AUTHORIZATION_SUCCESS", "provider": "CASH_ON_DELIVERY"}, PaymentStatus.DEFERRED, 0),
        ({"status": "SUCCESS", "method": "cash-on-delivery"}, PaymentStatus.DEFERRED, 0),
        ({"status": "SUCCESS", "method": "invoice", "paidAmount": 20}, PaymentStatus.PAID, 20),
    ],
)
async def test_payments_are_told_apart_as_far_as_invoicing_does(
    platform: Platform, server: LyingServer, payment: dict[str, object], status: PaymentStatus, paid: int
) -> None:
    whole = {"method": "credit_card", "transactionId": "t-1", "authorizedAmount": 20, **payment}
    order = await read(platform, server, changed("payments", [whole]))
    assert (order.payments[0].status, order.payments[0].paid) == (status, paid)
    assert (order.payments[0].authorized, order.payments[0].transaction_id) == (20, "t-1")


async def test_the_older_delivery_instant_comes_before_the_day(platform: Platform, server: LyingServer) -> None:
    document = changed("mixins.deliveryTime", {"deliveryDate": "2025-02-07T11:00:00.000+01:00"})
    document["deliveryWindow"] = {"deliveryDate": "2025-02-09"}
    order = await read(platform, server, document)
    assert order.delivery.instant == datetime(2025, 2, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(("until", "end"), [("14:30", time(14, 30)), ("24:00", None), ("", None), (None, None)])
async def test_a_delivery_day_ends_with_its_time_window(
    platform: Platform, server: LyingServer, until: str | None, end: time | None
) -> None:
    window = {"deliveryDate": "2025-02-07", "deliveryTimeRange": {"timeTo": until}}
    order = await read(platform, server, changed("deliveryWindow", window))
    assert (order.delivery.day, order.delivery.until) == (date(2025, 2, 7), end)


async def test_sub_orders_may_be_named_by_id_or_by_object(platform: Platform, server: LyingServer) -> None:
    order = await read(platform, server, {**ORDER, "orderType": "MASTER_ORDER", "subOrders": ["A", {"id": "B"}]})
    assert order.sub_orders == ("A", "B")


# Searching


async def found(platform: Platform) -> list[str]:
    return [order.id async for order in platform.orders.search(SETTINGS, now=NOON)]


async def test_a_search_asks_for_both_dates_and_never_for_too_little(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json([]))
    assert await found(platform) == []
    latest = '"2026-11-24T02:00:00.000Z"'
    which = "status:(CREATED,CONFIRMED) mixins.generalAttributes.extendedOrderStatus:(70,75)"
    assert [asked.content for asked in server.asked] == [
        {"q": f"{which} deliveryWindow.deliveryDate:<={latest}"},
        {"q": f"{which} mixins.deliveryTime.deliveryDate:<={latest}"},
    ]
    assert server.asked[0].path.startswith("/order-v2/acme/salesorders/search?")
    assert server.asked[0].query["sort"] == "created:asc"


async def test_a_search_goes_on_until_the_total_is_reached(platform: Platform, server: LyingServer) -> None:
    first = Reply.json([{"id": f"A{n}"} for n in range(100)], X_Total_Count="101")
    second = Reply.json([{"id": "B"}], X_Total_Count="101")
    by_the_other_date = Reply.json([{"id": "B"}, {"id": "C"}], X_Total_Count="2")
    server.says(*[first, second] * 2, by_the_other_date)
    assert len(await found(platform)) == 102
    assert [asked.query["pageNumber"] for asked in server.asked] == ["1", "2", "1", "2", "1"]


async def test_a_search_without_a_total_ends_with_a_page_that_is_not_full(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply.json([{"id": f"A{n}"} for n in range(100)]), Reply.json([{"id": "B"}]), Reply.json([]))
    assert len(await found(platform)) == 101


async def test_a_search_ends_though_the_platform_repeats_its_pages_for_ever(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply.json([{"id": f"A{n}"} for n in range(100)], X_Total_Count="999999"))
    assert len(await found(platform)) == 100
    assert len(server.asked) == 4


async def test_an_unreadable_order_does_not_hide_the_others(platform: Platform, server: LyingServer) -> None:
    bad = {"id": "BAD", "deliveryWindow": {"deliveryDate": "never"}}
    server.says(Reply.json([{"id": "A"}, bad, {"no": "id"}, 5, None, {"id": "B"}]), Reply.json([]))
    assert await found(platform) == ["A", "B"]


async def test_a_search_that_is_answered_with_rubbish_is_unavailable(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json({"items": []}))
    with pytest.raises(Unavailable):
        await found(platform)


# Marking


def marked(number: str, link: str) -> dict[str, Any]:
    return changed("mixins.invoice", {"invoiceNo": number, "invoiceDocument": link})


async def test_a_mark_keeps_all_else_byte_for_byte(platform: Platform, server: LyingServer) -> None:
    body = json.dumps(changed("mixins.own", {"rate": "HERE"})).replace('"HERE"', "1.2300000000000000001")
    server.says(Reply(200, body.encode()), Reply(204, b""))
    await platform.orders.mark(OrderId("EON1"), MARK)
    patch = server.asked[1]
    assert (patch.method, patch.path) == ("PATCH", "/order-v2/acme/salesorders/EON1?recalculate=false")
    assert patch.content == {
        "mixins": {
            "generalAttributes": {"extendedOrderStatus": "05"},
            "customerTax": {"vatId": "DE123456789"},
            "own": {"rate": "1.2300000000000000001"},
            "invoice": {"invoiceNo": "INV1", "invoiceDocument": "https://example.com/INV1"},
        },
        "metadata": {"version": "7", "mixins": {"generalAttributes": "https://example.com/schema.json"}},
    }


@pytest.mark.parametrize("path", ["mixins", "metadata", "mixins.invoice"])
async def test_an_order_without_mixins_can_be_marked(platform: Platform, server: LyingServer, path: str) -> None:
    server.says(Reply.json(changed(path, None)), Reply(204, b""))
    await platform.orders.mark(OrderId("EON1"), MARK)
    assert server.asked[1].method == "PATCH"


async def test_the_same_mark_again_writes_nothing(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(marked(MARK.number, MARK.document)))
    await platform.orders.mark(OrderId("EON1"), MARK)
    assert [asked.method for asked in server.asked] == ["GET"]


async def test_the_same_invoice_at_a_new_address_is_written_again(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(marked(MARK.number, "https://old.example.com")), Reply(204, b""))
    await platform.orders.mark(OrderId("EON1"), MARK)
    assert server.asked[1].method == "PATCH"


async def test_another_invoice_is_never_written_over(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(marked("INV0", "https://example.com/INV0")))
    with pytest.raises(AlreadyInvoiced) as raised:
        await platform.orders.mark(OrderId("EON1"), MARK)
    assert (raised.value.number, raised.value.document) == ("INV0", "https://example.com/INV0")
    assert len(server.asked) == 1


async def test_a_stale_version_is_read_and_written_once_more(platform: Platform, server: LyingServer) -> None:
    stale = Reply.json({"status": 409, "message": "Update version is not valid."}, 409)
    newer = changed("metadata.version", 8)
    server.says(Reply.json(ORDER), stale, Reply.json(newer), Reply(204, b""))
    await platform.orders.mark(OrderId("EON1"), MARK)
    assert b'"version":8' in server.asked[-1].body


async def test_a_stale_version_because_our_own_mark_came_through_is_no_conflict(
    platform: Platform, server: LyingServer
) -> None:
    server.says(Reply.json(ORDER), Reply(409), Reply.json(marked(MARK.number, MARK.document)))
    await platform.orders.mark(OrderId("EON1"), MARK)
    assert len(server.asked) == 3


async def test_a_version_that_is_stale_twice_is_a_conflict(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(ORDER), Reply(409), Reply.json(ORDER), Reply(409))
    with pytest.raises(Conflict):
        await platform.orders.mark(OrderId("EON1"), MARK)
    assert len(server.asked) == 4


async def test_an_order_that_went_away_cannot_be_marked(platform: Platform, server: LyingServer) -> None:
    server.says(Reply.json(ORDER), Reply(404))
    with pytest.raises(OrderNotFound):
        await platform.orders.mark(OrderId("EON1"), MARK)

"""Every request that the adapters send is as the platform has published it, but where the published text is wrong."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.platform import Platform
from adapters.platform.scopes import ARCHIVE, NEEDED, PREPARATION
from domain.errors import PlatformDenied
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.money import Currency
from domain.numbering import INVOICE_SERIES, Series, SeriesName
from domain.order import InvoiceMark, InvoiceSettings, OrderId, Seller, TenantId, TransactionId
from fakes.clock import NOON
from fakes.lying_server import SECRET, TENANT, Asked, LyingServer, Reply
from fakes.openapi import PublishedApi

ACME = TenantId(TENANT)
NUMBER = InvoiceNumber("INV-7/2026")
ORDER = {
    "id": "EON 1/ü",
    "mixins": {"generalAttributes": {"extendedOrderStatus": "70"}},
    "payments": [
        {"method": "card", "status": "AUTHORIZATION_SUCCESS", "transactionId": "t", "paidAmount": 0, "currency": "EUR"}
    ],
    "metadata": {"version": 7, "mixins": {"generalAttributes": "https://example.com/schema.json"}},
}
ID = OrderId("EON 1/ü")
SETTINGS = InvoiceSettings(("CREATED", "CONFIRMED"), ("70",), timedelta(hours=24))
SETTING = {"key": "invoiceSettings", "value": {"threshold": "24", "status": "", "extendedOrderStatus": ""}}
MARK = InvoiceMark(NUMBER, "https://example.com/INV-7")
CREDIT_NOTE = InvoiceMark(InvoiceNumber("INV-8/2026"), "https://example.com/INV-8")
CAPTURED_ORDER = {
    **ORDER,
    "payments": [
        {"method": "card", "status": "CAPTURE_SUCCESS", "transactionId": "t", "paidAmount": 23.8, "currency": "EUR"}
    ],
}
CAPTURED = (PlannedCapture(TransactionId("t"), Decimal("23.80")),)
SERIES = Series(SeriesName("invoiceNoSequence"), "main shop", (("__num__", ""),), "2026")
STALE = Reply.json({"status": 409, "message": "Update version is not valid."}, 409)

WRONG = {
    r".*: header emporix-tenant: is not published": "the platform's own clients always send it; user tokens need it",
    r"PATCH .*: body: '(entries|customer|calculatedPrice)' is a required property": "one schema for PUT and PATCH, "
    "though the platform's own tutorials patch a status alone",
    r"POST /media/.*: body\.file: .* is not of type 'object'": "a part of a form that is a file cannot be an object",
}
"""What the published documents get wrong, and how it is known."""


async def _searched(platform: Platform) -> None:
    assert [order async for order in platform.orders.search(SETTINGS, now=NOON)] == []


CALLS: dict[str, tuple[Callable[[Platform], Awaitable[object]], tuple[Reply, ...]]] = {
    "orders.search": (_searched, (Reply.json([]),)),
    "orders.mark": (
        lambda platform: platform.orders.mark(ID, MARK, CAPTURED),
        (Reply.json(ORDER), STALE, Reply.json(ORDER), Reply(400), Reply(204, b"")),
    ),
    "orders.cancel_mark": (
        lambda platform: platform.orders.cancel_mark(ID, NUMBER, CREDIT_NOTE),
        (Reply.json(ORDER), STALE, Reply.json(ORDER), Reply(204, b"")),
    ),
    "orders.mark_refunds": (
        lambda platform: platform.orders.mark_refunds(ID, CAPTURED),
        (Reply.json(CAPTURED_ORDER), Reply(204, b"")),
    ),
    "orders.recalculate": (lambda platform: platform.orders.recalculate(ID, {"a": 2, "b": 0}), (Reply(200, b""),)),
    "configurations.invoice_settings": (
        lambda platform: platform.configurations.invoice_settings(),
        (Reply.json(SETTING),),
    ),
    "configurations.mail_sender": (lambda platform: platform.configurations.mail_sender(), (Reply(404),)),
    "sequences.draw": (lambda platform: platform.sequences.draw(SERIES), (Reply.json({"id": "INV1"}, 201),)),
    "sites.site": (lambda platform: platform.sites.site("main shop"), (Reply.json({"code": "main shop"}),)),
    "payments.transaction": (
        lambda platform: platform.payments.transaction(TransactionId("t")),
        (Reply.json({"id": "t"}),),
    ),
    "payments.capture": (
        lambda platform: platform.payments.capture(TransactionId("t"), Decimal("3.99"), Currency.of("EUR")),
        (Reply.json({"successful": True, "captureId": "c"}),),
    ),
    "payments.refund": (
        lambda platform: platform.payments.refund(
            TransactionId("t"), Decimal("3.99"), Currency.of("EUR"), capture_id="c"
        ),
        (Reply.json({"successful": True}),),
    ),
    "customers.profile": (lambda platform: platform.customers.profile("45620894"), (Reply.json({}),)),
    "archive.put": (
        lambda platform: platform.archive.put(ACME, NUMBER, b"%PDF-1.7"),
        (Reply(404), Reply(409), Reply(200, b"%PDF-1.7")),
    ),
    "preparations.schemas": (lambda platform: platform.preparations.schemas(INVOICE_SERIES), (Reply.json([]),)),
    "preparations.sites": (lambda platform: platform.preparations.sites(), (Reply.json([]),)),
    "preparations.read_transactions": (lambda platform: platform.preparations.read_transactions(), (Reply.json([]),)),
    "preparations.configured": (lambda platform: platform.preparations.configured("project_lang"), (Reply(404),)),
    "preparations.write_settings": (
        lambda platform: platform.preparations.write_settings(SETTINGS),
        (Reply(404), Reply(201, b"")),
    ),
    "preparations.write_sender": (
        lambda platform: platform.preparations.write_sender("shop@example.com"),
        (Reply.json({"key": "k", "version": 3}), Reply(200, b"")),
    ),
    "preparations.create_schema": (
        lambda platform: platform.preparations.create_schema(INVOICE_SERIES, "INV"),
        (Reply.json({"id": "1"}, 201),),
    ),
    "preparations.activate_schema": (lambda platform: platform.preparations.activate_schema("1"), (Reply(204, b""),)),
    "preparations.write_logo": (
        lambda platform: platform.preparations.write_logo("main shop", "https://example.com/logo.png"),
        (Reply.json({"code": "main shop"}), Reply(201, b"")),
    ),
    "preparations.write_seller": (
        lambda platform: platform.preparations.write_seller("main shop", Seller(name="Example", street="Ring 5")),
        (Reply.json({"code": "main shop", "mixins": {"merchantInfo": {"merchantName": "X"}}}), Reply(200, b"")),
    ),
}
"""Every way to make the adapters ask the platform for something."""


@pytest.fixture(scope="module")
def published() -> PublishedApi:
    return PublishedApi()


@pytest.fixture
async def asked(platform: Platform, server: LyingServer) -> dict[str, list[Asked]]:
    """What is asked for by each of the calls."""
    requests = {}
    for name, (call, replies) in CALLS.items():
        server.says(*replies)
        before = len(server.asked)
        await call(platform)
        requests[name] = server.asked[before:]
    return requests


def complaints(published: PublishedApi, request: Asked) -> list[str]:
    """What of a request is not as published, nor known to be wrong there."""
    told = published.complaints_of_request(request.method, request.path, request.headers, request.body)
    return [complaint for complaint in told if not any(re.fullmatch(wrong, complaint) for wrong in WRONG)]


async def test_every_request_is_as_published(published: PublishedApi, asked: dict[str, list[Asked]]) -> None:
    every = [request for requests in asked.values() for request in requests]
    assert [complaint for request in every for complaint in complaints(published, request)] == []


async def test_every_call_of_an_adapter_is_among_them(asked: dict[str, list[Asked]], platform: Platform) -> None:
    adapters = {name: getattr(platform, name) for name in platform.__slots__}
    methods = {f"{name}.{call}" for name, adapter in adapters.items() for call in vars(type(adapter)) if call[0] != "_"}
    told_with_others = {"orders.order", "archive.get", "preparations.lacking_scopes"}
    of_no_published_call = {"sites.logo", "configurations.close", "sites.close"}
    assert methods - told_with_others - of_no_published_call == set(asked)
    assert all(asked.values())


async def test_what_is_known_to_be_wrong_still_is(published: PublishedApi, asked: dict[str, list[Asked]]) -> None:
    """A document that is mended one day takes its entry with it."""
    every = [request for requests in asked.values() for request in requests]
    told = [c for r in every for c in published.complaints_of_request(r.method, r.path, r.headers, r.body)]
    assert [wrong for wrong in WRONG if not any(re.fullmatch(wrong, complaint) for complaint in told)] == []


async def test_every_call_is_opened_by_a_scope_that_is_asked_for(
    published: PublishedApi, asked: dict[str, list[Asked]]
) -> None:
    for request in (request for requests in asked.values() for request in requests):
        scopes = published.operation(request.method, request.path).scopes
        assert not scopes or scopes & {*NEEDED, *ARCHIVE, *PREPARATION}, request


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_that_is_forbidden_names_a_scope_that_opens_it(
    published: PublishedApi, platform: Platform, server: LyingServer, name: str
) -> None:
    call, replies = CALLS[name]
    for number in range(len(replies)):
        server.says(*replies[:number], Reply(403))
        with pytest.raises(PlatformDenied) as raised:
            await call(platform)
        denied = server.asked[-1]
        opening = published.operation(denied.method, denied.path).scopes
        named = re.findall(r"[\w-]+\.\w+_\w+", raised.value.message.partition("needs the scope")[2])
        assert set(named) <= opening
        assert bool(named) == bool(opening)


async def test_a_request_for_a_token_is_as_published(
    published: PublishedApi, asked: dict[str, list[Asked]], server: LyingServer
) -> None:
    assert asked
    form = "&".join(f"{name}=x" for name in server.token_requests[0])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert published.complaints_of_request("POST", "/oauth/token", headers, form.encode()) == []
    assert server.token_requests[0]["client_secret"] == SECRET

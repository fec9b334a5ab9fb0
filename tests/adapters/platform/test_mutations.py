"""Ten thousand answers gone wrong for each adapter: only errors that someone can mend come of them, or a sane value."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from adapters.platform import Platform
from adapters.platform.media import asset_id
from adapters.platform.pace import Pace
from adapters.sandbox.demo import demo_orders
from domain.drafting import draft_of
from domain.errors import Conflict, InvoiceIncomplete, InvoicingError, PaymentRefused, Unavailable
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.money import Currency
from domain.numbering import Series, SeriesName
from domain.order import InvoiceMark, InvoiceSettings, Order, OrderId, TenantId, TransactionId
from domain.policy import ORDER_REASONS
from fakes.answering import TOKEN, Answers
from fakes.clock import NOON
from fakes.lying_server import SECRET, TENANT, LyingServer, Reply
from fakes.mutations import Mutator
from fakes.platform import SELLER, SITE

SEED = int(os.environ.get("MUTATION_SEED", "2026"))
MANY = 10_000
ACME, NUMBER = TenantId(TENANT), InvoiceNumber("INV1")
LONGEST_MESSAGE = 700
SETTINGS = InvoiceSettings((), (), timedelta(hours=24))
ZONES = [ZoneInfo(name) for name in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin")]
TAX = {"customerTax": {"vatId": "DE123456789"}}
BOOK = {order["id"]: order | {"id": "EON1", "mixins": TAX | order["mixins"]} for order in demo_orders(NOON)}
PLAIN = [BOOK[f"DEMO-{name}"] for name in ("DISCOUNTS", "FEES", "TOKYO", "DUE-CARD", "DUE-OLD-STYLE", "INVOICED")]
MARKED = [order | {"mixins": {"invoice": {"invoiceNo": "INV1", "invoiceDocument": "http://old"}}} for order in PLAIN]
CAPTURED = [
    PlannedCapture(TransactionId(p["transactionId"]), Decimal(1))
    for o in PLAIN
    for p in o["payments"]
    if p.get("transactionId")
]
MARK = InvoiceMark("INV1", "https://example.com/INV1")
EUR = Currency.of("EUR")
ERROR = {"status": 404, "type": "x", "message": "no", "details": [{"message": "why"}], "fault": {"faultstring": "f"}}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call of an adapter, good answers to it, and what must hold of the value it gives."""

    call: Callable[[Platform], Awaitable[Any]]
    answers: tuple[object, ...]
    is_sane: Callable[[Any], bool]
    status: int = 200
    may_be: Callable[[Reply, InvoicingError], bool] = lambda reply, error: True


async def search(platform: Platform) -> list[Order]:
    return [order async for order in platform.orders.search(SETTINGS, now=NOON)]


def is_sane_order(order: Order) -> bool:
    """Whatever is done with an order ends well, or in one of our errors."""
    with suppress(InvoicingError):
        order.require_invoiceable()
    for zone in ZONES:
        SETTINGS.select(order, zone, NOON)
    with suppress(InvoicingError):
        draft = draft_of(order, SITE, SELLER)
        assert draft.totals.gross == draft.totals.net + draft.totals.tax + draft.totals.rounding
        assert all(0 < planned.amount <= draft.totals.gross for planned in draft.captures)
    return order.id == "EON1" and isinstance(order.final.gross, Decimal)


def is_text(text: object) -> bool:
    return isinstance(text, str)


def is_bytes(content: object) -> bool:
    return isinstance(content, bytes)


def is_one_line(text: object) -> bool:
    return isinstance(text, str) and text.isprintable() and bool(text.strip()) and len(text) <= 100


def are_sane_settings(settings: InvoiceSettings) -> bool:
    every = (*settings.statuses, *settings.extended_statuses)
    return timedelta(0) <= settings.threshold < timedelta(days=4000) and all(status.isprintable() for status in every)


def tells_what_to_do(reply: Reply, error: InvoicingError) -> bool:
    """What cannot be read in an order can be corrected there."""
    return not isinstance(error, InvoiceIncomplete) or error.message.endswith("correct the order")


def is_never_repeated(reply: Reply, error: InvoicingError) -> bool:
    """What changes the world and may have happened is in doubt, however it was answered, and not tried again."""
    return reply.status in {425, 429} or not isinstance(error, Unavailable | Conflict)


def is_refused_by_the_gateway(reply: Reply, error: InvoicingError) -> bool:
    """Nobody but the gateway itself says that nothing was captured."""
    said_no = 400 <= reply.status < 500 or b"successful" in reply.body
    return said_no or not isinstance(error, PaymentRefused)


ATTEMPTS: dict[str, list[Attempt]] = {
    "orders": [
        Attempt(lambda p: p.orders.order(OrderId("EON1")), tuple(PLAIN), is_sane_order, may_be=tells_what_to_do),
        Attempt(search, ([order | {"id": f"E{n}"} for n, order in enumerate(PLAIN[3:])],), lambda found: True),
        Attempt(lambda p: p.orders.mark(OrderId("EON1"), MARK, CAPTURED), (*PLAIN, *MARKED), lambda done: done is None),
        Attempt(
            lambda p: p.orders.recalculate(OrderId("EON1"), {"mug": 1}), ({}, *PLAIN[:1]), lambda done: done is None
        ),
    ],
    "configurations": [
        Attempt(
            lambda p: p.configurations.invoice_settings(),
            (
                {"key": "k", "version": 1, "value": {"threshold": "24", "status": "A,B", "extendedOrderStatus": [70]}},
                {"value": '{"threshold": "96h", "status": "", "extendedOrderStatus": "05,70"}', "secured": False},
            ),
            are_sane_settings,
        ),
        Attempt(lambda p: p.configurations.mail_sender(), ({"value": "shop@example.com"},), is_text),
    ],
    "sequences": [
        Attempt(
            lambda p: p.sequences.draw(Series(SeriesName("invoiceNoSequence"), "main")),
            ({"id": "INV1001"},),
            is_one_line,
            status=201,
            may_be=is_never_repeated,
        )
    ],
    "sites": [
        Attempt(
            lambda p: p.sites.site("main"),
            (
                {
                    "code": "main",
                    "name": "Main",
                    "active": True,
                    "defaultLanguage": "de",
                    "homeBase": {"address": {"country": "DE"}, "timezone": "Europe/Berlin"},
                    "mixins": {
                        "generalShopSettings": {"logoUrl": "", "brandName": "Acme", "zoneId": "Europe/Berlin"},
                        "merchantInfo": {
                            "merchantName": "Acme GmbH",
                            "merchantAddress": {"merchantStreet": "Ring", "merchantZipCode": "10115"},
                            "vatId": "DE123456789",
                        },
                    },
                },
            ),
            lambda site: site.code == "main" and isinstance(NOON.astimezone(site.time_zone), datetime),
        )
    ],
    "payments": [
        Attempt(
            lambda p: p.payments.transaction(TransactionId("t-1")),
            (
                {
                    "id": "t-1",
                    "provider": "SPREEDLY",
                    "entries": [
                        {
                            "id": "a",
                            "type": "AUTHORIZATION",
                            "successful": True,
                            "amount": {"amount": 20, "currency": "EUR"},
                        },
                        {
                            "id": "c",
                            "type": "CAPTURE",
                            "successful": True,
                            "amount": {"amount": 3.99, "currency": "EUR"},
                        },
                        {"id": "r", "type": "REFUND", "successful": True, "amount": {"amount": 1, "currency": "EUR"}},
                    ],
                },
            ),
            lambda found: found.id == "t-1" and all(c.amount >= 0 for c in found.captures) and found.refunded >= 0,
        ),
        Attempt(
            lambda p: p.payments.capture(TransactionId("t-1"), Decimal("3.99"), EUR),
            ({"successful": True, "captureId": "c-1"}, {"successful": False, "message": "declined"}),
            bool,
            may_be=lambda reply, error: is_never_repeated(reply, error) and is_refused_by_the_gateway(reply, error),
        ),
    ],
    "customers": [
        Attempt(
            lambda p: p.customers.profile("c-1"),
            ({"id": "c-1", "contactEmail": "luc@example.com", "preferredLanguage": "fr_CH"},),
            lambda found: is_text(found.email) and is_text(found.language),
        )
    ],
    "archive": [
        Attempt(lambda p: p.archive.get(ACME, NUMBER), ({"any": "document"},), is_bytes),
        Attempt(lambda p: p.archive._create(ACME, NUMBER, b"%PDF"), ({"id": asset_id(NUMBER)},), is_bytes, status=201),
    ],
}


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    async with Answers.given() as given:
        yield given


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


async def ended(call: Awaitable[Any]) -> Any:
    """What the call gives, or the error of ours that it raises."""
    try:
        return await call
    except InvoicingError as error:
        return error


def can_be_told(error: InvoicingError) -> bool:
    """Whether anyone may read it: one line without secrets, and a reason that callers know."""
    told = error.message
    return (
        told.isprintable()
        and len(told) <= LONGEST_MESSAGE
        and not any(secret in told for secret in (SECRET, TOKEN))
        and error.reason in ORDER_REASONS | {"CONFLICT", "UNKNOWN_INVOICE"}
    )


async def take(answers: Answers, attempt: Attempt, reply: Reply, logs: list[Any]) -> bool:
    """Whether a value came of the answer; it, or the error, is as it must be, and so is what was logged."""
    answers.all(reply)
    answers.forget()
    logs.clear()
    value = await ended(attempt.call(answers.platform))
    told = " ".join(str(said) for log in logs for said in log.values())
    assert told.isprintable(), told
    assert SECRET not in told
    if isinstance(value, InvoicingError):
        assert can_be_told(value), repr(value)
        assert attempt.may_be(reply, value), repr(value)
        return False
    assert attempt.is_sane(value), value
    return True


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_only_errors_that_someone_can_mend_come_of_ten_thousand_answers(
    answers: Answers, logs: list[Any], name: str
) -> None:
    each = MANY // len(ATTEMPTS[name]) + 1
    for attempt in ATTEMPTS[name]:
        values = 0
        replies = Mutator(SEED).replies(*attempt.answers, ERROR, number=each, status=attempt.status)
        for number, reply in enumerate(replies):
            try:
                values += await take(answers, attempt, reply, logs)
            except Exception as wrong:
                raise AssertionError(f"answer {number} of seed {SEED}: {str(reply)[:3000]}") from wrong
        assert each // 50 < values < each, "a mutator that spoils everything, or nothing, proves nothing"


async def test_only_errors_that_someone_can_mend_come_of_ten_thousand_answers_to_requests_for_a_token(
    answers: Answers, logs: list[Any]
) -> None:
    good = Reply.json({"value": "shop@example.com"})
    granted = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 14399, "scope": "a b tenant=acme"}
    attempt = Attempt(lambda p: p.configurations.mail_sender(), (granted,), is_text)
    for number, reply in enumerate(Mutator(SEED).replies(granted, ERROR, number=MANY)):
        answers.to_token_requests = reply
        answers.forget_token()
        try:
            await take(answers, attempt, good, logs)
        except Exception as wrong:
            raise AssertionError(f"answer {number} of seed {SEED}: {str(reply)[:3000]}") from wrong


@pytest.mark.parametrize("kind", ["call", "token"])
async def test_hundreds_of_answers_over_http_are_no_worse(
    platform: Platform, server: LyingServer, logs: list[Any], kind: str
) -> None:
    granted = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 1}
    good = Reply.json({"id": "t-1", "entries": []})
    attempts = [attempt for every in ATTEMPTS.values() for attempt in every]
    replies = {
        "call": (Mutator(SEED).replies(*(answer for attempt in attempts for answer in attempt.answers), number=300)),
        "token": (Mutator(SEED).replies(granted, ERROR, number=300)),
    }
    for number, reply in enumerate(replies[kind]):
        server.says(reply if kind == "call" else good)
        server.says_to_token_requests(*([reply] if kind == "token" else []))
        platform.orders._wire._tokens._memory._kept.clear()
        platform.orders._wire._pace = Pace(rate=0)
        value = await ended(attempts[number % len(attempts)].call(platform))
        assert not isinstance(value, InvoicingError) or can_be_told(value), (reply, value)

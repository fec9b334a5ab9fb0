"""Every lie a service of the platform can tell, through its adapter and the five steps: the reason is right."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from domain.job import JobOrder, JobRequest, JobType, OrderState, Step
from domain.order import OrderId
from fakes.answering import Answers
from fakes.lying_server import Reply
from fakes.orders import an_order, document_of
from fakes.service import ACME, FakeService

GOOD, BAD = ("GOOD1", "GOOD2"), "BAD"
RUBBISH = {
    "html": Reply(200, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    "nothing": Reply(200, b""),
    "eleven megabytes": Reply(200, b" " * 11 * 2**20),
    "another shape": Reply.json([1]),
    "no utf-8": Reply(200, b'{"id": "\xff"}'),
    "deep nesting": Reply(200, b'{"deep":' + b"[" * 100_000),
    "a redirect": Reply(302, b"", {"Location": "http://127.0.0.1:1/"}),
    "an error": Reply.json({"message": "boom"}, 500),
    "no connection": Reply(drop=True),
}
QUICK = ("html", "nothing", "another shape", "an error", "no connection")
NOT_DONE = ("a redirect", "an error", "no connection")
STATUSES = {status: Reply.json({"message": "no"}, status) for status in (400, 401, 403, 404, 409, 422, 429)}
AWAY, DENIED, SETTINGS = "PLATFORM_UNAVAILABLE", "PLATFORM_DENIED", "NOT_CONFIGURED"
REFUSED, UNKNOWN, USED_UP, GONE = "PAYMENT_REFUSED", "PAYMENT_OUTCOME_UNKNOWN", "SERIES_EXHAUSTED", "ORDER_NOT_FOUND"


def reasons(rubbish: str, *by_status: str, lies: Iterable[str] = tuple(RUBBISH)) -> dict[str | int, str]:
    """The reason for each of the lies, and for each status."""
    return {**dict.fromkeys(lies, rubbish), **dict(zip(STATUSES, by_status, strict=True))}


REASONS = {
    "site": reasons(AWAY, SETTINGS, DENIED, DENIED, SETTINGS, SETTINGS, SETTINGS, AWAY),
    "transaction": reasons(AWAY, SETTINGS, DENIED, DENIED, REFUSED, SETTINGS, SETTINGS, AWAY),
    "capture": reasons(UNKNOWN, REFUSED, DENIED, DENIED, REFUSED, REFUSED, REFUSED, AWAY, lies=QUICK),
    "number": reasons(AWAY, SETTINGS, DENIED, DENIED, SETTINGS, USED_UP, SETTINGS, AWAY, lies=QUICK),
    "mark": reasons(AWAY, SETTINGS, DENIED, DENIED, GONE, AWAY, SETTINGS, AWAY, lies=NOT_DONE),
}
"""Of captures and numbers, which are tried for a day, only the lies that are quickly told."""
STEPS = {
    "site": Step.RECALCULATION,
    "transaction": Step.CAPTURE,
    "capture": Step.CAPTURE,
    "number": Step.PDF,
    "mark": Step.PDF,
}


class Honest:
    """A platform that does what it is asked, but for one service, which answers the bad order with `bad`."""

    def __init__(self, service: str, bad: Reply) -> None:
        self.captures: list[str] = []
        self.numbers = 0
        self._service = service
        self._bad = bad

    def __call__(self, method: str, path: str) -> Reply:
        where, _, query = path.partition("?")
        service, name = self._asked(method, where.strip("/").split("/"), query)
        if service == self._service and name == BAD:
            return self._bad
        return Reply.json(getattr(self, f"_{service}")(name))

    def _asked(self, method: str, parts: list[str], query: str) -> tuple[str, str]:
        """Which service is asked, and for which order: in this shop every order has a site of its own."""
        match parts:
            case ["order-v2", _, _, order_id]:
                return ("mark" if method == "PATCH" else "order"), order_id
            case ["site", _, _, code]:
                return "site", code
            case ["payment-gateway", _, "transactions", transaction_id]:
                return "transaction", transaction_id
            case ["payment-gateway", _, _, transaction_id, "capture"]:
                return "capture", transaction_id
        return "number", query.removeprefix("siteCode=")

    def _order(self, name: str) -> Any:
        document = document_of(an_order(name, site_code=name))
        document["payments"][0]["transactionId"] = name
        return json.loads(msgspec.json.Encoder(decimal_format="number").encode(document))

    def _site(self, name: str) -> Any:
        return {"code": name, "defaultLanguage": "en", "homeBase": {"timezone": "Europe/Berlin"}}

    def _transaction(self, name: str) -> Any:
        amount = {"amount": 23.8, "currency": "EUR"}
        entries = [{"id": f"c-{name}", "type": "CAPTURE", "successful": True, "amount": amount}] * (
            name in self.captures
        )
        return {"id": name, "entries": entries}

    def _capture(self, name: str) -> Any:
        self.captures.append(name)
        return {"successful": True, "captureId": f"c-{name}"}

    def _number(self, name: str) -> Any:
        self.numbers += 1
        return {"id": f"INV{self.numbers}"}

    def _mark(self, name: str) -> Any:
        return {}


@dataclass(frozen=True, slots=True)
class Shop:
    """A service whose platform is spoken to through the adapters."""

    service: FakeService
    answers: Answers

    async def job(self) -> dict[str, JobOrder]:
        """How the orders of a job end."""
        request = JobRequest(ACME, JobType.MANUAL, tuple(map(OrderId, (GOOD[0], BAD, GOOD[1]))))
        job = await self.service.invoicing.create_job(request)
        with capture_logs():
            await self.service.work_to_the_end()
        assert self.service.defects == []
        return {name: await self.service.order(job, name) for name in (*GOOD, BAD)}


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    service = FakeService()
    async with Answers.given() as answers:
        platform = answers.platform
        platform.orders._wire._pace.pause = lambda wait: None  # time stands still here, and nobody would wait
        tenant = service.tenants.kept[ACME]
        service.tenants.kept[ACME] = replace(
            tenant,
            orders=platform.orders,
            sites=platform.sites,
            payments=platform.payments,
            sequences=platform.sequences,
            seller=(await tenant.sites.site("main")).seller,
        )
        yield Shop(service, answers)


@pytest.mark.parametrize(
    ("service", "lie", "reason"),
    [(service, *told) for service, every in REASONS.items() for told in every.items()],
)
async def test_a_service_that_lies_fails_its_order_with_the_right_reason_and_hurts_no_other(
    shop: Shop, service: str, lie: str | int, reason: str
) -> None:
    platform = Honest(service, RUBBISH[lie] if isinstance(lie, str) else STATUSES[lie])
    shop.answers.to = platform
    orders = await shop.job()
    assert [(orders[name].state, orders[name].reason) for name in GOOD] == [(OrderState.SUCCESS, "")] * 2
    bad = orders[BAD]
    assert (bad.state, bad.reason, bad.step) == (OrderState.FAILURE, reason, STEPS[service])
    assert bad.message.isprintable()
    assert sorted(platform.captures) == sorted([*GOOD, BAD] if service in {"number", "mark"} else GOOD)
    assert bad.captured == (Decimal("23.80") if service in {"number", "mark"} else None)
    assert (bad.number is not None) == (service == "mark")
    assert len(shop.service.mailer.sent) == 2

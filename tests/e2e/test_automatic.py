"""An automatic job over three thousand orders of a real platform on the days on which clocks change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, product
from random import Random
from typing import Any

import aiohttp
import msgspec
import pytest

from adapters.platform import Platform
from adapters.sandbox import Sandbox
from domain.job import Job, JobRequest, JobState, JobType
from fakes.clock import FakeClock
from fakes.service import ACME, FakeService

MATCHING, ALL = 1_000, 3_000
STATUSES = {
    "CREATED": True,
    "CONFIRMED": True,
    "SHIPPED": False,
    "COMPLETED": False,
    "DECLINED": False,
    "IN_CHECKOUT": False,
}
EXTENDED = {
    "70": True,
    "75": True,
    "76": True,
    70: True,
    "7": False,
    "070": False,
    "701": False,
    "05": False,
    None: False,
}
MARKS = {"": True, "INV7": False, None: True}
"""The settings of the sandbox: CREATED,CONFIRMED and 70,75,76, a day after delivery. True is what they take."""


@dataclass(frozen=True, slots=True)
class When:
    """A way to say when an order is delivered, and whether it is due. `older` is the instant of the older mixin."""

    due: bool
    site: str = "main"
    day: str | None = None
    until: str | None = None
    older: str | None = None


FOLD = datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
"""A day after half past two in Berlin, which clocks showed twice: the second time, an hour after the first."""
AROUND_THE_FOLD = (
    When(due=True, older="2026-10-25T01:30:00.000Z"),
    When(due=False, older="2026-10-25T01:30:00.001Z"),
    When(due=True, older="2026-10-25T03:30:00.000+02:00"),
    When(due=False, older="2026-10-25T03:31:00.000+02:00"),
    When(due=True, older="2026-10-25 10:30:00+09:00"),
    When(due=True, older="2026-10-24"),
    When(due=False, older="2026-10-25"),
    When(due=True, older="2026-10-20T11:00:00.000Z", day="2026-10-30"),
    When(due=False, older="2026-10-30T11:00:00.000Z", day="2026-10-20"),
    When(due=True, day="2026-10-25", until="01:59"),
    When(due=True, day="2026-10-25", until="02:00"),
    When(due=True, day="2026-10-25", until="02:30"),
    When(due=True, day="2026-10-25", until="02:59"),
    When(due=False, day="2026-10-25", until="03:00"),
    When(due=True, day="2026-10-24", until="24:00"),
    When(due=False, day="2026-10-25", until="24:00"),
    When(due=True, day="2026-10-24", until="00:00"),
    When(due=False, day="2026-10-25", until="00:00"),
    When(due=True, day="2026-10-24"),
    When(due=False, day="2026-10-25"),
    When(due=True, site="tokyo", day="2026-10-25", until="10:30"),
    When(due=False, site="tokyo", day="2026-10-25", until="10:31"),
    When(due=True, site="tokyo", day="2026-10-24"),
    When(due=False, site="tokyo", day="2026-10-25"),
    When(due=True, site="swiss", day="2026-10-25", until="02:30"),
    When(due=False, site="swiss", day="2026-10-25", until="03:00:00"),
    When(due=True, day="2020-02-29"),
    When(due=False, day="9999-12-31"),
    When(due=False, day="0001-01-01"),
    When(due=False, day="some day"),
    When(due=False),
)

GAP = datetime(2026, 3, 30, 1, 15, tzinfo=UTC)
"""A day after a quarter past three in Berlin, where the hour from two to three was skipped."""
AROUND_THE_GAP = (
    When(due=True, older="2026-03-29T01:15:00Z"),
    When(due=False, older="2026-03-29T01:15:01Z"),
    When(due=True, older="2026-03-29T03:15:00.000+02:00"),
    When(due=False, older="2026-03-29T02:16:00.000+01:00"),
    When(due=True, day="2026-03-29", until="01:59"),
    When(due=True, day="2026-03-29", until="02:15"),
    When(due=False, day="2026-03-29", until="02:16"),
    When(due=False, day="2026-03-29", until="02:59"),
    When(due=True, day="2026-03-29", until="03:15"),
    When(due=False, day="2026-03-29", until="03:16"),
    When(due=True, day="2026-03-28", until="24:00"),
    When(due=True, day="2026-03-28", until="00:00"),
    When(due=False, day="2026-03-29", until="00:00"),
    When(due=True, day="2026-03-28"),
    When(due=False, day="2026-03-29"),
    When(due=True, site="tokyo", day="2026-03-29", until="10:15"),
    When(due=False, site="tokyo", day="2026-03-29", until="10:16"),
    When(due=True, site="swiss", day="2026-03-29", until="03:15"),
    When(due=False, site="swiss", day="2026-03-29", until="03:16"),
    When(due=False),
)

Kind = tuple[str, Any, When, Any]


def is_taken(kind: Kind) -> bool:
    """What the settings say of such an order."""
    status, extended, when, mark = kind
    return STATUSES[status] and EXTENDED[extended] and MARKS[mark] and when.due


def document(order_id: str, kind: Kind) -> dict[str, Any]:
    """An order of this kind, as far as a search reads it."""
    status, extended, when, mark = kind
    mixins: dict[str, Any] = {"generalAttributes": {"extendedOrderStatus": extended, "orderNumber": order_id}}
    if when.older is not None:
        mixins["deliveryTime"] = {"deliveryDate": when.older, "deliveryTimeFrom": "10:00"}
    if mark is not None:
        mixins["invoice"] = {"invoiceNo": mark, "invoiceDocument": f"https://example.com/{mark}"}
    window: dict[str, Any] | None = {"id": "w", "deliveryDate": when.day} if when.day else None
    if window and when.until:
        window["deliveryTimeRange"] = {"timeFrom": "00:00", "timeTo": when.until}
    made = {"id": order_id, "status": status, "siteCode": when.site, "deliveryWindow": window, "mixins": mixins}
    return made | {"created": f"2026-03-01T12:{len(order_id) % 60:02}:00.000Z", "entries": []}


def kinds(moments: tuple[When, ...]) -> list[Kind]:
    """Three thousand kinds of orders, every combination among them, a thousand of which are taken."""
    every = [(status, extended, when, None) for status, extended, when in product(STATUSES, EXTENDED, moments)]
    every += [("CREATED", "70", when, mark) for when in moments for mark in MARKS if mark is not None]
    taken, left = [kind for kind in every if is_taken(kind)], [kind for kind in every if not is_taken(kind)]
    again, others = cycle(taken), cycle(left)
    taken += [next(again) for _ in range(MATCHING - len(taken))]
    left += [next(others) for _ in range(ALL - MATCHING - len(left))]
    assert set(every) == {*taken, *left}, "every combination"
    return taken + left


@dataclass(frozen=True, slots=True)
class Shop:
    """A service on the sandbox over real HTTP, and the sandbox's control."""

    service: FakeService
    control: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def open(cls, now: datetime) -> AsyncIterator[Shop]:
        """The shop at this moment."""
        clock = FakeClock(now)
        async with (
            Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=clock) as sandbox,
            Platform.connected(
                url=sandbox.url, tenant=ACME, client_id="sandbox", client_secret="sandbox", clock=clock
            ) as platform,
            aiohttp.ClientSession(sandbox.url) as control,
        ):
            service = FakeService()
            service.clock.now = now
            service.tenants.kept[ACME] = replace(
                service.tenants.kept[ACME],
                orders=platform.orders,
                configurations=platform.configurations,
                sites=platform.sites,
            )
            yield cls(service, control)

    async def post(self, path: str, body: object) -> None:
        """A control call."""
        async with self.control.post(path, data=msgspec.json.encode(body)) as response:
            assert response.status == 200, await response.text()

    async def automatic_job(self) -> Job:
        """A job that has looked for its orders."""
        request = JobRequest(ACME, JobType.AUTOMATIC)
        job = await self.service.invoicing.create_job(request)
        assert await self.service.invoicing.find_orders(job) is None
        assert self.service.defects == []
        return await self.service.invoicing.job(ACME, job.id)

    async def orders(self, job: Job) -> set[str]:
        """The orders of the job."""
        every = await self.service.invoicing.list_orders(ACME, job.id, (), after="", limit=10_000)
        assert len(every) == len({order.order_id for order in every})
        return {order.order_id for order in every}


@pytest.mark.parametrize(("now", "moments"), [(FOLD, AROUND_THE_FOLD), (GAP, AROUND_THE_GAP)], ids=["fold", "gap"])
async def test_of_three_thousand_orders_exactly_the_thousand_that_are_due_are_taken(
    now: datetime, moments: tuple[When, ...]
) -> None:
    every = kinds(moments)
    assert (len(every), sum(map(is_taken, every))) == (ALL, MATCHING)
    order_ids = [f"EON{number}" for number in range(ALL)]
    Random(7).shuffle(order_ids)  # noqa: S311 - chance that repeats, not a secret
    async with Shop.open(now) as shop:
        orders = [document(*order) for order in zip(order_ids, every, strict=True)]
        await shop.post("/_sandbox/orders", {"tenant": ACME, "orders": sorted(orders, key=lambda o: o["id"])})
        job = await shop.automatic_job()
        found = {order_id for order_id in await shop.orders(job) if not order_id.startswith("DEMO")}
    taken = {order_id for order_id, kind in zip(order_ids, every, strict=True) if is_taken(kind)}
    wrong = [dict(zip(order_ids, every, strict=True))[order_id] for order_id in found ^ taken]
    assert not wrong
    assert job.state is JobState.IN_PROGRESS


async def test_a_job_that_finds_no_order_is_done() -> None:
    async with Shop.open(FOLD) as shop:
        shop.service.clock.now -= timedelta(days=3650)
        job = await shop.automatic_job()
        assert (job.state, job.counts.total) == (JobState.DONE, 0)


async def test_a_job_without_settings_fails_and_says_what_to_set() -> None:
    async with Shop.open(FOLD) as shop:
        await shop.post("/_sandbox/faults", {"service": "configuration", "kind": "error", "status": 404})
        job = await shop.automatic_job()
        assert (job.state, job.reason) == (JobState.FAILED, "NOT_CONFIGURED")
        assert "the configuration invoiceSettings is not set: it needs" in job.message

"""Many jobs over the same orders make one invoice an order, whoever writes marks meanwhile. `make chaos` runs it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sandbox.demo import generated_orders
from chaos.audit import counts, violations
from chaos.stages import ORDER, POSTGRESQL, SQLITE, Stage, Station
from e2e.services import Service
from invoicing.v1 import jobs_pb2

TENANT = "many"
TIMEOUT = "20s"
JOBS = 50
ORDERS = tuple(generated_orders(200, prefix="MANY"))
IDS = tuple(order["id"] for order in ORDERS)
TURNED_AWAY = {"ALREADY_INVOICED", "ORDER_IN_PROGRESS"}
BY_HAND = {"mixins": {"invoice": {"invoiceNo": "HAND-1", "invoiceDocument": "https://shop.example/HAND-1.pdf"}}}


@asynccontextmanager
async def services(stage: Stage, count: int) -> AsyncIterator[list[Service]]:
    """So many processes, as callers of the tenant see them; the first one leads."""
    async with AsyncExitStack() as stack:
        started = [await stack.enter_async_context(stage.serving(timeout=TIMEOUT, obstacles={})) for _ in range(count)]
        yield [replace(service, tenant=TENANT) for service in started]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("database", "processes"), [(SQLITE, 1), (POSTGRESQL, 2)])
async def test_fifty_jobs_over_the_same_orders_make_one_invoice_an_order(
    tmp_path: Path, database: str, processes: int
) -> None:
    async with Stage.set(Station(database), tmp_path, [TENANT]) as stage, services(stage, processes) as callers:
        await stage.platform.add(*ORDERS, tenant=TENANT)
        asked = [callers[number % processes] for number in range(JOBS)]
        jobs = await asyncio.gather(*(service.create(IDS) for service in asked))
        ends = await asyncio.gather(*(service.outcome(job) for service, job in zip(reversed(asked), jobs, strict=True)))
        evidence = await stage.evidence(callers[-1], await stage.platform.effects(tenant=TENANT), IDS)
        assert violations(evidence) == []
    for order_id in IDS:
        require_one_success([end[order_id] for end in ends])
    found = counts(evidence)
    cards = sum("transactionId" in order["payments"][0] for order in ORDERS)
    assert [found[what] for what in ("captures", "numbers drawn", "documents", "mails")] == [cards, 200, 200, 200]


def require_one_success(ends: list[jobs_pb2.JobOrder]) -> None:
    """Of all jobs one has invoiced the order, and the others were told so, or who has it."""
    reasons = Counter(end.reason for end in ends if end.state == jobs_pb2.ORDER_STATE_FAILURE)
    assert reasons.total() == JOBS - 1
    assert set(reasons) <= TURNED_AWAY


async def test_a_mark_made_by_hand_in_the_middle_stays_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """While our mark is on its way, another job comes to another process, and a hand writes another mark."""
    async with Stage.set(Station(POSTGRESQL), tmp_path, [TENANT]) as stage, services(stage, 2) as (first, second):
        fault = {"service": "orders", "operation": "patch", "kind": "hold_before", "tenant": TENANT, "times": 1}
        held = await stage.platform.fault(**fault)
        job = await first.create([ORDER])
        await stage.holds(1)
        late = (await second.outcome(await second.create([ORDER])))[ORDER]
        hand = await stage.platform.as_holder_of(f"tenant={TENANT}")
        assert (await hand.call("PATCH", f"/order-v2/{TENANT}/salesorders/{ORDER}", BY_HAND))[0] == 204
        await stage.platform.call("DELETE", f"/_sandbox/faults/{held}")
        end = (await first.outcome(job))[ORDER]
        evidence = await stage.evidence(first, await stage.platform.effects(tenant=TENANT))
        assert violations(evidence) == []
    assert (late.state, late.reason) == (jobs_pb2.ORDER_STATE_FAILURE, "ORDER_IN_PROGRESS")
    assert (end.state, end.reason) == (jobs_pb2.ORDER_STATE_FAILURE, "ALREADY_INVOICED")
    assert [document.invoice_number for document in evidence.documents] == [end.invoice_number]
    assert evidence.orders[ORDER].mark == "HAND-1"
    assert [counts(evidence)[what] for what in ("captures", "mails")] == [1, 0]

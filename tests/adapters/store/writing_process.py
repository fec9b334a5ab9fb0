"""A process that saves orders as fast as it can, and says of each save that it was kept. It is there to be killed."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime

from adapters.store import Store
from domain.job import JobId, JobOrder, JobRequest, JobType, OrderState
from domain.order import OrderId, TenantId

ORDERS = 2_000
AT_A_TIME = 50


def now() -> datetime:
    return datetime.now(UTC)


async def main(url: str) -> None:
    async with Store.opened(url, clock=now) as store:
        ids = tuple(OrderId(f"EON{n}") for n in range(ORDERS))
        job = await store.jobs.create(JobId("job"), JobRequest(TenantId("acme"), JobType.MANUAL, ids), now())
        orders = list(await store.jobs.orders(job.tenant, job.id, (), after="", limit=ORDERS))
        await asyncio.gather(*(work(store, orders) for _ in range(AT_A_TIME)))


async def work(store: Store, orders: list[JobOrder]) -> None:
    while orders:
        order = await said(store, orders.pop())
        order = await said(store, order)
        await said(store, replace(order, state=OrderState.SUCCESS))


async def said(store: Store, order: JobOrder) -> JobOrder:
    saved = await store.jobs.save(order)
    sys.stdout.write(f"{saved.order_id} {saved.revision}\n")
    sys.stdout.flush()
    return saved


asyncio.run(main(sys.argv[1]))

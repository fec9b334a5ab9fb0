"""How many orders a second the store journals: five saves an order, each on the disk before it is believed.

Beside it, in the same run on the same disk: a database that commits every write by itself.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from adapters.store import Store
from app.collector import spare
from benchmarks.measured import Measured
from domain import policy
from domain.job import Job, JobId, JobOrder, JobRequest, JobType, Step
from domain.order import OrderId, TenantId
from domain.policy import Done

ORDERS_PER_JOB = 500
ALL = 10_000_000
FLOWS = 20_000


def now() -> datetime:
    return datetime.now(UTC)


async def flow(store: Store, order: JobOrder) -> None:
    """What becomes of an order's state when all its steps succeed and do nothing."""
    while not order.ended:
        order = await store.jobs.save(policy.advance(Done(order), now()))


async def store_with(store: Store, flows: int) -> list[JobOrder]:
    jobs = []
    for first in range(0, flows, ORDERS_PER_JOB):
        ids = tuple(OrderId(f"EON{n}") for n in range(first, min(first + ORDERS_PER_JOB, flows)))
        request = JobRequest(TenantId(f"tenant{first // ORDERS_PER_JOB % 4}"), JobType.MANUAL, ids)
        jobs.append(await store.jobs.create(JobId(f"{time.time_ns():028x}"), request, now()))
    return [order for job in jobs for order in await orders_of(store, job)]


async def orders_of(store: Store, job: Job) -> tuple[JobOrder, ...]:
    return await store.jobs.orders(job.tenant, job.id, (), after="", limit=ALL)


async def ours(folder: Path, flows: int, concurrency: int) -> float:
    """Orders a second that go through all their steps in our store."""
    async with Store.opened(f"sqlite:///{folder}/ours-{concurrency}.db", clock=now) as store:
        orders = await store_with(store, flows)

        async def worker() -> None:
            while orders:
                await flow(store, orders.pop())

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
        return flows / (time.perf_counter() - began)


def peer(folder: Path, flows: int) -> float:
    """Orders a second where each write is a commit of its own: bare sqlite3, one table, the same durability."""
    connection = sqlite3.connect(folder / "peer.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, step INTEGER, version INTEGER);"
    )
    connection.executemany("INSERT INTO orders VALUES (?, 1, 1)", [(n,) for n in range(flows)])
    began = time.perf_counter()
    for n in range(flows):
        for step in Step:
            connection.execute("UPDATE orders SET step = ?, version = version + 1 WHERE id = ?", (step.value, n))
    took = time.perf_counter() - began
    connection.close()
    return flows / took


def measure() -> list[Measured]:
    spare()
    with TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark-") as temporary:
        folder = Path(temporary)
        bare = peer(folder, FLOWS // 20)
        return [
            measured(concurrency, uvloop.run(ours(folder, flows, concurrency)), bare)
            for concurrency, flows in ((1, FLOWS // 20), (16, FLOWS // 2), (500, FLOWS))
        ]


def measured(concurrency: int, rate: float, bare: float) -> Measured:
    return Measured(
        id=f"journal-{concurrency}",
        what=f"orders journalled through five steps, {concurrency} at a time",
        value=rate,
        unit="orders/s",
        against="bare sqlite3 with a commit per write",
        ratio=rate / bare,
        target=4000 if concurrency == 500 else None,
    )

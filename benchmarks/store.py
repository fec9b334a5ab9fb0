"""How many orders a second the store journals: five saves an order, each on the disk before it is believed.

Beside it, in the same run on the same disk: a database that commits every write by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from adapters.store import Store
from domain.job import Job, JobId, JobOrder, JobRequest, JobType, OrderState, Step
from domain.order import OrderId, TenantId

ORDERS_PER_JOB = 500
STEPS = list(Step)
ALL = 10_000_000


@dataclass(frozen=True)
class Result:
    name: str
    flows: int
    seconds: float
    cpu: float

    def __str__(self) -> str:
        rate, cpu = self.flows / self.seconds, self.cpu / self.flows * 1000
        return f"{self.name:<44}{self.flows:>8,}{rate:>12,.0f}{rate * len(STEPS):>12,.0f}{cpu:>12.3f}"


def now() -> datetime:
    return datetime.now(UTC)


async def flow(store: Store, order: JobOrder) -> None:
    """What the engine does to an order's state, and nothing else."""
    for step in STEPS[1:]:
        order = await store.jobs.save(replace(order, step=step, due=now()))
    await store.jobs.save(replace(order, state=OrderState.SUCCESS, due=None))


async def store_with(store: Store, flows: int) -> list[JobOrder]:
    jobs = []
    for first in range(0, flows, ORDERS_PER_JOB):
        ids = tuple(OrderId(f"EON{n}") for n in range(first, min(first + ORDERS_PER_JOB, flows)))
        request = JobRequest(TenantId(f"tenant{first // ORDERS_PER_JOB % 4}"), JobType.MANUAL, ids)
        jobs.append(await store.jobs.create(JobId(f"{time.time_ns():028x}"), request, now()))
    return [order for job in jobs for order in await orders_of(store, job)]


async def orders_of(store: Store, job: Job) -> tuple[JobOrder, ...]:
    return await store.jobs.orders(job.tenant, job.id, (), after="", limit=ALL)


async def ours(folder: Path, flows: int, concurrency: int) -> Result:
    async with Store.opened(f"sqlite:///{folder}/ours-{concurrency}.db", clock=now) as store:
        orders = await store_with(store, flows)

        async def worker() -> None:
            while orders:
                await flow(store, orders.pop())

        return await timed(f"this store, {concurrency:,} orders at a time", flows, lambda: run(worker, concurrency))


async def run(worker: Callable[[], Awaitable[None]], concurrency: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())


async def peer(folder: Path, flows: int) -> Result:
    connection = sqlite3.connect(folder / "peer.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, step INTEGER, version INTEGER);"
    )
    connection.executemany("INSERT INTO orders VALUES (?, 1, 1)", [(n,) for n in range(flows)])

    async def all_flows() -> None:
        for n in range(flows):
            for step in STEPS:
                connection.execute("UPDATE orders SET step = ?, version = version + 1 WHERE id = ?", (step.value, n))

    result = await timed("one commit per write, bare sqlite3, one table", flows, all_flows)
    connection.close()
    return result


async def timed(name: str, flows: int, work: Callable[[], Awaitable[None]]) -> Result:
    began, cpu = time.perf_counter(), time.process_time()
    await work()
    return Result(name, flows, time.perf_counter() - began, time.process_time() - cpu)


async def main(flows: int, folder: Path) -> None:
    print(f"{'':<44}{'orders':>8}{'orders/s':>12}{'saves/s':>12}{'CPU-ms each':>12}")
    print(await peer(folder, flows // 20))
    print(await ours(folder, flows // 20, 1))
    for concurrency in (50, 500, 2_000):
        print(await ours(folder, flows, concurrency))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--orders", type=int, default=20_000)
    arguments.add_argument("--folder", type=Path, default=None, help="on the disk to measure; /tmp may be memory")
    chosen = arguments.parse_args(sys.argv[1:])
    with TemporaryDirectory(dir=chosen.folder or Path.cwd(), prefix=".benchmark-") as temporary:
        uvloop.run(main(chosen.orders, Path(temporary)))

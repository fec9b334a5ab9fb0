"""What the demo does once its servers run: jobs are made, followed, and checked against what must come of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import aiohttp
import msgspec

from adapters.sandbox.demo import EXPECTED, MANUAL_ORDERS, REISSUED, generated_orders
from app.cli.boards import Board, board_on
from app.cli.client import Client
from app.cli.demo_folder import DemoFolder
from app.cli.display import screen
from app.cli.following import FollowedJob
from app.cli.footprint import Footprint
from app.cli.harvest import keep_invoices, keep_mails
from app.cli.jobs import attend
from app.cli.reissue import Reissue, reissued
from app.cli.verdict import generated_differences, mail_differences, order_differences, reissue_differences
from domain.job import MAX_ORDERS, JobType
from invoicing.v1.jobs_pb2 import ORDER_STATE_SUCCESS, JobOrder

TENANT = "acme"
BATCH = 500
STANDSTILL = 60.0
"""Seconds without an order that ends, after which the demo is over: the service itself would try for a day."""
SAMPLE = 20
"""Generated orders whose invoices and mails are kept: a folder of thousands helps nobody."""

encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Load:
    """How many generated orders were invoiced, and how fast: from their first job's creation to its last end."""

    orders: int
    seconds: float
    footprint: Footprint


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the demo. `orders` are its own, `differences` what should have come otherwise.

    There is no `reissue` where there was no invoice to take back.
    """

    orders: tuple[JobOrder, ...]
    reissue: Reissue | None
    differences: tuple[str, ...]
    invoices: int
    mails: int
    load: Load | None


@dataclass(slots=True)
class Jobs:
    """The demo's jobs; the generated orders have their own."""

    manual: FollowedJob
    automatic: FollowedJob
    generated: tuple[FollowedJob, ...] = ()

    @property
    def ended(self) -> int:
        """How many orders have ended, in all jobs."""
        counts = [job.job.counts for job in (self.manual, self.automatic, *self.generated)]
        return sum(each.total - each.pending for each in counts)

    @property
    def own_orders(self) -> list[JobOrder]:
        """The orders of the demo itself, in the order in which they are told of."""
        orders = {**self.automatic.orders, **self.manual.orders}
        ranks = {order_id: rank for rank, order_id in enumerate(EXPECTED)}
        return sorted(orders.values(), key=lambda order: ranks.get(order.order_id, len(ranks)))


class Rehearsal:
    """One run against a sandbox and a service. Files go into the folder."""

    def __init__(self, client: Client, sandbox: aiohttp.ClientSession, folder: DemoFolder, service_pid: int) -> None:
        self._client = client
        self._sandbox = sandbox
        self._folder = folder
        self._service_pid = service_pid

    async def run(self, generated: int) -> Result:
        """Everything. Raises `Refused`."""
        ids = await self._add_orders(generated)
        jobs, load = await self._invoice(ids)
        sample = [order async for order in self._sample(jobs)]
        reissue = await self._reissue(jobs)
        issued = _numbers([*jobs.own_orders, *sample], reissue)
        await keep_invoices(self._client, issued, self._folder)
        mails = await keep_mails(self._sandbox, TENANT, issued, self._folder)
        own = {JobType.MANUAL: jobs.manual.orders, JobType.AUTOMATIC: jobs.automatic.orders}
        differences = (
            *order_differences(own),
            *(reissue_differences(reissue) if reissue else ()),
            *mail_differences(issued, mails),
            *generated_differences(
                [order async for order in self._failed(jobs)],
                invoiced=sum(job.job.counts.success for job in jobs.generated),
                wanted=generated,
            ),
        )
        return Result(tuple(jobs.own_orders), reissue, differences, len(issued), mails.total(), load)

    async def _add_orders(self, count: int) -> list[str]:
        """Gives the sandbox as many generated orders; their ids."""
        ids: list[str] = []
        orders = generated_orders(count)
        while batch := list(islice(orders, BATCH)):
            body = encode({"tenant": TENANT, "orders": batch})
            async with self._sandbox.post("/_sandbox/orders", data=body, raise_for_status=True):
                ids += [order["id"] for order in batch]
        return ids

    async def _invoice(self, generated: Sequence[str]) -> tuple[Jobs, Load | None]:
        """Makes the jobs, and follows them all at once to their end."""
        async with board_on(screen()) as board, Footprint.watched(self._service_pid) as footprint:
            manual = await self._client.create_job(MANUAL_ORDERS)
            automatic = await self._client.create_job(automatic=True)
            jobs = Jobs(FollowedJob(manual.job_id, "MANUAL job"), FollowedJob(automatic.job_id, "AUTOMATIC job"))
            begun = monotonic()
            jobs.generated = tuple([job async for job in self._generated_jobs(generated)])
            many = asyncio.create_task(self._attend_generated(jobs, board))
            few = [attend(self._client, job, board) for job in (jobs.manual, jobs.automatic)]
            await _while_orders_end(asyncio.gather(*few, many), jobs)
            ended = monotonic() if many.cancelled() else many.result()
        invoiced = sum(job.job.counts.success for job in jobs.generated)
        return jobs, Load(invoiced, ended - begun, footprint) if generated else None

    async def _generated_jobs(self, ids: Sequence[str]) -> AsyncIterator[FollowedJob]:
        for first in range(0, len(ids), MAX_ORDERS):
            part = ids[first : first + MAX_ORDERS]
            job = await self._client.create_job(part)
            yield FollowedJob(job.job_id, f"{len(part):,} generated")

    async def _attend_generated(self, jobs: Jobs, board: Board) -> float:
        """Follows the jobs without their orders, which are many; when the last one ended."""
        await asyncio.gather(*(attend(self._client, job, board, job_only=True) for job in jobs.generated))
        return monotonic()

    async def _reissue(self, jobs: Jobs) -> Reissue | None:
        """Takes an invoice back and issues a new one, if it is there."""
        order = jobs.manual.orders.get(REISSUED)
        if order is None or order.state != ORDER_STATE_SUCCESS:
            return None
        return await reissued(self._client, self._sandbox, REISSUED)

    async def _sample(self, jobs: Jobs) -> AsyncIterator[JobOrder]:
        """The first of the generated orders."""
        left = SAMPLE
        for job in jobs.generated[:1]:
            async for order in self._client.orders(job.job_id, page_size=SAMPLE):
                yield order
                left -= 1
                if not left:
                    return

    async def _failed(self, jobs: Jobs) -> AsyncIterator[JobOrder]:
        """The generated orders that were not invoiced."""
        for job in jobs.generated:
            async for order in self._client.orders(job.job_id, ("failure", "cancelled")):
                yield order


def _numbers(orders: Sequence[JobOrder], reissue: Reissue | None) -> list[str]:
    """The numbers of all documents that were issued, each once."""
    invoices = [order.invoice_number for order in orders if order.state == ORDER_STATE_SUCCESS]
    reissued = [document.invoice_number for document in reissue.documents] if reissue else []
    return list(dict.fromkeys((*invoices, *reissued)))


async def _while_orders_end(following: asyncio.Future[list[object]], jobs: Jobs) -> None:
    """Waits for the end of the following, or until nothing moves any more. Raises what it raises."""
    ended, since = 0, monotonic()
    try:
        while not following.done() and monotonic() - since < STANDSTILL:
            await asyncio.wait({following}, timeout=1.0)
            if jobs.ended != ended:
                ended, since = jobs.ended, monotonic()
        if following.done():
            following.result()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

"""Jobs and their orders in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select

from adapters.store import codec, formats, intervention, progress
from adapters.store.acceptance import JOB, OF_CALLERS, accept, add_orders, fail, known
from adapters.store.corrections import correct
from adapters.store.due import DUE, NEXT_DUE, OTHER_THAN
from adapters.store.followers import Followers
from adapters.store.prepared import Prepared
from adapters.store.reader import Reader
from adapters.store.tables import SEARCHING, drafts, job_orders, jobs
from adapters.store.writer import Writer
from domain.correction import CorrectionRequest
from domain.errors import UnknownJob
from domain.invoice import Draft
from domain.job import Job, JobId, JobOrder, JobRequest, JobState, OrderState
from domain.order import OrderId, TenantId

MOMENT = timedelta(milliseconds=40)
"""What changes within it is told together: a job in full swing changes hundreds of times a second."""

LOOK = timedelta(seconds=0.5)
"""How long to wait for news of a job before looking: another process may be working on it."""

_OF_JOB = (job_orders.c.tenant == bindparam("tenant"), job_orders.c.job_id == bindparam("job"))
_SEARCHING = select(jobs).where(SEARCHING, jobs.c.state == JobState.IN_PROGRESS).order_by(jobs.c.created)
_CHANGES = Prepared(
    select(job_orders)
    .where(*_OF_JOB, job_orders.c.version > bindparam("after"))
    .order_by(job_orders.c.version)
    .limit(bindparam("most")),
    ("tenant", "job", "after", "most"),
)
_VERSION = Prepared(
    select(jobs.c.version).where(jobs.c.tenant == bindparam("tenant"), jobs.c.id == bindparam("job")), ("tenant", "job")
)
_DRAFT = Prepared(
    select(drafts.c.format, drafts.c.content)
    .join(job_orders, job_orders.c.id == drafts.c.job_order)
    .where(*_OF_JOB, job_orders.c.order_id == bindparam("order")),
    ("tenant", "job", "order"),
)


class SqlJobs:
    """`domain.ports.Jobs` in an SQL database. Every query names the tenant; `due` alone is for all of them."""

    def __init__(self, writer: Writer, reader: Reader, followers: Followers) -> None:
        self._writer = writer
        self._reader = reader
        self._followers = followers
        self._news = asyncio.Event()

    # Jobs

    async def create(self, job_id: JobId, request: JobRequest, now: datetime) -> Job:
        """The new job; or the one that this request id and the same content made before. Raises `RequestIdReused`."""
        job = await self._writer.write(lambda batch: accept(batch, job_id, request, now))
        self._news.set()
        return job

    async def correct(self, job_id: JobId, wanted: CorrectionRequest, now: datetime) -> JobOrder:
        """The work on a new correction, or on the one that was asked for before; one that failed is taken up again.

        Raises `UnknownInvoice`, `NotCancellable`, `OrderInProgress`, `RequestIdReused`: then nothing is changed.
        """
        order = await self._writer.write(lambda batch: correct(batch, job_id, wanted, now))
        self._news.set()
        return order

    async def add_orders(self, job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Gives an automatic job the orders found for it, once; later calls change nothing."""
        filled = await self._writer.write(lambda batch: add_orders(batch, job, order_ids, now))
        self._news.set()
        return filled

    async def fail(self, job: Job, reason: str, message: str, now: datetime) -> Job:
        """Ends a job whose orders could not be determined."""
        return await self._writer.write(lambda batch: fail(batch, job, reason, message, now))

    async def cancel(self, tenant: TenantId, job_id: JobId, now: datetime) -> Job:
        """Stops all of a job that may be stopped, at once; an ended job stays as it is. Raises `UnknownJob`."""
        return await self._writer.write(lambda batch: intervention.cancel(batch, tenant, job_id, now))

    async def retry(self, tenant: TenantId, job_id: JobId, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Takes these orders of a job up again, or all that are retryable, at once.

        Raises `UnknownJob`, `UnknownOrder`, `NotRetryable`: then nothing is changed.
        """
        job = await self._writer.write(lambda batch: intervention.retry(batch, tenant, job_id, order_ids, now))
        self._news.set()
        return job

    async def job(self, tenant: TenantId, job_id: JobId) -> Job:
        """The job. Raises `UnknownJob`."""
        values = {"tenant": tenant, "job": job_id}
        found = await self._reader.read(lambda connection: JOB.first(connection, values))
        return known(found, job_id)

    async def jobs(self, tenant: TenantId, states: Sequence[JobState], *, before: str, limit: int) -> tuple[Job, ...]:
        """A page of jobs, newest first; `before` is the last job id of the page before, or empty."""
        page = select(jobs).where(jobs.c.tenant == tenant, OF_CALLERS).order_by(jobs.c.id.desc()).limit(limit)
        if before:
            page = page.where(jobs.c.id < before)
        if states:
            page = page.where(jobs.c.state.in_(states))
        return await self._reader.read(lambda connection: tuple(map(codec.job, connection.execute(page))))

    async def searching(self) -> tuple[Job, ...]:
        """Automatic jobs whose orders are not found yet. Raises `StoreUnavailable` while nothing can be written."""
        self._writer.health.require_up()
        return await self._reader.read(lambda connection: tuple(map(codec.job, connection.execute(_SEARCHING))))

    # Their orders

    async def orders(
        self, tenant: TenantId, job_id: JobId, states: Sequence[OrderState], *, after: str, limit: int
    ) -> tuple[JobOrder, ...]:
        """A page of a job's orders by order id; `after` is the last order id of the page before, or empty."""
        o = job_orders.c
        page = select(job_orders).where(o.tenant == tenant, o.job_id == job_id, o.order_id > after)
        if states:
            page = page.where(o.state.in_(states))
        return await self._orders(page.order_by(o.order_id).limit(limit), {})

    async def changes(self, tenant: TenantId, job_id: JobId, *, after: int, limit: int) -> tuple[JobOrder, ...]:
        """Orders that changed after this version, in ascending version."""
        values = {"tenant": tenant, "job": job_id, "after": after, "most": limit}
        return tuple(map(codec.job_order, await self._reader.read(lambda connection: _CHANGES.all(connection, values))))

    async def wait(self, tenant: TenantId, job_id: JobId, *, after: int, timeout: timedelta) -> bool:
        """Returns as soon as the job's version exceeds `after`: True; or when the time is over: False.

        One who asks again and again is held up for a moment each time, so that he hears of many changes at once.
        """
        over = asyncio.get_running_loop().time() + timeout.total_seconds()
        await asyncio.sleep(min(MOMENT, timeout).total_seconds())
        while True:
            with self._followers.watching((tenant, job_id)) as watch:
                if await self._version(tenant, job_id) > after:
                    return True
                look = min(over, asyncio.get_running_loop().time() + LOOK.total_seconds())
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(look):
                        await watch.changed.wait()
            if watch.version is not None and watch.version > after:
                return True
            if asyncio.get_running_loop().time() >= over:
                return False

    async def due(self, now: datetime, *, each: int, busy: Sequence[JobOrder]) -> tuple[JobOrder, ...]:
        """Orders that may be worked on now, at most `each` per tenant, the longest due first, none that is busy.

        Raises `StoreUnavailable` while nothing can be written: what would not be kept must not begin.
        """
        self._writer.health.require_up()
        at_work = [(order.tenant, order.job_id, order.order_id) for order in busy]
        values = {"now": codec.micros(now), "each": each, **({"busy": at_work} if busy else {})}
        return await self._orders(OTHER_THAN if busy else DUE, values)

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next waiting order becomes due; None when none waits."""
        found = await self._reader.read(lambda connection: connection.scalar(NEXT_DUE, {"now": codec.micros(now)}))
        return codec.maybe_instant(found)

    async def news(self, *, timeout: timedelta) -> None:
        """Returns once work came in since the last call, or when the time is over; other processes' is not told."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._news.wait()
        self._news.clear()

    # The work on one order

    async def claim(self, order: JobOrder, now: datetime) -> None:
        """Takes the order for this job. Raises `AlreadyInvoiced`, `OrderInProgress`. In a dry run only looks."""
        await self._writer.write(lambda batch: progress.claim(batch, order, now), key_of(order))

    async def save(self, order: JobOrder, draft: Draft | None = None, *, failed: bool = False) -> JobOrder:
        """Keeps the order's new state, and the draft if given; gives it back with its new revision and version.

        What it tells of a try that `failed` is kept for ever. Raises `StaleJobOrder` when another worker saved it
        meanwhile: then nothing is changed.
        """
        return await self._writer.write(lambda batch: progress.save(batch, order, draft, failed=failed), key_of(order))

    async def draft(self, order: JobOrder) -> Draft | None:
        """What RECALCULATION decided; None before it did."""
        values = {"tenant": order.tenant, "job": order.job_id, "order": order.order_id}
        found = await self._reader.read(lambda connection: _DRAFT.first(connection, values))
        return None if found is None else formats.draft(found.format, found.content)

    async def _version(self, tenant: TenantId, job_id: JobId) -> int:
        """The version of a job, whoever asked for it. Raises `UnknownJob`."""
        values = {"tenant": tenant, "job": job_id}
        found = await self._reader.read(lambda connection: _VERSION.first(connection, values))
        if found is None:
            raise UnknownJob(job_id)
        return int(found.version)

    async def _orders(self, page: Select[Any], values: dict[str, Any]) -> tuple[JobOrder, ...]:
        return await self._reader.read(lambda connection: tuple(map(codec.job_order, connection.execute(page, values))))


def key_of(order: JobOrder) -> tuple[TenantId, JobId, OrderId]:
    """Which order of which job this is."""
    return order.tenant, order.job_id, order.order_id

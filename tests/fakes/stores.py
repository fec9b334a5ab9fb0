"""Jobs and journal to try the ports on: in memory, or in a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.store import Store
from domain.drafting import draft_of
from domain.errors import InvoicingError, StoreUnavailable
from domain.invoice import Draft, Invoice
from domain.job import Job, JobId, JobOrder, JobRequest, JobType, OrderState
from domain.order import OrderId, TenantId
from domain.ports import Jobs, Journal
from fakes import invoices
from fakes.clock import FakeClock
from fakes.orders import an_order
from fakes.platform import SELLER, SITE
from fakes.postgresql import the_database
from fakes.records import FakeJobs, FakeJournal

PATIENCE = 30.0
ACME, GLOBEX = TenantId("acme"), TenantId("globex")


@dataclass(frozen=True, slots=True)
class Records:
    """Jobs and journal of one store, and the clock they read."""

    jobs: Jobs
    journal: Journal
    clock: FakeClock

    async def a_job(self, *order_ids: str, tenant: TenantId = ACME, **changes: Any) -> Job:
        """A manual job with these orders."""
        request = JobRequest(tenant, JobType.MANUAL, tuple(map(OrderId, order_ids)))
        number = int(self.clock().timestamp() * 1000) + len(await self.jobs.jobs(tenant, (), before="", limit=10_000))
        return await self.jobs.create(JobId(f"{number:028x}"), replace(request, **changes), self.clock())

    async def an_automatic_job(self, tenant: TenantId = ACME) -> Job:
        """A job that has to look for its orders."""
        return await self.a_job(tenant=tenant, type=JobType.AUTOMATIC, order_ids=())

    async def an_order(self, order_id: str = "EON1", **changes: Any) -> JobOrder:
        """The order of a new job that has just this one."""
        return await self.order(await self.a_job(order_id, **changes), order_id)

    async def order(self, job: Job, order_id: str) -> JobOrder:
        """An order of the job as it stands."""
        every = await self.jobs.orders(job.tenant, job.id, (), after="", limit=10_000)
        return next(order for order in every if order.order_id == order_id)

    async def ends(self, order: JobOrder, state: OrderState, **changes: Any) -> JobOrder:
        """The order, saved in this final state."""
        return await self.jobs.save(replace(order, state=state, due=None, **changes))

    async def issued(self, number: str, order: JobOrder | None = None, **changes: Any) -> Invoice:
        """An invoice with this number, issued for the order or for a new one."""
        order = order or await self.an_order(f"EON-{number}")
        invoice = an_invoice(number, order_id=order.order_id, **changes)
        await self.journal.issue(order, invoice, self.clock())
        return invoice


@asynccontextmanager
async def records_in(kind: str, folder: Path) -> AsyncIterator[Records]:
    """New and empty records: `fake` in memory, `sqlite` in a database in the folder, `postgresql` in a real server."""
    clock = FakeClock()
    if kind == "fake":
        jobs = FakeJobs(clock)
        yield Records(jobs, FakeJournal(jobs), clock)
        return
    url = the_database() if kind == "postgresql" else f"sqlite:///{folder}/invoicing.db"
    async with Store.opened(url, clock=clock) as store:
        yield Records(store.jobs, store.journal, clock)


@asynccontextmanager
async def store_at(url: str) -> AsyncIterator[tuple[Store, Records]]:
    """The store in this database, and its records."""
    clock = FakeClock()
    async with Store.opened(url, clock=clock) as store:
        yield store, Records(store.jobs, store.journal, clock)


async def mended(store: Store) -> None:
    """Returns once the database can be written again, which it finds out by itself; it must."""
    async with asyncio.timeout(PATIENCE):
        while store.problem:
            with suppress(StoreUnavailable):
                await store._writer.look()


def a_draft(order_id: str = "EON1") -> Draft:
    """What RECALCULATION decides about two mugs."""
    return draft_of(an_order(order_id), SITE, SELLER)


def an_invoice(number: str = "INV-1", order_id: str = "EON1", **changes: Any) -> Invoice:
    """The invoice over two mugs with this number."""
    return replace(invoices.an_invoice(an_order(order_id), number=number), **changes)


async def refusal(call: Any) -> InvoicingError | None:
    """What the awaited call was refused with, if it was."""
    try:
        await call
    except InvoicingError as error:
        return error
    return None

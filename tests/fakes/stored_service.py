"""The whole service on a fake platform and a real database."""

from __future__ import annotations

from dataclasses import replace

from adapters.store import Store
from domain.errors import StoreUnavailable
from domain.invoicing import new_job_id
from domain.job import Job, JobOrder, JobRequest, JobType
from domain.order import OrderId
from fakes.orders import an_order
from fakes.service import ACME, FakeService, a_correction
from fakes.stores import mended


class StoredService:
    """What a fake service does, kept in this store instead of its own."""

    def __init__(self, service: FakeService, store: Store) -> None:
        has = replace(service.invoicing.has, jobs=store.jobs, journal=store.journal)
        self.invoicing = replace(service.invoicing, has=has)
        self._service = service
        self._store = store

    async def a_job(self, *order_ids: str) -> Job:
        """A job of these orders of acme; the platform has them all."""
        self._service.add(*(an_order(order_id) for order_id in order_ids))
        return await self.invoicing.create_job(JobRequest(ACME, JobType.MANUAL, tuple(map(OrderId, order_ids))))

    async def correct(self, number: str) -> JobOrder:
        """The work on a correction that gives back what was captured."""
        now, wanted = self._service.clock(), a_correction(number, refund=True, request_id="once")
        while True:
            try:
                return await self._store.jobs.correct(new_job_id(now), wanted, now)
            except StoreUnavailable:
                await mended(self._store)

    async def work_to_the_end(self) -> None:
        """Works as an engine does, also after trouble, and lets time pass until no order waits any more."""
        while True:
            await self.work()
            later = await self._store.jobs.next_due(self._service.clock())
            if later is None:
                return
            self._service.clock.now = later

    async def work(self) -> None:
        """Takes every order that is due as far as it goes, also after trouble."""
        while due := await self._store.jobs.due(self._service.clock(), each=10, busy=()):
            for order in due:
                try:
                    await self.invoicing.run(order)
                except StoreUnavailable:
                    await mended(self._store)

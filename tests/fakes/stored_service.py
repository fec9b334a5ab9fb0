"""The whole service on a fake platform and a real database."""

from __future__ import annotations

from dataclasses import replace

from adapters.store import Store
from domain.errors import StoreUnavailable
from domain.job import Job, JobRequest, JobType
from domain.order import OrderId
from fakes.orders import an_order
from fakes.service import ACME, FakeService
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

"""The engine over the fakes: it does what the domain says, when it says it, and survives everything."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.engine import EmbeddedEngine
from domain.errors import StoreUnavailable, Unavailable
from domain.job import Job, JobOrder, JobRequest, JobState, JobType, OrderState
from domain.order import Order, OrderId
from fakes.jobs import FakeJobs
from fakes.orders import an_order
from fakes.platform import FakeOrders
from fakes.service import ACME, GLOBEX, FakeService

LOOK = timedelta(milliseconds=20)


def an_engine(service: FakeService, *, concurrency: int = 8, lull: timedelta = timedelta(0)) -> EmbeddedEngine:
    return EmbeddedEngine(
        service.invoicing,
        service.jobs,
        clock=service.clock,
        concurrency=concurrency,
        look=LOOK,
        rest=LOOK,
        lull=lull,
    )


async def ended(service: FakeService, job: Job) -> Job:
    async with asyncio.timeout(10):
        while (now := await service.jobs.job(job.tenant, job.id)).state is JobState.IN_PROGRESS:
            await service.jobs.wait(job.tenant, job.id, after=now.version, timeout=timedelta(seconds=10))
    return now


class BlindJobs(FakeJobs):
    """Cannot say what is due, for as many times as there are errors; then `sees` is set."""

    def __init__(self, service: FakeService, *errors: Exception) -> None:
        super().__init__(service.clock)
        self.errors = list(errors)
        self.sees = asyncio.Event()

    async def due(self, now: datetime, *, each: int, busy: Sequence[JobOrder]) -> tuple[JobOrder, ...]:
        if self.errors:
            raise self.errors.pop(0)
        self.sees.set()
        return await super().due(now, each=each, busy=busy)


async def test_jobs_made_before_and_after_the_start_are_done() -> None:
    service = FakeService()
    before = await service.a_job("EON1", "EON2")
    async with an_engine(service).running():
        assert (await ended(service, before)).counts.success == 2
        after = await service.a_job("EON3")
        assert (await ended(service, after)).counts.success == 1


async def test_never_more_orders_are_worked_on_than_allowed() -> None:
    service = FakeService()
    at_work, most = 0, 0

    class Watched(FakeOrders):
        async def order(self, order_id: OrderId) -> Order:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1
            return an_order(order_id)

    service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], orders=Watched())
    job = await service.a_job(*(f"EON{n}" for n in range(30)))
    async with an_engine(service, concurrency=5).running():
        await ended(service, job)
    assert most == 3


async def test_an_order_that_has_to_wait_is_tried_again_when_it_is_due() -> None:
    service = FakeService()
    job = await service.a_job("EON1")
    service.orders.trouble.strikes_before(Unavailable("away", retry_after=timedelta(minutes=3)))
    async with an_engine(service).running():
        await service.jobs.until(lambda: any(order.attempt == 1 for _, order in service.jobs._pending()))
        assert (await service.order(job, "EON1")).state is OrderState.PENDING
        service.clock.advance(timedelta(minutes=3))
        assert (await ended(service, job)).counts.success == 1


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), RuntimeError("a defect")])
async def test_an_engine_that_cannot_see_its_work_for_a_while_says_so_and_goes_on(error: Exception) -> None:
    service = FakeService()
    blind = BlindJobs(service, error, error)
    engine = EmbeddedEngine(service.invoicing, blind, clock=service.clock, concurrency=8, look=LOOK)
    async with asyncio.timeout(10), engine.running():
        assert not engine.is_up
        await blind.sees.wait()
    assert not blind.errors


async def test_it_is_up_while_it_sees_its_work() -> None:
    service = FakeService()
    engine = an_engine(service)
    async with engine.running():
        assert engine.is_up
        await ended(service, await service.a_job("EON1"))
        assert engine.is_up
    assert not engine.is_up


async def test_it_is_up_also_while_it_looks() -> None:
    service = FakeService()
    seen, enough = [], asyncio.Event()

    class Watching(FakeJobs):
        async def due(self, now: datetime, *, each: int, busy: Sequence[JobOrder]) -> tuple[JobOrder, ...]:
            seen.append(engine.is_up)
            if len(seen) == 3:
                enough.set()
            return await super().due(now, each=each, busy=busy)

    engine = EmbeddedEngine(service.invoicing, Watching(service.clock), clock=service.clock, concurrency=8, look=LOOK)
    async with asyncio.timeout(10), engine.running():
        await enough.wait()
    assert seen[:3] == [False, True, True]


async def test_an_order_that_cannot_be_saved_is_tried_again_later() -> None:
    service = FakeService()
    job = await service.a_job("EON1")
    service.orders.trouble.strikes_before(StoreUnavailable("disk full"))
    async with an_engine(service).running():
        assert (await ended(service, job)).counts.success == 1


async def test_an_automatic_job_finds_its_orders_and_does_them() -> None:
    service = FakeService()
    service.add(an_order("EON1"), an_order("EON2", status="SHIPPED"))
    request = JobRequest.of(tenant=ACME, type=JobType.AUTOMATIC, order_ids=(), request_id="", dry_run=False)
    async with an_engine(service).running():
        job = await ended(service, await service.invoicing.create_job(request))
    assert (job.counts.total, job.counts.success) == (1, 1)


async def test_one_tenants_many_orders_do_not_hold_up_another() -> None:
    service = FakeService()
    many = await service.a_job(*(f"EON{n}" for n in range(200)))
    other = service.tenants.kept[GLOBEX].orders
    assert isinstance(other, FakeOrders)
    other.add(an_order("G1"))
    single = await service.a_job("G1", tenant=GLOBEX)
    async with an_engine(service, concurrency=2).running():
        await ended(service, single)
        assert (await service.jobs.job(ACME, many.id)).counts.pending > 150
        await ended(service, many)


class Held(FakeOrders):
    """Answers nothing, ever; `held` are the orders that were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[OrderId] = []

    async def order(self, order_id: OrderId) -> Order:
        self.held.append(order_id)
        await asyncio.Event().wait()
        return an_order(order_id)


async def test_a_tenant_none_of_whose_calls_is_answered_leaves_places_to_another() -> None:
    service, held = FakeService(), Held()
    service.tenants.kept[GLOBEX] = replace(service.tenants.kept[GLOBEX], orders=held)
    await service.a_job(*(f"G{n}" for n in range(100)), tenant=GLOBEX)
    async with an_engine(service, concurrency=8).running(grace=timedelta(0)):
        healthy = await service.a_job(*(f"EON{n}" for n in range(50)))
        assert (await ended(service, healthy)).counts.success == 50
        assert len(held.held) == 5


class Out(FakeOrders):
    """Fails every call, after the others had their turn; `together` is how many were made at once, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = 0
        self.together: list[int] = []

    async def order(self, order_id: OrderId) -> Order:
        self.at_once += 1
        self.together.append(self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        raise Unavailable("out of order")


async def test_an_outage_of_one_tenant_is_looked_at_by_one_order_at_a_time_and_those_that_wait_hold_no_place() -> None:
    service, out = FakeService(), Out()
    service.tenants.kept[GLOBEX] = replace(service.tenants.kept[GLOBEX], orders=out)
    sick = await service.a_job(*(f"G{n}" for n in range(60)), tenant=GLOBEX)
    async with an_engine(service, concurrency=8).running():
        await service.jobs.until(lambda: all(order.attempt for _, order in service.jobs._pending()))
        assert max(out.together[8:]) == 1
        healthy = await service.a_job(*(f"EON{n}" for n in range(50)))
        assert (await ended(service, healthy)).counts.success == 50
    assert (await service.jobs.job(GLOBEX, sick.id)).counts.pending == 60


async def test_a_tenant_in_an_outage_is_left_alone_between_two_orders_and_another_is_not() -> None:
    service, out = FakeService(), Out()
    service.tenants.kept[GLOBEX] = replace(service.tenants.kept[GLOBEX], orders=out)
    await service.a_job(*(f"G{n}" for n in range(60)), tenant=GLOBEX)
    async with an_engine(service, concurrency=8, lull=timedelta(minutes=1)).running():
        await service.jobs.until(lambda: sum(order.attempt for _, order in service.jobs._pending()) == 5)
        healthy = await service.a_job(*(f"EON{n}" for n in range(50)))
        assert (await ended(service, healthy)).counts.success == 50
    assert len(out.together) <= 8


async def test_at_the_end_orders_in_hand_may_finish_and_no_other_is_begun() -> None:
    service = FakeService()
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(FakeOrders):
        async def order(self, order_id: OrderId) -> Order:
            reached.set()
            await go_on.wait()
            return an_order(order_id)

    service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], orders=Slow())
    job = await service.a_job("EON1", "EON2")
    async with an_engine(service, concurrency=1).running():
        await reached.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    counts = (await service.jobs.job(ACME, job.id)).counts
    assert (counts.success, counts.pending) == (1, 1)


async def test_what_takes_too_long_at_the_end_is_dropped_and_taken_up_by_the_next_engine() -> None:
    service = FakeService()
    stuck = asyncio.Event()

    class Stuck(FakeOrders):
        async def order(self, order_id: OrderId) -> Order:
            stuck.set()
            await asyncio.Event().wait()
            return an_order(order_id)

    kept = service.tenants.kept[ACME]
    service.tenants.kept[ACME] = replace(kept, orders=Stuck())
    job = await service.a_job("EON1")
    with suppress(TimeoutError):
        async with an_engine(service).running(grace=timedelta(0)):
            await stuck.wait()
    service.tenants.kept[ACME] = kept
    async with an_engine(service).running():
        assert (await ended(service, job)).counts.success == 1

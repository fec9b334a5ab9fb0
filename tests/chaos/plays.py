"""The crash matrix, played: each cell's order meets its trouble, everything goes on, and then the world is audited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from chaos.audit import violations
from chaos.effects import CAPTURE, NUMBER
from chaos.laggard import Laggard
from chaos.matrix import Cell, Event
from chaos.stages import ORDER, Stage, gave_up, met
from e2e.processes import PATIENCE
from e2e.services import Service
from invoicing.v1 import jobs_pb2

HURRIED = "2s"
"""How long a service waits for an answer that does not come."""
PATIENT = "10s"
"""How long nobody asks for a capture that was given up: surely longer than it takes to be made late."""

Jobs = Mapping[Cell, jobs_pb2.Job]


@dataclass(frozen=True, slots=True)
class Play:
    """Cells on a stage. `problems` are those in which a promise was broken, and how.

    A service that is to be killed in the midst of calls must not give them up before; that is its `patience`.
    """

    stage: Stage
    cells: Sequence[Cell]
    patience: str = "5s"
    problems: dict[Cell, str] = field(default_factory=dict)

    async def at_once(self) -> None:
        """One service dies, with each order at its own point; the next one is lied to."""
        killed = [cell for cell in self.cells if cell.event.kills]
        lied_to = [cell for cell in self.cells if not cell.event.kills]
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(self._serving(killed, self.patience))
            second, jobs = await self._survived(stack, first, killed, lied_to)
            await self._deceive(lied_to)
            await self._judge(second, {**jobs, **await self._created(second, lied_to)})

    async def one_by_one(self) -> None:
        """Each cell has a service that dies, and does nothing else."""
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(self._serving(self.cells[:1], HURRIED))
            for number, cell in enumerate(self.cells, 1):
                service, jobs = await self._survived(stack, service, [cell], self.cells[number : number + 1])
                await self._judge(service, jobs)

    async def too_late(self) -> None:
        """The platform does what it was asked for when the service has given it up, and has not asked again yet."""
        operations = {cell.tenant: cell.effect.where[1] for cell in self.cells}
        platform = self.stage.home.sandbox.tells("sandbox")["url"]
        async with (
            Laggard.before(platform, operations) as laggard,
            self._serving((), HURRIED, PLATFORM_URL=laggard.url, CAPTURE_SETTLE=PATIENT) as service,
        ):
            jobs = await self._created(service, self.cells)
            await gave_up(service, len(jobs))
            await laggard.acts()
            await self._judge(service, jobs)

    async def _survived(
        self, stack: AsyncExitStack, dying: Service, cells: Sequence[Cell], coming: Sequence[Cell]
    ) -> tuple[Service, Jobs]:
        """Kills the service with these cells at their points; the one that goes on stood by, or is started then."""
        heir = self._serving(coming, HURRIED)
        if self.stage.station.takes_over:
            service = await stack.enter_async_context(heir)
        jobs = await self._brought_to_a_stop(dying, cells)
        dying.process.kill()
        if not self.stage.station.takes_over:
            service = await stack.enter_async_context(heir)
        return service, jobs

    @property
    def report(self) -> str:
        """What went wrong, a cell a line."""
        return "\n".join(f"{cell}: {problem}" for cell, problem in self.problems.items())

    @asynccontextmanager
    async def _serving(self, cells: Sequence[Cell], timeout: str, **variables: str) -> AsyncIterator[Service]:
        obstacles = {cell.tenant: cell.obstacle for cell in cells if cell.obstacle}
        async with self.stage.serving(timeout=timeout, obstacles=obstacles, **variables) as service:
            yield service

    async def _brought_to_a_stop(self, service: Service, cells: Sequence[Cell]) -> Jobs:
        """A job for each cell, and each at its point: those first that can wait there as long as it takes."""
        stopped = [cell for cell in cells if cell.obstacle]
        held = [cell for cell in cells if cell.fault]
        jobs = await self._created(service, stopped)
        await met(service, len(stopped))
        await self._deceive(held)
        jobs = {**jobs, **await self._created(service, held)}
        await self.stage.holds(len(held))
        given_up = {said["tenant"] for said in service.process.events("order waits")}
        assert given_up.isdisjoint(cell.tenant for cell in held), "a call was given up before the service was killed"
        return jobs

    async def _deceive(self, cells: Sequence[Cell]) -> None:
        for fault in filter(None, (cell.fault for cell in cells)):
            await self.stage.platform.fault(**fault)

    async def _created(self, service: Service, cells: Sequence[Cell]) -> Jobs:
        callers = [replace(service, tenant=cell.tenant) for cell in cells]
        return dict(zip(cells, await asyncio.gather(*(caller.create([ORDER]) for caller in callers)), strict=True))

    async def _judge(self, service: Service, jobs: Jobs) -> None:
        """Waits until every order has ended, and notes what is wrong then."""
        ends = await asyncio.gather(*(_end(replace(service, tenant=cell.tenant), job) for cell, job in jobs.items()))
        strikes = await self.stage.strikes()
        for cell, end in zip(jobs, ends, strict=True):
            broken = await self._violations(cell, replace(service, tenant=cell.tenant))
            problems = [*_not_met(cell, strikes), *_not_done(end), *broken]
            if problems:
                self.problems[cell] = "; ".join(problems)

    async def _violations(self, cell: Cell, caller: Service) -> list[str]:
        effects = ours(cell, await self.stage.platform.effects(tenant=cell.tenant))
        evidence = await self.stage.evidence(caller, effects)
        doubled = int((cell.effect, cell.event) == (NUMBER, Event.TWICE))
        return [*violations(evidence, doubled=doubled), *_kept_twice(effects)]


async def _end(caller: Service, job: jobs_pb2.Job) -> jobs_pb2.JobOrder:
    """The job's order as it ended; or as it stands, if it does not end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await caller.outcome(job)
    return (await caller.orders(job))[ORDER]


def ours(cell: Cell, effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The effects without the second capture of a gateway that captures twice when it is asked once."""
    if (cell.effect, cell.event) != (CAPTURE, Event.TWICE):
        return effects
    second = [effect["seq"] for effect in effects if effect["kind"] == "capture"][1]
    return [effect for effect in effects if effect["seq"] != second]


def _kept_twice(effects: list[dict[str, Any]]) -> list[str]:
    assets = [effect["asset_id"] for effect in effects if effect["kind"] == "media"]
    return [f"the platform keeps it {len(assets)} times: {', '.join(assets)}"] if len(assets) > 1 else []


def _not_met(cell: Cell, strikes: Mapping[str, int]) -> list[str]:
    wanted = cell.fault.get("times", 0)
    return [] if strikes.get(cell.tenant, 0) == wanted else ["the trouble did not come"]


def _not_done(order: jobs_pb2.JobOrder) -> list[str]:
    if (order.state, order.reason) == (jobs_pb2.ORDER_STATE_SUCCESS, ""):
        return []
    return [f"ended {jobs_pb2.OrderState.Name(order.state)}: {order.reason} {order.message}"]

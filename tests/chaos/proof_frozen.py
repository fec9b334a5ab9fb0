"""A process that freezes loses its lead; woken up, it does nothing that another one has done. `make chaos` runs it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from chaos.audit import violations
from chaos.stages import ORDER, POSTGRESQL, Obstacle, Stage, Station, met
from e2e.services import Service
from invoicing.v1 import jobs_pb2

TENANT = "frozen"
TIMEOUT = "2s"
STANDING_BY = "another process runs the engine: standing by"


@dataclass(frozen=True, slots=True)
class Pair:
    """A process that leads, and one that stands by, as callers of the tenant see them."""

    stage: Stage
    leading: Service
    other: Service

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, obstacle: Obstacle | None = None) -> AsyncIterator[Pair]:
        """Both; the obstacle is in the way of the one that leads."""
        obstacles = {TENANT: obstacle} if obstacle else {}
        async with (
            Stage.set(Station(POSTGRESQL, takes_over=True), folder, [TENANT]) as stage,
            stage.serving(timeout=TIMEOUT, obstacles=obstacles) as leading,
            stage.serving(timeout=TIMEOUT, obstacles={}) as other,
        ):
            yield cls(stage, replace(leading, tenant=TENANT), replace(other, tenant=TENANT))

    async def finished_by_the_other(self, job: jobs_pb2.Job) -> None:
        """The other takes over and ends the job; then the first wakes up, and ends what it was about to do."""
        order = (await self.other.outcome(job))[ORDER]
        assert (order.state, order.reason) == (jobs_pb2.ORDER_STATE_SUCCESS, "")
        self.leading.process.signal(signal.SIGCONT)
        await asyncio.to_thread(self.leading.process.tells, STANDING_BY)

    async def violations(self) -> list[str]:
        """What is wrong with the world by now."""
        effects = await self.stage.platform.effects(tenant=TENANT)
        return violations(await self.stage.evidence(self.other, effects))

    def captures(self) -> list[tuple[str, str]]:
        """What the journal knows of captures: outcome and the gateway's id."""
        engine = create_engine(self.stage.database.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT outcome, capture_id FROM captures ORDER BY intended, id")).all()
        engine.dispose()
        return [(row.outcome, row.capture_id) for row in rows]


@pytest.mark.parametrize(
    "moment",
    [
        "after orders.order",
        "after journal.intend_capture",
        "during journal.intend_capture",
        "after payments.capture",
        "during journal.issue",
        "after pdf.render",
        "before mailer.send",
    ],
)
async def test_a_process_that_freezes_does_nothing_again_when_it_wakes_up_after_the_other_has_finished(
    tmp_path: Path, moment: str
) -> None:
    async with Pair.running(tmp_path, ("freeze", moment, 1)) as pair:
        job = await pair.leading.create([ORDER])
        await met(pair.leading, 1)
        await pair.finished_by_the_other(job)
        assert await pair.violations() == []


async def test_a_capture_that_is_on_its_way_to_the_wire_is_not_sent_by_a_process_that_froze_meanwhile(
    tmp_path: Path,
) -> None:
    """It was decided to send it, in time; then the token turned out to be withdrawn, and a new one was waited for."""
    async with Pair.running(tmp_path) as pair:
        platform = pair.stage.platform
        asking = await platform.fault(service="payments", operation="get", kind="hold_before", tenant=TENANT, times=1)
        job = await pair.leading.create([ORDER])
        await pair.stage.holds(1)
        await platform.call("DELETE", f"/_sandbox/tokens?tenant={TENANT}")
        token = await platform.fault(service="oauth", operation="token", kind="hold_before", tenant=TENANT, times=1)
        await platform.call("DELETE", f"/_sandbox/faults/{asking}")
        await pair.stage.holds(2)
        pair.leading.process.signal(signal.SIGSTOP)
        await platform.call("DELETE", f"/_sandbox/faults/{token}")
        await pair.finished_by_the_other(job)
        assert await pair.violations() == []


async def test_the_capture_of_a_process_that_freezes_between_clock_and_wire_is_in_the_journal_at_least(
    tmp_path: Path,
) -> None:
    """The window that remains: only a gateway that knows its callers' attempts again could close it."""
    async with Pair.running(tmp_path, ("freeze", "before payments.capture", 1)) as pair:
        job = await pair.leading.create([ORDER])
        await met(pair.leading, 1)
        await pair.finished_by_the_other(job)
        ids = [effect["capture_id"] for effect in await pair.stage.platform.effects("capture", tenant=TENANT)]
        assert len(ids) == 2
        assert pair.captures() == [("CAPTURED", ids[1]), ("CAPTURED", ids[0])]

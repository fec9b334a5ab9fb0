"""One process runs the engine; another takes over when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store import Store
from adapters.store.lead import FileLock, SessionLock, held, lock_of
from adapters.store.store import begin_lead
from domain.errors import Misconfigured, StaleJobOrder
from fakes.clock import FakeClock
from fakes.postgresql import the_database
from fakes.stores import Records

PATIENCE = 30.0

LEADER = """
import asyncio, sys
from adapters.store.lead import held, lock_of

async def main():
    async with held(lock_of(sys.argv[1])):
        print("leads", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return the_database() if request.param == "postgresql" else f"sqlite:///{tmp_path}/invoicing.db"


@asynccontextmanager
async def another_leader(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that leads until it is told to go on, and is told at the latest when the context ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LEADER,
        url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"leads\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            await process.communicate(b"\n")


async def leads(url: str) -> None:
    """Returns once this process leads; it must."""
    async with asyncio.timeout(PATIENCE), held(lock_of(url)):
        pass


async def test_while_one_process_leads_another_stands_by_and_leads_when_that_one_goes(url: str) -> None:
    async with another_leader(url) as other:
        assert not lock_of(url).take()
        waiting = asyncio.create_task(leads(url))
        await other.communicate(b"\n")
        await waiting


async def test_a_process_that_is_killed_leads_no_more(url: str) -> None:
    async with another_leader(url) as other:
        other.kill()
        await other.wait()
        await leads(url)


async def test_a_process_that_is_frozen_loses_the_lead_where_the_server_can_tell() -> None:
    url = the_database()
    async with another_leader(url) as other:
        other.send_signal(signal.SIGSTOP)
        await leads(url)


async def test_a_leader_whose_session_the_server_ended_hears_of_it() -> None:
    lock = lock_of(the_database())
    assert isinstance(lock, SessionLock)
    async with held(lock) as lost:
        assert lock._connection is not None
        lock._connection.connection.driver_connection.close()
        async with asyncio.timeout(PATIENCE):
            await lost.wait()


async def test_what_a_former_leader_does_too_late_changes_nothing(url: str) -> None:
    """It still believes to lead: it has not noticed yet that another began."""
    async with Store.opened(url, clock=FakeClock()) as former, Store.opened(url, clock=FakeClock()) as latter:
        records = Records(former.jobs, former.journal, FakeClock())
        async with former.leading():
            order = await former.jobs.save(await records.an_order())
            await latter._writer.write(begin_lead)
            with pytest.raises(StaleJobOrder):
                await former.jobs.save(order)
        saved = await latter.jobs.save(order)
        assert (await former.jobs.job(order.tenant, order.job_id)).version == saved.version


async def test_a_process_that_does_not_lead_still_takes_jobs(url: str) -> None:
    clock = FakeClock()
    async with Store.opened(url, clock=clock) as leader, leader.leading(), Store.opened(url, clock=clock) as other:
        job = await Records(other.jobs, other.journal, clock).a_job("EON1")
        assert await leader.jobs.job(job.tenant, job.id) == job


async def test_who_follows_a_job_hears_of_what_another_process_does(url: str) -> None:
    async with Store.opened(url, clock=FakeClock()) as one, Store.opened(url, clock=FakeClock()) as other:
        order = await Records(one.jobs, one.journal, FakeClock()).an_order()
        patience = timedelta(seconds=PATIENCE)
        follower = other.jobs.wait(order.tenant, order.job_id, after=order.version, timeout=patience)
        following = asyncio.create_task(follower)
        await one.jobs.save(order)
        assert await following


# The file


async def test_a_lock_is_the_same_by_whichever_way_its_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "invoicing.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "invoicing.db")
    async with held(FileLock(tmp_path / "invoicing.db")):
        for other in (tmp_path / "." / "invoicing.db", tmp_path / "link.db"):
            assert not FileLock(other).take()


async def test_the_database_stays_open_to_others(tmp_path: Path) -> None:
    async with held(FileLock(tmp_path / "invoicing.db")):
        connection = sqlite3.connect(tmp_path / "invoicing.db")
        connection.execute("CREATE TABLE t (x)")
        connection.close()


async def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "invoicing.db.engine").mkdir()
    with pytest.raises(Misconfigured, match=r"invoicing\.db\.engine"):
        FileLock(tmp_path / "invoicing.db").take()

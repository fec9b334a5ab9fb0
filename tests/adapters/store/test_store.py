"""Opening a database, and what is found in it afterwards, whatever happened in between."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.store import Store
from domain.errors import Misconfigured, StoreUnavailable
from domain.job import JobId, JobState, OrderCounts, OrderState
from domain.order import OrderId, TenantId
from fakes.clock import FakeClock
from fakes.stores import ACME, Records

WRITING_PROCESS = Path(__file__).with_name("writing_process.py")


async def refused(url: str) -> str:
    """How opening the database is refused."""
    with pytest.raises(Misconfigured) as raised:
        async with Store.opened(url, clock=FakeClock()):
            pass
    return raised.value.message


# Opening


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "postgresql://user:secret@host/db",
        "nonsense",
        "mysql+x://user:secret@host/db",
        "sqlite:////nowhere/at/all/invoicing.db",
    ],
)
async def test_a_url_that_leads_nowhere_is_refused_by_its_variable_and_without_its_secret(url: str) -> None:
    message = await refused(url)
    assert "INVOICING_DATABASE_URL" in message
    assert "secret" not in message


async def test_a_file_that_is_no_database_is_refused_and_left_alone(url: str, tmp_path: Path) -> None:
    (tmp_path / "invoicing.db").write_bytes(b"my holiday pictures" * 100)
    assert "INVOICING_DATABASE_URL" in await refused(url)
    assert (tmp_path / "invoicing.db").read_bytes() == b"my holiday pictures" * 100


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "INVOICING_DATABASE_URL" in await refused(f"sqlite:///{tmp_path}/folder")


async def test_a_database_of_a_newer_version_is_refused(url: str, tmp_path: Path) -> None:
    async with Store.opened(url, clock=FakeClock()):
        pass
    with sqlite3.connect(tmp_path / "invoicing.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    message = await refused(url)
    assert "newer version" in message
    assert "9999" in message


async def test_many_processes_may_open_a_new_database_at_once(untouched: str) -> None:
    async def key() -> bytes:
        async with Store.opened(untouched, clock=FakeClock()) as store:
            return store.link_key()

    assert len(set(await asyncio.gather(*(key() for _ in range(4))))) == 1


async def test_the_key_for_links_is_made_once_with_the_database(url: str, tmp_path: Path) -> None:
    keys = set()
    for name in ("invoicing.db", "invoicing.db", "other.db"):
        async with Store.opened(f"sqlite:///{tmp_path}/{name}", clock=FakeClock()) as store:
            keys.add(store.link_key())
    assert [len(key) for key in keys] == [32, 32]


# What is found later


async def test_what_was_written_is_there_when_the_database_is_opened_again(either: str) -> None:
    async with Store.opened(either, clock=FakeClock()) as store:
        records = Records(store.jobs, store.journal, FakeClock())
        job = await records.a_job("EON1", "EON2", request_id="r-1")
        order = await records.jobs.save(replace(await records.order(job, "EON1"), message="kept"))
        await records.jobs.claim(order, records.clock())
    async with Store.opened(either, clock=FakeClock()) as store:
        records = Records(store.jobs, store.journal, FakeClock())
        assert await records.order(job, "EON1") == order
        assert (await records.a_job("EON1", "EON2", request_id="r-1")).id == job.id


async def test_what_was_handed_over_is_committed_before_the_store_closes(either: str) -> None:
    async with Store.opened(either, clock=FakeClock()) as store:
        records = Records(store.jobs, store.journal, FakeClock())
        job = await records.a_job(*(f"EON{n}" for n in range(50)))
        orders = await store.jobs.orders(ACME, job.id, (), after="", limit=50)
        saves = [asyncio.create_task(store.jobs.save(order)) for order in orders]
        await asyncio.sleep(0)
    assert sorted(order.version for order in await asyncio.gather(*saves)) == list(range(51, 101))
    with pytest.raises(StoreUnavailable):
        await store.jobs.save(orders[0])
    async with Store.opened(either, clock=FakeClock()) as store:
        assert (await store.jobs.job(ACME, job.id)).version == 100


async def test_a_process_killed_in_the_middle_loses_nothing_that_it_heard_was_kept(either: str) -> None:
    heard = await killed_while_writing(either, after=300)
    async with Store.opened(either, clock=FakeClock()) as store:
        orders = await store.jobs.orders(TenantId("acme"), JobId("job"), (), after="", limit=10_000)
        job = await store.jobs.job(TenantId("acme"), JobId("job"))
    kept = {order.order_id: order for order in orders}
    assert all(kept[OrderId(order_id)].revision >= revision for order_id, revision in heard.items())
    assert job.version == max(order.version for order in orders)
    assert len({order.version for order in orders}) == len(orders)
    done = sum(order.state is OrderState.SUCCESS for order in orders)
    assert (job.counts, job.state) == (OrderCounts(pending=len(orders) - done, success=done), JobState.IN_PROGRESS)


async def test_the_file_is_sound_after_its_process_was_killed(url: str, tmp_path: Path) -> None:
    await killed_while_writing(url, after=50)
    with sqlite3.connect(tmp_path / "invoicing.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


async def killed_while_writing(url: str, *, after: int) -> dict[str, int]:
    """The last revision of each order that a process heard was kept, before it was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WRITING_PROCESS), url, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    lines += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    heard = [line.decode().split() for line in lines if line.endswith(b"\n")]
    return {order_id: int(revision) for order_id, revision in heard}

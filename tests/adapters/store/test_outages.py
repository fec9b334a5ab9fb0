"""A full disk, a file that takes no writes, a damaged one: said so, waited out, and nothing that was kept is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from adapters.store import Store
from domain.errors import InvoicingError, Misconfigured, StoreDamaged, StoreUnavailable
from domain.job import Job
from fakes.clock import FakeClock
from fakes.stores import ACME, Records

MANY = 2_000
"""Orders that do not fit into a few pages."""


class Disk:
    """What the writer's connections may do from now on, as the pragmas say; every new one too."""

    def __init__(self, store: Store) -> None:
        self._held = store._writer._held
        self._pragma = ""
        event.listen(self._held._engine, "connect", self._limit)

    def becomes(self, pragma: str) -> None:
        """The limit; empty takes it away."""
        self._pragma = pragma
        self._held.connection()
        self._held.release()

    def _limit(self, connection: sqlite3.Connection, _: object) -> None:
        if self._pragma:
            connection.execute(f"PRAGMA {self._pragma}")


FULL, READ_ONLY, WELL = "max_page_count = 1", "query_only = ON", ""


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store.opened(url, clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
def disk(store: Store) -> Disk:
    return Disk(store)


@pytest.fixture
def records(store: Store) -> Records:
    return Records(store.jobs, store.journal, FakeClock())


async def a_large_job(records: Records) -> Job:
    return await records.a_job(*(f"EON{n}" for n in range(MANY)))


async def refused(records: Records) -> str:
    with pytest.raises(StoreUnavailable) as raised:
        await a_large_job(records)
    return raised.value.message


# Full, or read-only


@pytest.mark.parametrize(("limit", "remedy"), [(FULL, "make room"), (READ_ONLY, "let this user write")])
async def test_what_cannot_be_written_is_refused_naming_the_file_and_what_to_do(
    store: Store, disk: Disk, records: Records, tmp_path: Path, limit: str, remedy: str
) -> None:
    disk.becomes(limit)
    message = await refused(records)
    assert str(tmp_path / "invoicing.db") in message
    assert remedy in message
    assert "INSERT" not in message
    assert store.problem == message


@pytest.mark.parametrize("limit", [FULL, READ_ONLY])
async def test_what_was_kept_stays_and_is_read_while_nothing_can_be_written(
    store: Store, disk: Disk, records: Records, limit: str
) -> None:
    job = await records.a_job("EON1")
    disk.becomes(limit)
    outcomes = await asyncio.gather(*(a_large_job(records) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, StoreUnavailable) for outcome in outcomes)
    assert await store.jobs.jobs(ACME, (), before="", limit=10) == (job,)


@pytest.mark.parametrize("limit", [FULL, READ_ONLY])
async def test_it_mends_without_anyone_else_writing(store: Store, disk: Disk, records: Records, limit: str) -> None:
    disk.becomes(limit)
    await refused(records)
    with pytest.raises(StoreUnavailable):
        await store._writer.look()
    assert store.problem
    disk.becomes(WELL)
    await store._writer.look()
    assert not store.problem
    assert (await a_large_job(records)).counts.total == MANY


async def test_a_little_that_can_be_written_does_not_mean_that_there_is_room(
    store: Store, disk: Disk, records: Records
) -> None:
    order = await records.an_order()
    disk.becomes(FULL)
    await refused(records)
    assert (await store.jobs.save(order)).revision == order.revision + 1
    assert store.problem


async def test_what_finds_out_whether_there_is_room_leaves_nothing_behind(
    store: Store, disk: Disk, records: Records, tmp_path: Path
) -> None:
    disk.becomes(FULL)
    await refused(records)
    disk.becomes(WELL)
    await store._writer.look()
    with sqlite3.connect(tmp_path / "invoicing.db") as connection:
        assert connection.execute("SELECT name FROM keys").fetchall() == [("links",)]
    connection.close()


async def test_no_work_is_due_while_it_could_not_be_kept(store: Store, disk: Disk, records: Records) -> None:
    """A mail would be sent again and again, as long as nobody can write down that it was."""
    await records.an_order()
    await records.an_automatic_job()
    disk.becomes(FULL)
    await refused(records)
    with pytest.raises(StoreUnavailable):
        await store.jobs.due(records.clock(), each=1, busy=())
    with pytest.raises(StoreUnavailable):
        await store.jobs.searching()
    disk.becomes(WELL)
    await store._writer.look()
    assert len(await store.jobs.due(records.clock(), each=1, busy=())) == 1


async def test_a_refusal_says_nothing_about_the_disk(store: Store, records: Records) -> None:
    order = await records.an_order()
    with pytest.raises(InvoicingError):
        await store.jobs.save(replace(order, revision=7))
    assert not store.problem


# Damaged


async def test_a_damaged_database_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    async with Store.opened(url, clock=FakeClock()) as store:
        await a_large_job(Records(store.jobs, store.journal, FakeClock()))
    damage(tmp_path / "invoicing.db")
    before = (tmp_path / "invoicing.db").read_bytes()
    with pytest.raises(Misconfigured) as raised:
        async with Store.opened(url, clock=FakeClock()):
            pass
    assert "INVOICING_DATABASE_URL" in raised.value.message
    assert "restore" in raised.value.message
    assert (tmp_path / "invoicing.db").read_bytes() == before


async def test_once_damage_was_read_nothing_is_written_any_more(url: str, tmp_path: Path) -> None:
    async with Store.opened(url, clock=FakeClock()) as store:
        job = await a_large_job(Records(store.jobs, store.journal, FakeClock()))
    async with Store.opened(url, clock=FakeClock()) as store:
        records = Records(store.jobs, store.journal, FakeClock())
        damage(tmp_path / "invoicing.db")
        forget(store)
        with pytest.raises(StoreDamaged, match="restore"):
            await store.jobs.orders(ACME, job.id, (), after="", limit=MANY)
        assert "restore" in store.problem
        for write in (records.a_job("EON1"), store._writer.look()):
            with pytest.raises(StoreDamaged):
                await write
        assert (await store.jobs.job(ACME, job.id)).id == job.id


def damage(file: Path) -> None:
    """Fills most of the file with noise, its beginning apart."""
    content = file.read_bytes()
    with file.open("r+b") as opened:
        opened.seek(4096 * 50)
        opened.write(os.urandom(len(content) - 4096 * 50))


def forget(store: Store) -> None:
    """What the reader has read so far, it reads again."""
    store._reader._held.connection()
    store._reader._held.release()

"""Many changes in one commit: none harms another, and nobody hears too early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from threading import Event

import pytest
from sqlalchemy import event, func, insert, select

from adapters.store.batch import Batch
from adapters.store.database import Database
from adapters.store.health import Health
from adapters.store.prepared import Prepared
from adapters.store.schema import migrate
from adapters.store.tables import keys
from adapters.store.writer import Writer
from domain.errors import Conflict, StoreUnavailable
from fakes.clock import FakeClock

NEW_KEY = Prepared(insert(keys), ("name", "key"))
COUNT = Prepared(select(func.count()).select_from(keys), ())

Change = Callable[[Batch], str]


class Bench:
    """A writer whose thread can be held, so that what is written meanwhile becomes one transaction."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self.writer = writer
        self.commits = 0
        self._database = database
        event.listen(database.writing, "commit", self._count)

    def _count(self, _: object) -> None:
        self.commits += 1

    async def together(self, *changes: Change) -> list[str | BaseException]:
        """The outcomes of changes that are decided in one transaction."""
        held, go_on = asyncio.Event(), Event()
        loop = asyncio.get_running_loop()

        def hold(batch: Batch) -> None:
            loop.call_soon_threadsafe(held.set)
            go_on.wait(10)

        holding = asyncio.create_task(self.writer.write(hold))
        await held.wait()
        tasks = [asyncio.create_task(self.writer.write(change)) for change in changes]
        await asyncio.sleep(0)
        loop.call_soon(lambda: loop.call_soon(go_on.set))
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await holding
        self.commits -= 1
        return outcomes

    def kept(self) -> set[str]:
        """The names that were committed."""
        with self._database.reading.connect() as connection:
            return set(connection.scalars(select(keys.c.name)))


@pytest.fixture
async def bench(url: str) -> AsyncIterator[Bench]:
    with closing(Database.at(url)) as database:
        with database.writing.begin() as connection:
            migrate(connection)
        writer = Writer(database.writing, clock=FakeClock(), told=lambda _: None, health=Health())
        yield Bench(database, writer)
        await writer.close()


def keeps(name: str) -> Change:
    def change(batch: Batch) -> str:
        batch.write(NEW_KEY, {"name": name, "key": b"k"})
        return name

    return change


def refuses(batch: Batch) -> str:
    raise Conflict("no")


def writes_and_refuses(batch: Batch) -> str:
    keeps("half")(batch)
    raise Conflict("no")


def writes_and_breaks(batch: Batch) -> str:
    keeps("half")(batch)
    raise ZeroDivisionError


async def test_changes_that_wait_become_durable_in_one_commit(bench: Bench) -> None:
    assert await bench.together(*(keeps(f"{n}") for n in range(100))) == [f"{n}" for n in range(100)]
    assert bench.commits == 1
    assert len(bench.kept()) == 100


async def test_a_refused_change_harms_none_beside_it(bench: Bench) -> None:
    first, refused, last = await bench.together(keeps("a"), refuses, keeps("b"))
    assert (first, last, type(refused)) == ("a", "b", Conflict)
    assert (bench.kept(), bench.commits) == ({"a", "b"}, 1)


@pytest.mark.parametrize("broken", [writes_and_refuses, writes_and_breaks, keeps("a")])
async def test_a_change_that_fails_halfway_leaves_nothing_and_harms_none_beside_it(
    bench: Bench, broken: Change
) -> None:
    first, failed, last = await bench.together(keeps("a"), broken, keeps("b"))
    assert (first, last) == ("a", "b")
    assert isinstance(failed, Conflict | ZeroDivisionError | StoreUnavailable)
    assert bench.kept() == {"a", "b"}


async def test_a_change_that_fails_halfway_alone_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(Conflict):
        await bench.writer.write(writes_and_refuses)
    assert bench.kept() == set()


async def test_what_the_database_refuses_is_said_in_the_domains_words(bench: Bench) -> None:
    await bench.writer.write(keeps("a"))
    with pytest.raises(StoreUnavailable) as raised:
        await bench.writer.write(keeps("a"))
    assert "INSERT" not in raised.value.message
    assert not bench.writer.health.problem


async def test_nobody_hears_of_a_change_before_its_commit(bench: Bench) -> None:
    async def heard(n: int) -> bool:
        await bench.writer.write(keeps(f"{n}"))
        return f"{n}" in bench.kept()

    assert all(await asyncio.gather(*(heard(n) for n in range(50))))
    assert await bench.writer.write(lambda batch: batch.first(COUNT, {})) == (50,)


async def test_one_who_stops_waiting_harms_none_beside_him(bench: Bench) -> None:
    task = asyncio.create_task(bench.writer.write(keeps("a")))
    await asyncio.sleep(0)
    task.cancel()
    assert await bench.writer.write(keeps("b")) == "b"
    assert "b" in bench.kept()

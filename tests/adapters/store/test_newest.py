"""When something was last written, by which a clock that lost its time is known."""

from __future__ import annotations

from datetime import timedelta

from adapters.store import Store
from fakes.clock import FakeClock
from fakes.stores import Records

HOUR = timedelta(hours=1)


async def test_it_is_the_latest_of_what_was_written_last(either: str) -> None:
    clock = FakeClock()
    async with Store.opened(either, clock=clock) as store:
        assert await store.newest() is None
        records = Records(store.jobs, store.journal, clock)
        async with store.leading():
            assert await store.newest() == clock()
            clock.advance(HOUR)
            await records.issued("INV-1")
            assert await store.newest() == clock()


async def test_a_time_that_was_wrong_is_forgotten_once_each_was_written_again(either: str) -> None:
    clock = FakeClock()
    clock.advance(HOUR)
    async with Store.opened(either, clock=clock) as store, store.leading():
        pass
    clock.advance(-HOUR)
    async with Store.opened(either, clock=clock) as store, store.leading():
        assert await store.newest() == clock()

"""A clock that jumps is not written by before everything that was under way is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.store import Store
from app.clock import WatchedClock, now, require_not_behind, since_boot
from domain.errors import Misconfigured, StoreUnavailable
from fakes.clock import NOON, FakeClock
from fakes.stores import Records

REST = timedelta(seconds=80)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Machine:
    """A machine whose clock can be set, and which counts the time that really passes."""

    def __init__(self) -> None:
        self.wall = FakeClock()
        self.up = timedelta(days=3)
        self.clock = WatchedClock(rest=REST, wall=self.wall, elapsed=lambda: self.up)

    def passes(self, span: timedelta, *, slewed: timedelta = timedelta(0)) -> None:
        """Time passes; the clock is a little corrected on the way."""
        self.up += span
        self.wall.advance(span + slewed)

    def refusal(self) -> StoreUnavailable:
        """How an instant is refused."""
        with pytest.raises(StoreUnavailable) as raised:
            self.clock()
        return raised.value


@pytest.fixture
def machine() -> Machine:
    return Machine()


async def test_it_tells_the_time_however_long_nobody_asks(machine: Machine) -> None:
    for span in (SECOND, HOUR, timedelta(days=40)):
        machine.passes(span)
        assert machine.clock() == machine.wall()


async def test_small_corrections_are_no_jumps_however_many(machine: Machine) -> None:
    for _ in range(100):
        machine.passes(MINUTE, slewed=timedelta(milliseconds=500))
        assert machine.clock() == machine.wall()


@pytest.mark.parametrize(
    ("jump", "told"), [(2 * HOUR, r"\+2:00:00"), (-2 * HOUR, "-2:00:00"), (6 * SECOND, r"\+0:00:06")]
)
async def test_after_a_jump_nothing_is_written_for_a_while_of_real_time(
    machine: Machine, jump: timedelta, told: str
) -> None:
    machine.wall.advance(jump)
    refusal = machine.refusal()
    assert refusal.retry_after == REST
    assert f"{NOON + jump + REST:%H:%M:%S}" in refusal.message
    with pytest.raises(StoreUnavailable, match=told):
        machine.clock()
    machine.passes(REST - SECOND)
    assert machine.refusal().retry_after == SECOND
    machine.passes(SECOND)
    assert machine.clock() == NOON + jump + REST
    machine.passes(HOUR)
    assert machine.clock() == machine.wall()


async def test_what_is_refused_says_the_same_all_the_while(machine: Machine) -> None:
    machine.wall.advance(HOUR)
    first = machine.refusal().message
    machine.passes(30 * SECOND)
    assert machine.refusal().message == first


async def test_a_jump_back_to_the_right_time_is_a_jump_too(machine: Machine) -> None:
    machine.wall.advance(HOUR)
    machine.refusal()
    machine.passes(REST - SECOND)
    machine.wall.advance(-HOUR)
    assert machine.refusal().retry_after == REST


async def test_a_clock_that_stops_while_time_passes_has_jumped_back(machine: Machine) -> None:
    """A machine that was suspended, and whose clock was suspended with it."""
    machine.up += HOUR
    assert "-1:00:00" in machine.refusal().message


async def test_a_process_that_is_frozen_while_it_looks_looks_again() -> None:
    up = iter((0, 0, 10, 3610, 3610, 3610))
    wall = iter((0, 10, 3610))
    clock = WatchedClock(rest=REST, wall=lambda: NOON + next(wall) * SECOND, elapsed=lambda: next(up) * SECOND)
    assert clock() == NOON + 3610 * SECOND


async def test_the_machines_own_clocks_agree() -> None:
    clock = WatchedClock(rest=REST)
    assert abs(clock() - now()) < MINUTE
    assert since_boot() > timedelta(0)


async def test_a_store_says_why_it_writes_nothing_and_goes_on_by_itself(machine: Machine, tmp_path: Path) -> None:
    """Its orders are not worked on meanwhile either: what a step did could not be written down."""
    async with Store.opened(f"sqlite:///{tmp_path}/invoicing.db", clock=machine.clock) as store:
        records = Records(store.jobs, store.journal, machine.wall)
        await records.an_order()
        machine.wall.advance(HOUR)
        for write in (store._writer.look, records.an_order):
            with pytest.raises(StoreUnavailable, match=r"\+1:00:00"):
                await write()
        assert "+1:00:00" in store.problem
        with pytest.raises(StoreUnavailable):
            await store.jobs.due(machine.wall(), each=1, busy=())
        machine.passes(REST)
        await store._writer.look()
        assert not store.problem
        assert len(await store.jobs.due(machine.wall(), each=1, busy=())) == 1


# At the start


@pytest.mark.parametrize("newest", [None, NOON - HOUR, NOON, NOON + MINUTE])
async def test_a_clock_that_is_not_behind_the_database_is_taken(newest: datetime | None) -> None:
    require_not_behind(NOON, newest)


async def test_a_clock_that_lost_its_time_is_refused_with_what_to_do() -> None:
    with pytest.raises(Misconfigured) as raised:
        require_not_behind(datetime(1970, 1, 1, tzinfo=UTC), NOON)
    for told in ("1970-01-01 00:00:00", f"{NOON:%Y-%m-%d %H:%M:%S}", "Set the clock", "INVOICING_CLOCK_BEHIND_OK=1"):
        assert told in raised.value.message

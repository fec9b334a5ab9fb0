"""One soak on one kind of database: storm, then storm without kills, then calm until all is done, then the audit."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

import aiohttp

from app.cli.footprint import proportional_size
from chaos.audit import counts, gathered, violations
from chaos.soak.shop import Shop
from chaos.soak.stage import TENANTS, Stage
from chaos.soak.weather import Killer, Weather
from e2e.processes import Process
from e2e.services import DATABASE
from fakes.postgresql import a_database
from fakes.sandbox_caller import Caller

SIZES = {"SQLite": 1, "PostgreSQL": 2}
"""How many processes serve one database of each kind."""
KILLING = 2 / 3
"""Of the time; for the rest the same processes work on, and their memory is watched."""
WARM_SECONDS = 10.0
LOOK_SECONDS = 2.0
PROGRESS_SECONDS = 10.0
LONGEST_END = 300.0
"""Seconds in which all is done once nothing goes wrong any more."""
MOST_GROWTH = 0.25
"""Of the service's memory, from warm to the end: more is a leak."""


@dataclass(slots=True)
class Result:
    """What one soak came to. `memory` is the service's, in bytes, when it was warm and at the end of the storm."""

    database: str
    seconds: float = 0
    counts: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    memory: tuple[int, int] = (0, 0)
    own_memory: tuple[int, int] = (0, 0)
    violations: list[str] = field(default_factory=list)


class Rehearsal:
    """All who take part in a soak."""

    def __init__(self, stage: Stage, platform: Caller, chance: Random) -> None:
        self.stage = stage
        self.weather = Weather(platform, Random(chance.random()))
        self.killer = Killer(stage, Random(chance.random()))
        self.shops = [Shop(tenant, stage, platform, Random(chance.random())) for tenant in TENANTS]
        self._closing = asyncio.Event()

    async def play(self, seconds: float, result: Result) -> None:
        """The storm, and then the calm until every shop is done."""
        began = monotonic()
        trading = [asyncio.create_task(shop.trade(self._closing)) for shop in self.shops]
        looking = asyncio.create_task(self._look(result.database, began))
        blowing = asyncio.create_task(self.weather.blow())
        own = proportional_size(os.getpid())
        await self.killer.kill(began + seconds * KILLING)
        result.memory = await self._memory_over(seconds * (1 - KILLING))
        await _ended(blowing)
        await self.weather.calm()
        self._closing.set()
        result.violations += await self._done(trading)
        await _ended(looking)
        result.own_memory = own, proportional_size(os.getpid())
        result.seconds = monotonic() - began

    async def audit(self, database: str, result: Result) -> None:
        """Asks everybody what became of it all."""
        for shop in self.shops:
            await shop.hear()
            service = await shop.service()
            evidence = await gathered(service, shop.platform, shop.order_ids, database=database, trail=shop.trail)
            result.violations += [*shop.faults, *violations(evidence, doubled=self.weather.doubled[shop.tenant])]
            result.counts.update(counts(evidence))
            result.asked.update(shop.asked)
        result.violations += self.stage.faults
        result.ended.update(self.killer.ended)
        result.struck.update(self.weather.struck)
        warm, late = result.memory
        if late > warm * (1 + MOST_GROWTH):
            result.violations.append(f"the service took {warm >> 20} MiB when it was warm, and {late >> 20} MiB later")

    async def _memory_over(self, seconds: float) -> tuple[int, int]:
        warming = min(WARM_SECONDS, seconds / 2)
        await asyncio.sleep(warming)
        warm = self.stage.memory
        await asyncio.sleep(seconds - warming)
        return warm, self.stage.memory

    async def _done(self, trading: list[asyncio.Task[None]]) -> list[str]:
        """What shops were closed by, or have not got done in time."""
        done, late = await asyncio.wait(trading, timeout=LONGEST_END)
        for task in late:
            task.cancel()
        broken = [f"a shop was closed: {task.exception()!r}" for task in done if task.exception()]
        return broken + [f"{shop.tenant} still has {shop.open} open orders" for shop in self.shops if shop.open]

    async def _look(self, database: str, began: float) -> None:
        """Hears the effects while they are few, and says how it goes."""
        said = 0.0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for shop in self.shops:
                await shop.hear()
            passed = monotonic() - began
            if passed - said >= PROGRESS_SECONDS:
                said = passed
                print(f"{database:10} {passed:5.0f} s  {self._progress()}", flush=True)

    def _progress(self) -> str:
        orders = sum(len(shop.order_ids) for shop in self.shops)
        mailed = sum(len(shop.trail.mails) for shop in self.shops)
        ends, faults = self.killer.ended.total(), self.weather.struck.total()
        broken = sum(len(shop.faults) for shop in self.shops) + len(self.stage.faults)
        memory = f"service {self.stage.memory >> 20} MiB, soak {proportional_size(os.getpid()) >> 20} MiB"
        return f"{mailed:6,} of {orders:6,} orders mailed, {ends} ends, {faults:,} faults, {broken} broken; {memory}"


async def _ended(task: asyncio.Task[None]) -> None:
    """Ends it, and raises what it had failed with before."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def soaked(folder: Path, database: str, *, seconds: float, seed: int) -> Result:
    """A soak on this kind of database, with a platform of its own."""
    result = Result(database)
    url = a_database() if database == "PostgreSQL" else f"sqlite:///{folder / DATABASE}"
    async with _platform(folder) as (sandbox, platform), Stage.set(folder, sandbox, url, size=SIZES[database]) as stage:
        rehearsal = Rehearsal(stage, platform, Random(f"{seed} {database}"))
        await rehearsal.play(seconds, result)
        await rehearsal.audit(url, result)
    return result


@asynccontextmanager
async def _platform(folder: Path) -> AsyncIterator[tuple[Process, Caller]]:
    """The sandbox with all tenants, and whoever controls it."""
    with Process.running(folder, "sandbox") as sandbox:
        url = (await asyncio.to_thread(sandbox.tells, "sandbox"))["url"]
        async with aiohttp.ClientSession(url) as session:
            platform = Caller(session)
            for tenant in TENANTS:
                await platform.open_tenant(tenant, empty=False)
            yield sandbox, platform

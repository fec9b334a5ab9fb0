"""Where the crash matrix is played: a database, a sandbox, a tenant for every cell, and services that die."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from adapters.sandbox.demo.baskets import Basket, Circumstances, Item, order_of
from adapters.sandbox.demo.buyers import ANNA
from adapters.sandbox.demo.prices import GERMANY
from chaos.audit import Evidence, Trail, gathered
from e2e.processes import PATIENCE, Process
from e2e.services import DATABASE, Home, Service
from fakes.postgresql import a_database
from fakes.sandbox_caller import Caller

ORDER = "ORDER-1"
"""The order of each tenant."""
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
TESTS = str(Path(__file__).parents[1])
RUN = "import runpy, sys; sys.path.append({}); runpy.run_module('chaos.obstructed', None, '__main__')"
PROGRAM = ("-c", RUN.format(repr(TESTS)))
MUGS = Basket(GERMANY, (Item("MUG-01", "Mug, stoneware", Decimal("12.90"), quantity=3),), shipping=Decimal("4.90"))
TENANT = """[{name}]
client_id = "sandbox"
client_secret = "sandbox"
bills_delivered = true
"""

Obstacle = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Station:
    """A database, and who goes on after a crash: the service, started again, or another one that stands by."""

    database: str
    takes_over: bool = False

    def __str__(self) -> str:
        return f"{self.database}, {'taken over' if self.takes_over else 'restarted'}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder in which services run on one database, and the platform that they all use."""

    station: Station
    home: Home
    platform: Caller
    database: str
    archive: str

    @classmethod
    @asynccontextmanager
    async def set(
        cls, station: Station, folder: Path, tenants: Iterable[str], *, archive: str = "file:./archive"
    ) -> AsyncIterator[Stage]:
        """A new platform on which each tenant has one order, paid by card, of which less was delivered."""
        tenants = tuple(tenants)
        url = f"sqlite:///{folder / DATABASE}" if station.database == SQLITE else a_database()
        file = "".join(TENANT.format(name=name) for name in tenants)
        (folder / "tenants.toml").write_text(file, encoding="utf-8")
        with Process.running(folder, "sandbox") as sandbox:
            told = await asyncio.to_thread(sandbox.tells, "sandbox")
            async with aiohttp.ClientSession(told["url"]) as session:
                stage = cls(station, Home(folder, sandbox), Caller(session), url, archive)
                for tenant in tenants:
                    await stage.platform.post("/_sandbox/tenants", {"tenant": tenant})
                    await stage.platform.add(an_order(), tenant=tenant)
                yield stage

    @asynccontextmanager
    async def serving(
        self, *, timeout: str, obstacles: dict[str, Obstacle], **variables: str
    ) -> AsyncIterator[Service]:
        """A service of all tenants, with obstacles in the way of some."""
        settings = self.home.settings(
            DATABASE_URL=self.database,
            ARCHIVE_URL=self.archive,
            TENANTS_FILE=str(self.home.folder / "tenants.toml"),
            PLATFORM_TIMEOUT=timeout,
            CONCURRENCY="1000",
            **variables,
        )
        del settings["TENANT"]
        wanted = json.dumps(obstacles)
        with Process.running(self.home.folder, wanted, program=PROGRAM, **settings) as process:
            async with Service.called(process) as service:
                yield service

    async def holds(self, count: int) -> None:
        """Returns once so many calls are held."""
        async with asyncio.timeout(PATIENCE):
            while len(await self.platform.effects("held", tenant="")) < count:
                pass  # asks again, over HTTP: the world goes on meanwhile

    async def strikes(self) -> dict[str, int]:
        """How often the fault of each tenant struck."""
        _, answer = await self.platform.get("/_sandbox/faults")
        return {fault["tenant"]: fault["strikes"] for fault in answer["faults"]}

    async def evidence(
        self, caller: Service, effects: list[dict[str, Any]], order_ids: Iterable[str] = (ORDER,)
    ) -> Evidence:
        """All that is known of the caller's tenant, these effects being what happened at the platform."""
        return await gathered(caller, self.platform, order_ids, database=self.database, trail=Trail().hear(effects))


async def met(service: Service, count: int) -> None:
    """Returns once so many obstacles of the service are met."""
    await asyncio.to_thread(service.process.writes, lambda _: len(service.process.events("met")) >= count)


async def gave_up(service: Service, count: int) -> None:
    """Returns once the service has given up a call of so many tenants."""

    def enough(_: object) -> bool:
        return len({said["tenant"] for said in service.process.events("order waits")}) >= count

    await asyncio.to_thread(service.process.writes, enough)


def an_order(order_id: str = ORDER) -> dict[str, Any]:
    """Three mugs were ordered and paid for, two of them delivered."""
    document = order_of(order_id, ANNA, MUGS, Circumstances(created=datetime(2026, 1, 5, 8, tzinfo=UTC)))
    document["entries"][0]["packedAmountInPc"] = 2
    return document

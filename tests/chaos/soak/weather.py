"""What goes wrong at the platform, and who ends the service's processes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from random import Random
from time import monotonic
from typing import Any

from chaos.soak.stage import TENANTS, Replica, Stage, eldest
from fakes.sandbox_caller import Caller

Fault = dict[str, Any]

SHARE = 0.2
"""Of all calls, those that are struck."""
CHANGES_SECONDS = 8.0
OUTAGE_SECONDS = 3.0
KILLS_SECONDS = (3.0, 10.0)
SERVICES = ("oauth", "orders", "configuration", "sequences", "sites", "payments", "customers")
TROUBLE: tuple[Fault, ...] = (
    {"kind": "error", "status": 500},
    {"kind": "error", "status": 503},
    {"kind": "error", "status": 401},
    {"kind": "slow", "delay_ms": 300},
    {"kind": "slow", "delay_ms": 1500},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "garbage"},
    {"kind": "hold_before"},
    {"kind": "hold_after"},
)
MAIL_TROUBLE: tuple[Fault, ...] = (
    {"kind": "error", "status": 451},
    {"kind": "error", "status": 550},
    {"kind": "slow", "delay_ms": 300},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "garbage"},
    {"kind": "twice"},
)
RARE: tuple[Fault, ...] = (
    {"service": "*", "kind": "error", "status": 429, "retry_after": 1, "probability": 0.002},
    *(
        {"service": "sequences", "operation": "next_id", "kind": "twice", "probability": 0.02, "tenant": t}
        for t in TENANTS
    ),
    {"service": "orders", "operation": "patch", "kind": "twice", "probability": 0.02},
)
"""A tenant whose calls rest for a second each time does nothing else; and a gateway that captures twice for one call is
beyond what any caller can do."""


class Weather:
    """Faults of all kinds on all services, counted in `struck`; `doubled` are each tenant's numbers drawn twice."""

    def __init__(self, platform: Caller, chance: Random) -> None:
        self.struck: Counter[str] = Counter()
        self.doubled: Counter[str] = Counter()
        self._platform = platform
        self._chance = chance

    async def blow(self) -> None:
        """Changes until it is cancelled: now and then, a whole service is away for a while."""
        while True:
            await self.calm()
            faults = [*everywhere(), *RARE]
            self._chance.shuffle(faults)
            for fault in faults:
                await self._platform.fault(**fault)
            if self._chance.random() < 1 / 3:
                await self._outage()
            await asyncio.sleep(CHANGES_SECONDS)

    async def calm(self) -> None:
        """Lifts all faults."""
        _, answer = await self._platform.get("/_sandbox/faults")
        for fault in answer["faults"]:
            self.struck[fault["kind"]] += fault["strikes"]
            if (fault["operation"], fault["kind"]) == ("next_id", "twice"):
                self.doubled[fault["tenant"]] += fault["strikes"]
        await self._platform.session.delete("/_sandbox/faults")

    async def _outage(self) -> None:
        away = {"service": self._chance.choice(SERVICES), "kind": "error", "status": 503}
        lifted = await self._platform.fault(**away)
        await asyncio.sleep(OUTAGE_SECONDS)
        await self._platform.session.delete(f"/_sandbox/faults/{lifted}")


def everywhere() -> Iterator[Fault]:
    """The share of each trouble for each service; of those that are left by one, the next strikes its own."""
    for service in SERVICES:
        yield from ({"service": service, "probability": _each(len(TROUBLE)), **fault} for fault in TROUBLE)
    for fault in MAIL_TROUBLE:
        yield {"service": "mail", "probability": _each(len(MAIL_TROUBLE)), **fault}


def _each(kinds: int) -> float:
    """So that all kinds together strike the share."""
    return 1 - (1 - SHARE) ** (1 / kinds)


class Killer:
    """Ends processes of the service, and starts them again. `ended` counts how."""

    def __init__(self, stage: Stage, chance: Random) -> None:
        self.ended: Counter[str] = Counter()
        self._stage = stage
        self._chance = chance

    async def kill(self, until: float) -> None:
        """Until this time of the monotonic clock."""
        while (rest := until - monotonic()) > 0:
            await asyncio.sleep(min(self._chance.uniform(*KILLS_SECONDS), rest))
            await self.strike()

    async def strike(self) -> None:
        """Ends one process or all, hard or soft."""
        running = list(self._stage.replicas)
        match self._chance.choice(("leader", "leader", "any", "all", "stop")):
            case "leader":
                await self._killed("kill -9 of the leader", eldest(running))
            case "any":
                await self._killed("kill -9", self._chance.choice(running))
            case "all":
                for replica in running:
                    await self._killed("kill -9", replica)
            case "stop":
                self.ended["SIGTERM"] += 1
                await self._stage.stop(self._chance.choice(running))
        await self._stage.complete()

    async def _killed(self, how: str, replica: Replica) -> None:
        self.ended[how] += 1
        await self._stage.kill(replica)

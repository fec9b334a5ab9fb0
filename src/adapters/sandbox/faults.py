"""Faults on demand: how calls fail on their way in, on their way out, or both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TypeVar

from adapters.sandbox.effects import EffectLog

T = TypeVar("T")

ANY = "*"

OPERATIONS: dict[str, tuple[str, ...]] = {
    "oauth": ("token",),
    "orders": ("get", "search", "patch"),
    "configuration": ("get", "create", "update"),
    "sequences": ("next_id", "create", "activate"),
    "sites": ("get", "logo"),
    "payments": ("get", "capture", "refund"),
    "media": ("create", "get", "download"),
    "mail": ("send",),
}
"""The operations of each service, as faults name them."""


class FaultKind(StrEnum):
    """How a call fails."""

    ERROR = "error"
    """Answered with the fault's status; nothing is done."""
    SLOW = "slow"
    """Done and answered after the fault's delay."""
    DROP_BEFORE = "drop_before"
    """The connection is closed; nothing is done."""
    DROP_AFTER = "drop_after"
    """Done; then the connection is closed."""
    GARBAGE = "garbage"
    """Done; the answer says 200 and makes no sense."""
    HOLD_BEFORE = "hold_before"
    """Waits until the fault is deleted, or the caller goes and nothing is done."""
    HOLD_AFTER = "hold_after"
    """Done; then waits until the fault is deleted or the caller goes."""
    TWICE = "twice"
    """Done twice, answered once."""


@dataclass(slots=True, eq=False)
class Fault:
    """A fault that waits for calls. `left` is how often it will still strike, None for ever."""

    id: str
    service: str
    operation: str
    kind: FaultKind
    status: int
    probability: float
    left: int | None
    delay: float
    lifted: asyncio.Event = field(default_factory=asyncio.Event)

    def is_meant_for(self, service: str, operation: str) -> bool:
        """Whether it strikes this operation, as far as chance lets it."""
        return self.left != 0 and self.service in {ANY, service} and self.operation in {ANY, operation}


class Struck(Exception):
    """Instead of its answer, the call gets what this fault says."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class Faults:
    """The faults there are. Of those meant for a call, the oldest that chance allows strikes it."""

    def __init__(self, effects: EffectLog, chance: Random) -> None:
        self._effects = effects
        self._chance = chance
        self._kept: dict[str, Fault] = {}

    def add(self, fault: Fault) -> None:
        """From now on the fault may strike."""
        self._kept[fault.id] = fault

    def lift(self, fault_id: str) -> int:
        """Deletes a fault and lets go whom it holds; how many were deleted."""
        fault = self._kept.pop(fault_id, None)
        if fault is None:
            return 0
        fault.lifted.set()
        return 1

    def lift_all(self) -> int:
        """Deletes every fault; how many there were."""
        return sum(self.lift(fault_id) for fault_id in list(self._kept))

    async def around(self, service: str, operation: str, tenant: str, act: Callable[[], Awaitable[T]]) -> T:
        """The act's answer, after whatever strikes it. Raises `Struck` where there is another answer or none."""
        fault = self._striking(service, operation)
        if fault is None:
            return await act()
        match fault.kind:
            case FaultKind.ERROR | FaultKind.DROP_BEFORE:
                raise Struck(fault)
            case FaultKind.SLOW:
                await asyncio.sleep(fault.delay)
            case FaultKind.HOLD_BEFORE:
                await self._hold(fault, service, operation, tenant)
            case FaultKind.TWICE:
                first = await act()
                await act()
                return first
            case FaultKind.DROP_AFTER | FaultKind.GARBAGE:
                await act()
                raise Struck(fault)
        done = await act()
        if fault.kind is FaultKind.HOLD_AFTER:
            await self._hold(fault, service, operation, tenant)
        return done

    def _striking(self, service: str, operation: str) -> Fault | None:
        for fault in self._kept.values():
            if fault.is_meant_for(service, operation) and self._chance.random() < fault.probability:
                fault.left = None if fault.left is None else fault.left - 1
                return fault
        return None

    async def _hold(self, fault: Fault, service: str, operation: str, tenant: str) -> None:
        self._effects.add(tenant, "held", fault=fault.id, service=service, operation=operation, hold=fault.kind)
        await fault.lifted.wait()

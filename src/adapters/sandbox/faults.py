"""Faults on demand: how calls fail on their way in, on their way out, or both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TypeVar

from adapters.sandbox.effects import EffectLog

T = TypeVar("T")

ANY = "*"

OPERATIONS: dict[str, tuple[str, ...]] = {
    "oauth": ("token",),
    "orders": ("get", "search", "patch", "update", "calculate", "transition"),
    "configuration": ("get", "list", "create", "update", "delete"),
    "sequences": ("next_id", "list", "get", "create", "activate", "delete"),
    "sites": ("get", "list", "patch", "logo", "get_mixin", "create_mixin", "update_mixin", "delete_mixin"),
    "payments": ("get", "list", "capture", "refund", "cancel"),
    "media": ("create", "list", "get", "download", "delete"),
    "customers": ("get",),
    "mail": ("send",),
}
"""The operations of each service, as faults name them."""
MOST_SPENT = 1000
"""Faults that strike no more and are still told of."""


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
    """A fault that waits for calls. `left` is how often it will still strike, None for ever.

    It is meant for one tenant or, if none is named, for all. `retry_after` goes with an error, in seconds.
    """

    id: str
    service: str
    operation: str
    kind: FaultKind
    status: int = 503
    probability: float = 1
    left: int | None = None
    delay: float = 0
    tenant: str = ""
    retry_after: int | None = None
    strikes: int = 0
    lifted: asyncio.Event = field(default_factory=asyncio.Event)

    def is_meant_for(self, service: str, operation: str, tenant: str) -> bool:
        """Whether it strikes this operation, as far as chance lets it."""
        return self.service in {ANY, service} and self.operation in {ANY, operation} and self.tenant in {"", tenant}

    def strike(self) -> None:
        """Counts a call it has struck."""
        self.strikes += 1
        self.left = None if self.left is None else self.left - 1


class Struck(Exception):
    """Instead of its answer, the call gets what this fault says."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class Faults:
    """The faults there are. Of those meant for a call, the oldest that chance allows strikes it.

    One that has struck as often as it may is still there to be deleted, for it may hold a call.
    """

    def __init__(self, effects: EffectLog, chance: Random) -> None:
        self._effects = effects
        self._chance = chance
        self._waiting: dict[str, Fault] = {}
        self._spent: dict[str, Fault] = {}

    def __iter__(self) -> Iterator[Fault]:
        yield from self._spent.values()
        yield from self._waiting.values()

    def add(self, fault: Fault) -> None:
        """From now on the fault may strike."""
        self._waiting[fault.id] = fault

    def lift(self, fault_id: str) -> int:
        """Deletes a fault and lets go whom it holds; how many were deleted."""
        fault = self._waiting.pop(fault_id, None) or self._spent.pop(fault_id, None)
        if fault is None:
            return 0
        fault.lifted.set()
        return 1

    def lift_all(self) -> int:
        """Deletes every fault; how many there were."""
        return sum(self.lift(fault_id) for fault_id in [fault.id for fault in self])

    async def around(self, service: str, operation: str, tenant: str, act: Callable[[], Awaitable[T]]) -> T:
        """The act's answer, after whatever strikes it. Raises `Struck` where there is another answer or none."""
        fault = self._striking(service, operation, tenant)
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

    def _striking(self, service: str, operation: str, tenant: str) -> Fault | None:
        for fault in self._waiting.values():
            if fault.is_meant_for(service, operation, tenant) and self._chance.random() < fault.probability:
                fault.strike()
                if fault.left == 0:
                    self._put_aside(fault)
                return fault
        return None

    def _put_aside(self, fault: Fault) -> None:
        self._spent[fault.id] = self._waiting.pop(fault.id)
        if len(self._spent) > MOST_SPENT:
            self.lift(next(iter(self._spent)))

    async def _hold(self, fault: Fault, service: str, operation: str, tenant: str) -> None:
        self._effects.add(tenant, "held", fault=fault.id, service=service, operation=operation, hold=fault.kind)
        await fault.lifted.wait()

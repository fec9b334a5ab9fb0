"""Whose order is next: tenants in turn, so that one with many orders, or slow ones, holds up no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from adapters.engine.shares import Shares
from domain.job import JobOrder
from domain.order import TenantId


class Turns:
    """Orders that are due and wait to be worked on, at most `most` of a tenant. The journal knows them all."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._waiting: dict[TenantId, deque[JobOrder]] = {}

    def __iter__(self) -> Iterator[JobOrder]:
        for orders in self._waiting.values():
            yield from orders

    def ready(self, shares: Shares) -> int:
        """How many wait that have not to wait for other orders of their tenant."""
        return sum(len(orders) for tenant, orders in self._waiting.items() if shares.has_place(tenant))

    def add(self, orders: Iterable[JobOrder]) -> None:
        """Orders that wait from now on, each tenant's behind those it has waiting. What is too many is forgotten."""
        for order in orders:
            waiting = self._waiting.setdefault(order.tenant, deque())
            if len(waiting) < self._most:
                waiting.append(order)

    def take(self, shares: Shares) -> JobOrder | None:
        """The next order of the tenant with the fewest at work; of equals, the one whose turn was longest ago."""
        able = [tenant for tenant in self._waiting if shares.has_place(tenant)]
        if not able:
            return None
        tenant = min(able, key=shares.at_work)
        orders = self._waiting.pop(tenant)
        order = orders.popleft()
        if orders:
            self._waiting[tenant] = orders
        return order

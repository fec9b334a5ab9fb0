"""Whose order is next: tenants in turn, so that one with many orders, or slow ones, holds up no other."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator

from domain.job import JobOrder
from domain.order import TenantId


class Turns:
    """Orders that are due and wait to be worked on. Not durable: the journal knows them all."""

    def __init__(self) -> None:
        self._waiting: dict[TenantId, deque[JobOrder]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __iter__(self) -> Iterator[JobOrder]:
        for orders in self._waiting.values():
            yield from orders

    def add(self, orders: Iterable[JobOrder]) -> None:
        """Orders that wait from now on, each tenant's behind those it has waiting."""
        for order in orders:
            self._waiting.setdefault(order.tenant, deque()).append(order)

    def take(self, at_work: Counter[TenantId]) -> JobOrder | None:
        """The next order of the tenant with the fewest at work; of equals, the one whose turn was longest ago."""
        if not self._waiting:
            return None
        tenant = min(self._waiting, key=lambda tenant: at_work[tenant])
        orders = self._waiting.pop(tenant)
        order = orders.popleft()
        if orders:
            self._waiting[tenant] = orders
        return order

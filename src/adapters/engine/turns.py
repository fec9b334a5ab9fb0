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
        self._have_more: set[TenantId] = set()

    def __iter__(self) -> Iterator[JobOrder]:
        for orders in self._waiting.values():
            yield from orders

    @property
    def run_low(self) -> bool:
        """Whether little is left here of a tenant of whom the journal may know more."""
        return any(len(self._waiting.get(tenant, ())) <= self._most // 2 for tenant in self._have_more)

    def add(self, due: Iterable[JobOrder]) -> None:
        """Orders that wait from now on, each tenant's behind those it has waiting. What is too many is left out."""
        for order in due:
            waiting = self._waiting.setdefault(order.tenant, deque())
            if len(waiting) < self._most:
                waiting.append(order)
        self._have_more = {tenant for tenant, waiting in self._waiting.items() if len(waiting) == self._most}

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

"""How many orders of each tenant may be at work at once, so that no tenant's trouble becomes another's."""

from __future__ import annotations

from collections import Counter

from domain.order import TenantId


class Shares:
    """The engine's places, and who holds them.

    Nobody takes more than he leaves free: one tenant alone works with half of them, and whoever comes finds places,
    even if no order of the others ever ends. And trouble narrows a tenant: each order that its platform fails halves
    what the tenant may have at work, each that goes well gives one back. So an outage is looked at by one order at a
    time.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._at_work: Counter[TenantId] = Counter()
        self._narrowed: dict[TenantId, int] = {}

    def at_work(self, tenant: TenantId) -> int:
        """How many orders of the tenant are at work."""
        return self._at_work[tenant]

    def has_place(self, tenant: TenantId) -> bool:
        """Whether one more order of the tenant may begin."""
        free = self._places - self._at_work.total()
        return 0 < free >= self._at_work[tenant] < self._narrowed.get(tenant, self._places)

    def is_narrow(self, tenant: TenantId) -> bool:
        """Whether the tenant's platform fails one order after the other."""
        return self._narrowed.get(tenant) == 1

    def begin(self, tenant: TenantId) -> None:
        """An order of the tenant takes a place."""
        self._at_work[tenant] += 1

    def end(self, tenant: TenantId) -> None:
        """An order of the tenant gives its place back."""
        self._at_work[tenant] -= 1

    def learn(self, tenant: TenantId, *, well: bool) -> None:
        """How it went with an order of the tenant; `well` is false when the platform failed it."""
        allowed = self._narrowed.pop(tenant, self._places)
        allowed = allowed + 1 if well else max(allowed // 2, 1)
        if allowed < self._places:
            self._narrowed[tenant] = allowed

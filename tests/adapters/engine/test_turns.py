"""Whose order is next."""

from __future__ import annotations

from collections import Counter

from adapters.engine.turns import Turns
from domain.job import JobId, JobOrder
from domain.order import OrderId, TenantId

ACME, GLOBEX = TenantId("acme"), TenantId("globex")


def an_order(tenant: TenantId, number: int) -> JobOrder:
    return JobOrder(tenant, JobId("j"), OrderId(f"{tenant}-{number}"), dry_run=False)


def taken(turns: Turns, count: int, at_work: Counter[TenantId]) -> list[str]:
    names = []
    for _ in range(count):
        order = turns.take(at_work)
        assert order is not None
        at_work[order.tenant] += 1
        names.append(order.order_id)
    return names


def test_tenants_take_turns_however_many_orders_one_has() -> None:
    turns = Turns()
    turns.add(an_order(ACME, n) for n in range(1000))
    turns.add(an_order(GLOBEX, n) for n in range(2))
    assert taken(turns, 5, Counter()) == ["acme-0", "globex-0", "acme-1", "globex-1", "acme-2"]


def test_a_tenant_whose_orders_are_slow_leaves_the_free_places_to_others() -> None:
    turns = Turns()
    turns.add(an_order(ACME, n) for n in range(10))
    turns.add(an_order(GLOBEX, n) for n in range(3))
    assert taken(turns, 3, Counter({ACME: 16})) == ["globex-0", "globex-1", "globex-2"]


def test_when_nobody_waits_there_is_nothing_to_take() -> None:
    turns = Turns()
    assert turns.take(Counter()) is None
    turns.add([an_order(ACME, 1)])
    assert turns.take(Counter()) is not None
    assert (turns.take(Counter()), len(turns), list(turns)) == (None, 0, [])

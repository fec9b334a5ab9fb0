"""Whose order is next."""

from __future__ import annotations

from adapters.engine.shares import Shares
from adapters.engine.turns import Turns
from domain.job import JobId, JobOrder
from domain.order import OrderId, TenantId

ACME, GLOBEX = TenantId("acme"), TenantId("globex")


def an_order(tenant: TenantId, number: int) -> JobOrder:
    return JobOrder(tenant, JobId("j"), OrderId(f"{tenant}-{number}"), dry_run=False)


def turns_of(*counts: tuple[TenantId, int], most: int = 1000) -> Turns:
    turns = Turns(most=most)
    for tenant, count in counts:
        turns.add(an_order(tenant, n) for n in range(count))
    return turns


def with_at_work(tenant: TenantId, count: int, places: int = 100) -> Shares:
    shares = Shares(places)
    for _ in range(count):
        shares.begin(tenant)
    return shares


def taken(turns: Turns, count: int, shares: Shares) -> list[str]:
    names = []
    for _ in range(count):
        order = turns.take(shares)
        assert order is not None
        shares.begin(order.tenant)
        names.append(order.order_id)
    return names


def test_tenants_take_turns_however_many_orders_one_has() -> None:
    turns = turns_of((ACME, 1000), (GLOBEX, 2))
    assert taken(turns, 5, Shares(100)) == ["acme-0", "globex-0", "acme-1", "globex-1", "acme-2"]


def test_a_tenant_whose_orders_are_slow_leaves_the_free_places_to_others() -> None:
    turns = turns_of((ACME, 10), (GLOBEX, 3))
    assert taken(turns, 3, with_at_work(ACME, 16)) == ["globex-0", "globex-1", "globex-2"]


def test_a_tenant_that_has_its_share_waits_and_holds_up_nobody() -> None:
    turns, shares = turns_of((ACME, 10), (GLOBEX, 1)), with_at_work(ACME, 24, places=32)
    assert taken(turns, 1, shares) == ["globex-0"]
    assert turns.take(shares) is None


def test_of_no_tenant_are_more_kept_in_memory_than_it_may_have_waiting() -> None:
    turns = turns_of((ACME, 10), (GLOBEX, 3), (ACME, 10), most=4)
    assert sorted(order.order_id for order in turns) == [
        *(f"acme-{n}" for n in range(4)),
        *(f"globex-{n}" for n in range(3)),
    ]


def test_they_run_low_when_half_of_what_was_cut_short_is_taken() -> None:
    turns, shares = turns_of((ACME, 9), (GLOBEX, 1), most=8), Shares(100)
    assert taken(turns, 2, shares) == ["acme-0", "globex-0"]
    assert not turns.run_low
    taken(turns, 3, shares)
    assert turns.run_low
    turns.add([an_order(ACME, 9)])
    assert not turns.run_low
    taken(turns, 5, shares)
    assert not turns.run_low


def test_when_nobody_waits_there_is_nothing_to_take() -> None:
    turns = Turns(most=8)
    assert turns.take(Shares(8)) is None
    turns.add([an_order(ACME, 1)])
    assert turns.take(Shares(8)) is not None
    assert (turns.take(Shares(8)), list(turns)) == (None, [])

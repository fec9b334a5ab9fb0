"""How many orders of a tenant may be at work at once."""

from __future__ import annotations

import pytest

from adapters.engine.shares import Shares
from domain.order import TenantId

ACME, GLOBEX, INITECH = TenantId("acme"), TenantId("globex"), TenantId("initech")


def end(shares: Shares, *, well: bool) -> None:
    """An order of acme ends."""
    shares.learn(ACME, well=well)
    shares.end(ACME)


def filled(shares: Shares, tenant: TenantId) -> int:
    """How many orders the tenant can begin if none of them ends."""
    while shares.has_place(tenant):
        shares.begin(tenant)
    return shares.at_work(tenant)


@pytest.mark.parametrize(("places", "alone"), [(1, 1), (2, 2), (3, 2), (4, 3), (64, 33), (1000, 501)])
def test_whoever_is_alone_takes_half_of_the_places(places: int, alone: int) -> None:
    assert filled(Shares(places), ACME) == alone


def test_whoever_comes_finds_places_though_no_order_of_the_others_ever_ends() -> None:
    shares = Shares(64)
    assert [filled(shares, tenant) for tenant in (ACME, GLOBEX, INITECH)] == [33, 16, 8]


def test_trouble_narrows_a_tenant_to_one_order_at_a_time_and_no_further() -> None:
    shares = Shares(32)
    for _ in range(filled(shares, ACME)):
        end(shares, well=False)
    assert shares.is_narrow(ACME)
    assert filled(shares, ACME) == 1
    assert filled(shares, GLOBEX) == 16


def test_what_goes_well_widens_it_again() -> None:
    shares = Shares(32)
    for well in [False] * 10 + [True] * 15:
        shares.begin(ACME)
        end(shares, well=well)
    assert filled(shares, ACME) == 16
    end(shares, well=True)
    assert filled(shares, ACME) == 17


def test_one_order_in_trouble_among_many_costs_little() -> None:
    shares = Shares(32)
    for well in ([True] * 40 + [False]) * 5:
        shares.begin(ACME)
        end(shares, well=well)
    assert filled(shares, ACME) == 16

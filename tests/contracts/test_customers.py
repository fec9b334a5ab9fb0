"""What `domain.ports.Customers` promises, asked of the fake and of the adapter."""

from __future__ import annotations

import pytest

from domain.order import Customer, Profile
from fakes.orders import an_order
from fakes.worlds import World


async def test_a_customer_is_written_to_as_he_is_known(world: World) -> None:
    await world.add(an_order(customer=Customer(id="c/ 7", name="Jo", email="known@example.com")))
    assert await world.customers.profile("c/ 7") == Profile("known@example.com")


async def test_a_customer_is_written_to_in_the_language_he_prefers(world: World) -> None:
    await world.introduce("c-8", Profile("jo@example.com", "fr_CH"))
    assert await world.customers.profile("c-8") == Profile("jo@example.com", "fr_CH")


@pytest.mark.parametrize("customer_id", ["NOBODY", "", ".."])
async def test_of_a_customer_whom_nobody_knows_there_is_nothing_to_tell(world: World, customer_id: str) -> None:
    assert await world.customers.profile(customer_id) == Profile()

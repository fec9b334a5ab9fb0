"""What `domain.ports.Customers` promises, asked of the fake and of the adapter."""

from __future__ import annotations

import pytest

from domain.order import Customer
from fakes.orders import an_order
from fakes.worlds import World


async def test_a_customer_is_written_to_as_he_is_known(world: World) -> None:
    await world.add(an_order(customer=Customer(id="c/ 7", name="Jo", email="known@example.com")))
    assert await world.customers.email("c/ 7") == "known@example.com"


@pytest.mark.parametrize("customer_id", ["NOBODY", "", ".."])
async def test_of_a_customer_whom_nobody_knows_there_is_no_address(world: World, customer_id: str) -> None:
    assert await world.customers.email(customer_id) == ""

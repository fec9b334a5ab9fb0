"""Customers: those one was told of, and those who have ordered."""

from __future__ import annotations

from typing import Any

from fakes.sandbox_caller import Caller


async def customer(caller: Caller, number: str) -> tuple[int, Any]:
    """The profile of a customer of acme."""
    return await caller.get(f"/customer/acme/customers/{number}")


async def test_who_has_ordered_with_an_address_is_a_customer(caller: Caller) -> None:
    buyer = {"id": "77", "email": "ann@customer.example", "firstName": "Ann", "company": None}
    await caller.add({"id": "O1", "customer": buyer}, {"id": "O2", "customer": {"id": "77"}})
    status, found = await customer(caller, "77")
    assert (status, found["customerNumber"], found["contactEmail"]) == (200, "77", "ann@customer.example")
    assert (found["firstName"], "company" in found, found["active"]) == ("Ann", False, True)


async def test_nobody_else_is(caller: Caller) -> None:
    buyers = [{"id": "78"}, {"id": "ANONYMOUS", "email": "x@y.example"}, {"id": 9, "email": "x@y.example"}, "none"]
    await caller.add(*({"id": f"O{n}", "customer": buyer} for n, buyer in enumerate(buyers)))
    for number in ("78", "ANONYMOUS", "9", "nobody"):
        status, answer = await customer(caller, number)
        assert (status, answer["message"]) == (404, "Customer not Found")


async def test_what_one_was_told_counts_more_than_an_order(caller: Caller) -> None:
    told = {"customerNumber": "79", "contactEmail": "told@customer.example", "preferredLanguage": "de_DE"}
    assert await caller.post("/_sandbox/customers", {"tenant": "acme", "customers": [told]}) == (200, {"added": 1})
    await caller.add({"id": "O1", "customer": {"id": "79", "email": "ordered@customer.example"}})
    _, found = await customer(caller, "79")
    assert found == {"id": "79", "active": True, "onHold": False, "metadata": {"version": 1}, **told}

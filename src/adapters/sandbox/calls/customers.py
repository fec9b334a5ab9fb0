"""The call of the customer service that invoicing needs (`customer-service.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import answer
from adapters.sandbox.calls.asked import Asked, Call

READ = ("customer.customer_read", "customer.customer_read_own")


async def get(asked: Asked) -> web.Response:
    """The profile of a customer."""
    return answer(asked.account.customers.customer(asked.named("number")))


CUSTOMER_CALLS = (Call("GET", "/customer/{tenant}/customers/{number}", "customers", "get", get, READ),)

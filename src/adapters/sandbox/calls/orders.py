"""Calls of the order service (`order.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import content, encoded, invalid
from adapters.sandbox.calls.asked import Asked, Call
from adapters.sandbox.listing import Listing
from adapters.sandbox.orders import PAGES

ORDERS = "/order-v2/{tenant}/salesorders"
ORDER = f"{ORDERS}/{{id}}"
READ = ("order.order_read", "order.order_read_by_vendor", "order.order_manage_by_vendor")
UPDATE = ("order.order_update", "order.order_update_completed")


async def get(asked: Asked) -> web.Response:
    """The order."""
    return encoded(asked.account.orders.order(asked.named("id")))


async def find(asked: Asked) -> web.Response:
    """A page of orders; the query is a parameter."""
    return _page(asked, asked.listing(PAGES))


async def search(asked: Asked) -> web.Response:
    """A page of orders; the query is in the body."""
    body = content(await asked.body())
    q = body.get("q", "") if isinstance(body, dict) else None
    if not isinstance(q, str):
        raise invalid("q", "must be a text")
    return _page(asked, Listing.of(asked.request.query, q, PAGES))


async def patch(asked: Asked) -> web.Response:
    """Changes an order."""
    orders, recalculate = asked.account.orders, _flag(asked, "recalculate")
    orders.patch(asked.named("id"), await asked.body(), asked.scopes, recalculate=recalculate)
    return web.Response(status=204)


async def update(asked: Asked) -> web.Response:
    """Replaces an order."""
    orders, recalculate = asked.account.orders, _flag(asked, "recalculate")
    orders.replace(asked.named("id"), await asked.body(), asked.scopes, recalculate=recalculate)
    return web.Response(status=204)


async def calculate(asked: Asked) -> web.Response:
    """Calculates an order from what was delivered. The answer says nothing: the order must be read again."""
    asked.account.orders.deliver(asked.named("id"), await asked.body(), asked.scopes)
    return web.Response(status=200)


async def transition(asked: Asked) -> web.Response:
    """Gives an order its next status."""
    asked.account.orders.advance(asked.named("id"), await asked.body(), asked.scopes)
    return web.Response(status=204)


def _page(asked: Asked, listing: Listing) -> web.Response:
    page, total = asked.account.orders.search(listing)
    return encoded(page, headers={"X-Total-Count": str(total)})


def _flag(asked: Asked, name: str) -> bool:
    told = asked.told(name) or "false"
    if told not in {"true", "false"}:
        raise invalid(name, "must be true or false")
    return told == "true"


ORDER_CALLS = (
    Call("GET", ORDERS, "orders", "search", find, READ),
    Call("POST", f"{ORDERS}/search", "orders", "search", search, READ),
    Call("GET", ORDER, "orders", "get", get, READ),
    Call("PATCH", ORDER, "orders", "patch", patch, UPDATE),
    Call("PUT", ORDER, "orders", "update", update, UPDATE),
    Call("POST", f"{ORDER}/calculations", "orders", "calculate", calculate, UPDATE),
    Call("POST", f"{ORDER}/transitions", "orders", "transition", transition, UPDATE),
)

"""Calls of the sequential id service (`sequential-id.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import answer
from adapters.sandbox.calls.asked import Asked, Call

SCHEMAS = "/sequential-id/{tenant}/schemas"
SCHEMA = f"{SCHEMAS}/{{id}}"
OF_TYPE = f"{SCHEMAS}/types/{{type}}"
VIEW = ("sequentialid.schema_view",)
MANAGE = ("sequentialid.schema_manage",)


async def next_id(asked: Asked) -> web.Response:
    """The next number."""
    drawn = asked.account.sequences.next_id(asked.named("type"), asked.told("siteCode"), await asked.body())
    return answer(drawn, 201)


async def find(asked: Asked) -> web.Response:
    """Every schema."""
    return answer(asked.account.sequences.schemas())


async def of_type(asked: Asked) -> web.Response:
    """The schemas of a type."""
    return answer(asked.account.sequences.schemas(asked.named("type")))


async def get(asked: Asked) -> web.Response:
    """A schema."""
    return answer(asked.account.sequences.schema(asked.named("id")))


async def create(asked: Asked) -> web.Response:
    """A new schema. Its id is answered as a plain text, as the live platform does; the document's example is JSON."""
    return web.Response(text=asked.account.sequences.create(await asked.body()), status=201)


async def activate(asked: Asked) -> web.Response:
    """Makes a schema the active one of its type."""
    asked.account.sequences.activate(asked.named("id"))
    return web.Response(status=200)


async def delete(asked: Asked) -> web.Response:
    """Takes a schema away."""
    asked.account.sequences.delete(asked.named("id"))
    return web.Response(status=204)


SEQUENCE_CALLS = (
    Call("POST", f"{OF_TYPE}/nextId", "sequences", "next_id", next_id, VIEW),
    Call("GET", OF_TYPE, "sequences", "list", of_type, VIEW),
    Call("GET", SCHEMAS, "sequences", "list", find, VIEW),
    Call("POST", SCHEMAS, "sequences", "create", create, MANAGE),
    Call("GET", SCHEMA, "sequences", "get", get, VIEW),
    Call("DELETE", SCHEMA, "sequences", "delete", delete, MANAGE),
    Call("POST", f"{SCHEMA}/setActive", "sequences", "activate", activate, MANAGE),
)

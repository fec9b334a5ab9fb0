"""Calls of the configuration service (`configuration.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import answer, content
from adapters.sandbox.calls.asked import Asked, Call

CONFIGURATIONS = "/configuration/{tenant}/configurations"
CONFIGURATION = f"{CONFIGURATIONS}/{{key}}"
VIEW = ("configuration.configuration_view",)
MANAGE = ("configuration.configuration_manage",)


async def get(asked: Asked) -> web.Response:
    """The configuration under a key."""
    return answer(asked.account.configurations.configuration(asked.named("key")))


async def find(asked: Asked) -> web.Response:
    """All configurations, or those whose keys are given."""
    return answer(asked.account.configurations.configurations(asked.told("keys")))


async def create(asked: Asked) -> web.Response:
    """New configurations."""
    return answer(asked.account.configurations.create(content(await asked.body())), 201)


async def update(asked: Asked) -> web.Response:
    """A new value."""
    return answer(asked.account.configurations.update(asked.named("key"), content(await asked.body())))


async def delete(asked: Asked) -> web.Response:
    """No value any more."""
    asked.account.configurations.delete(asked.named("key"))
    return web.Response(status=204)


CONFIGURATION_CALLS = (
    Call("GET", CONFIGURATIONS, "configuration", "list", find, VIEW),
    Call("POST", CONFIGURATIONS, "configuration", "create", create, MANAGE),
    Call("GET", CONFIGURATION, "configuration", "get", get, VIEW),
    Call("PUT", CONFIGURATION, "configuration", "update", update, MANAGE),
    Call("DELETE", CONFIGURATION, "configuration", "delete", delete, MANAGE),
)

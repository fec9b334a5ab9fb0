"""Calls of the site settings service (`site-settings.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import answer
from adapters.sandbox.calls.asked import Asked, Call
from adapters.sandbox.sites import MANAGE

SITES = "/site/{tenant}/sites"
SITE = f"{SITES}/{{code}}"
MIXINS = f"{SITE}/mixins"
MIXIN = f"{MIXINS}/{{name}}"


async def get(asked: Asked) -> web.Response:
    """The site."""
    sites, code = asked.account.sites, asked.named("code")
    return answer(sites.read(code, asked.base, expand=asked.told("expand"), scopes=asked.scopes))


async def find(asked: Asked) -> web.Response:
    """The sites there are."""
    inactive = asked.told("includeInactive") == "true"
    sites = asked.account.sites.known(asked.base, inactive=inactive, scopes=asked.scopes)
    wanted = asked.told("totalCount") == "true"
    return answer(sites, headers={"X-Count": str(len(sites))} if wanted else None)


async def patch(asked: Asked) -> web.Response:
    """Changes a site."""
    asked.account.sites.patch(asked.named("code"), asked.base, await asked.body())
    return web.Response(status=200)


async def mixins(asked: Asked) -> web.Response:
    """Every mixin of a site."""
    return answer(asked.account.sites.mixins(asked.named("code"), asked.base))


async def mixin(asked: Asked) -> web.Response:
    """A mixin of a site."""
    return answer(asked.account.sites.mixin(asked.named("code"), asked.named("name"), asked.base))


async def create_mixin(asked: Asked) -> web.Response:
    """A mixin that a site did not have."""
    created = asked.account.sites.create_mixin(asked.named("code"), asked.base, await asked.body())
    return answer(created, 201)


async def replace_mixin(asked: Asked) -> web.Response:
    """Other fields in a mixin."""
    return await _changed(asked, whole=True)


async def patch_mixin(asked: Asked) -> web.Response:
    """Some other fields in a mixin."""
    return await _changed(asked, whole=False)


async def delete_mixin(asked: Asked) -> web.Response:
    """A site without this mixin."""
    asked.account.sites.delete_mixin(asked.named("code"), asked.named("name"), asked.base)
    return web.Response(status=204)


async def _changed(asked: Asked, *, whole: bool) -> web.Response:
    sites, code, name = asked.account.sites, asked.named("code"), asked.named("name")
    sites.change_mixin(code, name, asked.base, await asked.body(), whole=whole)
    return web.Response(status=200)


SITE_CALLS = (
    Call("GET", SITES, "sites", "list", find),
    Call("GET", SITE, "sites", "get", get),
    Call("PATCH", SITE, "sites", "patch", patch, (MANAGE,)),
    Call("GET", MIXINS, "sites", "get_mixin", mixins, (MANAGE,)),
    Call("POST", MIXINS, "sites", "create_mixin", create_mixin, (MANAGE,)),
    Call("GET", MIXIN, "sites", "get_mixin", mixin, (MANAGE,)),
    Call("PUT", MIXIN, "sites", "update_mixin", replace_mixin, (MANAGE,)),
    Call("PATCH", MIXIN, "sites", "update_mixin", patch_mixin, (MANAGE,)),
    Call("DELETE", MIXIN, "sites", "delete_mixin", delete_mixin, (MANAGE,)),
)

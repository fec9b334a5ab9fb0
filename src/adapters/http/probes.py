"""Whether the service is alive and ready, for whoever starts, stops and balances it."""

from __future__ import annotations

from aiohttp import web

from adapters.http.keys import READY


async def alive(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"alive": True})


async def ready(request: web.Request) -> web.Response:
    """200 when everything the service needs is up; else 503, naming what is not."""
    up = request.app[READY]()
    missing = sorted(name for name, is_up in up.items() if not is_up)
    return web.json_response({"ready": not missing, "not_ready": missing}, status=503 if missing else 200)

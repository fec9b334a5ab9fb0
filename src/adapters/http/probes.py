"""Whether the service is alive and ready, for whoever starts, stops and balances it."""

from __future__ import annotations

from aiohttp import web

from adapters.http.keys import READY


async def alive(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"alive": True})


async def ready(request: web.Request) -> web.Response:
    """200 when everything the service needs is up; else 503, naming what is not, and why."""
    problems = {name: problem for name, problem in request.app[READY]().items() if problem}
    if not problems:
        return web.json_response({"ready": True, "not_ready": []})
    return web.json_response({"ready": False, "not_ready": sorted(problems), "problems": problems}, status=503)

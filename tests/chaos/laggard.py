"""Someone between service and platform who does what he is asked for when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from e2e.processes import PATIENCE

CALLS = {
    "calculate": ("POST", "/calculations"),
    "capture": ("POST", "/capture"),
    "next_id": ("POST", "/nextId"),
    "create": ("POST", "/assets"),
    "patch": ("PATCH", "/ORDER-1"),
}
"""The operations that change something: method, and how the path ends."""
LEFT_OUT = {"Host", "Content-Length", "Transfer-Encoding"}


class Laggard:
    """Passes all calls on; but the first call of a tenant to its operation only when he is told.

    Whoever called has gone by then: nobody hears the answer.
    """

    def __init__(self, session: aiohttp.ClientSession, operations: Mapping[str, str]) -> None:
        self._session = session
        self._kept = {tenant: CALLS[operation] for tenant, operation in operations.items()}
        self._late: set[asyncio.Task[None]] = set()
        self._told = asyncio.Event()
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def before(cls, platform: str, operations: Mapping[str, str]) -> AsyncIterator[Laggard]:
        """One before the platform at this URL; his own is `url`."""
        async with aiohttp.ClientSession(platform) as session:
            laggard = cls(session, operations)
            app = web.Application(client_max_size=2**24)
            app.router.add_route("*", "/{anything:.*}", laggard._handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                laggard.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield laggard
            finally:
                await runner.cleanup()

    async def acts(self) -> None:
        """Does all that was kept."""
        assert not self._kept, "some calls never came"
        self._told.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._late)

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._keeps(request):
            return await self._pass_on(request, body)
        late = asyncio.create_task(self._do_late(request, body))
        self._late.add(late)
        await asyncio.shield(late)
        raise web.HTTPGatewayTimeout

    def _keeps(self, request: web.Request) -> bool:
        """Whether this call is the one."""
        for tenant, (method, end) in self._kept.items():
            if request.method == method and f"/{tenant}/" in request.path and request.path.endswith(end):
                del self._kept[tenant]
                return True
        return False

    async def _do_late(self, request: web.Request, body: bytes) -> None:
        await self._told.wait()
        await self._pass_on(request, body)

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name not in LEFT_OUT}
        async with self._session.request(request.method, request.rel_url, data=body, headers=headers) as answer:
            named = {name: value for name, value in answer.headers.items() if name not in LEFT_OUT}
            return web.Response(body=await answer.read(), status=answer.status, headers=named)

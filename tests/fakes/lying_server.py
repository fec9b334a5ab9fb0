"""A platform that answers whatever a test wants, true or not, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

TENANT = "acme"
SECRET = "s3cr3t-of-acme"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `drop` closes the connection instead; `hang` waits until the caller goes, `after` until the event."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False
    after: asyncio.Event | None = None

    @classmethod
    def json(cls, content: object, status: int = 200, **headers: str) -> Reply:
        """An answer with this content."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(content).encode(), {"Content-Type": "application/json", **named})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> object:
        """The body as JSON; numbers stay as they were written."""
        return json.loads(self.body, parse_float=str, parse_int=str)


class LyingServer:
    """Answers calls in the order of `says`, the last for ever; tokens are called `token-1`, `token-2`, ..."""

    def __init__(self) -> None:
        self.url = ""
        self.called = asyncio.Event()
        self.asked: list[Asked] = []
        self.token_requests: list[dict[str, str]] = []
        self._peers: set[object] = set()
        self.stop: Callable[[], Awaitable[None]]
        self._replies: deque[Reply] = deque([Reply()])
        self._token_replies: deque[Reply] = deque()

    def says(self, *replies: Reply) -> None:
        """What is answered to calls other than for tokens."""
        self._replies = deque(replies)

    def says_to_token_requests(self, *replies: Reply) -> None:
        """What is answered to the next requests for a token, before good ones follow."""
        self._token_replies = deque(replies)

    @property
    def connections(self) -> int:
        """How many connections calls came over."""
        return len(self._peers)

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[LyingServer]:
        """The server on a free port of this machine."""
        server = cls()
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/oauth/token", server._token)
        app.router.add_route("*", "/{anything:.*}", server._call)
        runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        server.stop = runner.cleanup
        try:
            yield server
        finally:
            await runner.cleanup()

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.called.set()
        self.token_requests.append({key: str(value) for key, value in form.items()})
        if self._token_replies:
            return await self._answer(request, self._token_replies.popleft())
        token = f"token-{len(self.token_requests)}"
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": 14399})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.called.set()
        self.asked.append(Asked(request.method, request.raw_path, dict(request.query), dict(request.headers), body))
        self._peers.add(request.transport)
        reply = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
        return await self._answer(request, reply)

    async def _answer(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.hang:
            await asyncio.Event().wait()
        if reply.after is not None:
            await reply.after.wait()
        if reply.drop and request.transport is not None:
            request.transport.abort()
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

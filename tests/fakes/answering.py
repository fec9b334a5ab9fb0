"""The platform's adapters with whatever answers a test wants, fed to them below HTTP: thousands of them in a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict

from adapters.platform import Platform
from adapters.platform.pace import Pace
from domain.order import TenantId
from fakes.clock import FakeClock
from fakes.lying_server import SECRET, TENANT, Reply

TOKEN = "t0k3n-of-acme"
Answer = Callable[[str, str], Reply]
"""What is answered to a method and a path."""


class Answers:
    """The adapters of one tenant, and what is answered to them.

    `asked` are method and path of every call, `body` is that of the call which is answered.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.asked: list[tuple[str, str]] = []
        self.body = b""
        self.to: Answer = lambda method, path: Reply()
        self.to_token_requests = Reply.json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 14399})

    @classmethod
    @asynccontextmanager
    async def given(cls) -> AsyncIterator[Answers]:
        """The adapters, answered by nobody but the test."""
        async with Platform.connected(
            url="http://platform.example",
            tenant=TenantId(TENANT),
            client_id="acme-key",
            client_secret=SECRET,
            clock=FakeClock(),
            timeout=timedelta(seconds=10),
        ) as platform:
            answers = cls(platform)
            platform.orders._wire._line._session = answers
            yield answers

    def all(self, reply: Reply) -> None:
        """Answers this to everything but requests for a token."""
        self.to = lambda method, path: reply

    def forget(self) -> None:
        """As if the adapters had never been told anything: no pause, no site and no sender is remembered."""
        self.platform.orders._wire._pace = Pace(rate=0)
        self.platform.sites._sites._kept.clear()
        self.platform.configurations._senders._kept.clear()

    def forget_token(self) -> None:
        """As if no token had been asked for."""
        self.platform.orders._wire._tokens._memory._kept.clear()

    def request(self, method: str, url: Any, **options: Any) -> _Exchange:
        """What `aiohttp.ClientSession.request` does."""
        if url.path == "/oauth/token":
            return _Exchange(self.to_token_requests)
        self.asked.append((method, url.raw_path_qs))
        self.body = options.get("data") or b""
        return _Exchange(self.to(method, url.raw_path_qs))


class _Exchange:
    """A request and its response, one after another."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.status = reply.status
        self.headers = CIMultiDict(reply.headers)
        self.content = self

    async def __aenter__(self) -> Self:
        if self._reply.drop:
            raise aiohttp.ServerDisconnectedError
        if self._reply.hang:
            await asyncio.Event().wait()
        return self

    async def __aexit__(self, *raised: object) -> None:
        pass

    async def iter_any(self) -> AsyncIterator[bytes]:
        """The body, in two parts."""
        half = len(self._reply.body) // 2
        for part in (self._reply.body[:half], self._reply.body[half:]):
            if part:
                yield part

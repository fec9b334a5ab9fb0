"""Brevo's HTTP API as documented (mails, account), over real HTTP: with idempotency keys, and mishaps on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

KEY = "xkeysib-s3cr3t"


class FakeBrevo:
    """Keeps the mails it took. A `mishap` strikes the next call: `late`, `silent` (nothing done), `lost` (done)."""

    def __init__(self) -> None:
        self.url = ""
        self.mails: list[dict[str, Any]] = []
        self.mishaps: deque[str] = deque()

    @property
    def ids(self) -> list[str]:
        """The Message-IDs the mails carry, each as often as it was taken."""
        return [mail["headers"]["X-Mailin-custom"] for mail in self.mails]

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[FakeBrevo]:
        """The server on a free port of this machine."""
        brevo = cls()
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v3/smtp/email", brevo._send)
        app.router.add_get("/v3/account", brevo._account)
        runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        brevo.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield brevo
        finally:
            await runner.cleanup()

    async def _account(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("api-key") != KEY:
            return web.json_response({"code": "unauthorized", "message": "Key not found"}, status=401)
        return web.json_response({"email": "shop@example.com", "plan": []})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("api-key") != KEY:
            return web.json_response({"code": "unauthorized", "message": "Key not found"}, status=401)
        mail = await request.json()
        mishap = self.mishaps.popleft() if self.mishaps else ""
        if mishap == "silent":
            await asyncio.Event().wait()
        if mail["headers"]["idempotencyKey"] in {taken["headers"]["idempotencyKey"] for taken in self.mails}:
            said = "Email for the idempotency key has already been processed"
            return web.json_response({"code": "duplicate_parameter", "message": said}, status=400)
        self.mails.append(mail)
        if mishap == "late":
            await asyncio.sleep(0.05)
        if mishap == "lost" and request.transport is not None:
            request.transport.abort()
        return web.json_response({"messageId": f"<{len(self.mails)}@smtp-relay.mailin.fr>"}, status=201)

"""Secrets stay secret, whatever the platform throws back at us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web

from e2e.scenes import Scene
from e2e.services import Home
from fakes.sandbox_caller import Caller
from invoicing.v1.jobs_pb2 import STEP_EMAIL

CLIENT_SECRET = "client-secret-c0ffee"
MAIL_PASSWORD = "mail-password-c0ffee"
LINK_KEY = "link-key-c0ffee-link-key-c0ffee-link-key"


@dataclass(slots=True)
class Gossip:
    """A platform in front of the sandbox that repeats in public, in its errors, what it was told in confidence.

    One of its complaints is a 401, so that there is more than one token to keep secret.
    """

    session: aiohttp.ClientSession
    complaints: int = 6
    tokens: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Where it does."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.pass_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def pass_on(self, request: web.Request) -> web.Response:
        """The sandbox's answer, or an indiscretion."""
        body, token = await request.read(), request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token:
            self.tokens.add(token)
            if self.complaints:
                self.complaints -= 1
                said = {"message": f"what is {token}?", "details": [f"Bearer {token} {CLIENT_SECRET}"]}
                return web.json_response(said, status=401 if self.complaints == 3 else 500)
        elif (form := dict(parse_qsl(body.decode()))) and form.get("client_secret") == CLIENT_SECRET:
            body = urlencode({**form, "client_secret": "sandbox"}).encode()
        kept = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with self.session.request(request.method, request.rel_url, data=body, headers=kept) as answer:
            return web.Response(body=await answer.read(), status=answer.status, content_type=answer.content_type)


async def test_no_secret_is_logged_or_told(home: Home, platform: Caller) -> None:
    """The platform's complaints are answered with patience; the mail server takes no login, so that mails fail."""
    scene = await Scene.of(platform, 3, "SECRET")
    gossip = Gossip(platform.session)
    smtp = home.sandbox.tells("sandbox")["smtp"]
    async with (
        gossip.listening() as url,
        home.serving(
            PLATFORM_URL=url,
            CLIENT_SECRET=CLIENT_SECRET,
            MAIL_URL=f"smtp://me:{MAIL_PASSWORD}@{smtp}",
            LINK_KEY=LINK_KEY,
        ) as service,
    ):
        job = await service.create(scene.ids)
        following = service.follow(job)
        while not (
            following.orders and all(order.step == STEP_EMAIL and order.reason for order in following.orders.values())
        ):
            assert await following.next()
        assert len(gossip.tokens) > 1
        assert not gossip.complaints
        told = "\n".join(service.process.lines) + str(following.messages)
        for secret in (CLIENT_SECRET, MAIL_PASSWORD, LINK_KEY, *gossip.tokens):
            assert secret not in told

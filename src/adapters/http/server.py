"""The HTTP server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from adapters.http.answers import answered
from adapters.http.documents import document, signed_document
from adapters.http.keys import INVOICING, READY, Ready
from adapters.http.probes import alive, ready
from domain.errors import Misconfigured
from domain.invoicing import Invoicing

SETTING = "INVOICING_HTTP_LISTEN"
GRACE_SECONDS = 5.0
LARGEST_REQUEST = 1024 * 1024


def application(invoicing: Invoicing, is_ready: Ready) -> web.Application:
    """What is served, and by whom."""
    app = web.Application(middlewares=[answered], client_max_size=LARGEST_REQUEST)
    app[INVOICING] = invoicing
    app[READY] = is_ready
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/documents/{token}", signed_document)
    app.router.add_get("/invoice/{tenant}/documents/{number}", document)
    return app


class HttpServer:
    """The service's HTTP face on one address. `port` is the one it listens on, also when any was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port

    @classmethod
    @asynccontextmanager
    async def running(cls, listen: str, invoicing: Invoicing, ready: Ready) -> AsyncIterator[HttpServer]:
        """A server on `listen` (HOST:PORT; port 0 is any free one). `ready` says what is up, by name.

        Raises `Misconfigured` when the address cannot be listened on.
        """
        host, port = _address(listen)
        runner = web.AppRunner(application(invoicing, ready), access_log=None, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise Misconfigured(f"cannot listen on {listen}: {error.strerror or error}; set {SETTING}") from error
            yield cls(int(runner.addresses[0][1]))
        finally:
            await runner.cleanup()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Misconfigured(f"{listen!r} is no address as HOST:PORT; set {SETTING}")
    return host.strip("[]"), int(port)

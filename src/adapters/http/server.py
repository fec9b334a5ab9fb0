"""The HTTP server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import AF_INET, AF_INET6, create_server, socket

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
LARGEST_PORT = 65_535


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
    """The service's HTTP face. It listens before it answers, so that its port is known to whoever makes links to it."""

    def __init__(self, listening: socket) -> None:
        self._listening = listening

    @classmethod
    @contextmanager
    def listening(cls, listen: str) -> Iterator[HttpServer]:
        """A server that listens on `listen` (HOST:PORT; port 0 is any free one); callers wait until it answers.

        Raises `Misconfigured` when the address cannot be listened on.
        """
        host, port = _address(listen)
        family = AF_INET6 if ":" in host else AF_INET
        try:
            listening = create_server((host, port), family=family)
        except OSError as error:
            raise Misconfigured(f"cannot listen on {listen}: {error.strerror or error}; set {SETTING}") from error
        with listening:
            yield cls(listening)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listening.getsockname()[1])

    @asynccontextmanager
    async def answering(self, invoicing: Invoicing, ready: Ready) -> AsyncIterator[None]:
        """Answers while the context lasts; calls in hand may end. `ready` says what is up, by name."""
        runner = web.AppRunner(application(invoicing, ready), access_log=None, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listening).start()
            yield
        finally:
            await runner.cleanup()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > LARGEST_PORT:
        raise Misconfigured(f"{listen!r} is no address as HOST:PORT; set {SETTING}")
    return host.strip("[]"), int(port)

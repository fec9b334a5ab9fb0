"""The sandbox's servers: the platform over HTTP, and the mail sink over SMTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from aiohttp import web

from adapters.sandbox.control import Control
from adapters.sandbox.counters import Counters
from adapters.sandbox.door import Door
from adapters.sandbox.mail import receiving
from adapters.sandbox.platform import SandboxPlatform
from domain.errors import Misconfigured

LARGEST_REQUEST = 64 * 1024 * 1024
GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running commerce platform on this machine: the base of its calls, and where it takes mails, as HOST:PORT."""

    url: str
    smtp: str

    @property
    def port(self) -> int:
        """On which it answers calls."""
        return int(self.url.rpartition(":")[2])

    @property
    def smtp_port(self) -> int:
        """On which it takes mails."""
        return int(self.smtp.rpartition(":")[2])

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        *,
        listen: str = "127.0.0.1:8090",
        smtp_listen: str = "127.0.0.1:8025",
        clock: Callable[[], datetime],
        chance: Random | None = None,
        counters: Path | None = None,
    ) -> AsyncIterator[Sandbox]:
        """The sandbox while the context lasts, on HOST:PORT each; port 0 is any free one.

        `clock` is the platform's own; `chance` decides about faults with a probability, by default always alike;
        `counters` is a file in which the numbers outlive the sandbox.
        Raises `Misconfigured` when an address cannot be listened on.
        """
        platform = SandboxPlatform(clock, chance or Random(0), Counters(counters))  # noqa: S311 - chance that repeats, not a secret
        async with AsyncExitStack() as stack:
            stack.callback(platform.close)
            address = await stack.enter_async_context(_serving(platform, listen))
            smtp = await stack.enter_async_context(_receiving(platform, smtp_listen))
            stack.callback(platform.faults.lift_all)
            yield cls(f"http://{address}", smtp)


@asynccontextmanager
async def _serving(platform: SandboxPlatform, listen: str) -> AsyncIterator[str]:
    """Who calls no longer waits for an answer takes the call with him: `hold_before` then does nothing."""
    host, port = _address(listen, "INVOICING_SANDBOX_LISTEN")
    app = web.Application(client_max_size=LARGEST_REQUEST)
    Control(platform).open(app.router)
    Door(platform).open(app.router)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_SECONDS, handler_cancellation=True)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _not_listening(listen, "INVOICING_SANDBOX_LISTEN", error) from error
        yield _joined(host, int(runner.addresses[0][1]))
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _receiving(platform: SandboxPlatform, listen: str) -> AsyncIterator[str]:
    host, port = _address(listen, "INVOICING_SANDBOX_SMTP_LISTEN")
    async with AsyncExitStack() as stack:
        try:
            bound = await stack.enter_async_context(receiving(platform, host, port))
        except OSError as error:
            raise _not_listening(listen, "INVOICING_SANDBOX_SMTP_LISTEN", error) from error
        yield _joined(host, bound)


def _address(listen: str, setting: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Misconfigured(f"{listen!r} is no address as HOST:PORT; set {setting}")
    return host.strip("[]"), int(port)


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _not_listening(listen: str, setting: str, error: OSError) -> Misconfigured:
    return Misconfigured(f"cannot listen on {listen}: {error.strerror or error}; set {setting}")

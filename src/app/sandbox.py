"""The sandbox as a process of its own, or beside the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from adapters.sandbox import Sandbox
from app.clock import now
from app.stopping import told_to_stop

_log = structlog.get_logger("app")


async def serve(listen: str, smtp_listen: str) -> None:
    """Runs the sandbox alone until it is told to stop. Raises `Misconfigured`."""
    async with running(listen, smtp_listen):
        await told_to_stop()


@asynccontextmanager
async def running(listen: str, smtp_listen: str, *, counters: Path | None = None) -> AsyncIterator[Sandbox]:
    """The sandbox while the context lasts; its numbers go on where the file says. Raises `Misconfigured`."""
    async with Sandbox.running(listen=listen, smtp_listen=smtp_listen, clock=now, counters=counters) as sandbox:
        _log.info("sandbox", url=sandbox.url, smtp=sandbox.smtp)
        yield sandbox

"""When to stop."""

from __future__ import annotations

import asyncio
import signal

import structlog

_log = structlog.get_logger("app")


async def told_to_stop() -> None:
    """Returns at SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    _log.info("stopping")

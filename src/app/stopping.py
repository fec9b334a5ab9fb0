"""When to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import structlog

_log = structlog.get_logger("app")


async def told_to_stop(begun: Callable[[], object] = lambda: None) -> None:
    """Returns at SIGTERM or SIGINT. Calls `begun` once it would hear them: who is told of it may stop us at once."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    begun()
    await told.wait()
    _log.info("stopping")

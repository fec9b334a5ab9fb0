"""Whether the database can be written, and what is wrong while it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from domain.errors import StoreDamaged, StoreUnavailable

PULSE = 1.0
"""Seconds between two looks at how the database is."""

_log = structlog.get_logger(__name__)


class Health:
    """What writer and reader learn about the database. `problem` is what keeps it from being written, or empty.

    Any trouble is tried again, and is over when `mended` says so; but damage stays until the process is started anew.
    """

    def __init__(self) -> None:
        self.problem = ""
        self._damage: StoreDamaged | None = None

    def failed(self, error: StoreUnavailable) -> None:
        """Something could not be written or read, for the database's sake."""
        if isinstance(error, StoreDamaged):
            self._damage = self._damage or error
        told = (self._damage or error).message
        if told != self.problem:
            _log.error("the database cannot be used", problem=told)
        self.problem = told

    def mended(self) -> None:
        """As much as a busy moment writes was written."""
        if self.problem and self._damage is None:
            self.problem = ""
            _log.info("the database can be used again")

    def require_intact(self) -> None:
        """Raises `StoreDamaged` once damage was found: what is written after it may be lost, or damage more."""
        if self._damage is not None:
            raise StoreDamaged(self._damage.message)

    def require_up(self) -> None:
        """Raises `StoreUnavailable` while nothing can be written."""
        if self.problem:
            raise StoreUnavailable(self.problem)


@asynccontextmanager
async def watched(look: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Has the database looked at again and again while the context lasts, whether or not anyone else writes."""
    watching = asyncio.create_task(_watch(look))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(PULSE)
        with suppress(StoreUnavailable):
            await look()

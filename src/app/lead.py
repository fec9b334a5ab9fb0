"""The engine runs in one process at a time; the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from adapters.engine import EmbeddedEngine
from adapters.store import Store
from domain.errors import Misconfigured, StoreUnavailable

REST = timedelta(seconds=1)
"""Between losing the lead, or failing to see who has it, and seeking it again."""

_log = structlog.get_logger("app")


class Lead:
    """Runs an engine whenever this process may. A process that stands by is as ready as one whose engine works."""

    def __init__(self, store: Store, an_engine: Callable[[], EmbeddedEngine]) -> None:
        self._store = store
        self._an_engine = an_engine
        self._engine: EmbeddedEngine | None = None
        self._settled = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether the engine works, if it is ours to run."""
        return self._engine is None or self._engine.is_up

    @asynccontextmanager
    async def sought(self) -> AsyncIterator[None]:
        """Seeks the lead while the context lasts, and gives it back at its end. Raises `Misconfigured`."""
        seeking = asyncio.create_task(self._seek())
        settled = asyncio.create_task(self._settled.wait())
        try:
            await asyncio.wait((seeking, settled), return_when=asyncio.FIRST_COMPLETED)
            if seeking.done():
                await seeking
            yield
        finally:
            for task in (settled, seeking):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _seek(self) -> None:
        while True:
            try:
                async with self._store.leading(standing_by=self._stand_by) as lost:
                    await self._lead(lost)
            except (StoreUnavailable, Misconfigured) as error:
                if not self._settled.is_set():
                    raise
                _log.error("the engine cannot run", problem=error.message)
            await asyncio.sleep(REST.total_seconds())

    async def _lead(self, lost: asyncio.Event) -> None:
        engine = self._an_engine()
        async with engine.running():
            self._engine = engine
            self._settled.set()
            try:
                await lost.wait()
            finally:
                self._engine = None

    def _stand_by(self) -> None:
        _log.info("another process runs the engine: standing by")
        self._settled.set()

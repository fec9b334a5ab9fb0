"""Ending what waits, at once, when the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import Draining


class Drain:
    """Interrupts every wait that was put under it as soon as it begins."""

    def __init__(self) -> None:
        self._begun = False
        self._waits: set[asyncio.Timeout] = set()

    def begin(self) -> None:
        """From now on, waits end with `Draining`: those under way and those to come."""
        self._begun = True
        for wait in self._waits:
            wait.reschedule(0)

    @asynccontextmanager
    async def interrupts(self) -> AsyncIterator[None]:
        """Puts a wait under the drain. Raises `Draining`."""
        self._require_going()
        try:
            async with asyncio.timeout(None) as wait:
                self._waits.add(wait)
                try:
                    yield
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            self._require_going()
            raise

    def _require_going(self) -> None:
        if self._begun:
            raise Draining("the server is stopping; go on at another one, or at this one soon")

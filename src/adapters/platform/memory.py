"""What was learnt from the platform, kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from domain.errors import Unavailable

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Answers by key: fresh ones are given at once, and however many ask, the question is under way only once.

    Failures are shared with all who wait, and forgotten. At most `size` answers are kept, the oldest go first.
    """

    def __init__(self, clock: Callable[[], datetime], *, lifetime: Callable[[V], timedelta], size: int = 256) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._size = size
        self._kept: dict[K, tuple[V, datetime]] = {}
        self._asking: dict[K, asyncio.Task[V]] = {}

    async def recall(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer kept under this key, or the one that `ask` gives now. Raises `Unavailable` once closed."""
        if key in self._kept:
            value, until = self._kept[key]
            if self._clock() < until:
                return value
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._ask(key, ask))
        asking = self._asking[key]
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            if asking.cancelled():
                raise Unavailable("the platform was not asked: these connections are being closed") from None
            raise

    def forget(self, key: K, value: V) -> None:
        """Drops this answer, unless a newer one has taken its place."""
        if key in self._kept and self._kept[key][0] == value:
            del self._kept[key]

    async def close(self) -> None:
        """Gives up every question that is still under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        try:
            value = await ask()
        finally:
            del self._asking[key]
        self._kept.pop(key, None)
        self._kept[key] = (value, self._clock() + self._lifetime(value))
        while len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]
        return value

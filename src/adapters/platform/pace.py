"""How fast one tenant's calls leave: at most so many a second, and none while the platform asks to wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta

LONGEST_PAUSE = timedelta(minutes=1)
"""However long the platform asks us to wait, after this someone looks whether that still holds."""
BURST_SECONDS = 1.0
"""A tenant that was quiet may send at once what it may send in this time."""


class Pace:
    """Lets calls go one behind the other, in the order in which they came. A `rate` of 0 is no limit."""

    def __init__(self, *, rate: float) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._next = 0.0
        self._resumes = 0.0
        self._queue = asyncio.Lock()

    async def turn(self, deadline: float) -> timedelta | None:
        """Returns when the next call may leave: None; or at once how long it would take, if that is too long.

        The deadline is in loop time. A caller that is cancelled leaves the queue.
        """
        loop = asyncio.get_running_loop()
        if not self._interval and not self._queue.locked() and loop.time() >= self._resumes:
            return None
        try:
            async with asyncio.timeout_at(deadline), self._queue:
                while (wait := max(self._next, self._resumes) - loop.time()) > 0:
                    if loop.time() + wait >= deadline:
                        return timedelta(seconds=wait)
                    await asyncio.sleep(wait)
                self._next = max(self._next, loop.time() - BURST_SECONDS) + self._interval
                return None
        except TimeoutError:
            return timedelta(seconds=max(self._next, self._resumes, loop.time()) - loop.time())

    def pause(self, wait: timedelta) -> None:
        """No call leaves before this much time has passed; a longer pause that was asked for before stays."""
        seconds = min(wait, LONGEST_PAUSE).total_seconds()
        self._resumes = max(self._resumes, asyncio.get_running_loop().time() + seconds)

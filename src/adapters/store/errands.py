"""A thread that works for the event loop.

All that is asked for in one turn of the loop goes to the thread at once, and all that it did comes back at once:
changing from thread to thread is what costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from domain.errors import StoreUnavailable

MOST_AT_ONCE = 512


@dataclass(slots=True, kw_only=True)
class Errand:
    """Something asked for: who waits for it, and what came of it."""

    waiter: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    outcome: Any = None
    error: Exception | None = None


E = TypeVar("E", bound=Errand)
R = TypeVar("R")


class Errands(Generic[E, R]):
    """Runs errands on a thread of its own, many together.

    On the thread, `run` gives each its outcome or error; what it returns is told on the loop, once everybody knows his
    own. `end` is the last thing that is done on the thread.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[list[E]], R],
        *,
        told: Callable[[R], None] = lambda _: None,
        end: Callable[[], None],
    ) -> None:
        self._run = run
        self._told = told
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._gathering: list[E] = []
        self._queue: SimpleQueue[list[E] | None] = SimpleQueue()
        self._closed = False
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, errand: E) -> Any:
        """What comes of the errand. Raises what it raised; `StoreUnavailable` once closed."""
        if self._closed:
            raise StoreUnavailable("the database is closed")
        if not self._gathering:
            self._loop.call_soon(self._hand_over)
        self._gathering.append(errand)
        return await errand.waiter

    async def close(self) -> None:
        """Finishes what has been asked for, and ends."""
        self._closed = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        if self._gathering:
            self._queue.put(self._gathering)
            self._gathering = []

    def _report(self, errands: list[E], result: R) -> None:
        for errand in errands:
            if errand.waiter.done():
                continue
            if errand.error is not None:
                errand.waiter.set_exception(errand.error)
            else:
                errand.waiter.set_result(errand.outcome)
        self._told(result)

    # On the thread

    def _work(self) -> None:
        going = True
        while going:
            errands, going = self._gathered()
            if errands:
                self._loop.call_soon_threadsafe(self._report, errands, self._run(errands))
        self._end()

    def _gathered(self) -> tuple[list[E], bool]:
        """The next errands, and whether more may come."""
        errands: list[E] = []
        following = self._queue.get()
        while following is not None:
            errands += following
            if len(errands) >= MOST_AT_ONCE:
                return errands, True
            try:
                following = self._queue.get_nowait()
            except Empty:
                return errands, True
        return errands, False

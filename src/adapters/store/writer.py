"""The writer: one thread, one connection, many changes in each commit.

While one transaction is forced to the disk, the next changes gather; so durability costs each of them little. Nobody
hears of a change before its commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.batch import Batch
from adapters.store.database import is_outage, unavailable
from adapters.store.standings import JobKey, JobOrderKey
from domain.errors import InvoicingError, StoreUnavailable
from domain.job import Version

T = TypeVar("T")

ENOUGH_FOR_A_COMMIT = 512


@dataclass(slots=True)
class Entry:
    """One change on its way: how it is decided, about which orders, and who waits for the outcome."""

    decide: Callable[[Batch], Any]
    about: Collection[JobOrderKey]
    waiter: asyncio.Future[Any]
    outcome: Any = None
    error: Exception | None = None


class Spoiled(Exception):
    """A change was refused after it had written: its transaction cannot be kept."""


class Writer:
    """Takes changes from the event loop, commits them together, and reports back once they are on the disk.

    `told` hears of the jobs that changed, on the event loop. `is_up` is False from a write that failed for the
    database's sake to the next one that succeeds.
    """

    def __init__(
        self, engine: Engine, *, clock: Callable[[], datetime], told: Callable[[dict[JobKey, Version]], None]
    ) -> None:
        self.is_up = True
        self._engine = engine
        self._clock = clock
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._gathering: list[Entry] = []
        self._queue: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._closed = False
        self._thread = Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, decide: Callable[[Batch], T], *about: JobOrderKey) -> T:
        """What the change decides, once it is durable; what it refuses. `about` are orders it must know of.

        A change that raises leaves nothing behind and harms none that is committed with it. Raises
        `StoreUnavailable`: then it may be done all the same, if the database failed while committing.
        """
        if self._closed:
            raise StoreUnavailable("the database is closed")
        waiter: asyncio.Future[T] = self._loop.create_future()
        if not self._gathering:
            self._loop.call_soon(self._hand_over)
        self._gathering.append(Entry(decide, about, waiter))
        return await waiter

    async def close(self) -> None:
        """Commits what has been handed over, and ends."""
        self._closed = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Everything that was written in one turn of the loop goes to the thread at once."""
        if self._gathering:
            self._queue.put(self._gathering)
            self._gathering = []

    # On the writer's thread

    def _work(self) -> None:
        going = True
        while going:
            entries, going = self._gathered()
            changed = self._commit(entries) if entries else {}
            self._loop.call_soon_threadsafe(self._report, entries, changed)

    def _gathered(self) -> tuple[list[Entry], bool]:
        """The next changes, and whether more may come."""
        entries: list[Entry] = []
        following = self._queue.get()
        while following is not None:
            entries += following
            if len(entries) >= ENOUGH_FOR_A_COMMIT:
                return entries, True
            try:
                following = self._queue.get_nowait()
            except Empty:
                return entries, True
        return entries, False

    def _commit(self, entries: list[Entry]) -> dict[JobKey, Version]:
        """Settles the entries in one transaction; where one spoils it, each in its own."""
        try:
            changed = self._transact(entries)
        except Exception as error:  # noqa: BLE001 - whatever it was belongs to the one who asked for it
            if is_outage(error):
                self.is_up = False
            elif len(entries) > 1:
                return {key: version for entry in entries for key, version in self._commit([entry]).items()}
            for entry in entries:
                entry.error = unavailable(error) if isinstance(error, SQLAlchemyError) else error
            return {}
        self.is_up = True
        return changed

    def _transact(self, entries: list[Entry]) -> dict[JobKey, Version]:
        with self._engine.begin() as connection:
            batch = Batch(connection, self._clock())
            batch.know(key for entry in entries for key in entry.about)
            for entry in entries:
                self._decide(entry, batch, alone=len(entries) == 1)
            batch.flush()
        return batch.changed

    def _decide(self, entry: Entry, batch: Batch, *, alone: bool) -> None:
        before = batch.writes
        try:
            entry.outcome, entry.error = entry.decide(batch), None
        except InvoicingError as refusal:
            if alone:
                raise
            if batch.writes != before:
                raise Spoiled from refusal
            entry.error = refusal

    # On the event loop

    def _report(self, entries: list[Entry], changed: dict[JobKey, Version]) -> None:
        for entry in entries:
            if entry.waiter.done():
                continue
            if entry.error is not None:
                entry.waiter.set_exception(entry.error)
            else:
                entry.waiter.set_result(entry.outcome)
        if changed:
            self._told(changed)

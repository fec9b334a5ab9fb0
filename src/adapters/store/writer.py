"""The writer: one thread, one connection, many changes in each commit.

While one transaction is forced to the disk, the next changes gather; so durability costs each of them little. Nobody
hears of a change before its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.batch import Batch
from adapters.store.database import Held, is_outage, unavailable
from adapters.store.errands import Errand, Errands
from adapters.store.standings import JobKey, JobOrderKey
from domain.errors import InvoicingError
from domain.job import Version

T = TypeVar("T")


@dataclass(slots=True)
class Change(Errand):
    """Something to write: how it is decided, and about which orders."""

    decide: Callable[[Batch], Any]
    about: Collection[JobOrderKey]


class Spoiled(Exception):
    """A change was refused after it had written: its transaction cannot be kept."""


class Writer:
    """Takes changes from the event loop, commits them together, and reports back once they are on the disk.

    `told` hears of the jobs that changed, on the event loop. `is_up` is False from a write that failed for the
    database's sake to the next one that succeeds. `epoch` is the lead under which this process runs the engine.
    """

    def __init__(
        self, engine: Engine, *, clock: Callable[[], datetime], told: Callable[[dict[JobKey, Version]], None]
    ) -> None:
        self.is_up = True
        self.epoch: int | None = None
        self._held = Held(engine)
        self._clock = clock
        self._errands = Errands("store-writer", self._commit, told=told, end=self._held.release)

    async def write(self, decide: Callable[[Batch], T], *about: JobOrderKey) -> T:
        """What the change decides, once it is durable; what it refuses. `about` are orders it must know of.

        A change that raises leaves nothing behind and harms none that is committed with it. Raises
        `StoreUnavailable`: then it may be done all the same, if the database failed while committing.
        """
        decided: T = await self._errands.run(Change(decide, about))
        return decided

    async def close(self) -> None:
        """Commits what has been handed over, and ends."""
        await self._errands.close()

    # On the writer's thread

    def _commit(self, changes: list[Change]) -> dict[JobKey, Version]:
        """Settles the changes in one transaction; where one spoils it, each in its own."""
        try:
            changed = self._transact(changes)
        except Exception as error:  # noqa: BLE001 - whatever it was belongs to the one who asked for it
            if is_outage(error):
                self.is_up = False
                self._held.release()
            elif len(changes) > 1:
                return {key: version for change in changes for key, version in self._commit([change]).items()}
            for change in changes:
                change.error = unavailable(error) if isinstance(error, SQLAlchemyError) else error
            return {}
        self.is_up = True
        return changed

    def _transact(self, changes: list[Change]) -> dict[JobKey, Version]:
        connection = self._held.connection()
        with connection.begin():
            batch = Batch(connection, self._clock(), self.epoch)
            batch.know(key for change in changes for key in change.about)
            for change in changes:
                self._decide(change, batch, alone=len(changes) == 1)
            batch.flush()
        return batch.changed

    def _decide(self, change: Change, batch: Batch, *, alone: bool) -> None:
        before = batch.writes
        try:
            change.outcome, change.error = change.decide(batch), None
        except InvoicingError as refusal:
            if alone:
                raise
            if batch.writes != before:
                raise Spoiled from refusal
            change.error = refusal

"""The writer: one thread, one connection, many changes in each commit.

While one transaction is forced to the disk, the next changes gather; so durability costs each of them little. Nobody
hears of a change before its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, bindparam, delete, insert
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.batch import Batch
from adapters.store.database import Held, outage, unavailable
from adapters.store.errands import Errand, Errands
from adapters.store.health import Health
from adapters.store.memory import Memory
from adapters.store.prepared import Prepared
from adapters.store.standings import JobKey, JobOrderKey
from adapters.store.tables import keys
from domain.errors import InvoicingError, StoreUnavailable
from domain.job import Version

T = TypeVar("T")

_PROBE = {"name": "probe", "key": bytes(65_536)}
"""As much as a busy moment writes."""
_FILL = Prepared(insert(keys), ("name", "key"))
_CLEAR = Prepared(delete(keys).where(keys.c.name == bindparam("probe")), ("probe",))


@dataclass(slots=True)
class Change(Errand):
    """Something to write: how it is decided, and about which orders."""

    decide: Callable[[Batch], Any]
    about: Collection[JobOrderKey]


class Spoiled(Exception):
    """A change was refused after it had written: its transaction cannot be kept."""


class Writer:
    """Takes changes from the event loop, commits them together, and reports back once they are on the disk.

    `told` hears of the jobs that changed, on the event loop, and `health` of writes that fail for the database's sake.
    `epoch` is the lead under which this process runs the engine. `clock` raises `StoreUnavailable` while nothing may be
    written by it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime],
        told: Callable[[dict[JobKey, Version]], None],
        health: Health,
    ) -> None:
        self.health = health
        self.epoch: int | None = None
        self._held = Held(engine)
        self._clock = clock
        self._memory = Memory()
        self._errands = Errands("store-writer", self._commit, told=told, end=self._held.release)

    async def write(self, decide: Callable[[Batch], T], *about: JobOrderKey) -> T:
        """What the change decides, once it is durable; what it refuses. `about` are orders it must know of.

        A change that raises leaves nothing behind and harms none that is committed with it. Raises
        `StoreUnavailable`: then it may be done all the same, if the database failed while committing.
        """
        decided: T = await self._errands.run(Change(decide, about))
        return decided

    async def look(self) -> None:
        """Finds out whether there is still what kept the database from being written; and what the clock says.

        Raises `StoreUnavailable`.
        """
        if self.health.problem:
            await self.write(_try_out)
            await self.write(_clean_up)
            self.health.mended()
        else:
            self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        try:
            self._clock()
        except StoreUnavailable as error:
            self.health.failed(error)
            raise

    async def close(self) -> None:
        """Commits what has been handed over, and ends."""
        await self._errands.close()

    # On the writer's thread

    def _commit(self, changes: list[Change]) -> dict[JobKey, Version]:
        """Settles the changes in one transaction; where one spoils it, each in its own."""
        try:
            self.health.require_intact()
            return self._transact(changes)
        except Exception as error:  # noqa: BLE001 - whatever it was belongs to the one who asked for it
            told = unavailable(error, self._held.name) if isinstance(error, SQLAlchemyError) else error
            if isinstance(told, StoreUnavailable) and (told is error or outage(error)):
                self._held.release()
                self.health.failed(told)
            elif len(changes) > 1:
                return {key: version for change in changes for key, version in self._commit([change]).items()}
            for change in changes:
                change.error = told
            return {}

    def _transact(self, changes: list[Change]) -> dict[JobKey, Version]:
        connection = self._held.connection()
        try:
            with connection.begin():
                batch = Batch(connection, self._clock(), self._memory, self.epoch)
                batch.know(key for change in changes for key in change.about)
                for change in changes:
                    self._decide(change, batch, alone=len(changes) == 1)
                batch.flush()
        except BaseException:
            self._memory.forget()
            raise
        return batch.settled()

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


def _try_out(batch: Batch) -> None:
    _clean_up(batch)
    batch.write(_FILL, _PROBE)


def _clean_up(batch: Batch) -> None:
    batch.write(_CLEAR, {"probe": _PROBE["name"]})

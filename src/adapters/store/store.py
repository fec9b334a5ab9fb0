"""The store: one database, opened, migrated, written by one thread and read by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from secrets import token_bytes

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.batch import LAST_LEAD, Batch
from adapters.store.codec import micros
from adapters.store.database import VARIABLE, Database, unavailable
from adapters.store.followers import Followers
from adapters.store.health import Health, watched
from adapters.store.jobs import SqlJobs
from adapters.store.journal import SqlJournal
from adapters.store.lead import held, lock_of
from adapters.store.ledger import SqlLedger
from adapters.store.newest import newest
from adapters.store.prepared import Prepared
from adapters.store.reader import Reader
from adapters.store.schema import migrate
from adapters.store.tables import keys, leads
from adapters.store.writer import Writer
from domain.errors import Misconfigured

LINK_KEY = "links"
_NEW_LEAD = Prepared(insert(leads), ("began",))
LINK_KEY_BYTES = 32


class Store:
    """Jobs, journal and ledger in one database. Open it with `Store.opened`."""

    def __init__(self, url: str, writer: Writer, reader: Reader, followers: Followers, link_key: bytes) -> None:
        self.jobs = SqlJobs(writer, reader, followers)
        self.journal = SqlJournal(writer, reader)
        self.ledger = SqlLedger(reader)
        self._url = url
        self._writer = writer
        self._reader = reader
        self._link_key = link_key

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, *, clock: Callable[[], datetime]) -> AsyncIterator[Store]:
        """The store at this URL (`sqlite:///invoicing.db`, `postgresql://…`), made or migrated where that is needed.

        Raises `Misconfigured` when it cannot be opened, or was made by a newer version. When the block ends, what
        was handed over is committed.
        """
        database = Database.at(url)
        try:
            link_key = await asyncio.to_thread(_prepared, database)
            health, followers = Health(), Followers()
            reader = Reader(database.reading, health)
            writer = Writer(database.writing, clock=clock, told=followers.tell, health=health)
            try:
                async with watched(writer.look):
                    yield cls(url, writer, reader, followers, link_key)
            finally:
                await writer.close()
                await reader.close()
        finally:
            database.close()

    @property
    def problem(self) -> str:
        """What keeps the database from being written, in a sentence; empty while nothing does."""
        return self._writer.health.problem

    @asynccontextmanager
    async def leading(self, *, standing_by: Callable[[], None] = lambda: None) -> AsyncIterator[asyncio.Event]:
        """Waits until this process may run the engine; gives what is set once it may not any more.

        `standing_by` is called when another process runs it now. Raises `Misconfigured`, `StoreUnavailable`.
        """
        async with held(lock_of(self._url), standing_by=standing_by) as lost:
            self._writer.epoch = await self._writer.write(begin_lead)
            try:
                yield lost
            finally:
                self._writer.epoch = None

    async def newest(self) -> datetime | None:
        """When something was last written, by the clock of whoever wrote it; None: never. Raises `StoreUnavailable`."""
        return await self._reader.read(newest)

    def link_key(self) -> bytes:
        """Random, made once with the database: what signs download links when no key is configured."""
        return self._link_key


def begin_lead(batch: Batch) -> int:
    """The epoch of a new lead: who led before leads no more."""
    batch.write(_NEW_LEAD, {"began": micros(batch.now)})
    return int(batch.all(LAST_LEAD, {})[0].epoch)


def _prepared(database: Database) -> bytes:
    """Migrates the database, if it is sound, and gives its link key."""
    try:
        database.examine()
        with database.writing.begin() as connection:
            migrate(connection)
            return _link_key(connection)
    except SQLAlchemyError as error:
        raise Misconfigured(f"{VARIABLE}: {unavailable(error, database.name).message}") from error


def _link_key(connection: Connection) -> bytes:
    kept: bytes | None = connection.scalar(select(keys.c.key).where(keys.c.name == LINK_KEY))
    if kept is None:
        kept = token_bytes(LINK_KEY_BYTES)
        connection.execute(insert(keys), {"name": LINK_KEY, "key": kept})
    return kept

"""The store: one database, opened, migrated, written by one thread and read by a few."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from secrets import token_bytes

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.database import VARIABLE, Database, cause_of, database_file
from adapters.store.followers import Followers
from adapters.store.jobs import SqlJobs
from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from adapters.store.schema import migrate
from adapters.store.tables import keys
from adapters.store.writer import Writer
from domain.errors import Misconfigured

LINK_KEY = "links"
LINK_KEY_BYTES = 32


class Store:
    """Jobs and journal in one database. Open it with `Store.opened`."""

    def __init__(self, writer: Writer, reader: Reader, followers: Followers, link_key: bytes) -> None:
        self.jobs = SqlJobs(writer, reader, followers)
        self.journal = SqlJournal(writer, reader)
        self._writer = writer
        self._link_key = link_key

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, *, clock: Callable[[], datetime]) -> AsyncIterator[Store]:
        """The store at this URL (`sqlite:///invoicing.db`), made or migrated where that is needed.

        Raises `Misconfigured` when it cannot be opened, or was made by a newer version. When the block ends, what
        was handed over is committed.
        """
        database = Database.at(url)
        try:
            link_key = await asyncio.to_thread(_prepared, database, url)
            reader, followers = Reader(database.reading), Followers()
            writer = Writer(database.writing, clock=clock, told=followers.tell)
            try:
                yield cls(writer, reader, followers, link_key)
            finally:
                await writer.close()
                await reader.close()
        finally:
            database.close()

    @property
    def is_up(self) -> bool:
        """Whether the last write did not fail for the database's sake."""
        return self._writer.is_up

    def link_key(self) -> bytes:
        """Random, made once with the database: what signs download links when no key is configured."""
        return self._link_key


def _prepared(database: Database, url: str) -> bytes:
    """Migrates the database and gives its link key."""
    try:
        with database.writing.begin() as connection:
            migrate(connection)
            return _link_key(connection)
    except SQLAlchemyError as error:
        raise Misconfigured(
            f"{VARIABLE} names {database_file(url)}, which cannot be used: {cause_of(error)}"
        ) from error


def _link_key(connection: Connection) -> bytes:
    kept: bytes | None = connection.scalar(select(keys.c.key).where(keys.c.name == LINK_KEY))
    if kept is None:
        kept = token_bytes(LINK_KEY_BYTES)
        connection.execute(insert(keys), {"name": LINK_KEY, "key": kept})
    return kept

"""A visit to the store of a service that may be running: it is read, and a few facts are written; nothing is set up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from adapters.store.database import VARIABLE, Database, is_postgresql, parsed_url, unavailable
from adapters.store.health import Health
from adapters.store.history import history
from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from adapters.store.schema import require_newest
from adapters.store.sqlite import database_file
from adapters.store.writer import Writer
from domain.errors import Misconfigured
from domain.history import OrderHistory
from domain.order import OrderId, TenantId


class Visit:
    """The journal of another process's store, and what it knows of an order. Begin it with `Visit.begun`."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self.journal = SqlJournal(writer, reader)
        self._reader = reader

    @classmethod
    @asynccontextmanager
    async def begun(cls, url: str, *, clock: Callable[[], datetime]) -> AsyncIterator[Visit]:
        """A visit to the store at this URL while the context lasts; writing waits for its turn.

        Raises `Misconfigured` when there is none, or one of another version; `StoreUnavailable`.
        """
        database, health = Database.at(url), Health()
        try:
            await asyncio.to_thread(_require_store, url, database)
            reader = Reader(database.reading, health)
            writer = Writer(database.writing, clock=clock, told=lambda _: None, health=health)
            try:
                yield cls(writer, reader)
            finally:
                await writer.close()
                await reader.close()
        finally:
            database.close()

    async def history(self, tenant: TenantId, order_id: OrderId) -> OrderHistory:
        """All that is known of the order. Raises `UnknownOrder`, `StoreUnavailable`."""
        return await self._reader.read(lambda connection: history(connection, tenant, order_id))


def _require_store(url: str, database: Database) -> None:
    parsed = parsed_url(url)
    if not is_postgresql(parsed) and not database_file(parsed, variable=VARIABLE).exists():
        raise Misconfigured(f"{VARIABLE} names {database.name}, which does not exist: set it as the service has it")
    try:
        with database.reading.connect() as connection:
            require_newest(connection, database.name)
    except SQLAlchemyError as error:
        raise unavailable(error, database.name) from error

"""Which process runs the engine: one, however many are started on a database; another when that one is gone.

Two things tell. A lock, which falls when its holder dies: for SQLite on the file `<database>.engine`, for PostgreSQL in
a session that the server ends when it is silent for too long, so that a frozen process loses it too. And the epoch, a
number in the database that each new lead raises and each change of the engine's is checked against: whoever woke up too
late changes nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from adapters.store import postgresql
from adapters.store.database import VARIABLE, is_postgresql, name_of, parsed_url, unavailable
from adapters.store.sqlite import database_file
from domain.errors import Misconfigured, StoreUnavailable

PULSE = 1.0
"""Seconds between two tries to take the lock, and between two signs of life of its holder."""
SILENCE = 4
"""Seconds after which PostgreSQL takes the lock from a holder that gives no sign of life."""

_log = structlog.get_logger(__name__)


class Lock(Protocol):
    """Held by one process at a time, and freed when it dies. Its methods block."""

    def take(self) -> bool:
        """Whether it is ours now. Raises `Misconfigured`, `StoreUnavailable` when nobody can tell."""

    def holds(self) -> bool:
        """Whether it still is; says so to whoever watches."""

    def release(self) -> None:
        """Lets others have it."""


def lock_of(url: str) -> Lock:
    """The engine's lock of the database at this URL. Raises `Misconfigured`."""
    parsed = parsed_url(url)
    if is_postgresql(parsed):
        return SessionLock(parsed)
    return FileLock(database_file(parsed, variable=VARIABLE))


@asynccontextmanager
async def held(lock: Lock, *, standing_by: Callable[[], None] = lambda: None) -> AsyncIterator[asyncio.Event]:
    """Waits until the lock is ours; gives what is set when it is lost. Raises what `Lock.take` raises at first.

    `standing_by` is called when it is another's at first.
    """
    if not await asyncio.to_thread(lock.take):
        standing_by()
        await _taken(lock)
    lost = asyncio.Event()
    watching = asyncio.create_task(_watch(lock, lost))
    try:
        yield lost
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await asyncio.to_thread(lock.release)


async def _taken(lock: Lock) -> None:
    """Returns once the lock is ours, also when the database is away for a while."""
    while True:
        await asyncio.sleep(PULSE)
        with suppress(StoreUnavailable):
            if await asyncio.to_thread(lock.take):
                return


async def _watch(lock: Lock, lost: asyncio.Event) -> None:
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(SILENCE):
                if not await asyncio.to_thread(lock.holds):
                    break
            await asyncio.sleep(PULSE)
    _log.error("the engine's lock is lost: another process may run the engine now")
    lost.set()


class FileLock:
    """`<database>.engine`; the system frees it when the process dies, however it dies.

    The database itself stays open to others: they may read it, back it up, or write a job into it. Processes that are
    forked while the lock is held keep it alive; start workers with "spawn".
    """

    def __init__(self, database: Path) -> None:
        real = database.resolve()  # the same file by whichever way the database is named
        self._path = real.with_name(f"{real.name}.engine")
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is ours now. Raises `Misconfigured` when the file cannot be had."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise Misconfigured(f"{VARIABLE}: {self._path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError as error:
            os.close(handle)
            raise Misconfigured(f"{VARIABLE}: {self._path} cannot be locked: {error.strerror}") from error
        self._handle = handle
        return True

    def holds(self) -> bool:
        """Whether it still is: nothing but the end of the process takes it away."""
        return self._handle is not None

    def release(self) -> None:
        """Lets others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class SessionLock:
    """An advisory lock of a PostgreSQL session: it falls with the connection, or when the holder is silent."""

    def __init__(self, url: URL) -> None:
        self._engine = postgresql.session_engine(url, silence=SILENCE)
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Whether it is ours now. Raises `StoreUnavailable` when the server is away."""
        try:
            self._connection = self._engine.connect()
            if postgresql.takes_engine_lock(self._connection):
                return True
        except SQLAlchemyError as error:
            self.release()
            raise unavailable(error, name_of(self._engine.url)) from error
        self.release()
        return False

    def holds(self) -> bool:
        """Whether it still is; and a sign of life to the server."""
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def release(self) -> None:
        """Lets others have it."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None

"""The database itself: how it is reached, what a transaction is, and which of its errors are whose trouble.

All that is SQLite's own is here; tables and queries are plain SQL that PostgreSQL understands too.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from domain.errors import Misconfigured, StoreUnavailable

VARIABLE = "INVOICING_DATABASE_URL"
READERS = 4

_LOCK_PATIENCE = 5.0
"""Seconds to wait for another process that writes: a back-up, a migration."""

_ROOM = ("wal_autocheckpoint = 4000", "cache_size = -65536")
"""Pages of 4 KiB that gather before they are copied home, and KiB of pages that the writer keeps at hand."""

_OUTAGES = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
)


@dataclass(frozen=True, slots=True)
class Database:
    """Two ways into one database: one connection that writes, a few that read beside it."""

    writing: Engine
    reading: Engine

    @classmethod
    def at(cls, url: str) -> Database:
        """The database at this URL; nothing is opened yet. Raises `Misconfigured`."""
        parsed = _parsed(url)
        writing, reading = _engine(parsed, connections=1), _engine(parsed, connections=READERS)
        event.listen(writing, "connect", _prepare_to_write)
        event.listen(writing, "begin", _begin_immediately)
        event.listen(reading, "connect", _prepare_to_read)
        return cls(writing, reading)

    def close(self) -> None:
        """Lets go of every connection."""
        self.reading.dispose()
        self.writing.dispose()


def database_file(url: str) -> Path:
    """The file of the database at this URL. Raises `Misconfigured`."""
    return Path(str(_parsed(url).database))


def is_outage(error: BaseException) -> bool:
    """Whether the database or its disk is at fault, not what was asked of it."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _OUTAGES


def unavailable(error: SQLAlchemyError) -> StoreUnavailable:
    """The error in the domain's words."""
    return StoreUnavailable(f"the database cannot be used: {cause_of(error)}")


def cause_of(error: SQLAlchemyError) -> str:
    """What the database itself said, without the statement and its values."""
    return str(getattr(error, "orig", None) or type(error).__name__)[:200]


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"{VARIABLE} is no database URL; one is sqlite:///invoicing.db") from error
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise Misconfigured(f"{VARIABLE} must begin with sqlite:///, not {parsed.drivername[:20]!r}")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise Misconfigured(f"{VARIABLE} must name a file: jobs have to outlive the process")
    if not Path(parsed.database).absolute().parent.is_dir():
        raise Misconfigured(f"{VARIABLE} names {parsed.database}, and its folder does not exist")
    return parsed


def _engine(url: URL, *, connections: int) -> Engine:
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"timeout": _LOCK_PATIENCE, "check_same_thread": False, "cached_statements": 256},
    )


def _prepare_to_write(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """The driver leaves transactions to us; a commit is on the disk when it returns."""
    _prepare(connection, "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", *_ROOM)


def _prepare_to_read(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Every read sees the last commit, and can change nothing."""
    _prepare(connection, "query_only = ON")


def _prepare(connection: DBAPIConnection, *pragmas: str) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    """Takes the right to write at once: a transaction that has read cannot lose it to another process later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")

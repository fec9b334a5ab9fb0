"""What is SQLite's own: how a file is opened, what a transaction is, which errors are the disk's trouble."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from adapters.store.outages import DAMAGED, Outage
from domain.errors import Misconfigured

_LOCK_PATIENCE = 5.0
"""Seconds to wait for another process that writes: a back-up, a migration."""

_ROOM = ("wal_autocheckpoint = 4000", "cache_size = -65536")
"""Pages of 4 KiB that gather before they are copied home, and KiB of pages that the writer keeps at hand."""

_SMALL = 128 * 1024 * 1024
"""Bytes of a database that are read through within a quarter of a second."""

_LOCKED = Outage("end the back-up, migration or tool that keeps it locked")
_FORBIDDEN = Outage("let this user write to the file and its folder, on a file system that takes writes")

_OUTAGES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: Outage("make room on its disk"),
    sqlite3.SQLITE_IOERR: Outage("see whether its disk works, and has room within all quotas and limits"),
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
}
"""By primary result code: those that tell of the file or its disk."""


def outage(error: sqlite3.Error) -> Outage | None:
    """What is wrong with the file or its disk; None: it was asked for something wrong."""
    return _OUTAGES.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF)


def engines(url: URL) -> tuple[Engine, Engine]:
    """One that writes, one that reads beside it; nothing is opened yet."""
    writing, reading = _engine(url), _engine(url).execution_options(isolation_level="AUTOCOMMIT")
    event.listen(writing, "connect", _prepare_to_write)
    event.listen(writing, "begin", _begin_immediately)
    event.listen(reading, "connect", _prepare_to_read)
    return writing, reading


def database_file(url: URL, *, variable: str) -> Path:
    """The file of the database at this URL. Raises `Misconfigured`."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise Misconfigured(f"{variable} must name a file: jobs have to outlive the process")
    path = Path(url.database)
    if not path.absolute().parent.is_dir():
        raise Misconfigured(f"{variable} names {path}, and its folder does not exist")
    return path


def damage(engine: Engine) -> str:
    """What is damaged in the file; empty when nothing is, or when it is too large to be read through in a moment."""
    file = Path(engine.url.database or "")
    if not file.exists() or file.stat().st_size > _SMALL:
        return ""
    with engine.connect() as connection:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return "" if said == "ok" else said


def _engine(url: URL) -> Engine:
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
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

"""The database: how it is reached, and which of its errors are whose trouble.

What is SQLite's or PostgreSQL's own is in the modules of these names; tables and queries are SQL that both understand.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adapters.store import postgresql, sqlite
from adapters.store.outages import DAMAGED, Outage
from domain.errors import Misconfigured, StoreDamaged, StoreUnavailable

VARIABLE = "INVOICING_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Database:
    """Two ways into one database: a connection that writes, and one that reads beside it. `name` has no password."""

    name: str
    writing: Engine
    reading: Engine

    @classmethod
    def at(cls, url: str) -> Database:
        """The database at this URL; nothing is opened yet. Raises `Misconfigured`."""
        parsed = parsed_url(url)
        if is_postgresql(parsed):
            return cls(name_of(parsed), *postgresql.engines(parsed))
        sqlite.database_file(parsed, variable=VARIABLE)
        return cls(name_of(parsed), *sqlite.engines(parsed))

    def examine(self) -> None:
        """Raises `Misconfigured` when the database is damaged, as far as a moment's look tells."""
        damage = "" if is_postgresql(self.reading.url) else sqlite.damage(self.reading)
        if damage:
            raise Misconfigured(f"{VARIABLE}: {_told(self.name, damage)}; {DAMAGED.remedy}")

    def close(self) -> None:
        """Lets go of every connection."""
        self.reading.dispose()
        self.writing.dispose()


class Held:
    """A connection that one thread keeps, and opens anew once it was released."""

    def __init__(self, engine: Engine) -> None:
        self.name = name_of(engine.url)
        self._engine = engine
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The connection, not in a transaction."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def release(self) -> None:
        """Closes it, after trouble or for good: what was opened in trouble may be marked by it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()


def parsed_url(url: str) -> URL:
    """The URL in its parts. Raises `Misconfigured`."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"{VARIABLE} is no database URL; one is sqlite:///invoicing.db") from error
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"}:
        raise Misconfigured(f"{VARIABLE} must begin with sqlite:/// or postgresql://, not {parsed.drivername[:20]!r}")
    return parsed


def is_postgresql(url: URL) -> bool:
    """Whether a PostgreSQL is meant, and not a SQLite."""
    return url.get_backend_name() == "postgresql"


def name_of(url: URL) -> str:
    """The database as an operator knows it, without a password: its file; or its server, and its name there."""
    if is_postgresql(url):
        return f"{url.host or 'localhost'}/{url.database}"
    return str(Path(url.database or "").absolute())


def outage(error: BaseException) -> Outage | None:
    """What is wrong with the database or its disk; None: it was asked for something wrong."""
    match getattr(error, "orig", None):
        case sqlite3.Error() as cause:
            return sqlite.outage(cause)
        case psycopg.Error() as cause:
            return postgresql.outage(cause)
    return None


def unavailable(error: SQLAlchemyError, name: str) -> StoreUnavailable:
    """The error in the domain's words: which database it is, what it said, and what mends it.

    The statement and its values stay out of it.
    """
    told, found = _told(name, str(getattr(error, "orig", None) or type(error).__name__)), outage(error)
    if found is None:
        return StoreUnavailable(told)
    kind = StoreDamaged if found.is_damage else StoreUnavailable
    return kind(f"{told}; {found.remedy}")


def _told(name: str, said: str) -> str:
    return f"the database {name} cannot be used: {' '.join(said.split())[:200]}"

"""The database: how it is reached, and which of its errors are whose trouble.

What is SQLite's or PostgreSQL's own is in the modules of these names; tables and queries are SQL that both understand.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adapters.store import postgresql, sqlite
from domain.errors import Misconfigured, StoreUnavailable

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
            return cls(f"{parsed.host or 'localhost'}/{parsed.database}", *postgresql.engines(parsed))
        return cls(str(sqlite.database_file(parsed, variable=VARIABLE)), *sqlite.engines(parsed))

    def close(self) -> None:
        """Lets go of every connection."""
        self.reading.dispose()
        self.writing.dispose()


class Held:
    """A connection that one thread keeps, and opens anew once it was released."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The connection, not in a transaction."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def release(self) -> None:
        """Gives it back, after trouble or for good."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
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


def is_outage(error: BaseException) -> bool:
    """Whether the database or its disk is at fault, not what was asked of it."""
    cause: Any = getattr(error, "orig", None)
    if hasattr(cause, "sqlite_errorcode"):
        return cause.sqlite_errorcode & 0xFF in sqlite.OUTAGES
    if hasattr(cause, "sqlstate"):
        return cause.sqlstate is None or cause.sqlstate.startswith(postgresql.OUTAGES)
    return False


def unavailable(error: SQLAlchemyError) -> StoreUnavailable:
    """The error in the domain's words."""
    return StoreUnavailable(f"the database cannot be used: {cause_of(error)}")


def cause_of(error: SQLAlchemyError) -> str:
    """What the database itself said, without the statement and its values."""
    said = str(getattr(error, "orig", None) or type(error).__name__)
    return " ".join(said.split())[:200]

"""What is PostgreSQL's own: how it is reached, what a transaction is, which errors are the server's trouble."""

from __future__ import annotations

from typing import Any

from psycopg import Error
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from adapters.store.outages import DAMAGED, Outage

_AWAY = Outage("see that the server is up and lets us in")

_OUTAGES = {
    "08": _AWAY,
    "25006": Outage("see whether the server is a standby, or default_transaction_read_only is on"),
    "42501": Outage("grant this user the right to write"),
    "53": Outage("see whether the server has connections and memory left"),
    "53100": Outage("make room on the server's disk"),
    "25P03": Outage("see what froze this process in the middle of a transaction"),
    "55P03": Outage("end what keeps it locked"),
    "57": _AWAY,
    "57014": Outage("see what slows the server down, and its statement_timeout"),
    "58": Outage("see whether the server's disk works"),
    "XX": Outage("the server's log tells more"),
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE, or how it begins: those that tell of the server, its disk or another writer."""

_ARGUMENTS = {
    "application_name": "invoicing",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that is gone is missed within seconds (libpq, "Parameter Key Words")."""

_FROZEN = "idle_in_transaction_session_timeout=4s"
"""A process that is frozen in a transaction must not keep the others from writing."""

_ONE_WRITER = 0x1271_0C1D
"""The advisory lock of whoever writes: what one transaction has read, no other changes before it commits."""
_ONE_ENGINE = 0x1271_0C1E
"""The advisory lock of the process that runs the engine."""


class Words(StrDumperUnknown):
    """Text as PostgreSQL takes it: it has no room for NUL, and an order must not hang on a stray one from outside."""

    def dump(self, obj: str) -> Buffer | None:
        """The text in UTF-8."""
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def engines(url: URL) -> tuple[Engine, Engine]:
    """One that writes, one that reads beside it; nothing is opened yet."""
    url = url.set(drivername="postgresql+psycopg")
    writing = _engine(url, f"-c lock_timeout=5s -c {_FROZEN} -c synchronous_commit=on")
    reading = _engine(url, "-c default_transaction_read_only=on").execution_options(isolation_level="AUTOCOMMIT")
    event.listen(writing, "connect", _take_any_text)
    event.listen(writing, "begin", _wait_for_other_writers)
    return writing, reading


def outage(error: Error) -> Outage | None:
    """What is wrong with the server; None: it was asked for something wrong. A broken connection has no SQLSTATE."""
    if error.sqlstate is None:
        return _AWAY
    known = [begin for begin in _OUTAGES if error.sqlstate.startswith(begin)]
    return _OUTAGES[max(known, key=len)] if known else None


def session_engine(url: URL, *, silence: int) -> Engine:
    """For a session that the server ends after so many seconds of silence (PostgreSQL, "idle_session_timeout")."""
    url = url.set(drivername="postgresql+psycopg")
    arguments = {**_ARGUMENTS, "options": f"-c idle_session_timeout={silence}s"}
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)


def takes_engine_lock(session: Connection) -> bool:
    """Whether the right to run the engine is this session's now."""
    return bool(session.exec_driver_sql(f"SELECT pg_try_advisory_lock({_ONE_ENGINE})").scalar_one())


def _engine(url: URL, options: str) -> Engine:
    return create_engine(
        url, poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args={**_ARGUMENTS, "options": options}
    )


def _take_any_text(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.adapters.register_dumper(str, Words)


def _wait_for_other_writers(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")

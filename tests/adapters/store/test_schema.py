"""The migrations and the tables say the same, and the queries find their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select, create_engine

from adapters.store import schema
from adapters.store.database import Database
from adapters.store.due import DUE, NEXT_DUE, OTHER_THAN
from adapters.store.tables import metadata


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with closing(Database.at(url)) as database, database.writing.begin() as opened:
        schema.migrate(opened)
        yield opened


def shape(connection: Connection) -> dict[str, str]:
    """Tables and indexes, as the database itself spells them."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def test_the_migrations_make_the_tables_that_the_code_describes(connection: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    described = create_engine("sqlite://")
    with described.begin() as other:
        metadata.create_all(other)
        assert shape(connection) == shape(other)
    described.dispose()


def test_the_revisions_that_the_code_knows_are_those_there_are() -> None:
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert tuple(step.revision for step in reversed(list(script.walk_revisions()))) == schema.REVISIONS


def test_a_migrated_database_is_not_migrated_again(connection: Connection) -> None:
    before = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    schema.migrate(connection)
    assert connection.exec_driver_sql("PRAGMA schema_version").scalar() == before


@pytest.mark.parametrize("statement", [DUE, OTHER_THAN, NEXT_DUE])
def test_no_backlog_is_read_to_find_what_is_due(connection: Connection, statement: Select[Any]) -> None:
    steps = plan(connection, statement)
    orders = [step for step in steps if "job_orders" in step or "first" in step]
    assert orders
    assert [step for step in orders if not step.startswith("SEARCH")] == []


def plan(connection: Connection, statement: Select[Any]) -> list[str]:
    """How the database would look for what the statement asks."""
    compiled = statement.params(busy=[("acme", "job", "EON1")], now=1, each=1).compile(
        connection.engine, compile_kwargs={"literal_binds": True}
    )
    return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]

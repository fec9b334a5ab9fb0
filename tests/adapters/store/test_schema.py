"""The migrations and the tables say the same, and the queries find their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select

from adapters.store import schema
from adapters.store.database import Database
from adapters.store.due import DUE, NEXT_DUE, OTHER_THAN
from adapters.store.tables import metadata
from fakes.postgresql import a_database

SHAPES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT table_name || '.' || column_name, concat_ws(' ', data_type, collation_name, is_nullable,
            column_default) FROM information_schema.columns WHERE table_schema = 'public'
    """,
}


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    with closing(Database.at(url)) as database, database.writing.begin() as connection:
        yield connection


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with opened(url) as connection:
        schema.migrate(connection)
        yield connection


def shape(connection: Connection) -> dict[str, str]:
    """Tables and indexes, as the database itself spells them."""
    rows = connection.exec_driver_sql(SHAPES[connection.dialect.name])
    return {name: " ".join(spelt.split()) for name, spelt in rows if not name.startswith("alembic_version")}


def test_the_migrations_make_the_tables_that_the_code_describes(untouched: str) -> None:
    described = a_database() if untouched.startswith("postgresql") else f"{untouched}.described"
    with opened(untouched) as one, opened(described) as other:
        schema.migrate(one)
        metadata.create_all(other)
        assert compare_metadata(MigrationContext.configure(one), metadata) == []
        assert shape(one) == shape(other)


def test_the_revisions_that_the_code_knows_are_those_there_are() -> None:
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert tuple(step.revision for step in reversed(list(script.walk_revisions()))) == schema.REVISIONS


def test_a_migrated_database_is_not_migrated_again(connection: Connection) -> None:
    before = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    schema.migrate(connection)
    assert connection.exec_driver_sql("PRAGMA schema_version").scalar() == before


@pytest.mark.parametrize("statement", [DUE, OTHER_THAN, NEXT_DUE])
def test_no_backlog_is_read_to_find_what_is_due(either: str, statement: Select[Any]) -> None:
    with opened(either) as connection:
        schema.migrate(connection)
        steps = plan(connection, statement)
    if either.startswith("postgresql"):
        assert any("ix_job_orders_due" in step for step in steps)
        assert [step for step in steps if "Seq Scan on job_orders" in step] == []
    else:
        orders = [step for step in steps if "job_orders" in step or "first" in step]
        assert orders
        assert [step for step in orders if not step.startswith("SEARCH")] == []


def plan(connection: Connection, statement: Select[Any]) -> list[str]:
    """How the database would look for what the statement asks, were the tables large."""
    compiled = statement.params(busy=[("acme", "job", "EON1")], now=1, each=1).compile(
        connection.engine, compile_kwargs={"literal_binds": True}
    )
    if connection.dialect.name == "sqlite":
        return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {compiled}")]

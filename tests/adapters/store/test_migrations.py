"""A database of an older shape is brought to the newest one, and loses nothing on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, func, select

from adapters.store import Store, schema
from adapters.store.database import Database
from adapters.store.history import history
from domain.capture import CaptureOutcome
from domain.errors import InDoubt
from domain.job import OrderState
from fakes.known_orders import an_attempt
from fakes.service import ACME, FakeService
from fakes.stored_service import StoredService
from fakes.stores import Records

Rows = dict[str, list[dict[str, Any]]]

FILLED = {"captures", "claims", "contents", "documents", "drafts", "draws", "jobs", "job_orders", "ledger", "mails"}
"""Tables in which an order that is done and one that is not leave something."""


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    with closing(Database.at(url)) as database, database.writing.begin() as connection:
        yield connection


def rows_in(connection: Connection) -> Rows:
    """All there is, by table."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in found.tables.values()
    }


def make(connection: Connection, revision: str, rows: Rows) -> None:
    """A database of this shape, with as much of the rows as it has room for."""
    with as_file(schema.MIGRATIONS) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, revision)
    shape = MetaData()
    shape.reflect(connection)
    for table in shape.sorted_tables:
        for row in rows.get(table.name, ()) if table.name != "alembic_version" else ():
            connection.execute(table.insert(), {name: value for name, value in row.items() if name in table.c})
    if connection.dialect.name == "postgresql":
        for table in shape.sorted_tables:
            count_on(connection, table)


def count_on(connection: Connection, table: Table) -> None:
    """The table's own counter goes on after the rows that were put in."""
    key = table.primary_key.columns[0]
    counter = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
    if counter is not None:
        connection.execute(select(func.setval(counter, func.coalesce(func.max(key), 1))))


async def lived_in(url: str, service: FakeService) -> None:
    """One order is done; another's capture was made, and its answer lost."""
    async with Store.opened(url, clock=service.clock) as store:
        stored = StoredService(service, store)
        await stored.a_job("EON1")
        await stored.work_to_the_end()
        service.payments.trouble.strikes_after(InDoubt("no answer"))
        await stored.a_job("EON2")
        await stored.work()


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
async def test_a_database_of_an_older_shape_loses_nothing_and_its_orders_go_on(
    untouched: str, tmp_path: Path, revision: str
) -> None:
    service, origin = FakeService(), f"sqlite:///{tmp_path}/origin.db"
    await lived_in(origin, service)
    with opened(origin) as connection:
        rows = rows_in(connection)
    assert {name for name, found in rows.items() if found} >= FILLED
    with opened(untouched) as connection:
        make(connection, revision, rows)
        before = rows_in(connection)
    async with Store.opened(untouched, clock=service.clock) as store:
        with opened(untouched) as connection:
            after = rows_in(connection)
        for name, kept in before.items():
            columns = kept[0].keys() if kept else ()
            now = [{column: row[column] for column in columns} for row in after[name]]
            assert name == "alembic_version" or now == kept
        await StoredService(service, store).work_to_the_end()
        jobs = await store.jobs.jobs(ACME, (), before="", limit=10)
        ends = [o.state for job in jobs for o in await store.jobs.orders(ACME, job.id, (), after="", limit=10)]
    assert ends == [OrderState.SUCCESS] * 2
    assert len(service.payments.captured) == len(service.orders.marks) == len(set(service.mailer.ids)) == 2


async def test_words_that_operators_said_before_every_word_was_kept_are_told_too(
    untouched: str, tmp_path: Path
) -> None:
    service, origin = FakeService(), f"sqlite:///{tmp_path}/origin.db"
    async with Store.opened(origin, clock=service.clock) as store:
        records = Records(store.jobs, store.journal, service.clock)
        order = await records.an_order()
        attempt = an_attempt(job_id=order.job_id)
        order = await store.journal.intend_capture(order, attempt)
        word = replace(attempt, outcome=CaptureOutcome.NOT_MADE, said_by="anna", said=service.clock())
        await store.journal.settle_captures(order, (attempt,), (word,))
    with opened(origin) as connection:
        rows = rows_in(connection)
    with opened(untouched) as connection:
        make(connection, "0004", rows)
    async with Store.opened(untouched, clock=service.clock):
        with opened(untouched) as connection:
            assert history(connection, ACME, order.order_id).words == (word,)

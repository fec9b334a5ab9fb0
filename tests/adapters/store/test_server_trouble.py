"""A PostgreSQL that dies, takes no writes, or is damaged: said so, waited out, and nothing that was kept is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from domain.errors import StoreDamaged, StoreUnavailable
from fakes.postgresql import OwnServer
from fakes.stores import ACME, mended, store_at


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with OwnServer.running() as running:
        yield running


async def test_a_server_killed_and_started_again_is_written_again_and_has_all_that_was_kept(server: OwnServer) -> None:
    async with store_at(server.a_database()) as (store, records):
        job = await records.a_job("EON1")
        server.kill()
        with pytest.raises(StoreUnavailable, match="see that the server is up"):
            await records.a_job("EON2")
        with pytest.raises(StoreUnavailable):
            await store.jobs.job(ACME, job.id)
        assert store.problem
        server.start()
        await mended(store)
        assert await store.jobs.jobs(ACME, (), before="", limit=10) == (job,)
        assert (await records.a_job("EON2")).counts.total == 1


async def test_a_server_that_takes_no_writes_is_waited_for(server: OwnServer) -> None:
    async with store_at(server.a_database()) as (store, records):
        job = await records.a_job("EON1")
        server.tell("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        store._writer._held.release()
        with pytest.raises(StoreUnavailable, match="default_transaction_read_only"):
            await records.a_job("EON2")
        assert await store.jobs.job(ACME, job.id) == job
        with pytest.raises(StoreUnavailable):
            await store._writer.look()
        server.tell("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
        await mended(store)


async def test_a_statement_that_takes_too_long_is_an_outage_and_no_defect(server: OwnServer) -> None:
    url = server.a_database()
    async with store_at(url) as (store, records):
        name = url.partition("?")[0].rpartition("/")[2]
        server.tell(f"ALTER DATABASE {name} SET statement_timeout = '50ms'")
        store._writer._held.connection()
        store._writer._held.release()
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE jobs")
            with pytest.raises(StoreUnavailable, match="statement_timeout"):
                await records.a_job("EON1")
        await mended(store)


async def test_once_damage_was_read_nothing_is_written_any_more(server: OwnServer) -> None:
    url = server.a_database()
    async with store_at(url) as (store, records):
        job = await records.a_job("EON1")
        damage(server, url, "job_orders")
        with pytest.raises(StoreUnavailable):
            await store.jobs.job(ACME, job.id)
        await mended(store)
        with pytest.raises(StoreDamaged, match="restore"):
            await store.jobs.orders(ACME, job.id, (), after="", limit=1)
        for write in (records.a_job("EON2"), store._writer.look()):
            with pytest.raises(StoreDamaged):
                await write
        assert await store.jobs.job(ACME, job.id) == job


def damage(server: OwnServer, url: str, table: str) -> None:
    """Fills the first page of the table with noise, while the server is down."""
    with psycopg.connect(url) as connection:
        ((where,),) = connection.execute("SELECT pg_relation_filepath(%s)", (table,))
    server.tell("CHECKPOINT")
    server.kill()
    with (server.folder / where).open("r+b") as file:
        file.write(os.urandom(8192))
    server.start()

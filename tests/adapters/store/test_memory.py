"""The writer remembers the orders in hand; what anybody else did to them it learns all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from adapters.store import Store
from adapters.store.batch import Batch
from adapters.store.jobs import key_of
from adapters.store.progress import save
from domain.errors import AlreadyInvoiced, OrderInProgress, StaleJobOrder
from domain.job import JobOrder, OrderState, Step
from fakes.stores import Records, records_in, store_at


@contextmanager
def reads(store: Store) -> Iterator[Callable[[], int]]:
    """How often the writer has asked the database about orders since then."""
    seen: list[str] = []

    def see(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "job_orders" in statement and "SELECT" in statement:
            seen.append(statement)

    engine: Engine = store._writer._held._engine
    event.listen(engine, "before_cursor_execute", see)
    yield lambda: len(seen)
    event.remove(engine, "before_cursor_execute", see)


async def stepped(records: Records, order: JobOrder) -> JobOrder:
    return await records.jobs.save(replace(order, step=Step(order.step + 1)))


async def test_an_order_in_hand_is_asked_about_once(url: str) -> None:
    async with store_at(url) as (store, records):
        order = await records.an_order()
        with reads(store) as asked:
            for _ in range(3):
                order = await stepped(records, order)
            assert asked() == 1


async def test_what_another_process_wrote_is_seen_by_the_next_save(either: str) -> None:
    async with store_at(either) as (_, here), store_at(either) as (_, there):
        order = await stepped(here, await here.an_order())
        await stepped(there, order)
        with pytest.raises(StaleJobOrder):
            await stepped(here, order)


async def test_an_order_that_another_process_cancelled_goes_on_no_more(either: str) -> None:
    async with store_at(either) as (_, here), store_at(either) as (_, there):
        order = await stepped(here, await here.an_order())
        job = await there.jobs.cancel(order.tenant, order.job_id, there.clock())
        assert job.counts.cancelled == 1
        with pytest.raises(StaleJobOrder):
            await stepped(here, order)
        assert (await here.jobs.job(order.tenant, order.job_id)).counts.cancelled == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_an_order_that_another_job_took_is_taken_though_it_was_free_when_it_was_last_looked_at(
    kind: str, tmp_path: Path
) -> None:
    async with records_in(kind, tmp_path) as records:
        first, second = await stepped(records, await records.an_order()), await records.an_order()
        await records.jobs.claim(second, records.clock())
        with pytest.raises(OrderInProgress):
            await records.jobs.claim(first, records.clock())


async def test_an_order_that_another_job_invoiced_is_invoiced_though_it_was_not_when_it_was_last_looked_at(
    records: Records,
) -> None:
    first, second = await stepped(records, await records.an_order()), await records.an_order()
    await records.issued("INV-1", second)
    with pytest.raises(AlreadyInvoiced):
        await records.jobs.claim(first, records.clock())


async def test_a_change_that_was_undone_is_not_remembered(url: str) -> None:
    async with store_at(url) as (store, records):
        order = await stepped(records, await records.an_order())

        def saves_and_breaks(batch: Batch) -> None:
            save(batch, replace(order, state=OrderState.FAILURE))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await store._writer.write(saves_and_breaks, key_of(order))
        kept = await stepped(records, order)
        assert kept.revision == order.revision + 1
        assert (await records.jobs.job(order.tenant, order.job_id)).counts.pending == 1


async def test_orders_that_ended_are_forgotten(url: str) -> None:
    async with store_at(url) as (store, records):
        for n in range(3):
            await records.ends(await records.an_order(f"EON{n}"), OrderState.SUCCESS)
        assert not store._writer._memory.standings

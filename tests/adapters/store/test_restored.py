"""An older back-up, restored: the gateway and the order's own mark keep what was done since from being done again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from adapters.store import Store
from domain.document import DocumentFilter
from domain.errors import Rejected
from domain.job import JobOrder, OrderState
from fakes.service import ACME, FakeService
from fakes.stored_service import StoredService


class BackUps:
    """A copy of the database before each of its transactions, taken while it is in use."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.taken: list[Path] = []
        self._folder = folder
        event.listen(store._writer._held._engine, "begin", self._take)

    def _take(self, _: Connection) -> None:
        copy = self._folder / f"{len(self.taken)}.db"
        with closing(sqlite3.connect(self._folder / "invoicing.db")) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        self.taken.append(copy)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


async def backed_up(service: FakeService, folder: Path) -> list[Path]:
    """The back-ups that were taken while an order was worked on to its end."""
    async with Store.opened(f"sqlite:///{folder}/invoicing.db", clock=service.clock) as store:
        stored = StoredService(service, store)
        await stored.a_job("EON1")
        back_ups = BackUps(store, folder)
        await stored.work_to_the_end()
    return back_ups.taken


async def restored(service: FakeService, back_up: Path) -> tuple[JobOrder, int]:
    """How the order ends once the back-up was restored; and how many documents there are then."""
    async with Store.opened(f"sqlite:///{back_up}", clock=service.clock) as store:
        (job,) = await store.jobs.jobs(ACME, (), before="", limit=10)
        await StoredService(service, store).work_to_the_end()
        (order,) = await store.jobs.orders(ACME, job.id, (), after="", limit=10)
        return order, len(await store.journal.documents(DocumentFilter(ACME), before=0, limit=10))


async def test_an_order_that_was_invoiced_since_the_back_up_is_not_invoiced_again(
    service: FakeService, tmp_path: Path
) -> None:
    back_ups = await backed_up(service, tmp_path)
    assert len(back_ups) > 10
    ends = [await restored(service, back_up) for back_up in back_ups]
    assert {order.number for order, _ in ends} == {"INV1"}
    known = [documents for _, documents in ends]
    assert known == sorted(known)
    for order, documents in ends:
        told = (OrderState.SUCCESS, "") if documents else (OrderState.FAILURE, "ALREADY_INVOICED")
        assert (order.state, order.reason) == told
    assert len(service.payments.captured) == len(service.orders.marks) == len(set(service.mailer.ids)) == 1
    assert service.sequences.drawn == ["INV1"]
    assert not service.defects


async def test_an_order_that_was_charged_but_not_yet_marked_since_the_back_up_is_not_charged_again(
    service: FakeService, tmp_path: Path
) -> None:
    service.sequences.trouble.strikes_before(*[Rejected("no number is ever drawn")] * 100)
    back_ups = await backed_up(service, tmp_path)
    reasons = [(await restored(service, back_up))[0].reason for back_up in back_ups]
    assert set(reasons) == {"PAYMENT_OUTCOME_UNKNOWN", "INTERNAL"}
    assert reasons == sorted(reasons, reverse=True), "unknown until the back-up holds the intent, then known"
    assert len(service.payments.captured) == 1

"""A server that goes away while it commits: nobody knows whether it did, so everything may be done again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import Connection, event

from adapters.store import Store
from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.document import DocumentFilter
from domain.errors import AlreadyInvoiced, OrderInProgress, StaleJobOrder, StoreUnavailable
from domain.job import JobOrder, OrderState
from domain.mail import MailId
from domain.order import TransactionId
from fakes.clock import FakeClock
from fakes.postgresql import the_database
from fakes.service import FakeService
from fakes.stored_service import StoredService
from fakes.stores import ACME, Records, an_invoice, mended, store_at

ALL = DocumentFilter(ACME)
MOST_COMMITS = 40
"""More than one order takes."""


class Silence:
    """The server goes away while the next transaction is committed: after it `did`, or before."""

    def __init__(self, store: Store) -> None:
        self.at = 0
        self.did = False
        event.listen(store._writer._held._engine, "commit", self._strike)

    def strikes(self, *, at: int = 1, did: bool) -> None:
        """It is the commit so many from now."""
        self.at, self.did = at, did

    def _strike(self, connection: Connection) -> None:
        self.at -= 1
        if self.at == 0:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            if self.did:
                driver.execute("COMMIT")
            driver.close()


@pytest.fixture
async def kept() -> AsyncIterator[tuple[Store, Records, Silence]]:
    """A store, and what makes its server fall silent."""
    async with store_at(the_database()) as (store, records):
        yield store, records, Silence(store)


DID = pytest.mark.parametrize("did", [True, False], ids=["done", "not done"])


async def in_doubt(store: Store, silence: Silence, write: Awaitable[object], *, did: bool) -> None:
    """The write, of which its caller does not hear whether it was done."""
    silence.strikes(did=did)
    with pytest.raises(StoreUnavailable):
        await write
    await mended(store)


@DID
async def test_a_job_may_be_asked_for_again(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    await in_doubt(store, silence, records.a_job("EON1", request_id="r-1"), did=did)
    job = await records.a_job("EON1", request_id="r-1")
    assert await store.jobs.jobs(ACME, (), before="", limit=10) == (job,)


@DID
async def test_a_state_is_saved_once(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    order = await records.an_order()
    await in_doubt(store, silence, store.jobs.save(replace(order, message="saved")), did=did)
    if did:
        with pytest.raises(StaleJobOrder):
            await store.jobs.save(replace(order, message="saved again"))
    else:
        await store.jobs.save(replace(order, message="saved"))
    now = await records.order(await store.jobs.job(ACME, order.job_id), "EON1")
    assert (now.message, now.revision) == ("saved", order.revision + 1)


@DID
async def test_what_is_in_doubt_together_is_not_tried_again_one_by_one(
    kept: tuple[Store, Records, Silence], *, did: bool
) -> None:
    """Whoever asked for it has to look first: only he knows what to make of it."""
    store, records, silence = kept
    orders = [await records.an_order(f"EON{n}") for n in range(3)]
    silence.strikes(did=did)
    outcomes = await asyncio.gather(*map(store.jobs.save, orders), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 3


@DID
async def test_an_order_is_claimed_by_its_job_however_often(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    order = await records.an_order()
    await in_doubt(store, silence, store.jobs.claim(order, records.clock()), did=did)
    await store.jobs.claim(order, records.clock())
    with pytest.raises(OrderInProgress):
        await store.jobs.claim(await records.an_order(), records.clock())


@DID
async def test_a_capture_is_intended_once(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    order = await records.an_order()
    attempt = an_attempt(order)
    await in_doubt(store, silence, store.journal.intend_capture(order, attempt), did=did)
    if did:
        with pytest.raises(StaleJobOrder):
            await store.journal.intend_capture(order, replace(attempt, id=AttemptId("a-2")))
    else:
        await store.journal.intend_capture(order, attempt)
    assert await store.journal.captures(ACME, attempt.transaction_id) == (attempt,)


@DID
async def test_a_capture_ends_once(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    attempt = an_attempt(order := await records.an_order())
    await store.journal.intend_capture(order, attempt)
    write = store.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    await in_doubt(store, silence, write, did=did)
    await store.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
    ended = replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c-1")
    assert await store.journal.captures(ACME, attempt.transaction_id) == (ended,)


@DID
async def test_a_document_is_issued_once(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    order = await records.an_order()
    await in_doubt(store, silence, store.journal.issue(order, an_invoice(), records.clock()), did=did)
    if did:
        with pytest.raises(AlreadyInvoiced):
            await store.journal.issue(order, an_invoice("INV-2"), records.clock())
    else:
        await store.journal.issue(order, an_invoice(), records.clock())
    (document,) = await store.journal.documents(ALL, before=0, limit=10)
    assert document.number == "INV-1"


@DID
async def test_what_became_of_a_document_is_kept_once(kept: tuple[Store, Records, Silence], *, did: bool) -> None:
    store, records, silence = kept
    await records.issued("INV-1")
    (document,) = await store.journal.documents(ALL, before=0, limit=10)
    mail = MailId("m-1")
    for write in (
        lambda: store.journal.archived(document, sha256="a" * 64, size=7),
        lambda: store.journal.mailed(document, mail, "a@example.com", records.clock()),
    ):
        await in_doubt(store, silence, write(), did=did)
        await write()
    (found,) = await store.journal.documents(ALL, before=0, limit=10)
    assert (found.sha256, found.size, found.mailed) == ("a" * 64, 7, records.clock())
    assert await store.journal.sent(ACME, mail)


def an_attempt(order: JobOrder) -> CaptureAttempt:
    now = FakeClock()()
    where = order.tenant, order.job_id, order.order_id, TransactionId("t-1")
    return CaptureAttempt(AttemptId("a-1"), *where, Decimal("23.80"), "EUR", now, now)


@DID
async def test_an_order_is_done_once_whichever_of_its_commits_is_in_doubt(*, did: bool) -> None:
    """Each commit in turn: the service finds out what became of it, and charges, numbers and mails once."""
    for at in range(1, MOST_COMMITS):
        silence = await an_order_done_once(at, did=did)
        if silence.at > 0:
            return
    pytest.fail("an order takes more commits than that")


async def an_order_done_once(at: int, *, did: bool) -> Silence:
    """The silence that struck at this commit of an order, which was done once all the same."""
    service = FakeService()
    async with store_at(the_database()) as (store, _):
        stored = StoredService(service, store)
        job = await stored.a_job("EON1")
        silence = Silence(store)
        silence.strikes(at=at, did=did)
        await stored.work_to_the_end()
        (order,) = await store.jobs.orders(ACME, job.id, (), after="", limit=10)
        (document,) = await store.journal.documents(ALL, before=0, limit=10)
    assert (order.state, order.reason, order.number) == (OrderState.SUCCESS, "", document.number)
    assert len(service.payments.captured) == len(service.archive.kept) == len(set(service.mailer.ids)) == 1
    assert document.is_intact(service.archive.kept[ACME, document.number])
    assert not service.defects
    return silence

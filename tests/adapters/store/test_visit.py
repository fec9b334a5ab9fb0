"""Visiting the store of a service that runs, or does not run any more."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.store import Store, Visit
from domain.capture import AttemptId, CaptureOutcome
from domain.errors import Misconfigured, UnknownOrder
from domain.history import Claim, FailedTry, Mailed, OrderHistory
from domain.invoice import InvoiceNumber
from domain.job import JobId, JobOrder, JobType, OrderState, Step
from domain.mail import MailId
from domain.numbering import INVOICE_SERIES, Draw, DrawId, DrawOutcome
from domain.order import OrderId
from domain.refund import RefundAttempt, RefundId
from fakes.clock import FakeClock
from fakes.known_orders import an_attempt
from fakes.postgresql import the_database
from fakes.service import a_correction
from fakes.stores import ACME, GLOBEX, Records, a_draft, an_invoice

EON1 = OrderId("EON1")
INV1 = InvoiceNumber("INV-1")


@dataclass(frozen=True, slots=True)
class Running:
    """A service's store, open all the time, and where it is."""

    url: str
    records: Records

    async def history(self, order_id: OrderId = EON1) -> OrderHistory:
        """As a visitor from another process reads it."""
        async with Visit.begun(self.url, clock=self.records.clock) as visit:
            return await visit.history(ACME, order_id)


@pytest.fixture(params=["sqlite", "postgresql"])
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Running]:
    url = the_database() if request.param == "postgresql" else f"sqlite:///{tmp_path}/invoicing.db"
    clock = FakeClock()
    async with Store.opened(url, clock=clock) as store:
        yield Running(url, Records(store.jobs, store.journal, clock))


def of(order: JobOrder, number: int = 1) -> Draw:
    return Draw(DrawId(f"d{number}"), ACME, INVOICE_SERIES, order.order_id, order.job_id, order.due or FakeClock().now)


async def test_everything_about_an_order_is_found_and_nothing_about_others(running: Running) -> None:
    records, journal = running.records, running.records.journal
    for tenant in (ACME, GLOBEX):
        await records.an_order("EON2", tenant=tenant)
    await records.an_order(tenant=GLOBEX)
    await records.an_order(dry_run=True)
    records.clock.advance(timedelta(seconds=1))
    order = await records.an_order()
    await records.jobs.claim(order, records.clock())
    attempt = an_attempt(job_id=order.job_id)
    order = await journal.intend_capture(order, attempt)
    await journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c1")
    draw = await journal.intend_draw(order, of(order))
    await journal.end_draw(draw, DrawOutcome.DRAWN, INV1)
    invoice = an_invoice("INV-1")
    document = await journal.issue(order, invoice, records.clock())
    await journal.mailed(document, MailId("m1"), "z@example.com", records.clock())
    known = await running.history()
    assert [(entry.type, entry.order.dry_run) for entry in known.jobs] == [
        (JobType.MANUAL, True),
        (JobType.MANUAL, False),
    ]
    assert known.latest == order
    assert known.claim == Claim(order.job_id, records.clock())
    assert known.captures == (replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c1"),)
    assert known.draws == (replace(draw, outcome=DrawOutcome.DRAWN, number=INV1),)
    assert [(each.document.number, each.position) for each in known.documents] == [(INV1, 1)]
    assert known.mails == (Mailed(MailId("m1"), INV1, "z@example.com", records.clock()),)
    assert known.draft == invoice.draft
    assert known.planned(invoice.draft.captures[0].transaction_id) == Decimal("23.80")


async def test_before_there_is_a_document_the_plan_is_what_was_last_decided(running: Running) -> None:
    order = await running.records.an_order()
    assert (await running.history()).draft is None
    await running.records.jobs.save(order, a_draft())
    assert (await running.history()).draft == a_draft()


async def test_a_correction_is_found_with_its_refund_and_the_plan_of_the_invoice(running: Running) -> None:
    records, journal = running.records, running.records.journal
    order = await records.jobs.save(await records.an_order(), a_draft())
    attempt = an_attempt(job_id=order.job_id)
    order = await journal.intend_capture(order, attempt)
    await journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c1")
    await records.issued("INV-1", order)
    said = an_invoice("INV-1").draft
    assert (await running.history()).drafts == (said,), "what is issued is not told twice"
    await records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=INV1)
    wanted = a_correction("INV-1", refund=True)
    correction = await records.jobs.correct(JobId(f"{9:028x}"), wanted, records.clock())
    now = records.clock()
    refund = RefundAttempt(
        *(RefundId("r1"), ACME, correction.job_id, EON1, attempt.transaction_id, attempt.id),
        *(Decimal("10.00"), "EUR", Decimal(0), now, now),
    )
    correction = await journal.intend_refund(correction, refund, ())
    known = await running.history()
    assert (known.latest, known.refunds, known.drafts) == (correction, (refund,), (said,))
    assert [entry.type for entry in known.jobs] == [JobType.MANUAL, JobType.CORRECTION]


async def test_an_order_that_no_job_of_the_tenant_had_is_unknown(running: Running) -> None:
    await running.records.an_order(tenant=GLOBEX)
    with pytest.raises(UnknownOrder, match="no job of a tenant 'acme'"):
        await running.history()
    await running.records.an_order("EON2")
    with pytest.raises(UnknownOrder, match="no job of tenant 'acme' has an order 'EON1'"):
        await running.history()


async def test_a_word_is_kept_beside_the_writer_of_the_service(running: Running) -> None:
    records = running.records
    order = await records.an_order()
    attempt = an_attempt(job_id=order.job_id)
    await records.journal.intend_capture(order, attempt)
    said = replace(attempt, outcome=CaptureOutcome.NOT_MADE, said_by="anna", said=records.clock())
    async with Visit.begun(running.url, clock=records.clock) as visit:
        await visit.journal.settle_captures(order, (attempt,), (said,))
    assert (await running.history()).captures == (said,)
    ended = await records.ends(
        await records.order(await records.jobs.job(ACME, order.job_id), EON1), OrderState.FAILURE
    )
    assert ended.state is OrderState.FAILURE, "the service goes on writing"


async def test_no_word_is_lost_when_another_one_corrects_it_or_the_gateway_does(running: Running) -> None:
    records, journal = running.records, running.records.journal
    order = await records.an_order()
    attempt = an_attempt(job_id=order.job_id)
    order = await journal.intend_capture(order, attempt)
    first = replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c1", said_by="anna", said=records.clock())
    await journal.settle_captures(order, (attempt,), (first,))
    records.clock.advance(timedelta(seconds=4))
    second = replace(attempt, outcome=CaptureOutcome.NOT_MADE, said_by="bert", said=records.clock())
    foreign = replace(
        second, id=AttemptId("a2"), intended=records.clock(), outcome=CaptureOutcome.FOREIGN, capture_id="c1"
    )
    await journal.settle_captures(order, (first,), (second, foreign))
    await journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c2")
    known = await running.history()
    assert known.words == (first, second, foreign)
    assert known.captures == (replace(attempt, outcome=CaptureOutcome.CAPTURED, capture_id="c2"), foreign)
    assert [capture.ended for capture in known.captures] == [records.clock(), None]


async def test_tries_that_failed_are_found_after_the_order_went_on(running: Running) -> None:
    records = running.records
    order = await records.an_order()
    await records.an_order("EON2")
    due = records.clock() + timedelta(seconds=1)
    tried = replace(order, attempt=1, reason="PLATFORM_UNAVAILABLE", message="no answer", due=due)
    order = await records.jobs.save(tried, failed=True)
    order = await records.jobs.save(replace(order, attempt=0, reason="", message="", step=Step.RECALCULATION))
    assert (await running.history()).failed_tries == (
        FailedTry(order.job_id, Step.VALIDATION, 1, "PLATFORM_UNAVAILABLE", "no answer", records.clock(), due),
    )
    assert (await running.history(OrderId("EON2"))).failed_tries == ()


async def test_a_database_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(Misconfigured, match="does not exist"):
            async with Visit.begun(f"sqlite:///{tmp_path}/invoicing.db", clock=FakeClock()):
                pass


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "'9999'"),
        ("UPDATE alembic_version SET version_num = '0001'", "'0001'"),
        ("DROP TABLE alembic_version", "no invoices are kept"),
    ],
)
async def test_a_database_of_another_version_is_left_alone(tmp_path: Path, statement: str, told: str) -> None:
    url, file = f"sqlite:///{tmp_path}/invoicing.db", tmp_path / "invoicing.db"
    async with Store.opened(url, clock=FakeClock()):
        pass
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)
    before = file.read_bytes()
    with pytest.raises(Misconfigured, match=told):
        async with Visit.begun(url, clock=FakeClock()):
            pass
    assert file.read_bytes() == before

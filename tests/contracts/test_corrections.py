"""What `domain.ports.Jobs` and `Journal` promise of corrections: asked of the fakes and of the databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.correction import CorrectionRequest, credit_note_of
from domain.document import Document
from domain.errors import (
    AlreadyInvoiced,
    Conflict,
    NotCancellable,
    OrderInProgress,
    RequestIdReused,
    StaleJobOrder,
    UnknownInvoice,
    UnknownJob,
)
from domain.invoice import DocumentType, Invoice, InvoiceNumber
from domain.job import Correction, JobId, JobOrder, OrderState, RequestId, Step
from domain.numbering import INVOICE_SERIES, Draw, DrawId, DrawOutcome, SeriesName
from domain.order import OrderId, TenantId, TransactionId
from domain.refund import RefundAttempt, RefundId, RefundOutcome
from fakes.stores import ACME, GLOBEX, Records, records_in

SECOND = timedelta(seconds=1)
INV1 = InvoiceNumber("INV-1")
TRANSACTION = TransactionId("t-EON1")


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in(request.param, tmp_path) as opened:
        yield opened


async def an_issued(records: Records, number: str = "INV-1", tenant: TenantId = ACME) -> JobOrder:
    """An order that is done: its invoice is issued, and no job has it."""
    order = await records.an_order(tenant=tenant)
    await records.jobs.claim(order, records.clock())
    await records.issued(number, order)
    return await records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=InvoiceNumber(number))


async def correct(
    records: Records,
    number: str = "INV-1",
    *,
    key: str = "",
    name: str = "c1",
    tenant: TenantId = ACME,
    **asked: object,
) -> JobOrder:
    """The work on a correction."""
    correction = replace(Correction(InvoiceNumber(number), "a slip"), **asked)
    wanted = CorrectionRequest(tenant, correction, RequestId(key))
    return await records.jobs.correct(JobId(f"{name:0>28}"), wanted, records.clock())


async def latest(records: Records, order: JobOrder) -> JobOrder:
    return (await records.jobs.changes(order.tenant, order.job_id, after=0, limit=1))[0]


async def failed(records: Records, order: JobOrder, **changes: object) -> JobOrder:
    """The correction, saved as failed."""
    ended = {"state": OrderState.FAILURE, "due": None, "reason": "NOT_CONFIGURED", "retryable": True}
    return await records.jobs.save(replace(order, **{**ended, **changes}))


async def noted(records: Records, order: JobOrder, number: str = "INV-2") -> Document:
    """The credit note of the correction, issued."""
    return await records.journal.issue(order, await a_note(records, number), records.clock())


async def a_note(records: Records, number: str = "INV-2") -> Invoice:
    invoice = await records.journal.content(await records.journal.document(ACME, INV1))
    note = credit_note_of(invoice, "a slip", invoice.issue_date, refund=Decimal(0))
    return replace(note, number=InvoiceNumber(number), series=INVOICE_SERIES)


class TestAccepting:
    async def test_a_correction_begins_with_its_document_and_is_due_at_once(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records, refund=True)
        assert (order.order_id, order.step, order.state) == ("EON1", Step.PDF, OrderState.PENDING)
        assert order.correction == Correction(INV1, "a slip", refund=True)
        assert await records.jobs.due(records.clock(), each=10, busy=()) == (order,)
        assert await latest(records, order) == order

    async def test_it_has_the_order_from_then_on(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        with pytest.raises(OrderInProgress, match="INV-1 is being cancelled") as raised:
            await records.jobs.claim(await records.an_order(), records.clock())
        assert raised.value.job_id == order.job_id

    async def test_it_is_none_of_the_jobs_that_callers_know(self, records: Records) -> None:
        done = await an_issued(records)
        order = await correct(records)
        assert [job.id for job in await records.jobs.jobs(ACME, (), before="", limit=10)] == [done.job_id]
        for call in (
            records.jobs.job(ACME, order.job_id),
            records.jobs.cancel(ACME, order.job_id, records.clock()),
            records.jobs.retry(ACME, order.job_id, (), records.clock()),
        ):
            with pytest.raises(UnknownJob):
                await call

    async def test_whoever_waits_for_it_hears_of_every_change(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        asked = asyncio.create_task(records.jobs.wait(ACME, order.job_id, after=order.version, timeout=60 * SECOND))
        await records.jobs.save(replace(order, step=Step.CAPTURE))
        assert await asked
        with pytest.raises(UnknownJob):
            await records.jobs.wait(ACME, JobId("nobody"), after=0, timeout=SECOND)

    async def test_an_order_in_another_jobs_hands_is_left_to_it(self, records: Records) -> None:
        order = await records.an_order()
        await records.jobs.claim(order, records.clock())
        await records.issued("INV-1", order)
        with pytest.raises(OrderInProgress) as raised:
            await correct(records)
        assert raised.value.job_id == order.job_id
        await records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=INV1)
        await correct(records)

    async def test_what_is_not_there_or_another_tenants_is_unknown(self, records: Records) -> None:
        await an_issued(records, tenant=GLOBEX)
        with pytest.raises(UnknownInvoice):
            await correct(records)

    async def test_of_many_at_once_one_is_made(self, records: Records) -> None:
        await an_issued(records)
        made = await asyncio.gather(*(correct(records, name=f"c{n}") for n in range(5)))
        assert len({order.job_id for order in made}) == 1

    async def test_of_many_that_differ_one_is_made(self, records: Records) -> None:
        await an_issued(records)
        asked = (correct(records, name=f"c{n}", remark=f"slip {n}") for n in range(5))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["JobOrder", *["OrderInProgress"] * 4]


class TestAskingAgain:
    async def test_the_same_key_and_content_find_the_same_correction(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records, key="r1")
        assert await correct(records, key="r1", name="c2") == order
        done = await records.ends(order, OrderState.SUCCESS)
        assert await correct(records, key="r1", name="c2") == done

    async def test_a_key_is_of_one_content(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records, key="r1")
        for asked in ({"refund": True}, {"remark": "other"}):
            with pytest.raises(RequestIdReused) as raised:
                await correct(records, key="r1", name="c2", **asked)
            assert (raised.value.job_id, raised.value.corrects) == (order.job_id, "INV-1")
        with pytest.raises(RequestIdReused, match="to cancel invoice INV-1"):
            await records.a_job("EON2", request_id="r1")

    async def test_a_key_of_a_job_is_told_with_the_job(self, records: Records) -> None:
        await an_issued(records)
        job = await records.a_job("EON2", request_id="r1")
        with pytest.raises(RequestIdReused, match=f"for job {job.id}"):
            await correct(records, key="r1")

    async def test_a_key_is_of_one_tenant(self, records: Records) -> None:
        await an_issued(records)
        await an_issued(records, tenant=GLOBEX)
        mine, theirs = await correct(records, key="r1"), await correct(records, key="r1", tenant=GLOBEX, refund=True)
        assert (mine.tenant, theirs.tenant) == (ACME, GLOBEX)

    async def test_one_that_failed_is_taken_up_with_the_order(self, records: Records) -> None:
        await an_issued(records)
        order = await failed(records, await correct(records))
        again = await correct(records, name="c2")
        assert (again.job_id, again.state, again.step, again.reason) == (order.job_id, OrderState.PENDING, Step.PDF, "")
        assert again == await latest(records, order)
        with pytest.raises(OrderInProgress):
            await records.jobs.claim(await records.an_order(), records.clock())

    async def test_one_that_failed_without_a_document_gives_way_to_another(self, records: Records) -> None:
        await an_issued(records)
        order = await failed(records, await correct(records))
        other = await correct(records, name="c2", refund=True)
        assert other.job_id != order.job_id
        with pytest.raises(OrderInProgress):
            await correct(records, name="c3")

    async def test_one_whose_order_has_another_invoice_stays_as_it_ended(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records, key="r1")
        note = await noted(records, order)
        order = await failed(records, order, reason="PAYMENT_REFUSED", number=note.number, touched=True)
        await an_issued(records, "INV-3")
        assert await correct(records, key="r1", name="c2") == order

    async def test_a_refund_that_was_refused_lets_the_order_go_and_one_in_doubt_does_not(
        self, records: Records
    ) -> None:
        await an_issued(records)
        order = await correct(records)
        note = await noted(records, order)
        begun = {"number": note.number, "touched": True, "step": Step.CAPTURE}
        order = await failed(records, order, reason="PAYMENT_OUTCOME_UNKNOWN", **begun)
        with pytest.raises(OrderInProgress, match="ask for that again"):
            await records.jobs.claim(await records.an_order(), records.clock())
        await failed(records, await correct(records), reason="PAYMENT_REFUSED", **begun)
        await records.jobs.claim(await records.an_order(), records.clock())


class TestCreditNote:
    async def test_it_ends_the_invoice_in_the_same_commit(self, records: Records) -> None:
        await an_issued(records)
        note = await noted(records, await correct(records))
        invoice = await records.journal.document(ACME, INV1)
        assert (note.type, note.cancels, note.cancelled_by) == (DocumentType.CREDIT_NOTE, INV1, None)
        assert (invoice.type, invoice.cancels, invoice.cancelled_by) == (DocumentType.INVOICE, None, "INV-2")
        assert await records.journal.content(note) == await a_note(records)
        assert await records.journal.document_of(ACME, OrderId("EON1")) == note

    async def test_it_is_issued_once(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        await noted(records, order)
        with pytest.raises(AlreadyInvoiced) as raised:
            await noted(records, order, "INV-3")
        assert raised.value.number == "INV-2"
        with pytest.raises(AlreadyInvoiced):
            await records.journal.intend_draw(order, a_draw(order))

    async def test_a_worker_that_lost_the_order_issues_nothing(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        await records.jobs.save(order)
        with pytest.raises(StaleJobOrder):
            await noted(records, order)
        assert (await records.journal.document(ACME, INV1)).cancelled_by is None

    async def test_the_order_may_be_invoiced_again(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        note = await noted(records, order)
        await records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=note.number)
        await an_issued(records, "INV-3")
        assert (await records.journal.document_of(ACME, OrderId("EON1"))).number == "INV-3"

    async def test_whoever_is_committed_with_it_knows_that_the_invoice_is_not_live_any_more(
        self, records: Records
    ) -> None:
        await an_issued(records)
        order, note, another = await correct(records), await a_note(records), await records.an_order()
        await asyncio.gather(
            records.journal.issue(order, note, records.clock()),
            records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=note.number),
            records.jobs.claim(another, records.clock()),
        )

    async def test_neither_it_nor_what_it_cancels_can_be_cancelled(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        await noted(records, order)
        await records.ends(order, OrderState.SUCCESS)
        for number, note in (("INV-1", "INV-2"), ("INV-2", "")):
            with pytest.raises(NotCancellable) as raised:
                await correct(records, number, name="c2")
            assert (raised.value.number, raised.value.credit_note) == (number, note)

    async def test_numbers_of_one_series_are_not_used_in_another(self, records: Records) -> None:
        await an_issued(records)
        order = await correct(records)
        await records.journal.intend_draw(order, a_draw(order))
        await records.journal.end_draw(a_draw(order), DrawOutcome.DRAWN, InvoiceNumber("INV-2"))
        own = replace(a_draw(order, "d2"), series=SeriesName("credit notes"))
        assert await records.journal.intend_draw(order, own) == own
        assert (await records.journal.intend_draw(order, a_draw(order, "d3"))).number == "INV-2"


def a_draw(order: JobOrder, name: str = "d1") -> Draw:
    assert order.due is not None
    return Draw(DrawId(name), order.tenant, INVOICE_SERIES, order.order_id, order.job_id, order.due)


class TestRefunds:
    async def captured(self, records: Records) -> tuple[JobOrder, CaptureAttempt]:
        """A correction of an order, and the capture that paid it."""
        order, now = await records.an_order(), records.clock()
        attempt = CaptureAttempt(
            id=AttemptId("a1"),
            tenant=ACME,
            job_id=order.job_id,
            order_id=order.order_id,
            transaction_id=TRANSACTION,
            amount=Decimal("23.80"),
            currency="EUR",
            intended=now,
            deadline=now + SECOND,
        )
        order = await records.journal.intend_capture(order, attempt)
        await records.journal.end_capture(attempt, CaptureOutcome.CAPTURED, "c-1")
        await records.issued("INV-1", order)
        await records.ends(order, OrderState.SUCCESS, step=Step.EMAIL, number=INV1)
        (made,) = await records.journal.captures(ACME, TRANSACTION)
        return await correct(records, refund=True), made

    def a_refund(self, order: JobOrder, capture: CaptureAttempt, name: str = "r1") -> RefundAttempt:
        assert order.updated is not None
        return RefundAttempt(
            id=RefundId(name),
            tenant=ACME,
            job_id=order.job_id,
            order_id=order.order_id,
            transaction_id=TRANSACTION,
            capture=capture.id,
            amount=Decimal("23.80"),
            currency="EUR",
            before=Decimal("0.00"),
            intended=order.updated,
            deadline=order.updated + SECOND,
        )

    async def test_the_captures_of_an_order_are_found_on_whichever_transaction(self, records: Records) -> None:
        _, capture = await self.captured(records)
        assert await records.journal.captures_of(ACME, OrderId("EON1")) == (capture,)
        assert await records.journal.captures_of(GLOBEX, OrderId("EON1")) == ()
        assert await records.journal.captures_of(ACME, OrderId("EON2")) == ()

    async def test_an_intent_is_kept_and_marks_the_order_as_touched(self, records: Records) -> None:
        order, capture = await self.captured(records)
        refund = self.a_refund(order, capture)
        touched = await records.journal.intend_refund(order, refund, ())
        assert touched == replace(order, touched=True, revision=1, version=2)
        assert await latest(records, order) == touched
        assert await records.journal.refunds(ACME, TRANSACTION) == (refund,)
        assert await records.journal.refunds(GLOBEX, TRANSACTION) == ()

    async def test_a_worker_that_lost_the_order_intends_nothing(self, records: Records) -> None:
        order, capture = await self.captured(records)
        await records.jobs.save(order)
        with pytest.raises(StaleJobOrder):
            await records.journal.intend_refund(order, self.a_refund(order, capture), ())
        assert await records.journal.refunds(ACME, TRANSACTION) == ()

    async def test_while_one_is_open_no_other_is_intended(self, records: Records) -> None:
        order, capture = await self.captured(records)
        refund = self.a_refund(order, capture)
        order = await records.journal.intend_refund(order, refund, ())
        with pytest.raises(Conflict):
            await records.journal.intend_refund(order, self.a_refund(order, capture, "r2"), (refund,))
        await records.journal.end_refund(refund, RefundOutcome.NOT_MADE)
        ended = replace(refund, outcome=RefundOutcome.NOT_MADE)
        await records.journal.intend_refund(order, self.a_refund(order, capture, "r2"), (ended,))

    async def test_what_was_decided_on_what_has_changed_since_is_not_intended(self, records: Records) -> None:
        order, capture = await self.captured(records)
        refund = self.a_refund(order, capture)
        order = await records.journal.intend_refund(order, refund, ())
        await records.journal.end_refund(refund, RefundOutcome.REFUNDED)
        for known in ((), (refund,), (replace(refund, outcome=RefundOutcome.NOT_MADE),)):
            with pytest.raises(Conflict):
                await records.journal.intend_refund(order, self.a_refund(order, capture, "r2"), known)

    @pytest.mark.parametrize(
        ("first", "then", "kept"),
        [
            (RefundOutcome.REFUNDED, RefundOutcome.NOT_MADE, RefundOutcome.REFUNDED),
            (RefundOutcome.NOT_MADE, RefundOutcome.REFUNDED, RefundOutcome.REFUNDED),
            (RefundOutcome.REFUSED, RefundOutcome.REFUNDED, RefundOutcome.REFUSED),
        ],
    )
    async def test_the_first_word_stays_but_that_it_was_made_outweighs_that_it_was_not(
        self, records: Records, first: RefundOutcome, then: RefundOutcome, kept: RefundOutcome
    ) -> None:
        order, capture = await self.captured(records)
        refund = self.a_refund(order, capture)
        await records.journal.intend_refund(order, refund, ())
        for word in (first, then):
            await records.journal.end_refund(refund, word)
        assert [each.outcome for each in await records.journal.refunds(ACME, TRANSACTION)] == [kept]

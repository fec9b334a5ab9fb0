"""What `domain.ports.Jobs` promises of jobs that are stopped or taken up again: on the fake and in the databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.errors import NotRetryable, OrderInProgress, StaleJobOrder, UnknownJob, UnknownOrder
from domain.invoice import InvoiceNumber
from domain.job import Job, JobId, JobOrder, JobState, OrderCounts, OrderState, Step
from domain.numbering import INVOICE_SERIES, Draw, DrawId, DrawOutcome
from domain.order import OrderId, TransactionId
from fakes.stores import ACME, GLOBEX, Records, a_draft, an_invoice, records_in, refusal

SECOND = timedelta(seconds=1)
NUMBER = InvoiceNumber("INV-1")
ENDED = {"state": OrderState.FAILURE, "due": None, "reason": "PLATFORM_UNAVAILABLE", "retryable": True}
REFUSED = {**ENDED, "step": Step.CAPTURE, "reason": "PAYMENT_REFUSED"}


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in(request.param, tmp_path) as opened:
        yield opened


def an_attempt(records: Records, order: JobOrder) -> CaptureAttempt:
    """The intent to charge the order's card."""
    now = records.clock()
    transaction = TransactionId(f"t-{order.order_id}")
    return CaptureAttempt(
        id=AttemptId(f"a-{order.job_id}-{order.order_id}"),
        tenant=order.tenant,
        job_id=order.job_id,
        order_id=order.order_id,
        transaction_id=transaction,
        amount=Decimal("23.80"),
        currency="EUR",
        intended=now,
        deadline=now + 20 * SECOND,
    )


def a_draw(records: Records, order: JobOrder, name: str = "d1") -> Draw:
    """The intent to draw a number for the order."""
    return Draw(DrawId(name), order.tenant, INVOICE_SERIES, order.order_id, order.job_id, records.clock())


async def cancelled(records: Records, job: Job) -> Job:
    return await records.jobs.cancel(job.tenant, job.id, records.clock())


async def retried(records: Records, job: Job, *order_ids: str) -> Job:
    return await records.jobs.retry(job.tenant, job.id, tuple(map(OrderId, order_ids)), records.clock())


async def states(records: Records, job: Job) -> dict[str, OrderState]:
    every = await records.jobs.orders(job.tenant, job.id, (), after="", limit=10_000)
    return {order.order_id: order.state for order in every}


async def claimed(records: Records, job: Job, order_id: str = "EON1") -> JobOrder:
    """An order of the job that its job has taken."""
    order = await records.order(job, order_id)
    await records.jobs.claim(order, records.clock())
    return order


class TestCancelling:
    async def test_every_order_that_waits_is_stopped_under_a_version_of_its_own(self, records: Records) -> None:
        job = await records.a_job("EON2", "EON1")
        records.clock.advance(SECOND)
        ended = await cancelled(records, job)
        assert (ended.state, ended.counts, ended.version) == (JobState.CANCELLED, OrderCounts(cancelled=2), 4)
        assert (ended.ended, ended.updated) == (records.clock(), records.clock())
        assert await records.jobs.job(ACME, job.id) == ended
        first, second = await records.jobs.changes(ACME, job.id, after=2, limit=10)
        assert [(order.order_id, order.version) for order in (first, second)] == [("EON2", 3), ("EON1", 4)]
        assert (first.state, first.reason, first.due) == (OrderState.CANCELLED, "CANCELLED", None)
        assert first.message
        assert not first.retryable

    async def test_what_has_ended_stays_as_it_ended(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2", "EON3")
        await records.ends(await records.order(job, "EON1"), OrderState.SUCCESS)
        await records.ends(await records.order(job, "EON2"), OrderState.FAILURE, retryable=True)
        ended = await cancelled(records, job)
        assert ended.counts == OrderCounts(success=1, failure=1, cancelled=1)
        assert ended.state is JobState.CANCELLED

    async def test_an_open_capture_intent_keeps_its_order_going(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2")
        order = await claimed(records, job)
        touched = await records.journal.intend_capture(order, an_attempt(records, order))
        going = await cancelled(records, job)
        assert (going.state, going.counts) == (JobState.IN_PROGRESS, OrderCounts(pending=1, cancelled=1))
        assert going.ended is None
        await records.ends(touched, OrderState.SUCCESS)
        assert (await records.jobs.job(ACME, job.id)).state is JobState.CANCELLED

    async def test_a_document_keeps_its_order_going_before_the_order_knows_of_it(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await records.jobs.save(replace(await claimed(records, job), step=Step.PDF), a_draft())
        await records.journal.issue(order, an_invoice("INV-1"), records.clock())
        assert (await cancelled(records, job)).counts == OrderCounts(pending=1)
        await records.jobs.save(replace(order, number=NUMBER))

    async def test_another_jobs_document_does_not(self, records: Records) -> None:
        await records.issued("INV-1", await records.an_order("EON1"))
        assert (await cancelled(records, await records.a_job("EON1"))).counts == OrderCounts(cancelled=1)

    async def test_where_nothing_can_be_stopped_nothing_changes(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await records.jobs.save(replace(await records.order(job, "EON1"), touched=True))
        before = await records.jobs.job(ACME, job.id)
        assert await cancelled(records, job) == before

    async def test_a_job_that_has_ended_stays_as_it_is(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await records.ends(await records.order(job, "EON1"), OrderState.SUCCESS)
        done = await records.jobs.job(ACME, job.id)
        records.clock.advance(SECOND)
        assert await cancelled(records, job) == done

    async def test_cancelled_twice_it_is_cancelled_once(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2")
        first, second = await asyncio.gather(cancelled(records, job), cancelled(records, job))
        assert first == second
        records.clock.advance(SECOND)
        assert await cancelled(records, job) == first

    async def test_a_stopped_order_is_free_and_its_draft_dropped(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await records.jobs.save(await claimed(records, job), a_draft())
        theirs = await records.an_order("EON1")
        with pytest.raises(OrderInProgress):
            await records.jobs.claim(theirs, records.clock())
        await cancelled(records, job)
        await records.jobs.claim(theirs, records.clock())
        assert await records.jobs.draft(order) is None

    async def test_an_order_that_is_taken_and_stopped_at_the_same_moment_is_free(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await records.order(job, "EON1")
        await asyncio.gather(records.jobs.claim(order, records.clock()), cancelled(records, job))
        await claimed(records, await records.a_job("EON1"))

    async def test_another_jobs_hold_on_an_order_stays(self, records: Records) -> None:
        await claimed(records, await records.a_job("EON1"))
        await cancelled(records, await records.a_job("EON1"))
        with pytest.raises(OrderInProgress):
            await records.jobs.claim(await records.an_order("EON1"), records.clock())

    async def test_whoever_works_on_a_stopped_order_can_begin_nothing_more(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await claimed(records, job)
        await cancelled(records, job)
        for begun in (
            records.jobs.claim(order, records.clock()),
            records.jobs.save(order, a_draft()),
            records.journal.intend_capture(order, an_attempt(records, order)),
            records.journal.intend_draw(order, a_draw(records, order)),
            records.journal.issue(order, an_invoice(), records.clock()),
        ):
            assert isinstance(await refusal(begun), StaleJobOrder)
        assert await states(records, job) == {"EON1": OrderState.CANCELLED}

    async def test_a_number_drawn_meanwhile_is_used_by_the_orders_next_job(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await claimed(records, job)
        draw = await records.journal.intend_draw(order, a_draw(records, order))
        await cancelled(records, job)
        await records.journal.end_draw(draw, DrawOutcome.DRAWN, NUMBER)
        assert isinstance(await refusal(records.journal.issue(order, an_invoice(), records.clock())), StaleJobOrder)
        later = await claimed(records, await records.a_job("EON1"))
        again = await records.journal.intend_draw(later, a_draw(records, later, "d2"))
        assert (again.id, again.number) == (draw.id, NUMBER)

    async def test_a_job_that_looks_for_its_orders_ends_without_any(self, records: Records) -> None:
        job = await records.an_automatic_job()
        records.clock.advance(SECOND)
        ended = await cancelled(records, job)
        assert (ended.state, ended.counts, ended.version) == (JobState.CANCELLED, OrderCounts(), 1)
        assert ended.ended == records.clock()
        assert await records.jobs.searching() == ()
        assert await records.jobs.add_orders(job, [OrderId("EON1")], records.clock()) == ended
        assert await records.jobs.fail(job, "INTERNAL", "late", records.clock()) == ended
        assert await retried(records, job) == ended

    async def test_followers_are_woken(self, records: Records) -> None:
        for job in (await records.a_job("EON1"), await records.an_automatic_job()):
            wait = records.jobs.wait(ACME, job.id, after=job.version, timeout=timedelta(minutes=1))
            waiting = asyncio.create_task(wait)
            await cancelled(records, job)
            assert await waiting

    async def test_a_dry_run_is_stopped_like_any_job(self, records: Records) -> None:
        job = await records.a_job("EON1", dry_run=True)
        assert (await cancelled(records, job)).state is JobState.CANCELLED

    async def test_ten_thousand_orders_are_stopped_at_once(self, records: Records) -> None:
        job = await records.a_job(*(f"EON{n}" for n in range(10_000)))
        ended = await cancelled(records, job)
        assert (ended.counts, ended.version) == (OrderCounts(cancelled=10_000), 20_000)
        last = await records.jobs.changes(ACME, job.id, after=19_998, limit=10)
        assert [order.version for order in last] == [19_999, 20_000]

    async def test_among_saves_at_the_same_moment_every_order_is_either_saved_or_stopped(
        self, records: Records
    ) -> None:
        job = await records.a_job(*(f"EON{n}" for n in range(40)))
        orders = await records.jobs.orders(ACME, job.id, (), after="", limit=100)
        ends = [records.ends(order, OrderState.SUCCESS) for order in orders[:20]]
        takes = [records.jobs.save(replace(order, touched=True)) for order in orders[20:30]]
        *saved, ended = await asyncio.gather(*map(refusal, ends), *map(refusal, takes), cancelled(records, job))
        assert all(isinstance(outcome, StaleJobOrder) for outcome in saved if outcome)
        after = await records.jobs.orders(ACME, job.id, (), after="", limit=100)
        for order, outcome in zip(after, saved, strict=False):
            assert (order.state is OrderState.CANCELLED) is (outcome is not None)
        assert ended == await records.jobs.job(ACME, job.id)
        assert sorted(order.version for order in after) == list(range(41, 81))
        assert ended.counts.total == 40

    async def test_a_job_nobody_has_cannot_be_stopped(self, records: Records) -> None:
        theirs = await records.a_job("EON1", tenant=GLOBEX)
        for job in (theirs, replace(theirs, id=JobId("none"))):
            with pytest.raises(UnknownJob):
                await records.jobs.cancel(ACME, job.id, records.clock())
        assert await states(records, theirs) == {"EON1": OrderState.PENDING}

    async def test_another_tenants_job_with_the_same_id_goes_on(self, records: Records) -> None:
        ours, theirs = await records.a_job("EON1"), await records.a_job("EON1", tenant=GLOBEX)
        assert ours.id == theirs.id
        await cancelled(records, ours)
        assert await records.jobs.job(GLOBEX, theirs.id) == theirs


class TestRetrying:
    async def ended(self, records: Records, job: Job, order_id: str = "EON1", **changes: Any) -> JobOrder:
        """An order of the job that was taken, and ended so."""
        order = await claimed(records, job, order_id)
        return await records.jobs.save(replace(order, **changes), a_draft(order_id))

    async def test_what_failed_is_due_again_and_its_job_in_progress(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED, attempt=8, since=records.clock(), step=Step.CAPTURE, message="away")
        records.clock.advance(SECOND)
        going = await retried(records, job)
        assert (going.state, going.counts, going.ended) == (JobState.IN_PROGRESS, OrderCounts(pending=1), None)
        assert going == await records.jobs.job(ACME, job.id)
        (order,) = await records.jobs.due(records.clock(), each=10, busy=())
        assert (order.state, order.step, order.attempt, order.since) == (OrderState.PENDING, Step.VALIDATION, 0, None)
        assert (order.due, order.reason, order.message) == (records.clock(), "", "")
        assert (order.retryable, order.version) == (False, going.version)

    async def test_all_that_is_retryable_is_meant_when_none_is_named(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2", "EON3", "EON4")
        await self.ended(records, job, "EON1", **ENDED)
        await self.ended(records, job, "EON2", **{**ENDED, "retryable": False})
        mailed = {"state": OrderState.SUCCESS, "step": Step.EMAIL, "number": NUMBER, "reason": "EMAIL_FAILED"}
        await self.ended(records, job, "EON3", **{**ENDED, **mailed})
        going = await retried(records, job)
        assert going.counts == OrderCounts(pending=3, failure=1)
        changed = await records.jobs.changes(ACME, job.id, after=going.version - 2, limit=10)
        assert [(order.order_id, order.step) for order in changed] == [("EON1", 1), ("EON3", Step.EMAIL)]

    async def test_an_order_that_does_not_know_of_its_document_yet_goes_on_with_it(self, records: Records) -> None:
        job = await records.a_job("EON1")
        order = await claimed(records, job, "EON1")
        order = await records.jobs.save(replace(order, step=Step.PDF), a_draft("EON1"))
        await records.issued("INV-1", order)
        await records.jobs.save(replace(order, **ENDED))
        await retried(records, job)
        (again,) = await records.jobs.orders(ACME, job.id, (), after="", limit=1)
        assert (again.state, again.step) == (OrderState.PENDING, Step.PDF)

    async def test_only_what_is_named_is_taken_up(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2")
        for order_id in ("EON1", "EON2"):
            await self.ended(records, job, order_id, **ENDED)
        await retried(records, job, "EON2", "EON2")
        assert await states(records, job) == {"EON1": OrderState.FAILURE, "EON2": OrderState.PENDING}

    async def test_one_named_that_is_not_retryable_keeps_all_as_they_are(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2", "EON3")
        await self.ended(records, job, "EON1", **ENDED)
        await self.ended(records, job, "EON2", **{**ENDED, "retryable": False})
        before = await records.jobs.job(ACME, job.id)
        with pytest.raises(NotRetryable) as raised:
            await retried(records, job, "EON1", "EON2", "EON3")
        assert raised.value.order_ids == ("EON2", "EON3")
        assert "; EON3 is pending" in raised.value.message
        assert await records.jobs.job(ACME, job.id) == before

    async def test_an_order_that_the_job_does_not_have_is_unknown(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED)
        await records.a_job("EON9")
        with pytest.raises(UnknownOrder) as raised:
            await retried(records, job, "EON1", "EON9")
        assert raised.value.name == "EON9"
        assert await states(records, job) == {"EON1": OrderState.FAILURE}

    async def test_where_nothing_is_retryable_nothing_changes(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await records.ends(await records.order(job, "EON1"), OrderState.SUCCESS)
        done = await records.jobs.job(ACME, job.id)
        records.clock.advance(SECOND)
        assert await retried(records, job) == done

    async def test_what_was_cancelled_is_not_taken_up(self, records: Records) -> None:
        job = await records.a_job("EON1", "EON2")
        await self.ended(records, job, **ENDED)
        await cancelled(records, job)
        with pytest.raises(NotRetryable):
            await retried(records, job, "EON2")
        going = await retried(records, job)
        assert (going.state, going.ended) == (JobState.IN_PROGRESS, None)
        assert going.counts == OrderCounts(pending=1, cancelled=1)

    async def test_a_begun_order_goes_on_where_it_was_with_its_draft_and_its_claim(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED, touched=True, step=Step.PDF)
        await retried(records, job)
        order = await records.order(job, "EON1")
        assert (order.step, order.touched) == (Step.PDF, True)
        assert await records.jobs.draft(order) == a_draft()
        with pytest.raises(OrderInProgress) as raised:
            await records.jobs.claim(await records.an_order("EON1"), records.clock())
        assert "wait for that job" in raised.value.message

    async def test_while_another_job_has_the_order_it_is_refused_again(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED)
        await claimed(records, await records.a_job("EON1"))
        await retried(records, job)
        with pytest.raises(OrderInProgress):
            await claimed(records, job)

    @pytest.mark.parametrize("outcome", [CaptureOutcome.REFUSED, CaptureOutcome.NOT_MADE])
    async def test_a_refused_card_is_forgotten_once_no_capture_can_have_been_made(
        self, records: Records, outcome: CaptureOutcome
    ) -> None:
        job = await self.refused(records, outcome)
        await retried(records, job)
        order = await records.order(job, "EON1")
        assert (order.step, order.touched) == (Step.RECALCULATION, False)
        with pytest.raises(OrderInProgress):
            await records.jobs.claim(await records.an_order("EON1"), records.clock())

    @pytest.mark.parametrize("outcome", [None, CaptureOutcome.CAPTURED])
    async def test_and_not_while_one_may_have_been(self, records: Records, outcome: CaptureOutcome | None) -> None:
        job = await self.refused(records, outcome)
        await retried(records, job)
        order = await records.order(job, "EON1")
        assert (order.step, order.touched) == (Step.CAPTURE, True)

    async def refused(self, records: Records, outcome: CaptureOutcome | None) -> Job:
        """A job whose order's card was refused, though an attempt came to this."""
        job = await records.a_job("EON1")
        order = await claimed(records, job)
        attempt = an_attempt(records, order)
        touched = await records.journal.intend_capture(order, attempt)
        if outcome:
            await records.journal.end_capture(attempt, outcome, None)
        await records.jobs.save(replace(touched, **REFUSED), a_draft())
        return job

    async def test_of_two_retries_at_once_one_takes_the_order_up(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED)
        outcomes = await asyncio.gather(*(refusal(retried(records, job, "EON1")) for _ in range(2)))
        assert sorted(type(outcome) for outcome in outcomes if outcome) == [NotRetryable]
        first, second = await asyncio.gather(retried(records, job), retried(records, job))
        assert first == second == await records.jobs.job(ACME, job.id)

    async def test_a_job_that_ends_again_ended_then(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED)
        records.clock.advance(SECOND)
        await retried(records, job)
        await records.ends(await records.order(job, "EON1"), OrderState.SUCCESS)
        assert (await records.jobs.job(ACME, job.id)).ended == records.clock()

    async def test_also_when_it_is_stopped_at_the_same_moment(self, records: Records) -> None:
        job = await records.a_job("EON1")
        await self.ended(records, job, **ENDED)
        records.clock.advance(SECOND)
        going, ended = await asyncio.gather(retried(records, job), cancelled(records, job))
        assert (going.state, going.ended) == (JobState.IN_PROGRESS, None)
        assert (ended.state, ended.ended) == (JobState.CANCELLED, records.clock())

    async def test_a_job_whose_orders_could_not_be_found_looks_for_them_again(self, records: Records) -> None:
        job = await records.an_automatic_job()
        failed = await records.jobs.fail(job, "NOT_CONFIGURED", "no settings", records.clock())
        with pytest.raises(UnknownOrder):
            await retried(records, job, "EON1")
        records.clock.advance(SECOND)
        again = await retried(records, job)
        assert (again.state, again.found, again.ended) == (JobState.IN_PROGRESS, False, None)
        assert (again.reason, again.message, again.version) == ("", "", failed.version + 1)
        assert (again.created, again.updated) == (job.created, records.clock())
        assert await records.jobs.searching() == (again,)
        found = await records.jobs.add_orders(again, [OrderId("EON1")], records.clock())
        assert (found.counts, found.version) == (OrderCounts(pending=1), again.version + 1)

    async def test_engines_and_followers_are_told(self, records: Records) -> None:
        job = await records.a_job("EON1")
        ended = await self.ended(records, job, **ENDED)
        await records.jobs.news(timeout=timedelta(0))
        wait = records.jobs.wait(ACME, job.id, after=ended.version, timeout=timedelta(minutes=1))
        waiting = asyncio.create_task(wait)
        news = asyncio.create_task(records.jobs.news(timeout=timedelta(minutes=1)))
        await retried(records, job)
        assert await waiting
        async with asyncio.timeout(30):
            await news

    async def test_many_orders_are_taken_up_at_once(self, records: Records) -> None:
        job = await records.a_job(*(f"EON{n}" for n in range(2_000)))
        orders = await records.jobs.orders(ACME, job.id, (), after="", limit=10_000)
        await asyncio.gather(*(records.jobs.save(replace(order, **ENDED)) for order in orders))
        going = await retried(records, job)
        assert (going.counts, going.version) == (OrderCounts(pending=2_000), 6_000)

    async def test_a_job_nobody_has_cannot_be_taken_up(self, records: Records) -> None:
        theirs = await records.a_job("EON1", tenant=GLOBEX)
        for job_id in (theirs.id, JobId("none")):
            with pytest.raises(UnknownJob):
                await records.jobs.retry(ACME, job_id, (), records.clock())

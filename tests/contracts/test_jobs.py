"""What `domain.ports.Jobs` promises, asked of the fake and of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import AlreadyInvoiced, OrderInProgress, RequestIdReused, StaleJobOrder, UnknownJob
from domain.invoice import InvoiceNumber
from domain.job import Amounts, JobId, JobState, OrderCounts, OrderState, Step
from domain.order import OrderId
from fakes.stores import ACME, GLOBEX, Records, a_draft, an_invoice, records_in, refusal

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Records]:
    async with records_in(request.param, tmp_path) as opened:
        yield opened


# A job begins


async def test_a_job_is_given_as_it_was_created(records: Records) -> None:
    job = await records.a_job("EON2", "EON1", "EON2", request_id="r-1")
    assert (job.state, job.version, job.counts, job.found) == (JobState.IN_PROGRESS, 2, OrderCounts(pending=2), True)
    assert (job.created, job.updated, job.ended) == (records.clock(), records.clock(), None)
    assert await records.jobs.job(ACME, job.id) == job


async def test_the_orders_of_a_new_job_are_pending_and_due_in_the_order_given(records: Records) -> None:
    job = await records.a_job("EON2", "EON1")
    first, second = await records.jobs.changes(ACME, job.id, after=0, limit=10)
    assert [first.order_id, second.order_id] == ["EON2", "EON1"]
    assert (first.state, first.step, first.due, first.version) == (OrderState.PENDING, 1, records.clock(), 1)


async def test_the_same_request_twice_is_one_job(records: Records) -> None:
    job = await records.a_job("EON1", "EON2", request_id="r-1")
    assert await records.a_job("EON2", "EON1", request_id="r-1") == job
    assert await records.jobs.jobs(ACME, (), before="", limit=10) == (job,)


async def test_many_equal_requests_at_once_are_one_job(records: Records) -> None:
    made = await asyncio.gather(*(records.a_job("EON1", request_id="r-1") for _ in range(20)))
    assert len({job.id for job in made}) == 1
    assert len(await records.jobs.due(records.clock(), each=10, busy=())) == 1


@pytest.mark.parametrize("change", [{"order_ids": (OrderId("EON2"),)}, {"dry_run": True}])
async def test_a_request_id_with_other_content_is_refused(records: Records, change: dict[str, object]) -> None:
    job = await records.a_job("EON1", request_id="r-1")
    with pytest.raises(RequestIdReused) as raised:
        await records.a_job("EON1", request_id="r-1", **change)
    assert (raised.value.request_id, raised.value.job_id) == ("r-1", job.id)
    assert len(await records.jobs.jobs(ACME, (), before="", limit=10)) == 1


async def test_jobs_without_a_request_id_are_all_new(records: Records) -> None:
    assert (await records.a_job("EON1")).id != (await records.a_job("EON1")).id


async def test_a_request_id_belongs_to_one_tenant(records: Records) -> None:
    await records.a_job("EON1", request_id="r-1")
    assert (await records.a_job("EON2", request_id="r-1", tenant=GLOBEX)).tenant == GLOBEX


async def test_a_request_is_known_again_when_its_job_has_gone_on(records: Records) -> None:
    job = await records.a_job("EON1", request_id="r-1")
    await records.ends(await records.order(job, "EON1"), OrderState.SUCCESS)
    again = await records.a_job("EON1", request_id="r-1")
    assert (again.id, again.state) == (job.id, JobState.DONE)


async def test_ten_thousand_orders_are_one_job(records: Records) -> None:
    job = await records.a_job(*(f"EON{n}" for n in range(10_000)))
    assert (job.counts.pending, job.version) == (10_000, 10_000)


# Automatic jobs


async def test_an_automatic_job_looks_for_its_orders_first(records: Records) -> None:
    await records.a_job("EON1")
    job = await records.an_automatic_job()
    assert (job.found, job.state, job.version) == (False, JobState.IN_PROGRESS, 0)
    assert await records.jobs.searching() == (job,)


async def test_an_automatic_job_gets_its_orders_once(records: Records) -> None:
    job = await records.an_automatic_job()
    ids = [OrderId("EON1"), OrderId("EON2"), OrderId("EON1")]
    found = await records.jobs.add_orders(job, ids, records.clock())
    assert (found.found, found.counts.pending, found.version) == (True, 2, 2)
    assert await records.jobs.add_orders(job, [OrderId("EON3")], records.clock()) == found
    assert [order.version for order in await records.jobs.changes(ACME, job.id, after=0, limit=10)] == [1, 2]
    assert await records.jobs.searching() == ()


async def test_an_automatic_job_that_finds_nothing_is_done_at_once(records: Records) -> None:
    job = await records.an_automatic_job()
    done = await records.jobs.add_orders(job, [], records.clock())
    assert (done.state, done.version, done.ended) == (JobState.DONE, 1, records.clock())


async def test_a_job_whose_orders_cannot_be_found_fails_with_the_reason(records: Records) -> None:
    job = await records.an_automatic_job()
    failed = await records.jobs.fail(job, "NOT_CONFIGURED", "no settings", records.clock())
    assert (failed.state, failed.reason, failed.message) == (JobState.FAILED, "NOT_CONFIGURED", "no settings")
    assert (failed.version, failed.ended) == (1, records.clock())
    assert await records.jobs.job(ACME, job.id) == failed
    assert await records.jobs.add_orders(job, [OrderId("EON1")], records.clock()) == failed
    assert await records.jobs.searching() == ()


async def test_a_job_that_has_its_orders_does_not_fail(records: Records) -> None:
    job = await records.a_job("EON1")
    assert await records.jobs.fail(job, "INTERNAL", "late", records.clock()) == job


# Saving


async def test_what_was_saved_is_given_exactly(records: Records) -> None:
    order = await records.an_order()
    records.clock.advance(timedelta(microseconds=123_457))
    now = records.clock()
    changed = replace(
        order,
        step=Step.PDF,
        attempt=3,
        since=now - SECOND,
        due=now + SECOND,
        reason="PLATFORM_UNAVAILABLE",
        message="später 'noch' einmal; \x01\n",
        retryable=True,
        amounts=Amounts("EUR", Decimal("20.00"), Decimal("3.80"), Decimal("-0.01"), Decimal("23.79")),
        touched=True,
        captured=Decimal("23.790"),
        number=InvoiceNumber("INV/1"),
        link="https://example.com/1",
    )
    saved = await records.jobs.save(changed)
    assert saved == replace(changed, revision=1, version=saved.version, updated=now)
    (kept,) = await records.jobs.orders(ACME, order.job_id, (), after="", limit=10)
    assert kept == saved
    assert str(kept.captured) == "23.790"


async def test_no_text_from_outside_keeps_an_order_from_being_saved(records: Records) -> None:
    saved = await records.jobs.save(replace(await records.an_order(), message="NUL: \x00."))
    kept = await records.order(await records.jobs.job(ACME, saved.job_id), "EON1")
    assert kept.message in {"NUL: \x00.", "NUL: \N{REPLACEMENT CHARACTER}."}


async def test_every_save_draws_the_next_version_of_the_job(records: Records) -> None:
    job = await records.a_job("EON1", "EON2")
    saved = [await records.jobs.save(await records.order(job, order_id)) for order_id in ("EON2", "EON1", "EON2")]
    assert [order.version for order in saved] == [3, 4, 5]
    assert (await records.jobs.job(ACME, job.id)).version == 5


async def test_many_saves_at_once_all_get_versions_of_their_own(records: Records) -> None:
    job = await records.a_job(*(f"EON{n}" for n in range(100)))
    orders = await records.jobs.orders(ACME, job.id, (), after="", limit=100)
    saved = await asyncio.gather(*(records.jobs.save(order) for order in orders))
    assert sorted(order.version for order in saved) == list(range(101, 201))


async def test_of_two_workers_one_wins_and_the_other_changes_nothing(records: Records) -> None:
    order = await records.an_order()
    won = await records.jobs.save(replace(order, message="first"))
    with pytest.raises(StaleJobOrder):
        await records.jobs.save(replace(order, state=OrderState.FAILURE, message="second"), a_draft())
    assert await records.jobs.changes(ACME, order.job_id, after=0, limit=10) == (won,)
    assert (await records.jobs.job(ACME, order.job_id)).counts == OrderCounts(pending=1)
    assert await records.jobs.draft(order) is None


async def test_of_many_workers_at_once_one_wins(records: Records) -> None:
    order = await records.an_order()
    outcomes = await asyncio.gather(*(refusal(records.jobs.save(replace(order, message=f"{n}"))) for n in range(50)))
    assert outcomes.count(None) == 1
    assert all(isinstance(outcome, StaleJobOrder) for outcome in outcomes if outcome)
    assert (await records.jobs.job(ACME, order.job_id)).version == 2


async def test_an_order_nobody_has_is_stale(records: Records) -> None:
    order = await records.an_order()
    with pytest.raises(StaleJobOrder):
        await records.jobs.save(replace(order, order_id=OrderId("EON9")))
    with pytest.raises(StaleJobOrder):
        await records.jobs.save(replace(order, tenant=GLOBEX))


# The state of a job


async def test_a_job_is_in_progress_until_its_last_order_ends(records: Records) -> None:
    job = await records.a_job("EON1", "EON2")
    await records.ends(await records.order(job, "EON1"), OrderState.FAILURE)
    halfway = await records.jobs.job(ACME, job.id)
    assert (halfway.state, halfway.counts) == (JobState.IN_PROGRESS, OrderCounts(pending=1, failure=1))
    records.clock.advance(SECOND)
    await records.ends(await records.order(job, "EON2"), OrderState.SUCCESS)
    done = await records.jobs.job(ACME, job.id)
    assert (done.state, done.counts) == (JobState.DONE, OrderCounts(success=1, failure=1))
    assert (done.ended, done.updated) == (records.clock(), records.clock())


async def test_a_job_with_a_cancelled_order_is_cancelled_in_the_end(records: Records) -> None:
    job = await records.a_job("EON1", "EON2")
    for order_id, state in (("EON1", OrderState.CANCELLED), ("EON2", OrderState.SUCCESS)):
        await records.ends(await records.order(job, order_id), state)
    assert (await records.jobs.job(ACME, job.id)).state is JobState.CANCELLED


async def test_an_order_that_goes_on_takes_its_job_back_into_work(records: Records) -> None:
    order = await records.an_order()
    ended = await records.ends(order, OrderState.FAILURE)
    await records.jobs.save(replace(ended, state=OrderState.PENDING, due=records.clock()))
    job = await records.jobs.job(ACME, order.job_id)
    assert (job.state, job.ended, job.counts) == (JobState.IN_PROGRESS, None, OrderCounts(pending=1))


async def test_a_change_after_the_end_does_not_move_the_end(records: Records) -> None:
    ended = await records.ends(await records.an_order(), OrderState.SUCCESS)
    end = records.clock()
    records.clock.advance(SECOND)
    await records.jobs.save(replace(ended, message="mailed again"))
    job = await records.jobs.job(ACME, ended.job_id)
    assert (job.ended, job.updated) == (end, records.clock())


# Reading


async def test_jobs_are_listed_newest_first_page_by_page(records: Records) -> None:
    made = [await records.a_job(f"EON{n}") for n in range(5)]
    assert await records.jobs.jobs(ACME, (), before="", limit=2) == (made[4], made[3])
    assert await records.jobs.jobs(ACME, (), before=made[3].id, limit=2) == (made[2], made[1])
    assert await records.jobs.jobs(ACME, (), before=made[0].id, limit=2) == ()


async def test_jobs_are_listed_by_state(records: Records) -> None:
    first, second, automatic = [
        await records.a_job("EON1"),
        await records.a_job("EON2"),
        await records.an_automatic_job(),
    ]
    await records.ends(await records.order(first, "EON1"), OrderState.SUCCESS)
    await records.jobs.fail(automatic, "INTERNAL", "", records.clock())
    done_or_failed = await records.jobs.jobs(ACME, (JobState.DONE, JobState.FAILED), before="", limit=10)
    assert [job.id for job in done_or_failed] == [automatic.id, first.id]
    assert await records.jobs.jobs(ACME, (JobState.IN_PROGRESS,), before="", limit=10) == (second,)


async def test_orders_are_listed_by_their_id_page_by_page(records: Records) -> None:
    job = await records.a_job("EON3", "EON1", "EON2", "eon", "EON-1")
    page = await records.jobs.orders(ACME, job.id, (), after="", limit=3)
    assert [order.order_id for order in page] == ["EON-1", "EON1", "EON2"]
    rest = await records.jobs.orders(ACME, job.id, (), after="EON2", limit=3)
    assert [order.order_id for order in rest] == ["EON3", "eon"]


async def test_orders_are_listed_by_state(records: Records) -> None:
    job = await records.a_job("EON1", "EON2", "EON3")
    await records.ends(await records.order(job, "EON2"), OrderState.FAILURE)
    states = OrderState.FAILURE, OrderState.SUCCESS
    assert [o.order_id for o in await records.jobs.orders(ACME, job.id, states, after="", limit=9)] == ["EON2"]


async def test_a_job_nobody_has_is_unknown(records: Records) -> None:
    with pytest.raises(UnknownJob):
        await records.jobs.job(ACME, JobId("none"))
    with pytest.raises(UnknownJob):
        await records.jobs.wait(ACME, JobId("none"), after=0, timeout=SECOND)
    assert await records.jobs.orders(ACME, JobId("none"), (), after="", limit=10) == ()


async def test_no_tenant_sees_jobs_or_orders_of_another(records: Records) -> None:
    job = await records.a_job("EON1")
    with pytest.raises(UnknownJob):
        await records.jobs.job(GLOBEX, job.id)
    with pytest.raises(UnknownJob):
        await records.jobs.wait(GLOBEX, job.id, after=0, timeout=SECOND)
    assert await records.jobs.jobs(GLOBEX, (), before="", limit=10) == ()
    assert await records.jobs.orders(GLOBEX, job.id, (), after="", limit=10) == ()
    assert await records.jobs.changes(GLOBEX, job.id, after=0, limit=10) == ()


async def test_tenants_may_have_jobs_with_the_same_id(records: Records) -> None:
    ours = await records.a_job("EON1")
    theirs = await records.a_job("EON1", tenant=GLOBEX)
    assert ours.id == theirs.id
    await records.ends(await records.order(theirs, "EON1"), OrderState.FAILURE)
    assert await records.jobs.job(ACME, ours.id) == ours


# Following


async def test_changes_come_in_ascending_version_page_by_page(records: Records) -> None:
    job = await records.a_job("EON1", "EON2", "EON3")
    await records.jobs.save(await records.order(job, "EON1"))
    page = await records.jobs.changes(ACME, job.id, after=0, limit=2)
    assert [(order.order_id, order.version) for order in page] == [("EON2", 2), ("EON3", 3)]
    assert [o.order_id for o in await records.jobs.changes(ACME, job.id, after=3, limit=2)] == ["EON1"]
    assert await records.jobs.changes(ACME, job.id, after=4, limit=2) == ()


async def test_a_wait_for_what_has_happened_ends_at_once(records: Records) -> None:
    job = await records.a_job("EON1")
    assert await records.jobs.wait(ACME, job.id, after=0, timeout=timedelta(0))
    assert await records.jobs.wait(ACME, job.id, after=0, timeout=-SECOND)


async def test_a_wait_for_nothing_ends_when_its_time_is_over(records: Records) -> None:
    job = await records.a_job("EON1")
    assert not await records.jobs.wait(ACME, job.id, after=1, timeout=timedelta(milliseconds=20))
    assert not await records.jobs.wait(ACME, job.id, after=1, timeout=-SECOND)


async def test_a_change_wakes_everyone_who_waits_for_the_job(records: Records) -> None:
    job, other = await records.a_job("EON1"), await records.a_job("EON2")
    waits = [
        asyncio.create_task(records.jobs.wait(ACME, job.id, after=1, timeout=timedelta(minutes=1))) for _ in range(20)
    ]
    await records.jobs.save(await records.order(other, "EON2"))
    await records.jobs.save(await records.order(job, "EON1"))
    assert all(await asyncio.gather(*waits))


async def test_a_wait_sleeps_through_changes_it_knows(records: Records) -> None:
    job = await records.a_job("EON1")
    wait = asyncio.create_task(records.jobs.wait(ACME, job.id, after=3, timeout=timedelta(minutes=1)))
    for _ in range(2):
        await records.jobs.save(await records.order(job, "EON1"))
    assert not wait.done()
    await records.jobs.save(await records.order(job, "EON1"))
    assert await wait


@pytest.mark.parametrize("how", ["add_orders", "fail"])
async def test_whatever_happens_to_a_job_wakes_its_followers(records: Records, how: str) -> None:
    job = await records.an_automatic_job()
    wait = asyncio.create_task(records.jobs.wait(ACME, job.id, after=0, timeout=timedelta(minutes=1)))
    if how == "fail":
        await records.jobs.fail(job, "INTERNAL", "", records.clock())
    else:
        await records.jobs.add_orders(job, [], records.clock())
    assert await wait


async def test_who_was_woken_reads_what_woke_him(records: Records) -> None:
    job = await records.a_job("EON1")
    wait = asyncio.create_task(records.jobs.wait(ACME, job.id, after=1, timeout=timedelta(minutes=1)))
    saving = asyncio.create_task(records.jobs.save(await records.order(job, "EON1")))
    await wait
    assert (await records.jobs.job(ACME, job.id)).version == 2
    await saving


# What is due


async def test_what_is_due_comes_longest_due_first(records: Records) -> None:
    now = records.clock()
    job = await records.a_job("EON1", "EON2", "EON3")
    await records.jobs.save(replace(await records.order(job, "EON1"), due=now - SECOND))
    await records.jobs.save(replace(await records.order(job, "EON2"), due=now + SECOND))
    await records.jobs.save(replace(await records.order(job, "EON3"), due=now - 2 * SECOND))
    assert [order.order_id for order in await records.jobs.due(now, each=10, busy=())] == ["EON3", "EON1"]
    assert len(await records.jobs.due(now + SECOND, each=10, busy=())) == 3


async def test_a_backlog_of_one_tenant_does_not_hide_the_orders_of_another(records: Records) -> None:
    await records.a_job(*(f"EON{n}" for n in range(500)))
    records.clock.advance(SECOND)
    await records.a_job("EON1", tenant=GLOBEX)
    due = await records.jobs.due(records.clock(), each=3, busy=())
    assert [(order.tenant, order.order_id) for order in due] == [
        (ACME, "EON0"),
        (ACME, "EON1"),
        (ACME, "EON2"),
        (GLOBEX, "EON1"),
    ]


async def test_a_busy_order_makes_room_for_the_next(records: Records) -> None:
    await records.a_job("EON1", "EON2", "EON3", "EON4")
    await records.a_job("EON1", tenant=GLOBEX)
    busy = await records.jobs.due(records.clock(), each=2, busy=())
    assert [order.order_id for order in await records.jobs.due(records.clock(), each=2, busy=busy)] == ["EON3", "EON4"]


async def test_the_same_order_of_another_job_is_not_busy(records: Records) -> None:
    busy = await records.an_order("EON1")
    other = await records.an_order("EON1")
    assert await records.jobs.due(records.clock(), each=9, busy=[busy]) == (other,)


async def test_an_order_that_has_ended_is_never_due(records: Records) -> None:
    for state in (OrderState.SUCCESS, OrderState.FAILURE, OrderState.CANCELLED):
        await records.jobs.save(replace(await records.an_order(f"EON-{state}"), state=state))
    assert await records.jobs.due(records.clock(), each=10, busy=()) == ()


async def test_the_next_due_order_says_when_to_look_again(records: Records) -> None:
    now = records.clock()
    assert await records.jobs.next_due(now) is None
    for tenant, seconds in ((ACME, 30), (GLOBEX, 20), (GLOBEX, 25)):
        order = await records.an_order(tenant=tenant)
        await records.jobs.save(replace(order, due=now + seconds * SECOND))
    await records.an_order("EON2")
    assert await records.jobs.next_due(now) == now + 20 * SECOND
    assert await records.jobs.next_due(now + 25 * SECOND) == now + 30 * SECOND
    assert await records.jobs.next_due(now + 30 * SECOND) is None


# Claims


async def test_an_order_in_work_is_refused_to_another_job(records: Records) -> None:
    ours, theirs = await records.an_order(), await records.an_order()
    await records.jobs.claim(ours, records.clock())
    await records.jobs.claim(ours, records.clock())
    with pytest.raises(OrderInProgress) as raised:
        await records.jobs.claim(theirs, records.clock())
    assert raised.value.job_id == ours.job_id
    assert "wait for that job" in raised.value.message


async def test_of_many_jobs_that_claim_an_order_at_once_one_gets_it(records: Records) -> None:
    orders = [await records.an_order() for _ in range(50)]
    outcomes = await asyncio.gather(*(refusal(records.jobs.claim(order, records.clock())) for order in orders))
    assert outcomes.count(None) == 1
    winner = orders[outcomes.index(None)].job_id
    assert {outcome.job_id for outcome in outcomes if isinstance(outcome, OrderInProgress)} == {winner}


async def test_another_tenants_order_with_the_same_id_is_another_order(records: Records) -> None:
    await records.jobs.claim(await records.an_order(), records.clock())
    await records.jobs.claim(await records.an_order(tenant=GLOBEX), records.clock())


@pytest.mark.parametrize("state", [OrderState.FAILURE, OrderState.CANCELLED, OrderState.SUCCESS])
async def test_an_order_that_ends_with_nothing_begun_is_free(records: Records, state: OrderState) -> None:
    ours, theirs = await records.an_order(), await records.an_order()
    await records.jobs.claim(ours, records.clock())
    await records.ends(ours, state)
    await records.jobs.claim(theirs, records.clock())


async def test_a_failure_after_the_capture_keeps_the_order_for_its_job(records: Records) -> None:
    ours, theirs = await records.an_order(), await records.an_order()
    await records.jobs.claim(ours, records.clock())
    await records.ends(replace(ours, touched=True), OrderState.FAILURE)
    with pytest.raises(OrderInProgress) as raised:
        await records.jobs.claim(theirs, records.clock())
    assert "retry that job" in raised.value.message


async def test_the_end_of_one_job_does_not_free_an_order_that_another_has(records: Records) -> None:
    ours, theirs, third = [await records.an_order() for _ in range(3)]
    await records.jobs.claim(ours, records.clock())
    await records.ends(theirs, OrderState.FAILURE)
    with pytest.raises(OrderInProgress):
        await records.jobs.claim(third, records.clock())


async def test_a_dry_run_only_looks(records: Records) -> None:
    dry, real = await records.an_order(dry_run=True), await records.an_order()
    await records.jobs.claim(dry, records.clock())
    await records.jobs.claim(real, records.clock())
    with pytest.raises(OrderInProgress):
        await records.jobs.claim(dry, records.clock())


async def test_an_order_with_an_invoice_is_refused_with_its_number(records: Records) -> None:
    first, second, dry = await records.an_order(), await records.an_order(), await records.an_order(dry_run=True)
    await records.journal.issue(first, an_invoice("INV-7"), records.clock())
    for order in (second, dry):
        with pytest.raises(AlreadyInvoiced) as raised:
            await records.jobs.claim(order, records.clock())
        assert raised.value.number == "INV-7"


async def test_a_worker_that_lost_the_order_cannot_claim_it(records: Records) -> None:
    ours, theirs = await records.an_order(), await records.an_order()
    await records.ends(ours, OrderState.FAILURE)
    with pytest.raises(StaleJobOrder):
        await records.jobs.claim(ours, records.clock())
    await records.jobs.claim(theirs, records.clock())


# Drafts


async def test_a_draft_is_given_exactly_as_it_was_saved(records: Records) -> None:
    order, draft = await records.an_order(), a_draft()
    assert await records.jobs.draft(order) is None
    await records.jobs.save(order, draft)
    assert await records.jobs.draft(order) == draft


async def test_a_later_draft_replaces_the_earlier(records: Records) -> None:
    order = await records.jobs.save(await records.an_order(), a_draft())
    later = replace(a_draft(), brand="Mugs")
    order = await records.jobs.save(order, later)
    await records.jobs.save(order)
    assert await records.jobs.draft(order) == later


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"state": OrderState.SUCCESS}, False),
        ({"state": OrderState.CANCELLED}, False),
        ({"state": OrderState.FAILURE}, False),
        ({"state": OrderState.FAILURE, "retryable": True}, True),
        ({"state": OrderState.FAILURE, "touched": True}, True),
    ],
)
async def test_a_draft_is_kept_as_long_as_it_may_be_needed(
    records: Records, changes: dict[str, object], kept: bool
) -> None:
    order = await records.jobs.save(await records.an_order(), a_draft())
    await records.jobs.save(replace(order, **changes))
    assert (await records.jobs.draft(order) is not None) is kept


async def test_a_draft_belongs_to_one_order_of_one_job_of_one_tenant(records: Records) -> None:
    order = await records.an_order()
    await records.jobs.save(order, a_draft())
    assert await records.jobs.draft(replace(order, tenant=GLOBEX)) is None
    assert await records.jobs.draft(replace(order, job_id=JobId("other"))) is None
    assert await records.jobs.draft(replace(order, order_id=OrderId("EON2"))) is None

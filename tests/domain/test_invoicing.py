"""The use cases, on fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import policy
from domain.document import DocumentFilter, Rendition
from domain.errors import (
    DocumentDamaged,
    InDoubt,
    PlatformDenied,
    RequestIdReused,
    StoreUnavailable,
    Unavailable,
    UnknownInvoice,
    UnknownJob,
    UnknownTenant,
)
from domain.invoice import InvoiceNumber
from domain.invoicing import Followed, new_job_id
from domain.job import Job, JobId, JobOrder, JobRequest, JobState, JobType, OrderState, Step, Version
from domain.order import Delivery, OrderId, TenantId
from fakes.clock import NOON
from fakes.documents import FakeXmlInvoices
from fakes.moments import Moment, watched
from fakes.orders import an_order
from fakes.platform import FakeConfigurations
from fakes.service import ACME, GLOBEX, FakeService

NOWHERE = TenantId("nowhere")
NEVER = timedelta(hours=1)
INV1 = InvoiceNumber("INV1")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def manual(*order_ids: str, request_id: str = "", dry_run: bool = False, tenant: TenantId = ACME) -> JobRequest:
    return JobRequest.of(
        tenant=tenant, type=JobType.MANUAL, order_ids=order_ids, request_id=request_id, dry_run=dry_run
    )


async def automatic(service: FakeService) -> Job:
    request = JobRequest.of(tenant=ACME, type=JobType.AUTOMATIC, order_ids=(), request_id="", dry_run=False)
    return await service.invoicing.create_job(request)


async def found(service: FakeService, job: Job) -> list[str]:
    """The orders the job has."""
    return [order.order_id for order in await service.invoicing.list_orders(ACME, job.id, (), after="", limit=100)]


class TestCreatingJobs:
    async def test_a_job_has_its_orders_once_it_is_accepted(self, service: FakeService) -> None:
        job = await service.invoicing.create_job(manual("B", "A", "B"))
        assert (job.state, job.counts.pending) == (JobState.IN_PROGRESS, 2)
        assert await found(service, job) == ["A", "B"]

    async def test_the_same_request_is_the_same_job_in_whatever_order(self, service: FakeService) -> None:
        first = await service.invoicing.create_job(manual("A", "B", request_id="r"))
        assert (await service.invoicing.create_job(manual("B", "A", request_id="r"))).id == first.id
        other = await service.invoicing.create_job(manual("A", request_id="r", tenant=GLOBEX))
        assert other.id != first.id

    @pytest.mark.parametrize("other", [manual("A", request_id="r", dry_run=True), manual("A", "B", request_id="r")])
    async def test_other_content_under_the_same_request_id_is_refused(
        self, service: FakeService, other: JobRequest
    ) -> None:
        first = await service.invoicing.create_job(manual("A", request_id="r"))
        with pytest.raises(RequestIdReused) as raised:
            await service.invoicing.create_job(other)
        assert raised.value.job_id == first.id

    async def test_without_a_request_id_every_request_is_a_job(self, service: FakeService) -> None:
        first, second = [await service.invoicing.create_job(manual("A")) for _ in range(2)]
        assert first.id != second.id

    def test_later_jobs_sort_behind_earlier_ones(self) -> None:
        ids = [new_job_id(NOON + timedelta(milliseconds=n)) for n in range(100)]
        assert ids == sorted(ids)
        assert len({new_job_id(NOON) for _ in range(100)}) == 100

    async def test_a_tenant_that_is_not_served_gets_nothing(self, service: FakeService) -> None:
        invoicing = service.invoicing
        calls = [
            invoicing.create_job(manual("A", tenant=NOWHERE)),
            invoicing.job(NOWHERE, JobId("j")),
            invoicing.list_jobs(NOWHERE, (), before="", limit=1),
            invoicing.list_orders(NOWHERE, JobId("j"), (), after="", limit=1),
            anext(invoicing.follow(NOWHERE, JobId("j"), after=Version(0), job_only=False)),
            invoicing.invoice(NOWHERE, INV1),
            invoicing.invoice_of(NOWHERE, OrderId("A")),
            invoicing.list_invoices(DocumentFilter(NOWHERE), before=0, limit=1),
            invoicing.download(NOWHERE, INV1),
        ]
        for call in calls:
            with pytest.raises(UnknownTenant):
                await call

    async def test_another_tenants_jobs_and_invoices_do_not_exist(self, service: FakeService) -> None:
        job = await service.an_invoice("EON1")
        with pytest.raises(UnknownJob):
            await service.invoicing.job(GLOBEX, job.id)
        with pytest.raises(UnknownJob):
            await service.invoicing.list_orders(GLOBEX, job.id, (), after="", limit=1)
        with pytest.raises(UnknownInvoice):
            await service.invoicing.download(GLOBEX, INV1)
        assert await service.invoicing.list_jobs(GLOBEX, (), before="", limit=1) == ()
        assert await service.invoicing.list_invoices(DocumentFilter(GLOBEX), before=0, limit=1) == ()


class TestFindingOrders:
    async def test_an_automatic_job_takes_what_is_due_and_nothing_else(self, service: FakeService) -> None:
        service.orders.add(
            an_order("DUE"), an_order("LATER", delivery=Delivery(instant=NOON)), an_order("OTHER", status="SHIPPED")
        )
        job = await automatic(service)
        assert await service.invoicing.find_orders(job) is None
        assert await found(service, job) == ["DUE"]

    async def test_a_job_that_finds_nothing_is_done(self, service: FakeService) -> None:
        job = await automatic(service)
        assert job.state is JobState.IN_PROGRESS
        await service.invoicing.find_orders(job)
        job = await service.invoicing.job(ACME, job.id)
        assert (job.state, job.counts.total, job.ended) == (JobState.DONE, 0, NOON)

    async def test_finding_twice_adds_nothing(self, service: FakeService) -> None:
        service.orders.add(an_order("DUE"))
        job = await automatic(service)
        await service.invoicing.find_orders(job)
        service.orders.add(an_order("DUE2"))
        await service.invoicing.find_orders(job)
        assert await found(service, job) == ["DUE"]

    async def test_settings_that_are_missing_fail_the_job_with_a_reason(self, service: FakeService) -> None:
        acme = service.tenants.kept[ACME]
        service.tenants.kept[ACME] = replace(acme, configurations=FakeConfigurations(None))
        job = await automatic(service)
        assert await service.invoicing.find_orders(job) is None
        job = await service.invoicing.job(ACME, job.id)
        assert (job.state, job.reason, job.ended) == (JobState.FAILED, "NOT_CONFIGURED", NOON)
        assert "invoiceSettings" in job.message

    async def test_a_platform_that_is_away_is_asked_again_later(self, service: FakeService) -> None:
        service.orders.add(an_order("DUE"))
        service.orders.trouble.strikes_before(Unavailable("away", retry_after=timedelta(seconds=7)))
        job = await automatic(service)
        assert await service.invoicing.find_orders(job) == NOON + timedelta(seconds=7)
        assert (await service.invoicing.job(ACME, job.id)).state is JobState.IN_PROGRESS
        await service.invoicing.find_orders(job)
        assert await found(service, job) == ["DUE"]

    async def test_a_platform_that_stays_away_fails_the_job(self, service: FakeService) -> None:
        job, again = await automatic(service), NOON
        for _ in range(100):
            service.clock.now = again
            service.orders.trouble.strikes_before(Unavailable("away"))
            told = await service.invoicing.find_orders(job)
            if told is None:
                break
            again = told
        job = await service.invoicing.job(ACME, job.id)
        assert (job.state, job.reason) == (JobState.FAILED, "PLATFORM_UNAVAILABLE")
        assert again - NOON <= timedelta(minutes=15)

    async def test_an_order_of_an_unknown_site_fails_alone(self, service: FakeService) -> None:
        service.add(an_order("LOST", site_code="gone"), an_order("DUE"))
        job = await automatic(service)
        await service.invoicing.find_orders(job)
        await service.work()
        assert (await service.order(job, "LOST")).reason == "NOT_CONFIGURED"
        assert (await service.order(job, "DUE")).state is OrderState.SUCCESS

    async def test_sites_that_may_not_be_read_fail_the_job(self, service: FakeService) -> None:
        service.add(an_order("DUE"))
        sites: Any = service.tenants.kept[ACME].sites
        sites.trouble.strikes_before(PlatformDenied("no scope"))
        job = await automatic(service)
        await service.invoicing.find_orders(job)
        assert (await service.invoicing.job(ACME, job.id)).reason == "PLATFORM_DENIED"

    async def test_a_defect_fails_the_job_and_is_reported(self, service: FakeService) -> None:
        async def breaks(moment: Moment) -> None:
            if str(moment) == "before configurations.invoice_settings":
                raise ZeroDivisionError

        job = await automatic(service)
        await watched(service, breaks).find_orders(job)
        job = await service.invoicing.job(ACME, job.id)
        assert (job.state, job.reason) == (JobState.FAILED, "INTERNAL")
        assert [type(defect) for defect in service.defects] == [ZeroDivisionError]

    async def test_a_store_that_is_away_leaves_the_job_as_it_is(self, service: FakeService) -> None:
        job = await automatic(service)
        service.jobs.trouble.strikes_before(StoreUnavailable("the disk is full"))
        with pytest.raises(StoreUnavailable):
            await service.invoicing.find_orders(job)
        assert (await service.invoicing.job(ACME, job.id)).state is JobState.IN_PROGRESS


class TestInterventions:
    async def test_of_another_tenant_or_an_unknown_one_nothing_is_stopped_or_taken_up(
        self, service: FakeService
    ) -> None:
        job = await service.a_job("EON1", tenant=GLOBEX)
        for tenant, unknown in ((ACME, UnknownJob), (NOWHERE, UnknownTenant)):
            with pytest.raises(unknown):
                await service.invoicing.cancel_job(tenant, job.id)
            with pytest.raises(unknown):
                await service.invoicing.retry_job(tenant, job.id, ())
        assert await service.invoicing.job(GLOBEX, job.id) == job

    async def test_a_follower_hears_of_every_order_that_is_stopped(self, service: FakeService) -> None:
        job = await service.a_job("EON1", "EON2")
        following = service.invoicing.follow(ACME, job.id, after=Version(0), job_only=False)
        told = [await anext(following) for _ in range(3)]
        await service.invoicing.cancel_job(ACME, job.id)
        told += [message async for message in following]
        latest = {m.event.order_id: m.event.reason for m in told if isinstance(m.event, JobOrder)}
        assert latest == {"EON1": "CANCELLED", "EON2": "CANCELLED"}
        assert told[-1].event == await service.invoicing.job(ACME, job.id)

    async def test_what_a_search_finds_after_its_job_was_stopped_is_left_alone(self, service: FakeService) -> None:
        async def stops(moment: Moment) -> None:
            if str(moment) == "before jobs.add_orders":
                await service.invoicing.cancel_job(ACME, job.id)

        service.add(an_order("DUE"))
        job = await automatic(service)
        assert await watched(service, stops).find_orders(job) is None
        ended = await service.invoicing.job(ACME, job.id)
        assert (ended.state, ended.counts.total) == (JobState.CANCELLED, 0)
        await service.work()
        assert service.payments.captured == []

    async def test_a_search_that_failed_is_made_again_with_all_its_patience(self, service: FakeService) -> None:
        service.orders.add(an_order("DUE"))
        service.orders.trouble.strikes_before(PlatformDenied("no scope"), Unavailable("away"))
        job = await automatic(service)
        await service.invoicing.find_orders(job)
        assert (await service.invoicing.job(ACME, job.id)).state is JobState.FAILED
        service.clock.advance(timedelta(days=1))
        again = await service.invoicing.retry_job(ACME, job.id, ())
        assert await service.invoicing.find_orders(again) == service.clock() + policy.FIRST_DELAY
        await service.invoicing.find_orders(again)
        assert await found(service, job) == ["DUE"]


class TestRunning:
    async def test_an_order_goes_on_until_it_ends_saved_after_every_step(self, service: FakeService) -> None:
        saved: list[Step] = []

        async def notes(moment: Moment) -> None:
            if str(moment) == "after jobs.save":
                saved.append((await service.order(job, "EON1")).step)

        job = await service.a_job("EON1")
        order = await watched(service, notes).run(await service.order(job, "EON1"))
        assert order == await service.order(job, "EON1")
        assert saved == [Step.RECALCULATION, Step.CAPTURE, Step.PDF, Step.EMAIL, Step.EMAIL]

    async def test_it_stops_where_it_has_to_wait(self, service: FakeService) -> None:
        service.payments.trouble.strikes_before(Unavailable("away"))
        job = await service.a_job("EON1")
        order = await service.invoicing.run(await service.order(job, "EON1"))
        assert (order.state, order.step, order.attempt) == (OrderState.PENDING, Step.CAPTURE, 1)

    async def test_the_tries_that_failed_are_kept_and_those_that_succeeded_are_not(self, service: FakeService) -> None:
        service.payments.trouble.strikes_before(Unavailable("away"), Unavailable("still away"))
        job = await service.a_job("EON1")
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).state is OrderState.SUCCESS
        told = [(order.step, order.attempt, order.message) for order in service.jobs.failed_tries]
        assert told == [(Step.CAPTURE, 1, "away"), (Step.CAPTURE, 2, "still away")]

    async def test_an_order_that_ended_is_left_alone(self, service: FakeService) -> None:
        job = await service.an_invoice("EON1")
        ended = await service.order(job, "EON1")
        assert await service.invoicing.run(ended) == ended

    async def test_an_order_that_another_worker_moved_on_is_left_alone(self, service: FakeService) -> None:
        job = await service.a_job("EON1")
        stale = await service.order(job, "EON1")
        await service.work()
        now = await service.order(job, "EON1")
        assert await service.invoicing.run(stale) != now
        assert await service.order(job, "EON1") == now

    async def test_a_defect_fails_its_order_and_no_other_and_is_reported(self, service: FakeService) -> None:
        async def breaks(moment: Moment) -> None:
            if str(moment) == "before orders.order":
                raise ZeroDivisionError("secret")

        job = await service.a_job("BAD", "EON1")
        await watched(service, breaks).run(await service.order(job, "BAD"))
        await service.work()
        bad, good = await service.order(job, "BAD"), await service.order(job, "EON1")
        assert (bad.state, bad.reason, bad.retryable) == (OrderState.FAILURE, "INTERNAL", True)
        assert "incident" in bad.message
        assert "secret" not in bad.message
        assert good.state is OrderState.SUCCESS
        assert [str(defect) for defect in service.defects] == ["secret"]

    async def test_a_tenant_that_is_not_configured_any_more_is_waited_for_once_money_moved(
        self, service: FakeService
    ) -> None:
        service.payments.trouble.strikes_after(InDoubt("no answer"))
        job = await service.a_job("EON1", "EON2")
        await service.invoicing.run(await service.order(job, "EON1"))
        acme = service.tenants.kept.pop(ACME)
        for order_id in ("EON1", "EON2"):
            await service.invoicing.run(await service.order(job, order_id))
        paid, unpaid = await service.order(job, "EON1"), await service.order(job, "EON2")
        assert (paid.state, paid.reason) == (OrderState.PENDING, "NOT_CONFIGURED")
        assert (unpaid.state, unpaid.reason) == (OrderState.FAILURE, "NOT_CONFIGURED")
        service.tenants.kept[ACME] = acme
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).state is OrderState.SUCCESS

    async def test_a_stale_order_of_such_a_tenant_is_left_alone_too(self, service: FakeService) -> None:
        job = await service.a_job("EON1")
        stale = await service.order(job, "EON1")
        await service.work()
        service.tenants.kept.pop(ACME)
        assert await service.invoicing.run(stale) == stale

    async def test_a_store_that_is_away_is_the_engines_business(self, service: FakeService) -> None:
        job = await service.a_job("EON1")
        order = await service.order(job, "EON1")
        service.jobs.trouble.strikes_before(StoreUnavailable("the disk is full"))
        with pytest.raises(StoreUnavailable):
            await service.invoicing.run(order)
        assert await service.order(job, "EON1") == order


Stream = AsyncGenerator[Followed, None]


class TestFollowing:
    def follow(self, service: FakeService, job: Job, after: int = 0, **how: Any) -> Stream:
        how = {"job_only": False, "heartbeat": NEVER, **how}
        return service.invoicing.follow(ACME, job.id, after=Version(after), **how)

    async def all_of(self, stream: Stream) -> list[Followed]:
        return [message async for message in stream]

    async def test_an_ended_job_is_told_with_its_orders_and_once_more_at_last(self, service: FakeService) -> None:
        job = await service.a_job("EON1", "EON2")
        await service.work()
        first, *orders, last = await self.all_of(self.follow(service, job))
        ended = await service.invoicing.job(ACME, job.id)
        assert (first.event, first.version) == (ended, 0)
        assert last.event == ended
        told = [m.event for m in orders if isinstance(m.event, JobOrder)]
        assert [order.order_id for order in sorted(told, key=lambda o: o.version)] == [o.order_id for o in told]
        assert [m.version for m in orders] == [order.version for order in told]
        assert last.version == orders[-1].version

    async def test_every_change_is_told_as_it_happens_and_the_cursor_never_goes_back(
        self, service: FakeService
    ) -> None:
        job = await service.a_job("EON1", "EON2")
        following = asyncio.create_task(self.all_of(self.follow(service, job)))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.invoicing.run(await service.order(job, "EON1"))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.work()
        messages = await following
        versions = [message.version for message in messages]
        assert versions == sorted(versions)
        states = [m.event.state for m in messages if isinstance(m.event, Job)]
        assert (states[0], states[-1], states.count(JobState.DONE)) == (JobState.IN_PROGRESS, JobState.DONE, 1)
        latest = {m.event.order_id: m.event.state for m in messages if isinstance(m.event, JobOrder)}
        assert latest == {"EON1": OrderState.SUCCESS, "EON2": OrderState.SUCCESS}

    async def test_going_on_after_any_message_misses_nothing(self, service: FakeService) -> None:
        job = await service.a_job("A", "B", "C")
        await service.work()
        every = await self.all_of(self.follow(service, job))
        for n, message in enumerate(every):
            rest = await self.all_of(self.follow(service, job, after=message.version))
            orders = [m.event for m in rest if isinstance(m.event, JobOrder)]
            assert orders == [m.event for m in every[n + 1 :] if isinstance(m.event, JobOrder)]
            assert (rest[0].version, rest[-1].event) == (message.version, every[-1].event)

    async def test_who_wants_the_job_only_hears_of_its_state_and_counts(self, service: FakeService) -> None:
        job = await service.a_job("EON1")
        following = asyncio.create_task(self.all_of(self.follow(service, job, job_only=True)))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.work()
        messages = await following
        assert all(isinstance(message.event, Job) for message in messages)
        assert {message.version for message in messages} == {0}

    async def test_silence_is_broken_by_a_sign_of_life_that_moves_no_cursor(self, service: FakeService) -> None:
        job = await service.a_job("EON1")
        async with aclosing(self.follow(service, job, heartbeat=timedelta(0))) as stream:
            _, order, beat, another = [await anext(stream) for _ in range(4)]
        assert beat == another == Followed(order.version, None)

    async def test_changes_that_are_not_told_are_silence_too(self, service: FakeService) -> None:
        job, waits = await service.a_job("EON1"), 0

        async def changes(moment: Moment) -> None:
            nonlocal waits
            if str(moment) == "before jobs.wait":
                waits += 1
                assert waits < 5
                service.clock.advance(timedelta(seconds=10))
                await service.jobs.save(await service.order(job, "EON1"))

        follower = watched(service, changes)
        async with aclosing(follower.follow(ACME, job.id, after=Version(0), job_only=True)) as stream:
            messages = [await anext(stream) for _ in range(2)]
        assert messages[1] == Followed(Version(0), None)

    async def test_a_job_that_does_not_exist_is_unknown_at_once(self, service: FakeService) -> None:
        with pytest.raises(UnknownJob):
            await anext(service.invoicing.follow(ACME, JobId("none"), after=Version(0), job_only=False))


class TestInvoices:
    async def test_an_invoice_is_found_by_number_and_by_order(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        by_number = await service.invoicing.invoice(ACME, INV1)
        assert by_number == await service.invoicing.invoice_of(ACME, OrderId("EON1"))
        assert (by_number.order_id, str(by_number.gross), by_number.mailed) == ("EON1", "23.80", NOON)

    async def test_an_order_without_one_says_so(self, service: FakeService) -> None:
        with pytest.raises(UnknownInvoice, match="EON1"):
            await service.invoicing.invoice_of(ACME, OrderId("EON1"))

    async def test_the_bytes_are_those_that_were_issued(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        document, content = await service.invoicing.download(ACME, INV1)
        assert (document.is_intact(content), document.size) == (True, len(content))

    async def test_the_cii_is_what_is_inside_the_pdf(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        pdf = (await service.invoicing.download(ACME, INV1))[1]
        cii = (await service.invoicing.download(ACME, INV1, Rendition.CII))[1]
        assert cii.startswith(b"<cii>")
        assert pdf.endswith(cii)

    async def test_a_pdf_without_cii_inside_has_it_written_from_what_was_issued(self, service: FakeService) -> None:
        service.renderer.attaches = False
        await service.an_invoice("EON1")
        document, content = await service.invoicing.download(ACME, INV1, Rendition.CII)
        assert content == await FakeXmlInvoices().cii(await service.journal.content(document))

    async def test_ubl_is_of_what_was_issued(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        document, content = await service.invoicing.download(ACME, INV1, Rendition.UBL)
        assert content == await FakeXmlInvoices().ubl(await service.journal.content(document))

    async def test_bytes_that_are_not_are_given_to_nobody(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        service.archive.kept[ACME, INV1] += b" "
        with pytest.raises(DocumentDamaged):
            await service.invoicing.download(ACME, INV1)

    async def test_bytes_that_the_archive_lost_are_not_called_an_unknown_invoice(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        del service.archive.kept[ACME, INV1]
        with pytest.raises(DocumentDamaged, match="lost"):
            await service.invoicing.download(ACME, INV1)

    async def test_a_document_that_is_being_drawn_can_be_had_later(self, service: FakeService) -> None:
        service.renderer.trouble.strikes_before(Unavailable("away"))
        await service.an_invoice("EON1")
        with pytest.raises(Unavailable):
            await service.invoicing.download(ACME, INV1)
        await service.work_to_the_end()
        await service.invoicing.download(ACME, INV1)

    async def test_a_signed_link_opens_the_document_until_it_expires(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        token = service.invoicing.download_link(ACME, INV1).rpartition("/")[2]
        assert await service.invoicing.open_link(token) == await service.invoicing.download(ACME, INV1)
        service.clock.advance(timedelta(days=7))
        with pytest.raises(UnknownInvoice, match="expired"):
            await service.invoicing.open_link(token)

"""Jobs as a gRPC client sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from grpc import StatusCode

from domain.errors import PlatformDenied, StoreUnavailable, Unavailable
from domain.job import Amounts, Job, JobRequest, JobType, OrderState, Step
from fakes.clock import NOON
from fakes.refusals import Refusal, refused
from fakes.service import ACME, GLOBEX, FakeService
from invoicing.v1 import jobs_pb2 as pb

if TYPE_CHECKING:
    from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceAsyncStub as JobsStub

NO_TENANTS = ["", "Acme", "ac", "a" * 17, "1acme", "ac me", "../acme", "acme\n", "äcme"]
NO_JOB_IDS = ["", "a" * 65, "a b", "a/b", "..", "a\x00b", "a\nb", "é"]


def a_request(**changes: Any) -> pb.CreateJobRequest:
    """A manual job of one order, if nothing else is said."""
    arguments = {"tenant": "acme", "job_type": pb.JOB_TYPE_MANUAL, "order_ids": ["EON1"], **changes}
    return pb.CreateJobRequest(**arguments)


def bad_argument(refusal: Refusal) -> list[str]:
    """The fields that a refusal for a bad argument names."""
    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    return refusal.fields


class TestCreateJob:
    async def test_a_job_is_accepted_and_can_be_read(self, jobs: JobsStub) -> None:
        created = (await jobs.CreateJob(a_request(order_ids=["EON2", "EON1"], request_id="r1", dry_run=True))).job
        read = (await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=created.job_id))).job
        assert created == read
        assert created.tenant == "acme"
        assert created.job_type == pb.JOB_TYPE_MANUAL
        assert created.state == pb.JOB_STATE_IN_PROGRESS
        assert (created.counts.total, created.counts.pending) == (2, 2)
        assert (created.request_id, created.dry_run) == ("r1", True)
        assert created.create_time.ToDatetime(NOON.tzinfo) == created.update_time.ToDatetime(NOON.tzinfo) == NOON
        assert not created.HasField("end_time")
        assert not created.HasField("failure")

    async def test_an_automatic_job_needs_no_ids_and_ignores_any(self, jobs: JobsStub) -> None:
        job = (await jobs.CreateJob(a_request(job_type=pb.JOB_TYPE_AUTOMATIC, order_ids=["a b"]))).job
        assert (job.job_type, job.state, job.counts.total) == (pb.JOB_TYPE_AUTOMATIC, pb.JOB_STATE_IN_PROGRESS, 0)

    async def test_duplicates_count_once(self, jobs: JobsStub) -> None:
        job = (await jobs.CreateJob(a_request(order_ids=["EON1", "EON2", "EON1"]))).job
        assert job.counts.total == 2

    async def test_ten_thousand_of_the_longest_ids_are_taken(self, jobs: JobsStub) -> None:
        job = (await jobs.CreateJob(a_request(order_ids=[f"{n:0128}" for n in range(10_000)]))).job
        assert job.counts.total == 10_000

    async def test_the_same_request_gives_the_same_job(self, jobs: JobsStub) -> None:
        first = await jobs.CreateJob(a_request(order_ids=["EON1", "EON2"], request_id="r1"))
        again = await jobs.CreateJob(a_request(order_ids=["EON2", "EON1", "EON2"], request_id="r1"))
        assert first == again

    async def test_a_request_id_with_other_content_is_refused_and_names_the_job(self, jobs: JobsStub) -> None:
        first = (await jobs.CreateJob(a_request(request_id="r1"))).job
        refusal = await refused(jobs.CreateJob(a_request(request_id="r1", order_ids=["EON2"])))
        assert (refusal.code, refusal.reason) == (StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        assert first.job_id in refusal.message

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"order_ids": []}, "order_ids"),
            ({"order_ids": [f"EON{n}" for n in range(10_001)]}, "order_ids"),
            ({"order_ids": ["EON1", "EON 2"]}, "order_ids[1]"),
            ({"order_ids": ["EON1", "a/b"]}, "order_ids[1]"),
            ({"order_ids": ["EON\x002"]}, "order_ids[0]"),
            ({"order_ids": ["EON1\n"]}, "order_ids[0]"),
            ({"order_ids": ["x" * 300]}, "order_ids[0]"),
            ({"order_ids": ["EON1", ""]}, "order_ids[1]"),
            ({"order_ids": [".."]}, "order_ids[0]"),
            ({"order_ids": ["Ω"]}, "order_ids[0]"),
            ({"job_type": pb.JOB_TYPE_UNSPECIFIED}, "job_type"),
            ({"job_type": 99}, "job_type"),
            ({"request_id": "r" * 129}, "request_id"),
            ({"request_id": "r\x07"}, "request_id"),
            *(({"tenant": tenant}, "tenant") for tenant in NO_TENANTS),
        ],
    )
    async def test_a_bad_argument_is_named_and_makes_no_job(
        self, jobs: JobsStub, changes: dict[str, Any], field: str
    ) -> None:
        assert bad_argument(await refused(jobs.CreateJob(a_request(**changes)))) == [field]
        assert not (await jobs.ListJobs(pb.ListJobsRequest(tenant="acme"))).jobs

    async def test_a_tenant_that_is_not_configured_is_unknown(self, jobs: JobsStub) -> None:
        refusal = await refused(jobs.CreateJob(a_request(tenant="nobody")))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_TENANT")

    async def test_a_database_that_is_away_is_told_as_such(self, service: FakeService, jobs: JobsStub) -> None:
        service.jobs.trouble.strikes_before(StoreUnavailable("the database is away"))
        refusal = await refused(jobs.CreateJob(a_request()))
        assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "UNAVAILABLE")


class TestGetJob:
    async def test_a_finished_job_tells_when_and_how_it_ended(self, service: FakeService, jobs: JobsStub) -> None:
        made = await service.a_job("EON1")
        service.clock.advance(timedelta(minutes=1))
        await service.work()
        job = (await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=made.id))).job
        assert (job.state, job.counts.success, job.counts.pending) == (pb.JOB_STATE_DONE, 1, 0)
        assert job.end_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(minutes=1)
        assert job.version > made.version

    async def test_a_job_whose_orders_cannot_be_found_tells_why(self, service: FakeService, jobs: JobsStub) -> None:
        request = JobRequest.of(tenant=ACME, type=JobType.AUTOMATIC, order_ids=(), request_id="", dry_run=False)
        made = await service.invoicing.create_job(request)
        await service.jobs.fail(made, "NOT_CONFIGURED", "invoiceSettings is not set", service.clock())
        job = (await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=made.id))).job
        assert job.state == pb.JOB_STATE_FAILED
        assert (job.failure.reason, job.failure.message) == ("NOT_CONFIGURED", "invoiceSettings is not set")

    @pytest.mark.parametrize("job_id", NO_JOB_IDS)
    async def test_what_is_no_job_id_is_a_bad_argument(self, jobs: JobsStub, job_id: str) -> None:
        assert bad_argument(await refused(jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=job_id)))) == ["job_id"]

    @pytest.mark.parametrize("tenant", ["acme", "globex"])
    async def test_a_job_of_another_tenant_is_as_unknown_as_one_that_is_not_there(
        self, service: FakeService, jobs: JobsStub, tenant: str
    ) -> None:
        others = await service.a_job("EON1", tenant=GLOBEX)
        job_id = others.id if tenant == "acme" else "nowhere"
        refusal = await refused(jobs.GetJob(pb.GetJobRequest(tenant=tenant, job_id=job_id)))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_JOB")
        assert refusal.message == f"job {job_id!r} does not exist"


class TestListJobs:
    async def test_jobs_come_newest_first_page_by_page(self, service: FakeService, jobs: JobsStub) -> None:
        made = await several_jobs(service, 5)
        await service.a_job("EON1", tenant=GLOBEX)
        seen, token = [], ""
        for size in (2, 2, 1):
            page = await jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_size=2, page_token=token))
            assert len(page.jobs) == size
            seen += [job.job_id for job in page.jobs]
            token = page.next_page_token
        assert seen == [job.id for job in reversed(made)]
        assert not token

    async def test_only_the_states_asked_for_are_listed(self, service: FakeService, jobs: JobsStub) -> None:
        done = await service.an_invoice("EON1")
        running = await service.a_job("EON2")
        for state, job in ((pb.JOB_STATE_DONE, done), (pb.JOB_STATE_IN_PROGRESS, running)):
            page = await jobs.ListJobs(pb.ListJobsRequest(tenant="acme", states=[state, state]))
            assert [found.job_id for found in page.jobs] == [job.id]

    @pytest.mark.parametrize(("asked", "given"), [(0, 50), (7, 7), (5000, 60)])
    async def test_a_page_has_fifty_jobs_unless_another_size_is_asked_for(
        self, service: FakeService, jobs: JobsStub, asked: int, given: int
    ) -> None:
        await several_jobs(service, 60)
        page = await jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_size=asked))
        assert len(page.jobs) == given

    @pytest.mark.parametrize("state", [0, 99, -1])
    async def test_a_state_that_is_none_is_a_bad_argument(self, jobs: JobsStub, state: int) -> None:
        request = pb.ListJobsRequest(tenant="acme", states=[pb.JOB_STATE_DONE, state])  # type: ignore[list-item]  # the point
        assert bad_argument(await refused(jobs.ListJobs(request))) == ["states[1]"]

    async def test_a_negative_size_is_a_bad_argument(self, jobs: JobsStub) -> None:
        assert bad_argument(await refused(jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_size=-1)))) == [
            "page_size"
        ]

    @pytest.mark.parametrize("token", ["x", "nonsense", "====", "ż", "QUJDREVGR0hJSktM", "\x00", "a" * 5000])
    async def test_a_token_that_is_none_is_a_bad_argument(self, jobs: JobsStub, token: str) -> None:
        refusal = await refused(jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_token=token)))
        assert bad_argument(refusal) == ["page_token"]

    async def test_a_token_of_another_list_is_a_bad_argument(self, service: FakeService, jobs: JobsStub) -> None:
        await several_jobs(service, 2)
        token = (await jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_size=1))).next_page_token
        for others in (
            pb.ListJobsRequest(tenant="globex", page_token=token),
            pb.ListJobsRequest(tenant="acme", page_token=token, states=[pb.JOB_STATE_DONE]),
            pb.ListJobsRequest(tenant="acme", page_token=token[:-1]),
        ):
            assert bad_argument(await refused(jobs.ListJobs(others))) == ["page_token"]

    async def test_an_unknown_tenant_has_no_jobs_to_list(self, jobs: JobsStub) -> None:
        assert (await refused(jobs.ListJobs(pb.ListJobsRequest(tenant="nobody")))).reason == "UNKNOWN_TENANT"


class TestListJobOrders:
    async def test_orders_come_by_id_page_by_page(self, service: FakeService, jobs: JobsStub) -> None:
        job = await service.a_job("EON3", "EON1", "EON2")
        first = await jobs.ListJobOrders(pb.ListJobOrdersRequest(tenant="acme", job_id=job.id, page_size=2))
        rest = await jobs.ListJobOrders(
            pb.ListJobOrdersRequest(tenant="acme", job_id=job.id, page_size=2, page_token=first.next_page_token)
        )
        assert [order.order_id for order in first.orders] == ["EON1", "EON2"]
        assert [order.order_id for order in rest.orders] == ["EON3"]
        assert not rest.next_page_token

    async def test_an_order_before_its_first_step_has_none(self, service: FakeService, jobs: JobsStub) -> None:
        order = await only_order(jobs, await service.a_job("EON1"))
        assert (order.state, order.step, order.attempt) == (pb.ORDER_STATE_PENDING, pb.STEP_UNSPECIFIED, 0)
        assert (order.gross, order.captured, order.invoice_number, order.download_link) == ("", "", "", "")
        assert not order.HasField("next_attempt_time")

    async def test_an_invoiced_order_tells_number_amounts_and_where_its_document_lies(
        self, service: FakeService, jobs: JobsStub
    ) -> None:
        order = await only_order(jobs, await service.an_invoice("EON1"))
        assert (order.state, order.step, order.reason) == (pb.ORDER_STATE_SUCCESS, pb.STEP_EMAIL, "")
        assert (order.net, order.tax, order.rounding, order.gross) == ("20.00", "3.80", "0.00", "23.80")
        assert (order.currency, order.captured, order.invoice_number) == ("EUR", "23.80", "INV1")
        token = order.download_link.removeprefix("http://127.0.0.1:8080/documents/")
        assert service.links.opened(token, service.clock()) == ("acme", "INV1")

    async def test_an_order_that_waits_tells_why_and_when_it_goes_on(
        self, service: FakeService, jobs: JobsStub
    ) -> None:
        service.orders.trouble.strikes_before(Unavailable("the platform is away", retry_after=timedelta(seconds=30)))
        order = await only_order(jobs, await service.an_invoice("EON1"))
        assert (order.state, order.step, order.attempt) == (pb.ORDER_STATE_PENDING, pb.STEP_VALIDATION, 1)
        assert (order.reason, order.message) == ("PLATFORM_UNAVAILABLE", "the platform is away")
        assert order.next_attempt_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(seconds=30)

    async def test_an_order_invoiced_before_tells_where_that_invoice_lies(
        self, service: FakeService, jobs: JobsStub
    ) -> None:
        await service.an_invoice("EON1")
        ours = await only_order(jobs, await service.an_invoice("EON1"))
        assert (ours.state, ours.reason) == (pb.ORDER_STATE_FAILURE, "ALREADY_INVOICED")
        assert ours.invoice_number == "INV1"
        assert ours.download_link.startswith("http://127.0.0.1:8080/documents/")

    async def test_an_invoice_that_another_hand_made_is_linked_where_it_lies(
        self, service: FakeService, jobs: JobsStub
    ) -> None:
        job = await service.a_job("EON1")
        order = await service.order(job, "EON1")
        elsewhere = "https://elsewhere.example/R-7.pdf"
        await service.jobs.save(replace(order, state=OrderState.FAILURE, reason="ALREADY_INVOICED", link=elsewhere))
        assert (await only_order(jobs, job)).download_link == elsewhere

    async def test_amounts_are_plain_decimals(self, service: FakeService, jobs: JobsStub) -> None:
        job = await service.a_job("EON1")
        amounts = Amounts("JPY", Decimal("1E+6"), Decimal("0E-8"), Decimal("-0.01"), Decimal("1E+3"))
        order = replace(await service.order(job, "EON1"), amounts=amounts, captured=Decimal("2E+2"))
        await service.jobs.save(replace(order, step=Step.CAPTURE))
        shown = await only_order(jobs, job)
        assert (shown.net, shown.tax, shown.rounding) == ("1000000", "0.00000000", "-0.01")
        assert (shown.gross, shown.captured) == ("1000", "200")

    async def test_only_the_states_asked_for_are_listed(self, service: FakeService, jobs: JobsStub) -> None:
        job = await service.a_job("EON1", "EON2")
        await service.invoicing.run(await service.order(job, "EON2"))
        for state, ids in ((pb.ORDER_STATE_SUCCESS, ["EON2"]), (pb.ORDER_STATE_PENDING, ["EON1"])):
            page = await jobs.ListJobOrders(pb.ListJobOrdersRequest(tenant="acme", job_id=job.id, states=[state]))
            assert [order.order_id for order in page.orders] == ids

    async def test_a_page_token_of_another_job_is_a_bad_argument(self, service: FakeService, jobs: JobsStub) -> None:
        one, other = await service.a_job("EON1", "EON2"), await service.a_job("EON1", "EON2")
        page = await jobs.ListJobOrders(pb.ListJobOrdersRequest(tenant="acme", job_id=one.id, page_size=1))
        request = pb.ListJobOrdersRequest(tenant="acme", job_id=other.id, page_token=page.next_page_token)
        assert bad_argument(await refused(jobs.ListJobOrders(request))) == ["page_token"]

    async def test_a_job_that_is_not_there_has_no_orders_to_list(self, jobs: JobsStub) -> None:
        refusal = await refused(jobs.ListJobOrders(pb.ListJobOrdersRequest(tenant="acme", job_id="nowhere")))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_JOB")


class TestCancelJob:
    async def test_orders_that_wait_are_stopped_and_say_why(self, service: FakeService, jobs: JobsStub) -> None:
        made = await service.a_job("EON1")
        job = (await jobs.CancelJob(pb.CancelJobRequest(tenant="acme", job_id=made.id))).job
        assert (job.state, job.counts.cancelled, job.counts.pending) == (pb.JOB_STATE_CANCELLED, 1, 0)
        assert job.HasField("end_time")
        order = await only_order(jobs, made)
        assert (order.state, order.step, order.reason) == (pb.ORDER_STATE_CANCELLED, 0, "CANCELLED")
        assert (order.message, order.retryable) == ("stopped on request; nothing was charged", False)
        assert not order.HasField("next_attempt_time")

    async def test_an_ended_job_is_given_unchanged(self, service: FakeService, jobs: JobsStub) -> None:
        made = await service.an_invoice("EON1")
        before = (await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=made.id))).job
        assert (await jobs.CancelJob(pb.CancelJobRequest(tenant="acme", job_id=made.id))).job == before


class TestRetryJob:
    async def test_what_failed_goes_on(self, service: FakeService, jobs: JobsStub) -> None:
        service.orders.trouble.strikes_before(PlatformDenied("no scope"))
        made = await service.an_invoice("EON1")
        request = pb.RetryJobRequest(tenant="acme", job_id=made.id, order_ids=["EON1", "EON1"])
        job = (await jobs.RetryJob(request)).job
        assert (job.state, job.counts.pending, job.HasField("end_time")) == (pb.JOB_STATE_IN_PROGRESS, 1, False)
        await service.work()
        assert (await only_order(jobs, made)).state == pb.ORDER_STATE_SUCCESS

    async def test_an_order_that_is_not_retryable_is_named(self, service: FakeService, jobs: JobsStub) -> None:
        made = await service.an_invoice("EON1")
        refusal = await refused(jobs.RetryJob(pb.RetryJobRequest(tenant="acme", job_id=made.id, order_ids=["EON1"])))
        assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, "NOT_RETRYABLE")
        assert "EON1" in refusal.message

    async def test_an_order_that_the_job_does_not_have_is_unknown(self, service: FakeService, jobs: JobsStub) -> None:
        made = await service.an_invoice("EON1")
        refusal = await refused(jobs.RetryJob(pb.RetryJobRequest(tenant="acme", job_id=made.id, order_ids=["EON2"])))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_ORDER")
        assert refusal.message == f"job {made.id} has no order 'EON2'"

    @pytest.mark.parametrize(
        ("order_ids", "field"),
        [
            (["EON1", "a/b"], "order_ids[1]"),
            ([""], "order_ids[0]"),
            ([f"EON{n}" for n in range(10_001)], "order_ids"),
        ],
        ids=["shape", "empty", "too many"],
    )
    async def test_a_bad_order_id_is_named(self, jobs: JobsStub, order_ids: list[str], field: str) -> None:
        request = pb.RetryJobRequest(tenant="acme", job_id="j1", order_ids=order_ids)
        assert bad_argument(await refused(jobs.RetryJob(request))) == [field]


@pytest.mark.parametrize("call", ["CancelJob", "RetryJob"])
@pytest.mark.parametrize("job_id", NO_JOB_IDS)
async def test_what_is_no_job_id_can_be_neither_stopped_nor_taken_up(jobs: JobsStub, call: str, job_id: str) -> None:
    request = getattr(pb, f"{call}Request")(tenant="acme", job_id=job_id)
    assert bad_argument(await refused(getattr(jobs, call)(request))) == ["job_id"]


@pytest.mark.parametrize("call", ["CancelJob", "RetryJob"])
async def test_a_job_of_another_tenant_can_be_neither_stopped_nor_taken_up(
    service: FakeService, jobs: JobsStub, call: str
) -> None:
    others = await service.a_job("EON1", tenant=GLOBEX)
    refusal = await refused(getattr(jobs, call)(getattr(pb, f"{call}Request")(tenant="acme", job_id=others.id)))
    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_JOB")
    assert await service.invoicing.job(GLOBEX, others.id) == others


async def several_jobs(service: FakeService, count: int) -> list[Job]:
    """Jobs made one after the other."""
    made = []
    for _ in range(count):
        service.clock.advance(timedelta(seconds=1))
        made.append(await service.a_job("EON1"))
    return made


async def only_order(jobs: JobsStub, job: Job) -> pb.JobOrder:
    """The job's only order as a client sees it."""
    (order,) = (await jobs.ListJobOrders(pb.ListJobOrdersRequest(tenant="acme", job_id=job.id))).orders
    return order

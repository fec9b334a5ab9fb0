"""JobStatus: where a job stands, then every change, until it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import pytest
from grpc import StatusCode
from structlog.testing import capture_logs

from adapters.rpc import RpcServer
from domain.job import Job, JobOrder, OrderState, Step
from fakes.clock import NOON
from fakes.refusals import refused
from fakes.service import GLOBEX, FakeService
from invoicing.v1 import jobs_pb2 as pb
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceStub

if TYPE_CHECKING:
    from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceAsyncStub as JobsStub

Message = pb.JobStatusResponse
PATIENCE = 10
"""Seconds after which a test that waits for a message gives up."""


def following(jobs: JobsStub, job: Job, *, resume: str = "", job_only: bool = False) -> Stream:
    """A stream of the job's status."""
    request = pb.JobStatusRequest(tenant=job.tenant, job_id=job.id, resume_token=resume, job_only=job_only)
    return Stream(jobs.JobStatus(request))


class Stream:
    """A stream read message by message."""

    def __init__(self, call: grpc.aio.UnaryStreamCall[pb.JobStatusRequest, Message]) -> None:
        self.call = call

    async def next(self) -> Message:
        """The next message; there must be one."""
        async with asyncio.timeout(PATIENCE):
            message = await self.call.read()
        assert isinstance(message, Message)
        return message

    async def take(self, count: int) -> list[Message]:
        """So many messages."""
        return [await self.next() for _ in range(count)]

    async def rest(self) -> list[Message]:
        """All messages until the stream ends well."""
        messages = []
        async with asyncio.timeout(PATIENCE):
            while isinstance(message := await self.call.read(), Message):
                messages.append(message)
        assert await self.call.code() == StatusCode.OK
        return messages


def kinds(messages: list[Message]) -> list[str]:
    """What each message carries."""
    return [message.WhichOneof("event") or "" for message in messages]


async def change(service: FakeService, job: Job, order_id: str, **changes: object) -> JobOrder:
    """Saves the order with these changes, as a worker would."""
    order = await service.order(job, order_id)
    return await service.jobs.save(replace(order, **changes))  # type: ignore[arg-type]  # whatever the test says


async def test_a_follower_hears_where_the_job_stands_and_then_its_orders(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON2", "EON1", "EON3")
    opening, *orders = await following(jobs, job).take(4)
    assert (opening.job.job_id, opening.job.counts.pending, opening.version) == (job.id, 3, 0)
    assert kinds(orders) == ["order"] * 3
    assert {message.order.order_id for message in orders} == {"EON1", "EON2", "EON3"}
    versions = [message.order.version for message in orders]
    assert versions == sorted(set(versions)) == [message.version for message in orders]


async def test_a_follower_hears_every_change_until_the_job_ends(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON1", "EON2")
    stream = following(jobs, job)
    seen = await stream.take(3)
    await service.work()
    seen += await stream.rest()
    last = seen[-1].job
    assert (last.state, last.counts.success, last.counts.pending) == (pb.JOB_STATE_DONE, 2, 0)
    latest = {message.order.order_id: message.order for message in seen if message.HasField("order")}
    assert {order.invoice_number for order in latest.values()} == {"INV1", "INV2"}
    assert all(order.download_link for order in latest.values())
    cursors = [message.version for message in seen]
    assert cursors == sorted(cursors)


async def test_a_job_that_ended_is_told_with_its_orders_and_the_stream_ends(
    service: FakeService, jobs: JobsStub
) -> None:
    job = await service.an_invoice("EON1")
    messages = await following(jobs, job).rest()
    assert kinds(messages) == ["job", "order", "job"]
    assert messages[-1].job.state == pb.JOB_STATE_DONE


async def test_the_job_is_told_again_when_its_counts_change(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON1", "EON2")
    stream = following(jobs, job)
    await stream.take(3)
    await change(service, job, "EON1", state=OrderState.FAILURE, reason="ORDER_NOT_FOUND")
    order, counted = await stream.take(2)
    assert (order.order.order_id, order.order.reason) == ("EON1", "ORDER_NOT_FOUND")
    assert (counted.job.counts.failure, counted.job.counts.pending) == (1, 1)
    assert counted.version == order.version


async def test_a_change_that_leaves_the_counts_is_told_by_the_order_alone(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON1")
    stream = following(jobs, job)
    await stream.take(2)
    for step in (Step.RECALCULATION, Step.CAPTURE):
        await change(service, job, "EON1", step=step)
        assert (await stream.next()).order.step == step


async def test_who_goes_on_after_any_message_misses_nothing(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job(*(f"EON{n}" for n in range(4)))
    stream = following(jobs, job)
    seen = await stream.take(5)
    for n in range(4):
        await change(service, job, f"EON{n}", step=Step.CAPTURE)
        seen.append(await stream.next())
    await service.work()
    seen += await stream.rest()
    final = latest_versions(seen)
    for count, message in enumerate(seen, 1):
        resumed = await following(jobs, job, resume=message.resume_token).rest()
        assert kinds(resumed)[0] == kinds(resumed)[-1] == "job"
        assert resumed[0].version == message.version
        assert latest_versions(seen[:count] + resumed) == final


def latest_versions(messages: list[Message]) -> dict[str, int]:
    """The version of each order by the last word on it."""
    return {message.order.order_id: message.order.version for message in messages if message.HasField("order")}


async def test_a_token_is_good_at_another_server(service: FakeService, jobs: JobsStub) -> None:
    job = await service.an_invoice("EON1")
    first = await following(jobs, job).rest()
    async with (
        RpcServer.running("127.0.0.1:0", service.invoicing) as replica,
        grpc.aio.insecure_channel(f"127.0.0.1:{replica.port}") as channel,
    ):
        resumed = await following(InvoiceJobServiceStub(channel), job, resume=first[1].resume_token).rest()
    assert kinds(resumed) == ["job", "job"]


async def test_who_wants_the_job_only_hears_of_no_order(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON1", "EON2")
    stream = following(jobs, job, job_only=True)
    seen = [await stream.next()]
    await service.work()
    seen += await stream.rest()
    assert set(kinds(seen)) == {"job"}
    assert seen[-1].job.state == pb.JOB_STATE_DONE
    resumed = await following(jobs, job, resume=seen[-1].resume_token).rest()
    assert kinds(resumed) == ["job", "order", "order", "job"]


async def test_silence_is_broken_by_heartbeats_that_go_nowhere(service: FakeService) -> None:
    job = await service.a_job("EON1")
    async with (
        RpcServer.running("127.0.0.1:0", service.invoicing, heartbeat=timedelta(milliseconds=10)) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        stream = following(InvoiceJobServiceStub(channel), job)
        _, order, *beats = await stream.take(4)
        stream.call.cancel()
    assert kinds(beats) == ["heartbeat", "heartbeat"]
    for beat in beats:
        assert beat.heartbeat.send_time.ToDatetime(NOON.tzinfo) == NOON
        assert (beat.version, beat.resume_token) == (order.version, order.resume_token)


@pytest.mark.parametrize("tenant", ["acme", "globex"])
async def test_a_job_that_is_not_there_or_anothers_is_refused_at_once(
    service: FakeService, jobs: JobsStub, tenant: str
) -> None:
    others = await service.a_job("EON1", tenant=GLOBEX)
    job_id = others.id if tenant == "acme" else "nowhere"
    refusal = await refused(jobs.JobStatus(pb.JobStatusRequest(tenant=tenant, job_id=job_id)))
    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_JOB")


async def test_a_token_that_is_none_or_anothers_is_a_bad_argument(service: FakeService, jobs: JobsStub) -> None:
    job, other = await service.an_invoice("EON1"), await service.an_invoice("EON2")
    messages = await following(jobs, other).rest()
    page = await jobs.ListJobs(pb.ListJobsRequest(tenant="acme", page_size=1))
    for token in ("nonsense", messages[-1].resume_token, page.next_page_token, messages[-1].resume_token + "A"):
        request = pb.JobStatusRequest(tenant="acme", job_id=job.id, resume_token=token)
        refusal = await refused(jobs.JobStatus(request))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["resume_token"])


async def test_a_caller_who_goes_leaves_nothing_behind(service: FakeService, jobs: JobsStub) -> None:
    job = await service.a_job("EON1")
    streams = [following(jobs, job) for _ in range(20)]
    for stream in streams:
        await stream.take(2)
    async with asyncio.timeout(PATIENCE):
        await service.jobs.until(lambda: service.jobs.waiting == 20)
        for stream in streams:
            stream.call.cancel()
        await service.jobs.until(lambda: service.jobs.waiting == 0)


async def test_a_caller_who_goes_while_messages_wait_for_him_is_no_defect_and_leaves_nothing_behind(
    service: FakeService, server: RpcServer, jobs: JobsStub
) -> None:
    job = await service.a_job("EON0")
    with capture_logs() as logs:
        async with slow_channel(server) as channel:
            await following(InvoiceJobServiceStub(channel), job).next()
            await many_changes(service, jobs, job)
        async with asyncio.timeout(PATIENCE):
            await server.stop(timedelta(hours=1))
    codes = [line["code"] for line in logs if line["event"] == "call" and line["method"].endswith("JobStatus")]
    assert codes == ["CANCELLED"]
    assert not [line for line in logs if line["event"] == "defect"]
    assert service.jobs.waiting == 0


async def test_a_slow_reader_gets_the_latest_states_and_no_queue_of_old_ones(
    service: FakeService, server: RpcServer, jobs: JobsStub
) -> None:
    job = await service.a_job("EON0")
    async with slow_channel(server) as channel:
        stream = following(InvoiceJobServiceStub(channel), job)
        await stream.next()
        changes = await many_changes(service, jobs, job)
        await change(service, job, "EON0", message="the last one", state=OrderState.FAILURE)
        messages = await stream.rest()
    orders = [message.order for message in messages if message.HasField("order")]
    assert len(orders) < changes / 2
    assert orders[-1].message == "the last one"
    assert messages[-1].job.counts.failure == 1


def slow_channel(server: RpcServer) -> grpc.aio.Channel:
    """A channel whose window does not grow, so that a server notices soon that nobody reads."""
    return grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options=[("grpc.http2.bdp_probe", 0)])


async def many_changes(service: FakeService, jobs: JobsStub, job: Job) -> int:
    """300 large changes of an order, with time for its followers after each."""
    for number in range(300):
        await change(service, job, "EON0", message=f"{number} " + "x" * 50_000)
        await jobs.GetJob(pb.GetJobRequest(tenant="acme", job_id=job.id))
    return 300

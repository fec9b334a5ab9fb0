"""Jobs over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta

from adapters.rpc import codec
from adapters.rpc.draining import Drain
from adapters.rpc.tokens import Tokens
from domain.invoicing import Followed, Invoicing
from domain.job import Job, JobOrder, Version, manual_ids
from invoicing.v1 import jobs_pb2
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceServicer


class JobService(InvoiceJobServiceServicer):
    """`invoicing.v1.InvoiceJobService`. Followers hear a heartbeat after `heartbeat` of silence."""

    def __init__(self, invoicing: Invoicing, drain: Drain, heartbeat: timedelta) -> None:
        self._invoicing = invoicing
        self._drain = drain
        self._heartbeat = heartbeat

    async def CreateJob(self, request: jobs_pb2.CreateJobRequest, context: object) -> jobs_pb2.CreateJobResponse:
        """Accepts a job and returns once it is durable."""
        job = await self._invoicing.create_job(codec.job_request(request))
        return jobs_pb2.CreateJobResponse(job=codec.job(job))

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: object) -> jobs_pb2.GetJobResponse:
        """Reads a job."""
        job = await self._invoicing.job(codec.tenant(request.tenant), codec.job_id(request.job_id))
        return jobs_pb2.GetJobResponse(job=codec.job(job))

    async def ListJobs(self, request: jobs_pb2.ListJobsRequest, context: object) -> jobs_pb2.ListJobsResponse:
        """Lists a tenant's jobs, newest first."""
        tenant, size = codec.tenant(request.tenant), codec.page_size(request.page_size)
        states = codec.states(request.states, codec.JOB_STATES)
        tokens = Tokens("page_token", ("jobs", tenant, *states))
        before = tokens.position(request.page_token)
        jobs = await self._invoicing.list_jobs(tenant, states, before=before, limit=size + 1)
        return jobs_pb2.ListJobsResponse(
            jobs=[codec.job(job) for job in jobs[:size]],
            next_page_token=tokens.following(jobs, size, lambda job: job.id),
        )

    async def ListJobOrders(
        self, request: jobs_pb2.ListJobOrdersRequest, context: object
    ) -> jobs_pb2.ListJobOrdersResponse:
        """Lists the orders of a job, by order id."""
        tenant, job_id = codec.tenant(request.tenant), codec.job_id(request.job_id)
        states, size = codec.states(request.states, codec.ORDER_STATES), codec.page_size(request.page_size)
        tokens = Tokens("page_token", ("orders", tenant, job_id, *states))
        after = tokens.position(request.page_token)
        orders = await self._invoicing.list_orders(tenant, job_id, states, after=after, limit=size + 1)
        return jobs_pb2.ListJobOrdersResponse(
            orders=[self._order(order) for order in orders[:size]],
            next_page_token=tokens.following(orders, size, lambda order: order.order_id),
        )

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: object) -> jobs_pb2.CancelJobResponse:
        """Stops the orders of a job whose payment has not been touched; the others are finished."""
        job = await self._invoicing.cancel_job(codec.tenant(request.tenant), codec.job_id(request.job_id))
        return jobs_pb2.CancelJobResponse(job=codec.job(job))

    async def RetryJob(self, request: jobs_pb2.RetryJobRequest, context: object) -> jobs_pb2.RetryJobResponse:
        """Lets failed orders go on from the step at which they failed."""
        tenant, job_id = codec.tenant(request.tenant), codec.job_id(request.job_id)
        order_ids = manual_ids(tuple(request.order_ids)) if request.order_ids else ()
        job = await self._invoicing.retry_job(tenant, job_id, order_ids)
        return jobs_pb2.RetryJobResponse(job=codec.job(job))

    async def JobStatus(
        self, request: jobs_pb2.JobStatusRequest, context: object
    ) -> AsyncIterator[jobs_pb2.JobStatusResponse]:
        """Follows a job: where it stands, then every change, until it ends."""
        tenant, job_id = codec.tenant(request.tenant), codec.job_id(request.job_id)
        tokens = Tokens("resume_token", ("status", tenant, job_id))
        after = Version(tokens.number(request.resume_token))
        following = self._invoicing.follow(
            tenant, job_id, after=after, job_only=request.job_only, heartbeat=self._heartbeat
        )
        async with aclosing(following):
            while (followed := await self._next(following)) is not None:
                token = tokens.token(str(followed.version))
                yield self._message(followed, token)

    async def _next(self, following: AsyncIterator[Followed]) -> Followed | None:
        async with self._drain.interrupts():
            return await anext(following, None)

    def _message(self, followed: Followed, resume_token: str) -> jobs_pb2.JobStatusResponse:
        message = jobs_pb2.JobStatusResponse(version=followed.version, resume_token=resume_token)
        match followed.event:
            case Job() as job:
                message.job.CopyFrom(codec.job(job))
            case JobOrder() as order:
                message.order.CopyFrom(self._order(order))
            case None:
                message.heartbeat.send_time.FromDatetime(self._now())
        return message

    def _now(self) -> datetime:
        return self._invoicing.has.clock()

    def _order(self, order: JobOrder) -> jobs_pb2.JobOrder:
        link = order.link
        if order.number is not None and order.has_document:
            link = self._invoicing.download_link(order.tenant, order.number)
        return codec.job_order(order, link)

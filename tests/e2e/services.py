"""The running service as its callers see it, and what can be said of all they asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from e2e.processes import PATIENCE, Process
from fakes.command_line import Ran, invoicing
from invoicing.v1 import invoices_pb2, jobs_pb2
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceStub
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceStub

if TYPE_CHECKING:
    from invoicing.v1.invoices_pb2_grpc import InvoiceServiceAsyncStub
    from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceAsyncStub

CALL_TIMEOUT = "3s"
SETTLE = "500ms"
"""So a capture whose answer was lost is asked for again after 6.5 seconds."""
DATABASE = "invoicing.db"

Message = jobs_pb2.JobStatusResponse


@dataclass(slots=True)
class Service:
    """A service that serves: its process, its addresses, and a caller of one tenant who is connected to it."""

    process: Process
    grpc: str
    http: str
    jobs: InvoiceJobServiceAsyncStub
    invoices: InvoiceServiceAsyncStub
    tenant: str = "acme"

    @classmethod
    @asynccontextmanager
    async def called(cls, process: Process) -> AsyncIterator[Service]:
        """The service in the process, once it serves."""
        told = await asyncio.to_thread(process.tells, "serving")
        async with grpc.aio.insecure_channel(told["grpc"]) as channel:
            yield cls(process, told["grpc"], told["http"], InvoiceJobServiceStub(channel), InvoiceServiceStub(channel))

    async def create(self, order_ids: Iterable[str] = (), **changes: Any) -> jobs_pb2.Job:
        """A new job: a manual one of these orders, unless changes say otherwise."""
        asked: dict[str, Any] = {"tenant": self.tenant, "job_type": jobs_pb2.JOB_TYPE_MANUAL, **changes}
        return (await self.jobs.CreateJob(jobs_pb2.CreateJobRequest(order_ids=order_ids, **asked))).job

    async def job(self, job: jobs_pb2.Job) -> jobs_pb2.Job:
        """The job as it stands."""
        return (await self.jobs.GetJob(jobs_pb2.GetJobRequest(tenant=self.tenant, job_id=job.job_id))).job

    async def orders(self, job: jobs_pb2.Job) -> dict[str, jobs_pb2.JobOrder]:
        """Every order of the job as it stands."""
        request = jobs_pb2.ListJobOrdersRequest(tenant=self.tenant, job_id=job.job_id, page_size=1000)
        return {order.order_id: order for order in (await self.jobs.ListJobOrders(request)).orders}

    async def invoice(self, number: str) -> invoices_pb2.Invoice:
        """The invoice with this number."""
        request = invoices_pb2.GetInvoiceRequest(tenant=self.tenant, invoice_number=number)
        return (await self.invoices.GetInvoice(request)).invoice

    async def download(self, number: str) -> tuple[invoices_pb2.DocumentHeader, bytes]:
        """The invoice's header, and its bytes."""
        request = invoices_pb2.DownloadInvoiceRequest(tenant=self.tenant, invoice_number=number)
        header, *parts = [part async for part in self.invoices.DownloadInvoice(request)]
        return header.header, b"".join(part.data for part in parts)

    def follow(self, job: jobs_pb2.Job, resume_token: str = "") -> Following:
        """A follower of the job."""
        request = jobs_pb2.JobStatusRequest(tenant=self.tenant, job_id=job.job_id, resume_token=resume_token)
        return Following(self.jobs.JobStatus(request))

    async def outcome(self, job: jobs_pb2.Job) -> dict[str, jobs_pb2.JobOrder]:
        """Every order as it ended, as a follower of the job hears it."""
        following = self.follow(job)
        await following.to_the_end()
        return following.orders

    async def comes_to_rest(self) -> None:
        """Returns once there is nothing more to do."""
        request = jobs_pb2.ListJobsRequest(tenant=self.tenant, states=[jobs_pb2.JOB_STATE_IN_PROGRESS])
        for job in (await self.jobs.ListJobs(request)).jobs:
            await self.outcome(job)

    async def invoicing(self, *arguments: str) -> Ran:
        """The command line as a client of this service and tenant."""
        return await invoicing(*arguments, "--address", self.grpc, "--tenant", self.tenant)


@dataclass(slots=True)
class Following:
    """A stream of a job's status, and what it has told."""

    call: Any
    messages: list[Message] = field(default_factory=list)

    async def until(self, *, succeeded: int) -> None:
        """Returns once so many orders have succeeded."""
        while sum(order.state == jobs_pb2.ORDER_STATE_SUCCESS for order in self.orders.values()) < succeeded:
            assert await self.next(), "the job ended before"

    async def to_the_end(self) -> jobs_pb2.Job:
        """The job as the stream's last message tells it; the stream ends well."""
        while await self.next():
            pass
        assert await self.call.code() == grpc.StatusCode.OK
        assert self.messages[-1].HasField("job")
        return self.messages[-1].job

    async def next(self) -> bool:
        """Hears one message more, if there is one."""
        async with asyncio.timeout(PATIENCE):
            message = await self.call.read()
        if not isinstance(message, Message):
            return False
        self.messages.append(message)
        return True

    @property
    def orders(self) -> dict[str, jobs_pb2.JobOrder]:
        """The last word on each order."""
        return {message.order.order_id: message.order for message in self.messages if message.HasField("order")}

    @property
    def token(self) -> str:
        """With which to go on after the last message."""
        return self.messages[-1].resume_token


@dataclass(frozen=True, slots=True)
class Home:
    """A folder in which services run, one after another: they share database and archive. All use one sandbox."""

    folder: Path
    sandbox: Process

    @asynccontextmanager
    async def serving(self, **variables: str) -> AsyncIterator[Service]:
        """A service for the tenant acme."""
        with Process.running(self.folder, "serve", **self.settings(**variables)) as process:
            async with Service.called(process) as service:
                yield service

    def settings(self, **variables: str) -> dict[str, str]:
        """What a service for acme at the sandbox is told."""
        platform = self.sandbox.tells("sandbox")
        return {
            "PLATFORM_URL": platform["url"],
            "MAIL_URL": f"smtp://{platform['smtp']}",
            "TENANT": "acme",
            "CLIENT_ID": "sandbox",
            "CLIENT_SECRET": "sandbox",
            "PLATFORM_TIMEOUT": CALL_TIMEOUT,
            "CAPTURE_SETTLE": SETTLE,
            **variables,
        }

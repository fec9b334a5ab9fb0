"""The service as its callers use it over gRPC: for one tenant, with pages read to their end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import grpc

from app.cli.options import Access
from app.cli.refusals import told_by
from domain.document import Rendition
from invoicing.v1 import invoices_pb2, jobs_pb2
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceStub
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceStub

DEADLINE = 30.0
"""Seconds within which a call must be answered; streams take as long as they last."""
MAIL_DEADLINE = 120.0
"""Likewise, for one that waits for a mail server."""
PAGE = 1000

OPTIONS = (
    ("grpc.enable_http_proxy", 0),  # the service is reached directly; a proxy set for browsers would be asked otherwise
    ("grpc.keepalive_time_ms", 30_000),  # a service whose machine is gone is noticed, also in silence
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)

FORMATS = {
    Rendition.PDF: invoices_pb2.DOCUMENT_FORMAT_PDF,
    Rendition.CII: invoices_pb2.DOCUMENT_FORMAT_CII,
    Rendition.UBL: invoices_pb2.DOCUMENT_FORMAT_UBL,
}

Answer = TypeVar("Answer")


class Client:
    """The service as one tenant sees it. Every call raises `Refused` when it fails."""

    def __init__(self, channel: grpc.aio.Channel, access: Access) -> None:
        self.access = access
        self._jobs = InvoiceJobServiceStub(channel)
        self._invoices = InvoiceServiceStub(channel)

    @classmethod
    @asynccontextmanager
    async def connected(cls, access: Access) -> AsyncIterator[Client]:
        """A client; that nobody answers at the address shows at the first call."""
        async with grpc.aio.insecure_channel(access.address, options=OPTIONS) as channel:
            yield cls(channel, access)

    # Jobs

    async def create_job(
        self, order_ids: Sequence[str] = (), *, automatic: bool = False, request_id: str = "", dry_run: bool = False
    ) -> jobs_pb2.Job:
        """A new job; when this returns, it will be done."""
        request = jobs_pb2.CreateJobRequest(
            tenant=self.access.tenant,
            job_type=jobs_pb2.JOB_TYPE_AUTOMATIC if automatic else jobs_pb2.JOB_TYPE_MANUAL,
            order_ids=order_ids,
            request_id=request_id,
            dry_run=dry_run,
        )
        return (await self._answer(self._jobs.CreateJob(request, timeout=DEADLINE))).job

    async def cancel_job(self, job_id: str) -> jobs_pb2.Job:
        """The job, stopped as far as it may be."""
        request = jobs_pb2.CancelJobRequest(tenant=self.access.tenant, job_id=job_id)
        return (await self._answer(self._jobs.CancelJob(request, timeout=DEADLINE))).job

    async def retry_job(self, job_id: str, order_ids: Sequence[str] = ()) -> jobs_pb2.Job:
        """The job, with these of its orders taken up again; all that are retryable when none is named."""
        request = jobs_pb2.RetryJobRequest(tenant=self.access.tenant, job_id=job_id, order_ids=order_ids)
        return (await self._answer(self._jobs.RetryJob(request, timeout=DEADLINE))).job

    async def job(self, job_id: str) -> jobs_pb2.Job:
        """The job as it stands."""
        request = jobs_pb2.GetJobRequest(tenant=self.access.tenant, job_id=job_id)
        return (await self._answer(self._jobs.GetJob(request, timeout=DEADLINE))).job

    async def jobs(self, states: Sequence[str] = (), *, limit: int) -> AsyncIterator[jobs_pb2.Job]:
        """The newest jobs in these states (none means all), newest first, at most `limit`."""
        wanted = [jobs_pb2.JobState.Value(f"JOB_STATE_{state.upper()}") for state in states]
        token, left = "", limit
        while left > 0:
            request = jobs_pb2.ListJobsRequest(
                tenant=self.access.tenant, states=wanted, page_size=min(left, PAGE), page_token=token
            )
            page = await self._answer(self._jobs.ListJobs(request, timeout=DEADLINE))
            for job in page.jobs:
                yield job
            left, token = left - len(page.jobs), page.next_page_token
            if not token:
                return

    async def orders(
        self, job_id: str, states: Sequence[str] = (), *, page_size: int = PAGE
    ) -> AsyncIterator[jobs_pb2.JobOrder]:
        """All orders of the job in these states (none means all), by order id."""
        wanted = [jobs_pb2.OrderState.Value(f"ORDER_STATE_{state.upper()}") for state in states]
        request = jobs_pb2.ListJobOrdersRequest(
            tenant=self.access.tenant, job_id=job_id, states=wanted, page_size=page_size
        )
        while True:
            page = await self._answer(self._jobs.ListJobOrders(request, timeout=DEADLINE))
            for order in page.orders:
                yield order
            request.page_token = page.next_page_token
            if not page.next_page_token:
                return

    async def status(
        self, job_id: str, *, resume_token: str = "", job_only: bool = False
    ) -> AsyncGenerator[jobs_pb2.JobStatusResponse, None]:
        """The job's status stream, once; `app.cli.following` goes on where it breaks."""
        request = jobs_pb2.JobStatusRequest(
            tenant=self.access.tenant, job_id=job_id, resume_token=resume_token, job_only=job_only
        )
        with told_by(self.access.address):
            async for message in self._jobs.JobStatus(request):
                yield message

    # Invoices

    async def invoice(self, *, number: str = "", order_id: str = "") -> invoices_pb2.Invoice:
        """The invoice with this number, or of this order."""
        request = invoices_pb2.GetInvoiceRequest(tenant=self.access.tenant)
        if order_id:
            request.order_id = order_id
        else:
            request.invoice_number = number
        return (await self._answer(self._invoices.GetInvoice(request, timeout=DEADLINE))).invoice

    async def invoices(
        self, *, order_id: str = "", job_id: str = "", issued_from: str = "", issued_to: str = "", limit: int
    ) -> AsyncIterator[invoices_pb2.Invoice]:
        """The newest invoices that pass every filter (empty ones filter nothing), newest first, at most `limit`."""
        request = invoices_pb2.ListInvoicesRequest(
            tenant=self.access.tenant, order_id=order_id, job_id=job_id, issued_from=issued_from, issued_to=issued_to
        )
        left = limit
        while left > 0:
            request.page_size = min(left, PAGE)
            page = await self._answer(self._invoices.ListInvoices(request, timeout=DEADLINE))
            for invoice in page.invoices:
                yield invoice
            left, request.page_token = left - len(page.invoices), page.next_page_token
            if not page.next_page_token:
                return

    async def cancel_invoice(self, number: str, *, reason: str, refund: bool, request_id: str) -> invoices_pb2.Invoice:
        """The credit note that cancels the invoice."""
        request = invoices_pb2.CancelInvoiceRequest(
            tenant=self.access.tenant, invoice_number=number, reason=reason, refund=refund, request_id=request_id
        )
        return (await self._answer(self._invoices.CancelInvoice(request, timeout=DEADLINE))).credit_note

    async def resend_invoice(self, number: str, recipient: str) -> invoices_pb2.ResendInvoiceResponse:
        """The mail in which the document was sent again, to its own recipient if none is named."""
        request = invoices_pb2.ResendInvoiceRequest(
            tenant=self.access.tenant, invoice_number=number, recipient=recipient
        )
        return await self._answer(self._invoices.ResendInvoice(request, timeout=MAIL_DEADLINE))

    async def preview(self, order_id: str) -> tuple[invoices_pb2.DocumentHeader, bytes]:
        """The draft of the order's invoice."""
        request = invoices_pb2.PreviewInvoiceRequest(tenant=self.access.tenant, order_id=order_id)
        with told_by(self.access.address):
            parts = [part async for part in self._invoices.PreviewInvoice(request, timeout=DEADLINE)]
        return parts[0].header, b"".join(part.data for part in parts[1:])

    async def proof(self, series: str) -> invoices_pb2.VerifySeriesResponse:
        """What the service finds when it verifies the series, or the only one there is: that takes what it takes."""
        request = invoices_pb2.VerifySeriesRequest(tenant=self.access.tenant, series=series)
        return await self._answer(self._invoices.VerifySeries(request))

    async def document(
        self, number: str, rendition: Rendition, *, offset: int = 0
    ) -> AsyncGenerator[invoices_pb2.DownloadInvoiceResponse, None]:
        """The parts of the invoice's document, once; `app.cli.documents` goes on where it breaks."""
        request = invoices_pb2.DownloadInvoiceRequest(
            tenant=self.access.tenant, invoice_number=number, format=FORMATS[rendition], read_offset=offset
        )
        with told_by(self.access.address):
            async for part in self._invoices.DownloadInvoice(request):
                yield part

    async def _answer(self, call: Awaitable[Answer]) -> Answer:
        with told_by(self.access.address):
            return await call

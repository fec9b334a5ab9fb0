"""A gRPC service that says whatever a test wants, true or not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import grpc

from invoicing.v1 import invoices_pb2, jobs_pb2
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceServicer, add_InvoiceServiceServicer_to_server
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceServicer, add_InvoiceJobServiceServicer_to_server

Part = invoices_pb2.DownloadInvoiceResponse


def a_header(content: bytes, sha256: str) -> Part:
    """The first part of a download."""
    return Part(header=invoices_pb2.DocumentHeader(size=len(content), sha256=sha256, file_name="../../x.pdf"))


class ScriptedInvoices(InvoiceServiceServicer):
    """Streams `downloads`, one a call; a download that ends with None breaks off. `offsets` are those asked for."""

    def __init__(self) -> None:
        self.downloads: list[Iterable[Part | None]] = []
        self.offsets: list[int] = []

    async def DownloadInvoice(  # noqa: N802 - the name in the contract
        self, request: invoices_pb2.DownloadInvoiceRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[Part]:
        self.offsets.append(request.read_offset)
        for part in self.downloads.pop(0):
            if part is None:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "going away")
            yield part


class ScriptedJobs(InvoiceJobServiceServicer):
    """Streams `messages` to every follower."""

    def __init__(self) -> None:
        self.messages: list[jobs_pb2.JobStatusResponse] = []

    async def JobStatus(  # noqa: N802 - the name in the contract
        self, request: jobs_pb2.JobStatusRequest, context: object
    ) -> AsyncIterator[jobs_pb2.JobStatusResponse]:
        for message in self.messages:
            yield message


class ScriptedService:
    """Both services on one address."""

    def __init__(self) -> None:
        self.jobs = ScriptedJobs()
        self.invoices = ScriptedInvoices()
        self.address = ""

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[ScriptedService]:
        """The service on a free port of this machine."""
        scripted, server = cls(), grpc.aio.server()
        add_InvoiceJobServiceServicer_to_server(scripted.jobs, server)
        add_InvoiceServiceServicer_to_server(scripted.invoices, server)
        scripted.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        try:
            yield scripted
        finally:
            await server.stop(0)

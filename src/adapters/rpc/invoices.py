"""Issued invoices over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Never

from adapters.rpc import codec
from adapters.rpc.status import NotServed
from adapters.rpc.tokens import Tokens
from domain.document import Document, DocumentFilter
from domain.errors import InvalidArgument
from domain.invoicing import Invoicing
from domain.job import require_order_id
from invoicing.v1 import invoices_pb2
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceServicer


class InvoiceService(InvoiceServiceServicer):
    """`invoicing.v1.InvoiceService`."""

    def __init__(self, invoicing: Invoicing) -> None:
        self._invoicing = invoicing

    async def GetInvoice(
        self, request: invoices_pb2.GetInvoiceRequest, context: object
    ) -> invoices_pb2.GetInvoiceResponse:
        """Reads an invoice by number, or an order's invoice."""
        return invoices_pb2.GetInvoiceResponse(invoice=self._invoice(await self._named(request)))

    async def ListInvoices(
        self, request: invoices_pb2.ListInvoicesRequest, context: object
    ) -> invoices_pb2.ListInvoicesResponse:
        """Lists invoices, newest first."""
        wanted, size = codec.document_filter(request), codec.page_size(request.page_size)
        tokens = Tokens("page_token", ("invoices", *_scope(wanted)))
        before = tokens.number(request.page_token)
        documents = await self._invoicing.list_invoices(wanted, before=before, limit=size + 1)
        return invoices_pb2.ListInvoicesResponse(
            invoices=[self._invoice(document) for document in documents[:size]],
            next_page_token=tokens.following(documents, size, lambda document: str(document.id)),
        )

    async def DownloadInvoice(
        self, request: invoices_pb2.DownloadInvoiceRequest, context: object
    ) -> AsyncIterator[invoices_pb2.DownloadInvoiceResponse]:
        """Streams a document's bytes: one header, then the data in order."""
        tenant, number = codec.tenant(request.tenant), codec.invoice_number(request.invoice_number)
        rendition = codec.rendition(request.format)
        document, content = await self._invoicing.download(tenant, number, rendition)
        for part in codec.download(document, rendition, content, request.read_offset):
            yield part

    async def PreviewInvoice(
        self, request: invoices_pb2.PreviewInvoiceRequest, context: object
    ) -> AsyncIterator[invoices_pb2.PreviewInvoiceResponse]:
        """Not served yet."""
        yield _unserved("PreviewInvoice")

    async def CancelInvoice(self, request: invoices_pb2.CancelInvoiceRequest, context: object) -> Never:
        """Not served yet."""
        _unserved("CancelInvoice")

    async def ResendInvoice(self, request: invoices_pb2.ResendInvoiceRequest, context: object) -> Never:
        """Not served yet."""
        _unserved("ResendInvoice")

    async def VerifySeries(
        self, request: invoices_pb2.VerifySeriesRequest, context: object
    ) -> invoices_pb2.VerifySeriesResponse:
        """Proves that every number of a series is explained and every document unchanged."""
        tenant, series = codec.tenant(request.tenant), codec.series(request.series)
        return codec.proof(await self._invoicing.verify_series(tenant, series))

    async def _named(self, request: invoices_pb2.GetInvoiceRequest) -> Document:
        tenant = codec.tenant(request.tenant)
        match request.WhichOneof("key"):
            case "invoice_number":
                return await self._invoicing.invoice(tenant, codec.invoice_number(request.invoice_number))
            case "order_id":
                return await self._invoicing.invoice_of(tenant, require_order_id("order_id", request.order_id))
        raise InvalidArgument("key", "is unset: name an invoice_number or an order_id")

    def _invoice(self, document: Document) -> invoices_pb2.Invoice:
        drawn = document.sha256 is not None
        link = self._invoicing.download_link(document.tenant, document.number) if drawn else ""
        return codec.invoice(document, link)


def _scope(wanted: DocumentFilter) -> tuple[str, ...]:
    return (wanted.tenant, wanted.order_id, wanted.job_id, str(wanted.issued_from), str(wanted.issued_to))


def _unserved(call: str) -> Never:
    raise NotServed(f"{call} is not served yet")

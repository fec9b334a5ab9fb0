"""Issued invoices over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from adapters.rpc import codec
from adapters.rpc.draining import Drain
from adapters.rpc.tokens import Tokens
from domain.document import Document, DocumentFilter
from domain.errors import InvalidArgument
from domain.invoicing import Invoicing
from domain.job import require_order_id
from invoicing.v1 import invoices_pb2
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceServicer


class InvoiceService(InvoiceServiceServicer):
    """`invoicing.v1.InvoiceService`. Who cancels an invoice waits `patience` for its credit note."""

    def __init__(self, invoicing: Invoicing, drain: Drain, patience: timedelta) -> None:
        self._invoicing = invoicing
        self._drain = drain
        self._patience = patience

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
        """Streams the document an order would get, marked as a draft: one header, then the data in order."""
        tenant, order_id = codec.tenant(request.tenant), require_order_id("order_id", request.order_id)
        codec.require_pdf(request.format)
        for part in codec.preview(f"draft-{order_id}", await self._invoicing.preview(tenant, order_id)):
            yield part

    async def CancelInvoice(
        self, request: invoices_pb2.CancelInvoiceRequest, context: object
    ) -> invoices_pb2.CancelInvoiceResponse:
        """Issues a credit note that cancels an invoice; the order may be invoiced again."""
        wanted = codec.correction_request(request)
        async with self._drain.interrupts():
            note = await self._invoicing.cancel_invoice(wanted, patience=self._patience)
        return invoices_pb2.CancelInvoiceResponse(credit_note=self._invoice(note))

    async def ResendInvoice(
        self, request: invoices_pb2.ResendInvoiceRequest, context: object
    ) -> invoices_pb2.ResendInvoiceResponse:
        """Sends the same bytes in a new mail."""
        tenant, number = codec.tenant(request.tenant), codec.invoice_number(request.invoice_number)
        recipient = codec.recipient(request.recipient)
        return invoices_pb2.ResendInvoiceResponse(
            message_id=await self._invoicing.resend_invoice(tenant, number, recipient)
        )

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

"""Invoices that are cancelled, sent again or only looked at, as a gRPC client sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc import StatusCode

from adapters.rpc import RpcServer
from domain.errors import MailRefused, SeriesExhausted, Unavailable
from domain.invoice import InvoiceNumber
from domain.order import OrderId
from fakes.orders import an_order
from fakes.refusals import refused
from fakes.service import ACME, FakeService
from invoicing.v1 import invoices_pb2 as pb
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceStub

if TYPE_CHECKING:
    from invoicing.v1.invoices_pb2_grpc import InvoiceServiceAsyncStub as InvoicesStub

EON1 = OrderId("EON1")


@pytest.fixture
async def working(service: FakeService) -> AsyncIterator[FakeService]:
    """The service with INV1 of EON1, its engine at work."""
    await service.an_invoice("EON1")

    async def work() -> None:
        while True:
            await service.work()
            await service.jobs.news(timeout=timedelta(minutes=1))

    engine = asyncio.create_task(work())
    yield service
    engine.cancel()
    with suppress(asyncio.CancelledError):
        await engine


def a_cancellation(**changes: Any) -> pb.CancelInvoiceRequest:
    return pb.CancelInvoiceRequest(**{"tenant": "acme", "invoice_number": "INV1", "reason": "a slip", **changes})


def a_resending(**changes: Any) -> pb.ResendInvoiceRequest:
    return pb.ResendInvoiceRequest(**{"tenant": "acme", "invoice_number": "INV1", **changes})


class TestCancelInvoice:
    async def test_the_answer_is_the_credit_note(self, working: FakeService, invoices: InvoicesStub) -> None:
        note = (await invoices.CancelInvoice(a_cancellation())).credit_note
        cancelled = (await invoices.GetInvoice(pb.GetInvoiceRequest(tenant="acme", invoice_number="INV1"))).invoice
        content = working.archive.kept[ACME, InvoiceNumber("INV2")]
        assert (note.type, note.invoice_number, note.cancels) == (pb.DOCUMENT_TYPE_CREDIT_NOTE, "INV2", "INV1")
        assert (note.gross, note.prepaid, note.order_id, note.job_id) == ("23.80", "0.00", "EON1", "")
        assert note.pdf_sha256 == sha256(content).hexdigest()
        assert note.download_link
        assert (cancelled.cancelled_by, cancelled.cancels) == ("INV2", "")

    async def test_the_same_key_gives_the_same_answer_and_no_other_content(
        self, working: FakeService, invoices: InvoicesStub
    ) -> None:
        first = await invoices.CancelInvoice(a_cancellation(request_id="r1"))
        again = await invoices.CancelInvoice(a_cancellation(request_id="r1"))
        assert (again.credit_note.invoice_number, len(working.sequences.drawn)) == (first.credit_note.invoice_number, 2)
        refusal = await refused(invoices.CancelInvoice(a_cancellation(request_id="r1", refund=True)))
        assert (refusal.code, refusal.reason) == (StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")

    async def test_a_second_time_the_credit_note_is_named(self, working: FakeService, invoices: InvoicesStub) -> None:
        await invoices.CancelInvoice(a_cancellation())
        for number, note in (("INV1", "INV2"), ("INV2", "")):
            refusal = await refused(invoices.CancelInvoice(a_cancellation(invoice_number=number)))
            assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, "NOT_CANCELLABLE")
            assert refusal.detail(ErrorInfo).metadata.get("credit_note", "") == note

    async def test_an_order_in_another_jobs_hands_is_told_with_the_job(
        self, service: FakeService, invoices: InvoicesStub
    ) -> None:
        service.mailer.trouble.strikes_before(Unavailable("away"))
        job = await service.an_invoice("EON1")
        refusal = await refused(invoices.CancelInvoice(a_cancellation()))
        assert (refusal.code, refusal.reason) == (StatusCode.ABORTED, "ORDER_IN_PROGRESS")
        assert refusal.detail(ErrorInfo).metadata["job_id"] == job.id

    async def test_why_it_failed_is_told(self, working: FakeService, invoices: InvoicesStub) -> None:
        working.sequences.trouble.strikes_before(SeriesExhausted("none left"))
        refusal = await refused(invoices.CancelInvoice(a_cancellation()))
        assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, "SERIES_EXHAUSTED")
        assert refusal.message == "invoice INV1 is not cancelled: none left"
        assert (await invoices.CancelInvoice(a_cancellation())).credit_note.invoice_number == "INV2"

    async def test_who_waits_too_long_is_told_when_to_ask_again(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        moment = timedelta(milliseconds=10)
        async with (
            RpcServer.running("127.0.0.1:0", service.invoicing, patience=moment) as server,
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            refusal = await refused(InvoiceServiceStub(channel).CancelInvoice(a_cancellation(request_id="r1")))
        assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "UNAVAILABLE")
        assert refusal.detail(RetryInfo).retry_delay.ToTimedelta() > timedelta(0)
        await service.work_to_the_end()
        assert (await service.invoicing.invoice(ACME, InvoiceNumber("INV1"))).cancelled_by == "INV2"

    async def test_a_server_that_stops_lets_nobody_wait(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        async with RpcServer.running("127.0.0.1:0", service.invoicing) as server:
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
            asked = asyncio.ensure_future(refused(InvoiceServiceStub(channel).CancelInvoice(a_cancellation())))
            await service.jobs.until(lambda: service.jobs.waiting == 1)
        refusal = await asked
        await channel.close()
        assert (refusal.code, refusal.reason) == (StatusCode.UNAVAILABLE, "DRAINING")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"tenant": ""}, "tenant"),
            ({"invoice_number": ""}, "invoice_number"),
            ({"reason": "x" * 501}, "reason"),
            ({"reason": "a\nb"}, "reason"),
            ({"request_id": "x" * 129}, "request_id"),
            ({"request_id": "\x00"}, "request_id"),
        ],
    )
    async def test_a_bad_argument_is_named(self, invoices: InvoicesStub, changes: dict[str, str], field: str) -> None:
        refusal = await refused(invoices.CancelInvoice(a_cancellation(**changes)))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [field])

    async def test_an_unknown_invoice_is_not_found(self, working: FakeService, invoices: InvoicesStub) -> None:
        for changes in ({"invoice_number": "INV9"}, {"tenant": "globex"}):
            refusal = await refused(invoices.CancelInvoice(a_cancellation(**changes)))
            assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_INVOICE")


class TestResendInvoice:
    async def test_the_answer_is_the_id_of_the_mail(self, working: FakeService, invoices: InvoicesStub) -> None:
        sent = await invoices.ResendInvoice(a_resending(recipient="books@example.com"))
        assert (working.mailer.ids[-1], working.mailer.sent[-1].recipient) == (sent.message_id, "books@example.com")

    async def test_a_mail_server_that_is_away_is_told_and_nothing_was_sent(
        self, working: FakeService, invoices: InvoicesStub
    ) -> None:
        working.mailer.trouble.strikes_before(Unavailable("the mail server is away"))
        refusal = await refused(invoices.ResendInvoice(a_resending()))
        assert refusal.code == StatusCode.UNAVAILABLE
        assert len(working.mailer.sent) == 1

    async def test_a_recipient_that_is_refused_is_told(self, working: FakeService, invoices: InvoicesStub) -> None:
        working.mailer.trouble.strikes_before(MailRefused("no such mailbox"))
        refusal = await refused(invoices.ResendInvoice(a_resending()))
        assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, "EMAIL_FAILED")

    @pytest.mark.parametrize(
        "recipient",
        ["nobody", "a@", "@b", "a@b@c", "a@b..c", "a b@c.de", "a@b\r\nBcc: x@y.z", "<a@b.c>", "a@b.c, d@e.f"],
    )
    async def test_what_is_no_address_is_named(self, invoices: InvoicesStub, recipient: str) -> None:
        refusal = await refused(invoices.ResendInvoice(a_resending(recipient=recipient)))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["recipient"])

    async def test_an_unknown_invoice_is_not_found(self, invoices: InvoicesStub) -> None:
        refusal = await refused(invoices.ResendInvoice(a_resending()))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_INVOICE")


class TestPreviewInvoice:
    async def test_the_draft_is_streamed_behind_its_header(self, service: FakeService, invoices: InvoicesStub) -> None:
        service.add(an_order("EON1"))
        header, *parts = [part async for part in invoices.PreviewInvoice(a_preview())]
        content = b"".join(part.data for part in parts)
        assert (header.header.file_name, header.header.content_type) == ("draft-EON1.pdf", "application/pdf")
        assert (header.header.size, header.header.sha256) == (len(content), sha256(content).hexdigest())
        assert service.renderer.rendered[0].is_draft

    async def test_what_is_wrong_with_the_order_is_told(self, working: FakeService, invoices: InvoicesStub) -> None:
        working.add(replace(an_order("EON2"), status="DECLINED"))
        for order_id, code, reason in (
            ("EON1", StatusCode.FAILED_PRECONDITION, "ALREADY_INVOICED"),
            ("EON2", StatusCode.FAILED_PRECONDITION, "ORDER_NOT_INVOICEABLE"),
            ("EON3", StatusCode.NOT_FOUND, "ORDER_NOT_FOUND"),
        ):
            refusal = await refused(invoices.PreviewInvoice(a_preview(order_id=order_id)))
            assert (refusal.code, refusal.reason) == (code, reason)

    @pytest.mark.parametrize(
        ("changes", "field"), [({"tenant": "x"}, "tenant"), ({"order_id": ""}, "order_id"), ({"format": 99}, "format")]
    )
    async def test_a_bad_argument_is_named(self, invoices: InvoicesStub, changes: dict[str, Any], field: str) -> None:
        refusal = await refused(invoices.PreviewInvoice(a_preview(**changes)))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [field])

    async def test_a_format_that_is_not_served_yet_is_told_as_such(self, invoices: InvoicesStub) -> None:
        refusal = await refused(invoices.PreviewInvoice(a_preview(format=pb.DOCUMENT_FORMAT_CII)))
        assert refusal.code == StatusCode.UNIMPLEMENTED


def a_preview(**changes: Any) -> pb.PreviewInvoiceRequest:
    return pb.PreviewInvoiceRequest(**{"tenant": "acme", "order_id": "EON1", **changes})

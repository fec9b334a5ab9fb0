"""Issued invoices as a gRPC client sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from grpc import StatusCode

from domain.document import Drawing
from domain.errors import Unavailable
from domain.invoice import InvoiceNumber
from domain.numbering import INVOICE_SERIES, LocalNumbers, NumberPattern
from fakes.clock import NOON
from fakes.refusals import refused
from fakes.service import ACME, FakeService
from invoicing.v1 import invoices_pb2 as pb

if TYPE_CHECKING:
    from invoicing.v1.invoices_pb2_grpc import InvoiceServiceAsyncStub as InvoicesStub

NUMBER = InvoiceNumber("INV1")

CHUNK = 64 * 1024


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, service: FakeService) -> bytes:
    """What the renderer draws: a document of two and a half chunks."""
    content = bytes(range(256)) * (CHUNK // 256) * 2 + b"x" * (CHUNK // 2)

    async def render(*_: object) -> Drawing:
        return Drawing(content)

    monkeypatch.setattr(service.invoicing.has.pdf, "render", render)
    return content


class TestGetInvoice:
    @pytest.mark.parametrize("key", [{"invoice_number": "INV1"}, {"order_id": "EON1"}])
    async def test_an_invoice_is_found_by_number_and_by_order(
        self, service: FakeService, invoices: InvoicesStub, key: dict[str, Any]
    ) -> None:
        job = await service.an_invoice("EON1")
        invoice = (await invoices.GetInvoice(pb.GetInvoiceRequest(tenant="acme", **key))).invoice
        content = service.archive.kept[ACME, NUMBER]
        assert (invoice.tenant, invoice.invoice_number, invoice.order_id) == ("acme", "INV1", "EON1")
        assert (invoice.job_id, invoice.type) == (job.id, pb.DOCUMENT_TYPE_INVOICE)
        assert (invoice.issue_date, invoice.currency) == ("2026-11-24", "EUR")
        assert (invoice.net, invoice.tax, invoice.rounding, invoice.gross) == ("20.00", "3.80", "0.00", "23.80")
        assert (invoice.prepaid, invoice.due) == ("23.80", "0.00")
        assert (invoice.buyer_name, invoice.recipient) == ("Żaneta Ó Brien", "zaneta@example.com")
        assert (invoice.pdf_sha256, invoice.pdf_size) == (sha256(content).hexdigest(), len(content))
        assert invoice.create_time.ToDatetime(NOON.tzinfo) == invoice.mail_time.ToDatetime(NOON.tzinfo) == NOON
        token = invoice.download_link.removeprefix("http://127.0.0.1:8080/documents/")
        assert service.links.opened(token, service.clock()) == (ACME, NUMBER)

    async def test_an_invoice_that_is_not_drawn_yet_has_no_link(
        self, service: FakeService, invoices: InvoicesStub
    ) -> None:
        service.archive.trouble.strikes_before(Unavailable("the archive is away"))
        await service.an_invoice("EON1")
        invoice = (await invoices.GetInvoice(pb.GetInvoiceRequest(tenant="acme", order_id="EON1"))).invoice
        assert (invoice.invoice_number, invoice.download_link, invoice.pdf_sha256) == ("INV1", "", "")
        assert not invoice.HasField("mail_time")

    @pytest.mark.parametrize(
        ("key", "field"),
        [
            ({}, "key"),
            ({"invoice_number": ""}, "invoice_number"),
            ({"invoice_number": "x" * 129}, "invoice_number"),
            ({"invoice_number": "INV\x001"}, "invoice_number"),
            ({"order_id": "a/b"}, "order_id"),
            ({"order_id": ""}, "order_id"),
            ({"order_id": "x" * 300}, "order_id"),
            ({"invoice_number": "INV1", "tenant": "ACME"}, "tenant"),
            ({"invoice_number": "INV1", "tenant": ""}, "tenant"),
        ],
    )
    async def test_a_bad_argument_is_named(self, invoices: InvoicesStub, key: dict[str, Any], field: str) -> None:
        refusal = await refused(invoices.GetInvoice(pb.GetInvoiceRequest(**{"tenant": "acme", **key})))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [field])

    @pytest.mark.parametrize("key", [{"invoice_number": "INV1"}, {"order_id": "EON1"}])
    async def test_another_tenants_invoice_is_unknown(
        self, service: FakeService, invoices: InvoicesStub, key: dict[str, Any]
    ) -> None:
        await service.an_invoice("EON1")
        refusal = await refused(invoices.GetInvoice(pb.GetInvoiceRequest(tenant="globex", **key)))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_INVOICE")

    async def test_an_unknown_tenant_has_no_invoices(self, invoices: InvoicesStub) -> None:
        refusal = await refused(invoices.GetInvoice(pb.GetInvoiceRequest(tenant="nobody", invoice_number="INV1")))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_TENANT")


class TestListInvoices:
    async def test_invoices_come_newest_first_page_by_page(self, service: FakeService, invoices: InvoicesStub) -> None:
        for number in range(5):
            await service.an_invoice(f"EON{number}")
        seen, token = [], ""
        for size in (2, 2, 1):
            page = await invoices.ListInvoices(pb.ListInvoicesRequest(tenant="acme", page_size=2, page_token=token))
            assert len(page.invoices) == size
            seen += [invoice.invoice_number for invoice in page.invoices]
            token = page.next_page_token
        assert seen == ["INV5", "INV4", "INV3", "INV2", "INV1"]
        assert not token

    async def test_filters_combine(self, service: FakeService, invoices: InvoicesStub) -> None:
        first = await service.an_invoice("EON1")
        service.clock.advance(timedelta(days=1))
        await service.an_invoice("EON2")
        for filters, numbers in (
            ({"order_id": "EON2"}, ["INV2"]),
            ({"job_id": first.id}, ["INV1"]),
            ({"job_id": first.id, "order_id": "EON2"}, []),
            ({"issued_from": "2026-11-25"}, ["INV2"]),
            ({"issued_to": "2026-11-24"}, ["INV1"]),
            ({"issued_from": "2026-11-24", "issued_to": "2026-11-25"}, ["INV2", "INV1"]),
        ):
            page = await invoices.ListInvoices(pb.ListInvoicesRequest(tenant="acme", **filters))
            assert [invoice.invoice_number for invoice in page.invoices] == numbers

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"issued_from": "yesterday"}, "issued_from"),
            ({"issued_to": "2026-02-30"}, "issued_to"),
            ({"order_id": "a b"}, "order_id"),
            ({"job_id": "../x"}, "job_id"),
            ({"page_size": -5}, "page_size"),
            ({"page_token": "nonsense"}, "page_token"),
            ({"tenant": "a b"}, "tenant"),
        ],
    )
    async def test_a_bad_argument_is_named(self, invoices: InvoicesStub, changes: dict[str, Any], field: str) -> None:
        refusal = await refused(invoices.ListInvoices(pb.ListInvoicesRequest(**{"tenant": "acme", **changes})))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [field])

    async def test_a_token_is_good_for_its_own_filters_only(self, service: FakeService, invoices: InvoicesStub) -> None:
        await service.an_invoice("EON1")
        await service.an_invoice("EON2")
        page = await invoices.ListInvoices(pb.ListInvoicesRequest(tenant="acme", page_size=1))
        other = pb.ListInvoicesRequest(tenant="acme", issued_to="2026-11-24", page_token=page.next_page_token)
        assert (await refused(invoices.ListInvoices(other))).fields == ["page_token"]


class TestDownloadInvoice:
    async def test_a_header_comes_first_and_the_bytes_follow_in_pieces(
        self, service: FakeService, invoices: InvoicesStub, large: bytes
    ) -> None:
        await service.an_invoice("EON1")
        header, *data = await download(invoices)
        assert (header.header.content_type, header.header.file_name) == ("application/pdf", "INV1.pdf")
        assert (header.header.size, header.header.sha256) == (len(large), sha256(large).hexdigest())
        assert [len(part.data) for part in data] == [CHUNK, CHUNK, CHUNK // 2]
        assert b"".join(part.data for part in data) == large

    @pytest.mark.parametrize("offset", [1, CHUNK, 2 * CHUNK + 5, 2 * CHUNK + CHUNK // 2])
    async def test_a_broken_download_goes_on_where_it_broke(
        self, service: FakeService, invoices: InvoicesStub, large: bytes, offset: int
    ) -> None:
        await service.an_invoice("EON1")
        header, *data = await download(invoices, read_offset=offset, format=pb.DOCUMENT_FORMAT_PDF)
        assert header.header.size == len(large)
        assert b"".join(part.data for part in data) == large[offset:]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"read_offset": -1}, "read_offset"),
            ({"read_offset": 10**12}, "read_offset"),
            ({"format": 99}, "format"),
            ({"invoice_number": "\n"}, "invoice_number"),
        ],
    )
    async def test_a_bad_argument_is_named(
        self, service: FakeService, invoices: InvoicesStub, changes: dict[str, Any], field: str
    ) -> None:
        await service.an_invoice("EON1")
        refusal = await refused(invoices.DownloadInvoice(a_download(**changes)))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [field])

    @pytest.mark.parametrize(
        ("wanted", "name"), [(pb.DOCUMENT_FORMAT_CII, "INV1-cii.xml"), (pb.DOCUMENT_FORMAT_UBL, "INV1-ubl.xml")]
    )
    async def test_xml_has_a_size_and_a_digest_of_its_own_and_can_be_gone_on_with(
        self, service: FakeService, invoices: InvoicesStub, wanted: pb.DocumentFormat.ValueType, name: str
    ) -> None:
        await service.an_invoice("EON1")
        header, *data = await download(invoices, format=wanted)
        content, told = b"".join(part.data for part in data), header.header
        assert (told.content_type, told.file_name) == ("application/xml", name)
        assert (told.size, told.sha256) == (len(content), sha256(content).hexdigest())
        again, *rest = await download(invoices, format=wanted, read_offset=7)
        assert (again.header, b"".join(part.data for part in rest)) == (told, content[7:])

    async def test_an_unknown_invoice_is_not_found(self, invoices: InvoicesStub) -> None:
        refusal = await refused(invoices.DownloadInvoice(a_download()))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_INVOICE")

    async def test_an_invoice_that_is_being_drawn_can_be_had_later(
        self, service: FakeService, invoices: InvoicesStub
    ) -> None:
        service.archive.trouble.strikes_before(Unavailable("the archive is away"))
        await service.an_invoice("EON1")
        refusal = await refused(invoices.DownloadInvoice(a_download()))
        assert refusal.code == StatusCode.UNAVAILABLE

    async def test_changed_bytes_are_never_handed_out(self, service: FakeService, invoices: InvoicesStub) -> None:
        await service.an_invoice("EON1")
        service.archive.kept[ACME, NUMBER] += b"!"
        refusal = await refused(invoices.DownloadInvoice(a_download()))
        assert refusal.code == StatusCode.DATA_LOSS


class TestVerifySeries:
    async def test_what_nobody_changed_is_proven(self, service: FakeService, invoices: InvoicesStub) -> None:
        for order_id in ("EON1", "EON2"):
            await service.an_invoice(order_id)
        proof = await invoices.VerifySeries(pb.VerifySeriesRequest(tenant="acme"))
        head = service.journal.chains[ACME, INVOICE_SERIES][-1]
        assert proof == pb.VerifySeriesResponse(
            series=INVOICE_SERIES,
            first="INV1",
            last="INV2",
            issued=2,
            documents_checked=2,
            head_hash=head.hash,
            ok=True,
        )

    async def test_gaps_and_what_was_changed_are_told(self, service: FakeService, invoices: InvoicesStub) -> None:
        for order_id in ("EON1", "EON2"):
            await service.an_invoice(order_id)
            service.sequences.drawn.append(InvoiceNumber("of others"))
        del service.archive.kept[ACME, NUMBER]
        proof = await invoices.VerifySeries(pb.VerifySeriesRequest(tenant="acme", series=INVOICE_SERIES))
        assert (proof.ok, proof.issued, proof.documents_checked) == (False, 2, 1)
        gap = pb.NumberGap(number="INV2", explanation="drawn by others, or unexplained", explained=False)
        assert list(proof.gaps) == [gap]
        gone = pb.LedgerMismatch(invoice_number="INV1", what="its bytes are not in the archive")
        assert list(proof.mismatches) == [gone]

    async def test_of_several_series_one_has_to_be_named(self, service: FakeService, invoices: InvoicesStub) -> None:
        await service.an_invoice("EON1")
        service.tenants.kept[ACME] = replace(
            service.tenants.kept[ACME], local=LocalNumbers(NumberPattern("RE-{year}-", yearly=True))
        )
        await service.an_invoice("EON2")
        refusal = await refused(invoices.VerifySeries(pb.VerifySeriesRequest(tenant="acme")))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, ["series"])
        assert "invoiceNoSequence, local:RE-2026-" in refusal.message

    async def test_a_series_that_is_not_there_is_not_found_and_those_that_are_there_are_told(
        self, invoices: InvoicesStub
    ) -> None:
        refusal = await refused(invoices.VerifySeries(pb.VerifySeriesRequest(tenant="acme", series="mine")))
        assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, "UNKNOWN_SERIES")
        assert refusal.message == "there is no series 'mine'; there are: invoiceNoSequence"

    @pytest.mark.parametrize("wrong", [{"tenant": ""}, {"tenant": "acme", "series": "x" * 129}])
    async def test_a_wrong_argument_is_named(self, invoices: InvoicesStub, wrong: dict[str, str]) -> None:
        refusal = await refused(invoices.VerifySeries(pb.VerifySeriesRequest(**wrong)))
        assert (refusal.code, refusal.fields) == (StatusCode.INVALID_ARGUMENT, [list(wrong)[-1]])


def a_download(**changes: Any) -> pb.DownloadInvoiceRequest:
    """The download of INV1, if nothing else is said."""
    return pb.DownloadInvoiceRequest(**{"tenant": "acme", "invoice_number": "INV1", **changes})


async def download(invoices: InvoicesStub, **changes: Any) -> list[pb.DownloadInvoiceResponse]:
    """All parts of a download."""
    return [part async for part in invoices.DownloadInvoice(a_download(**changes))]

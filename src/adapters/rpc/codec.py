"""Proto to domain and back. Requests are checked here by hand, so that whatever is wrong is named by its field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from adapters.rpc.status import NotServed
from domain.correction import CorrectionRequest
from domain.document import Document, DocumentFilter, Rendition, parse_day
from domain.errors import InvalidArgument
from domain.invoice import DocumentType, InvoiceNumber
from domain.job import (
    Job,
    JobId,
    JobOrder,
    JobRequest,
    JobState,
    JobType,
    OrderCounts,
    OrderState,
    Step,
    require_order_id,
)
from domain.mail import file_name, require_address
from domain.order import TenantId
from domain.verification import Proof
from invoicing.v1 import invoices_pb2, jobs_pb2

DEFAULT_PAGE = 50
LARGEST_PAGE = 1000
LONGEST_JOB_ID = 64
LONGEST_NUMBER = 128
CHUNK = 64 * 1024

JOB_TYPES = {
    JobType.MANUAL: jobs_pb2.JOB_TYPE_MANUAL,
    JobType.AUTOMATIC: jobs_pb2.JOB_TYPE_AUTOMATIC,
}
JOB_STATES = {
    JobState.IN_PROGRESS: jobs_pb2.JOB_STATE_IN_PROGRESS,
    JobState.DONE: jobs_pb2.JOB_STATE_DONE,
    JobState.CANCELLED: jobs_pb2.JOB_STATE_CANCELLED,
    JobState.FAILED: jobs_pb2.JOB_STATE_FAILED,
}
ORDER_STATES = {
    OrderState.PENDING: jobs_pb2.ORDER_STATE_PENDING,
    OrderState.SUCCESS: jobs_pb2.ORDER_STATE_SUCCESS,
    OrderState.FAILURE: jobs_pb2.ORDER_STATE_FAILURE,
    OrderState.CANCELLED: jobs_pb2.ORDER_STATE_CANCELLED,
}
STEPS = {
    Step.VALIDATION: jobs_pb2.STEP_VALIDATION,
    Step.RECALCULATION: jobs_pb2.STEP_RECALCULATION,
    Step.CAPTURE: jobs_pb2.STEP_CAPTURE,
    Step.PDF: jobs_pb2.STEP_PDF,
    Step.EMAIL: jobs_pb2.STEP_EMAIL,
}
DOCUMENT_TYPES = {
    DocumentType.INVOICE: invoices_pb2.DOCUMENT_TYPE_INVOICE,
    DocumentType.CREDIT_NOTE: invoices_pb2.DOCUMENT_TYPE_CREDIT_NOTE,
}
RENDITIONS: Mapping[int, Rendition] = {
    invoices_pb2.DOCUMENT_FORMAT_UNSPECIFIED: Rendition.PDF,
    invoices_pb2.DOCUMENT_FORMAT_PDF: Rendition.PDF,
    invoices_pb2.DOCUMENT_FORMAT_CII: Rendition.CII,
    invoices_pb2.DOCUMENT_FORMAT_UBL: Rendition.UBL,
}

_TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")
_JOB_ID = re.compile(r"[A-Za-z0-9_-]+")

State = TypeVar("State", bound=StrEnum)


# Arguments


def is_tenant(text: str) -> bool:
    """Whether the text has the shape of a tenant: 3 to 16 lower-case letters and digits (`invoice.yaml`)."""
    return _TENANT.fullmatch(text) is not None


def tenant(text: str) -> TenantId:
    """The tenant. Raises `InvalidArgument`."""
    if not text:
        raise InvalidArgument("tenant", "is empty")
    if not is_tenant(text):
        raise InvalidArgument("tenant", "must be 3 to 16 lower-case letters and digits, a letter first")
    return TenantId(text)


def job_id(text: str) -> JobId:
    """The job id. Raises `InvalidArgument`."""
    _require_length("job_id", text, LONGEST_JOB_ID)
    if not _JOB_ID.fullmatch(text):
        raise InvalidArgument("job_id", "may hold only letters, digits, - and _")
    return JobId(text)


def invoice_number(text: str) -> InvoiceNumber:
    """The invoice number. Raises `InvalidArgument`."""
    _require_length("invoice_number", text, LONGEST_NUMBER)
    if not text.isprintable():
        raise InvalidArgument("invoice_number", "has control characters")
    return InvoiceNumber(text)


def series(text: str) -> str:
    """The name of a series, or nothing. Raises `InvalidArgument`."""
    if len(text) > LONGEST_NUMBER:
        raise InvalidArgument("series", f"has {len(text)} characters; at most {LONGEST_NUMBER}")
    return text


def page_size(wanted: int) -> int:
    """How many to give: 50 when nothing is said, at most 1,000. Raises `InvalidArgument`."""
    if wanted < 0:
        raise InvalidArgument("page_size", f"is {wanted}; it must not be negative")
    return min(wanted or DEFAULT_PAGE, LARGEST_PAGE)


def states(wanted: Sequence[int], known: Mapping[State, int]) -> tuple[State, ...]:
    """The states to list, each once. Raises `InvalidArgument` for what the contract does not name."""
    by_value = {value: state for state, value in known.items()}
    for index, value in enumerate(wanted):
        if value not in by_value:
            raise InvalidArgument(f"states[{index}]", f"is {value}; must be one of {', '.join(known)}")
    return tuple(sorted({by_value[value] for value in wanted}))


def _require_length(field: str, text: str, longest: int) -> None:
    if not text:
        raise InvalidArgument(field, "is empty")
    if len(text) > longest:
        raise InvalidArgument(field, f"has {len(text)} characters; at most {longest}")


# Requests


def job_request(request: jobs_pb2.CreateJobRequest) -> JobRequest:
    """The job asked for. Raises `InvalidArgument`."""
    owner = tenant(request.tenant)
    types = {value: type for type, value in JOB_TYPES.items()}
    if request.job_type not in types:
        raise InvalidArgument("job_type", "must be JOB_TYPE_MANUAL or JOB_TYPE_AUTOMATIC")
    return JobRequest.of(
        tenant=owner,
        type=types[request.job_type],
        order_ids=tuple(request.order_ids),
        request_id=request.request_id,
        dry_run=request.dry_run,
    )


def document_filter(request: invoices_pb2.ListInvoicesRequest) -> DocumentFilter:
    """Which documents are wanted. Raises `InvalidArgument`."""
    return DocumentFilter(
        tenant=tenant(request.tenant),
        order_id=require_order_id("order_id", request.order_id) if request.order_id else "",
        job_id=job_id(request.job_id) if request.job_id else "",
        issued_from=parse_day("issued_from", request.issued_from),
        issued_to=parse_day("issued_to", request.issued_to),
    )


def correction_request(request: invoices_pb2.CancelInvoiceRequest) -> CorrectionRequest:
    """The invoice to cancel. Raises `InvalidArgument`."""
    return CorrectionRequest.of(
        tenant=tenant(request.tenant),
        number=invoice_number(request.invoice_number),
        reason=request.reason,
        refund=request.refund,
        request_id=request.request_id,
    )


def recipient(text: str) -> str:
    """A mail address, or nothing. Raises `InvalidArgument`."""
    return require_address("recipient", text) if text else ""


def require_pdf(wanted: int) -> None:
    """Raises `InvalidArgument` for a format that is none, `NotServed` for one in which drafts are not served."""
    if rendition(wanted) is not Rendition.PDF:
        raise NotServed("drafts are served as PDF only")


def rendition(wanted: int) -> Rendition:
    """As what the document is wanted. Raises `InvalidArgument` for a format that is none."""
    if wanted not in RENDITIONS:
        raise InvalidArgument("format", f"is {wanted}, which is no document format")
    return RENDITIONS[wanted]


# Jobs


def job(job: Job) -> jobs_pb2.Job:
    """The job as callers see it."""
    failed = job.state is JobState.FAILED
    return jobs_pb2.Job(
        tenant=job.tenant,
        job_id=job.id,
        job_type=JOB_TYPES[job.type],
        state=JOB_STATES[job.state],
        version=job.version,
        counts=_counts(job.counts),
        dry_run=job.dry_run,
        failure=jobs_pb2.Failure(reason=job.reason, message=job.message) if failed else None,
        request_id=job.request_id,
        create_time=timestamp(job.created),
        update_time=timestamp(job.updated),
        end_time=timestamp(job.ended),
    )


def _counts(counts: OrderCounts) -> jobs_pb2.OrderCounts:
    return jobs_pb2.OrderCounts(
        total=counts.total,
        pending=counts.pending,
        success=counts.success,
        failure=counts.failure,
        cancelled=counts.cancelled,
    )


def job_order(order: JobOrder, link: str) -> jobs_pb2.JobOrder:
    """An order of a job as callers see it; `link` is where its document lies, or empty."""
    untried = order.step is Step.VALIDATION and not order.attempt
    waiting = not order.ended and order.attempt > 0
    amounts = order.amounts
    return jobs_pb2.JobOrder(
        order_id=order.order_id,
        state=ORDER_STATES[order.state],
        step=jobs_pb2.STEP_UNSPECIFIED if untried else STEPS[order.step],
        attempt=order.attempt,
        reason=order.reason,
        message=order.message,
        retryable=order.retryable,
        invoice_number=order.number or "",
        download_link=link,
        currency=amounts.currency if amounts else "",
        net=decimal(amounts.net) if amounts else "",
        tax=decimal(amounts.tax) if amounts else "",
        rounding=decimal(amounts.rounding) if amounts else "",
        gross=decimal(amounts.gross) if amounts else "",
        captured=decimal(order.captured) if order.captured is not None else "",
        next_attempt_time=timestamp(order.due) if waiting else None,
        update_time=timestamp(order.updated),
        version=order.version,
    )


# Invoices


def invoice(document: Document, link: str) -> invoices_pb2.Invoice:
    """An issued document as callers see it; `link` is where its PDF lies, or empty.

    A credit note was made by no job that callers know of.
    """
    return invoices_pb2.Invoice(
        tenant=document.tenant,
        invoice_number=document.number,
        series=document.series,
        type=DOCUMENT_TYPES[document.type],
        order_id=document.order_id,
        job_id="" if document.cancels else document.job_id,
        issue_date=document.issue_date.isoformat(),
        currency=document.currency,
        net=decimal(document.net),
        tax=decimal(document.tax),
        rounding=decimal(document.rounding),
        gross=decimal(document.gross),
        prepaid=decimal(document.prepaid),
        due=decimal(document.due),
        buyer_name=document.buyer_name,
        recipient=document.recipient,
        pdf_sha256=document.sha256 or "",
        pdf_size=document.size or 0,
        cancels=document.cancels or "",
        cancelled_by=document.cancelled_by or "",
        download_link=link,
        create_time=timestamp(document.created),
        mail_time=timestamp(document.mailed),
    )


def download(
    document: Document, rendition: Rendition, content: bytes, offset: int
) -> Iterator[invoices_pb2.DownloadInvoiceResponse]:
    """A document in pieces: the header, then the bytes from `offset`. Raises `InvalidArgument`."""
    if not 0 <= offset <= len(content):
        raise InvalidArgument("read_offset", f"is {offset}; the document has {len(content)} bytes")
    name = f"{file_name(document.number)}{rendition.ending}"
    kind = "application/pdf" if rendition is Rendition.PDF else "application/xml"
    header = _header(name, kind, content)
    yield invoices_pb2.DownloadInvoiceResponse(header=header)
    for start in range(offset, len(content), CHUNK):
        yield invoices_pb2.DownloadInvoiceResponse(data=content[start : start + CHUNK])


def preview(name: str, content: bytes) -> Iterator[invoices_pb2.PreviewInvoiceResponse]:
    """A draft in pieces: the header, then the bytes."""
    yield invoices_pb2.PreviewInvoiceResponse(header=_header(f"{file_name(name)}.pdf", "application/pdf", content))
    for start in range(0, len(content), CHUNK):
        yield invoices_pb2.PreviewInvoiceResponse(data=content[start : start + CHUNK])


def _header(name: str, kind: str, content: bytes) -> invoices_pb2.DocumentHeader:
    digest = sha256(content).hexdigest()
    return invoices_pb2.DocumentHeader(content_type=kind, file_name=name, size=len(content), sha256=digest)


def proof(proof: Proof) -> invoices_pb2.VerifySeriesResponse:
    """What was found of a series, as callers see it."""
    return invoices_pb2.VerifySeriesResponse(
        series=proof.series,
        first=proof.first,
        last=proof.last,
        issued=proof.issued,
        gaps=[
            invoices_pb2.NumberGap(number=gap.number, explanation=gap.explanation, explained=gap.explained)
            for gap in proof.gaps
        ],
        documents_checked=proof.checked,
        mismatches=[
            invoices_pb2.LedgerMismatch(invoice_number=mismatch.number, what=mismatch.what)
            for mismatch in proof.mismatches
        ],
        head_hash=proof.head_hash,
        ok=proof.ok,
    )


# Values


def decimal(amount: Decimal) -> str:
    """The amount in plain digits, never with an exponent."""
    return format(amount, "f")


def timestamp(instant: datetime | None) -> Timestamp | None:
    """The instant; None stays None."""
    if instant is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp

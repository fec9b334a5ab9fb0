"""Jobs, their orders and what documents say, as rows and back; and how values of each kind lie in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from adapters.store.formats import FORMAT, written
from domain.correction import CorrectionRequest
from domain.invoice import Draft, InvoiceNumber
from domain.job import (
    Amounts,
    Correction,
    Job,
    JobId,
    JobOrder,
    JobRequest,
    JobState,
    JobType,
    OrderCounts,
    OrderState,
    RequestId,
    Step,
    Version,
)
from domain.order import OrderId, TenantId

AnyRow = Row[*tuple[Any, ...]]
Values = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """The instant as microseconds since 1970, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def maybe_micros(instant: datetime | None) -> int | None:
    """Likewise; nothing stays nothing."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The instant in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def maybe_instant(micros: int | None) -> datetime | None:
    """Likewise; nothing stays nothing."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


# Jobs


def request_hash(request: JobRequest) -> str:
    """The same for requests with the same content; in which order they name their orders does not matter."""
    return sha256("\n".join((request.type, str(request.dry_run), *sorted(request.order_ids))).encode()).hexdigest()


def correction_hash(wanted: CorrectionRequest) -> str:
    """The same for requests that want the same to be taken back."""
    asked = wanted.correction
    return sha256("\n".join((JobType.CORRECTION, asked.invoice, str(asked.refund), asked.remark)).encode()).hexdigest()


JOB_CHANGING = tuple("state version pending success failure cancelled updated ended found reason message".split())
"""The columns of a job that may change."""


def job_values(job: Job) -> Values:
    """What of a job may change, as columns."""
    return {
        "state": job.state,
        "version": job.version,
        "pending": job.counts.pending,
        "success": job.counts.success,
        "failure": job.counts.failure,
        "cancelled": job.counts.cancelled,
        "updated": micros(job.updated),
        "ended": maybe_micros(job.ended),
        "found": job.found,
        "reason": job.reason,
        "message": job.message,
    }


def new_job_values(job: Job, content: str) -> Values:
    """A new job, as columns; `content` is the hash of its request."""
    return {
        "tenant": job.tenant,
        "id": job.id,
        "type": job.type,
        "dry_run": job.dry_run,
        "request_id": job.request_id or None,
        "request_hash": content,
        "created": micros(job.created),
        **job_values(job),
    }


def job(row: AnyRow) -> Job:
    """The job in a row of `jobs`."""
    return Job(
        tenant=TenantId(row.tenant),
        id=JobId(row.id),
        type=JobType(row.type),
        state=JobState(row.state),
        version=Version(row.version),
        counts=OrderCounts(row.pending, row.success, row.failure, row.cancelled),
        dry_run=bool(row.dry_run),
        request_id=RequestId(row.request_id or ""),
        created=instant(row.created),
        updated=instant(row.updated),
        ended=maybe_instant(row.ended),
        found=bool(row.found),
        reason=row.reason,
        message=row.message,
    )


CHANGING = tuple(
    """state step attempt since due reason message retryable currency net tax rounding gross touched captured number
    link updated version revision""".split()
)
"""The columns of an order that change while it is worked on."""


def job_order_values(order: JobOrder, row: int) -> Values:
    """What of an order may change, as columns, and the row it lies in."""
    amounts = order.amounts
    return {
        "row": row,
        "state": order.state,
        "step": int(order.step),
        "attempt": order.attempt,
        "since": maybe_micros(order.since),
        "due": maybe_micros(order.due),
        "reason": order.reason,
        "message": order.message,
        "retryable": order.retryable,
        "currency": amounts and amounts.currency,
        "net": amounts and str(amounts.net),
        "tax": amounts and str(amounts.tax),
        "rounding": amounts and str(amounts.rounding),
        "gross": amounts and str(amounts.gross),
        "touched": order.touched,
        "captured": None if order.captured is None else str(order.captured),
        "number": order.number,
        "link": order.link,
        "updated": maybe_micros(order.updated),
        "version": order.version,
        "revision": order.revision,
    }


def job_order(row: AnyRow) -> JobOrder:
    """The order in a row of `job_orders`."""
    return JobOrder(
        tenant=TenantId(row.tenant),
        job_id=JobId(row.job_id),
        order_id=OrderId(row.order_id),
        dry_run=bool(row.dry_run),
        state=OrderState(row.state),
        step=Step(row.step),
        attempt=row.attempt,
        since=maybe_instant(row.since),
        due=maybe_instant(row.due),
        reason=row.reason,
        message=row.message,
        retryable=bool(row.retryable),
        amounts=_amounts(row),
        touched=bool(row.touched),
        captured=None if row.captured is None else Decimal(row.captured),
        number=None if row.number is None else InvoiceNumber(row.number),
        link=row.link,
        correction=_correction(row),
        updated=maybe_instant(row.updated),
        version=Version(row.version),
        revision=row.revision,
    )


def _correction(row: AnyRow) -> Correction | None:
    return None if row.corrects is None else Correction(InvoiceNumber(row.corrects), row.remark, bool(row.refund))


def new_correction_values(order: JobOrder, correction: Correction) -> Values:
    """A new order whose invoice is to be taken back, as columns."""
    return {
        "tenant": order.tenant,
        "job_id": order.job_id,
        "order_id": order.order_id,
        "dry_run": order.dry_run,
        "step": int(order.step),
        "due": maybe_micros(order.due),
        "updated": maybe_micros(order.updated),
        "version": order.version,
        "corrects": correction.invoice,
        "remark": correction.remark,
        "refund": correction.refund,
    }


def _amounts(row: AnyRow) -> Amounts | None:
    if row.currency is None:
        return None
    return Amounts(row.currency, Decimal(row.net), Decimal(row.tax), Decimal(row.rounding), Decimal(row.gross))


def claim_values(tenant: TenantId, order_id: OrderId, job_id: JobId, now: datetime) -> Values:
    """A job's claim on an order, as columns."""
    return {"tenant": tenant, "order_id": order_id, "job_id": job_id, "claimed": micros(now)}


# What documents say


def draft_values(row: int, draft: Draft) -> Values:
    """The draft of the order that lies in this row, as columns."""
    return {"job_order": row, "format": FORMAT, "content": written(draft)}


def content_values(document: int, content: bytes) -> Values:
    """What the document with this id says, as columns."""
    return {"document": document, "format": FORMAT, "content": content}

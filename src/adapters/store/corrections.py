"""How corrections begin: accepted with the order in hand, found again, or taken up where they failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from adapters.store import codec
from adapters.store.acceptance import NEW_JOB, REQUESTED, reused
from adapters.store.batch import Batch
from adapters.store.issuing import known_document
from adapters.store.prepared import Prepared
from adapters.store.progress import save
from adapters.store.tables import CORRECTING, claims, job_orders, jobs
from domain import policy
from domain.correction import CorrectionRequest, require_cancellable
from domain.document import Document
from domain.job import Job, JobId, JobOrder, JobState, JobType, OrderCounts, OrderState, Step, Version
from domain.order import OrderId, TenantId

_OF_JOB = Prepared(
    select(job_orders).where(job_orders.c.tenant == bindparam("tenant"), job_orders.c.job_id == bindparam("job")),
    ("tenant", "job"),
)
_UNFINISHED = Prepared(
    select(job_orders)
    .join(jobs, (jobs.c.tenant == job_orders.c.tenant) & (jobs.c.id == job_orders.c.job_id))
    .where(
        CORRECTING,
        job_orders.c.tenant == bindparam("tenant"),
        job_orders.c.corrects == bindparam("number"),
        job_orders.c.state != OrderState.SUCCESS,
        jobs.c.request_hash == bindparam("content"),
    )
    .order_by(job_orders.c.id.desc())
    .limit(1),
    ("tenant", "number", "content"),
)
_HOLDER = Prepared(
    select(claims.c.job_id).where(claims.c.tenant == bindparam("tenant"), claims.c.order_id == bindparam("order")),
    ("tenant", "order"),
)
_NEW_ORDER = Prepared(
    insert(job_orders),
    ("tenant", "job_id", "order_id", "dry_run", "step", "due", "updated", "version", "corrects", "remark", "refund"),
)


def correct(batch: Batch, job_id: JobId, wanted: CorrectionRequest, now: datetime) -> JobOrder:
    """The work on a new correction, or on the one that was asked for before.

    Raises `UnknownInvoice`, `NotCancellable`, `OrderInProgress`, `RequestIdReused`: then nothing is changed.
    """
    batch.flush()
    invoice = known_document(batch, wanted.tenant, wanted.correction.invoice)
    earlier = _requested(batch, wanted) or _unfinished(batch, wanted)
    if earlier is not None and _may_be_its_own(batch, invoice, earlier):
        return _gone_on(batch, earlier, now)
    require_cancellable(invoice)
    _require_free(batch, invoice.tenant, invoice.order_id, job_id)
    return _accepted(batch, job_id, invoice, wanted, now)


def _requested(batch: Batch, wanted: CorrectionRequest) -> JobOrder | None:
    """The correction that this request id has made."""
    if not wanted.request_id:
        return None
    row = batch.first(REQUESTED, {"tenant": wanted.tenant, "request": wanted.request_id})
    if row is None:
        return None
    if row.request_hash != codec.correction_hash(wanted):
        raise reused(batch, row)
    return codec.job_order(batch.all(_OF_JOB, {"tenant": wanted.tenant, "job": row.id})[0])


def _unfinished(batch: Batch, wanted: CorrectionRequest) -> JobOrder | None:
    """The last one that wants the same and was not done to its end."""
    content = codec.correction_hash(wanted)
    row = batch.first(_UNFINISHED, {"tenant": wanted.tenant, "number": wanted.correction.invoice, "content": content})
    return None if row is None else codec.job_order(row)


def _may_be_its_own(batch: Batch, invoice: Document, order: JobOrder) -> bool:
    """Whether the invoice's credit note is that of this correction, or can still become so."""
    if invoice.cancelled_by is None:
        return True
    return known_document(batch, invoice.tenant, invoice.cancelled_by).job_id == order.job_id


def _gone_on(batch: Batch, order: JobOrder, now: datetime) -> JobOrder:
    """The correction; one that failed is taken up, unless its order has another invoice by now."""
    if order.state is not OrderState.FAILURE:
        return order
    batch.know([(order.tenant, order.job_id, order.order_id)])
    if batch.invoiced(order) not in (None, order.correction and order.correction.invoice):
        return order
    _require_free(batch, order.tenant, order.order_id, order.job_id)
    taken_up = save(batch, policy.taken_up(order, now, charged=False, issued=False))
    batch.take(taken_up, now)
    return taken_up


def _require_free(batch: Batch, tenant: TenantId, order_id: OrderId, job_id: JobId) -> None:
    """Raises `OrderInProgress` when another job has the order."""
    row = batch.first(_HOLDER, {"tenant": tenant, "order": order_id})
    if row is not None and row.job_id != job_id:
        raise batch.in_progress(tenant, row.job_id, order_id)


def _accepted(batch: Batch, job_id: JobId, invoice: Document, wanted: CorrectionRequest, now: datetime) -> JobOrder:
    """A new job of one order, which it has from now on."""
    job = _a_job(job_id, wanted, now)
    order = JobOrder(
        tenant=job.tenant,
        job_id=job.id,
        order_id=invoice.order_id,
        dry_run=False,
        step=Step.PDF,
        due=now,
        correction=wanted.correction,
        updated=now,
        version=job.version,
    )
    batch.write(NEW_JOB, codec.new_job_values(job, codec.correction_hash(wanted)))
    batch.write(_NEW_ORDER, codec.new_correction_values(order, wanted.correction))
    batch.know([(order.tenant, order.job_id, order.order_id)])
    batch.take(order, now)
    return order


def _a_job(job_id: JobId, wanted: CorrectionRequest, now: datetime) -> Job:
    return Job(
        tenant=wanted.tenant,
        id=job_id,
        type=JobType.CORRECTION,
        state=JobState.IN_PROGRESS,
        version=Version(1),
        counts=OrderCounts(pending=1),
        dry_run=False,
        request_id=wanted.request_id,
        created=now,
        updated=now,
    )

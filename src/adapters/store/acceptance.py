"""How jobs begin: accepted with their orders, given the orders that were found for them, or ended without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from adapters.store import codec
from adapters.store.batch import Batch
from adapters.store.prepared import Prepared
from adapters.store.standings import state_of
from adapters.store.tables import job_orders, jobs
from domain.errors import RequestIdReused, UnknownJob
from domain.job import Job, JobId, JobRequest, JobState, JobType, OrderCounts, Version
from domain.order import OrderId, TenantId

_OF_TENANT = select(jobs).where(jobs.c.tenant == bindparam("tenant"))

OF_CALLERS = jobs.c.type != JobType.CORRECTION
JOB = Prepared(_OF_TENANT.where(jobs.c.id == bindparam("job"), OF_CALLERS), ("tenant", "job"))
REQUESTED = Prepared(_OF_TENANT.where(jobs.c.request_id == bindparam("request")), ("tenant", "request"))
_CORRECTED = Prepared(
    select(job_orders.c.corrects)
    .where(job_orders.c.tenant == bindparam("tenant"), job_orders.c.job_id == bindparam("job"))
    .limit(1),
    ("tenant", "job"),
)
_CHANGE = Prepared(
    update(jobs).where(jobs.c.tenant == bindparam("of_tenant"), jobs.c.id == bindparam("of_job")),
    ("of_tenant", "of_job", *codec.JOB_CHANGING),
)
NEW_JOB = Prepared(insert(jobs), [column.name for column in jobs.c])
_NEW_ORDERS = Prepared(insert(job_orders), ("tenant", "job_id", "dry_run", "due", "updated", "order_id", "version"))


def accept(batch: Batch, job_id: JobId, request: JobRequest, now: datetime) -> Job:
    """The new job with its orders, or the one that the same request made before. Raises `RequestIdReused`."""
    content = codec.request_hash(request)
    earlier = _earlier(batch, request, content) if request.request_id else None
    if earlier is not None:
        return earlier
    job = _new(job_id, request, now)
    order_ids = tuple(dict.fromkeys(request.order_ids))
    if job.type is JobType.MANUAL:
        job = _filled(job, order_ids, now)
    batch.write(NEW_JOB, codec.new_job_values(job, content))
    _put(batch, job, order_ids, now)
    return job


def add_orders(batch: Batch, job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
    """The job with the orders that were found for it; one that has its orders already, or has ended, as it is."""
    kept = kept_job(batch, job.tenant, job.id)
    if kept.found or kept.state is not JobState.IN_PROGRESS:
        return kept
    found = tuple(dict.fromkeys(order_ids))
    filled = _filled(kept, found, now)
    change(batch, filled)
    _put(batch, filled, found, now)
    return filled


def fail(batch: Batch, job: Job, reason: str, message: str, now: datetime) -> Job:
    """The job, ended for this reason; one that has its orders, or has ended, as it is."""
    kept = kept_job(batch, job.tenant, job.id)
    if kept.found or kept.state is not JobState.IN_PROGRESS:
        return kept
    failed = replace(kept, state=JobState.FAILED, reason=reason, message=message, ended=now, updated=now)
    return change(batch, replace(failed, version=Version(kept.version + 1)))


def kept_job(batch: Batch, tenant: TenantId, job_id: JobId) -> Job:
    """The job as it stands, without what of its orders was decided and not yet flushed. Raises `UnknownJob`."""
    return known(batch.first(JOB, {"tenant": tenant, "job": job_id}), job_id)


def change(batch: Batch, job: Job) -> Job:
    """Keeps a job that changed by itself, and not with its orders."""
    batch.write(_CHANGE, {"of_tenant": job.tenant, "of_job": job.id, **codec.job_values(job)})
    batch.announce(job.tenant, job.id, job.version)
    return job


def known(row: codec.AnyRow | None, job_id: JobId) -> Job:
    """The job in the row. Raises `UnknownJob` when there is none."""
    if row is None:
        raise UnknownJob(job_id)
    return codec.job(row)


def reused(batch: Batch, job: codec.AnyRow) -> RequestIdReused:
    """What to tell whoever asks for something else under the request id of this job, or of this correction."""
    order = batch.first(_CORRECTED, {"tenant": job.tenant, "job": job.id})
    return RequestIdReused(job.request_id, job.id, corrects=order.corrects if order else None)


def _earlier(batch: Batch, request: JobRequest, content: str) -> Job | None:
    values = {"tenant": request.tenant, "request": request.request_id}
    row = batch.first(REQUESTED, values)
    if row is not None and row.request_hash != content:
        raise reused(batch, row)
    return None if row is None else codec.job(row)


def _new(job_id: JobId, request: JobRequest, now: datetime) -> Job:
    return Job(
        tenant=request.tenant,
        id=job_id,
        type=request.type,
        state=JobState.IN_PROGRESS,
        version=Version(0),
        counts=OrderCounts(),
        dry_run=request.dry_run,
        request_id=request.request_id,
        created=now,
        updated=now,
        found=False,
    )


def _filled(job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
    """The job with these orders: a version for each, one all the same for none."""
    counts = OrderCounts(pending=len(order_ids))
    state = state_of(counts)
    version = Version(job.version + max(len(order_ids), 1))
    ended = None if state is JobState.IN_PROGRESS else now
    return replace(job, state=state, version=version, counts=counts, updated=now, ended=ended, found=True)


def _put(batch: Batch, job: Job, order_ids: Sequence[OrderId], now: datetime) -> None:
    first, at = job.version - len(order_ids) + 1, codec.micros(now)
    same = {"tenant": job.tenant, "job_id": job.id, "dry_run": job.dry_run, "due": at, "updated": at}
    rows = [{**same, "order_id": order_id, "version": version} for version, order_id in enumerate(order_ids, first)]
    batch.write(_NEW_ORDERS, *rows)

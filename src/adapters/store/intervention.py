"""How callers step into a job under way: they stop it, or take up what failed; all of it in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from adapters.store import codec
from adapters.store.acceptance import change, kept_job
from adapters.store.batch import Batch
from adapters.store.prepared import Prepared
from adapters.store.progress import save
from adapters.store.tables import LIVE, PENDING, captures, documents, job_orders
from domain import policy
from domain.capture import CaptureOutcome
from domain.errors import NotRetryable, UnknownOrder
from domain.job import Job, JobId, JobOrder, JobState
from domain.order import OrderId, TenantId

_OF_JOB = (job_orders.c.tenant == bindparam("tenant"), job_orders.c.job_id == bindparam("job"))
_ORDERS = select(job_orders).where(*_OF_JOB).order_by(job_orders.c.version)
_ALL = Prepared(_ORDERS, ("tenant", "job"))
_WAITING = Prepared(_ORDERS.where(PENDING), ("tenant", "job"))
_ISSUED = Prepared(
    select(documents.c.order_id).where(
        documents.c.tenant == bindparam("tenant"), documents.c.job_id == bindparam("job"), LIVE
    ),
    ("tenant", "job"),
)
_CHARGED = Prepared(
    select(captures.c.id)
    .where(
        captures.c.tenant == bindparam("tenant"),
        captures.c.order_id == bindparam("order"),
        captures.c.outcome.is_(None) | (captures.c.outcome == CaptureOutcome.CAPTURED),
    )
    .limit(1),
    ("tenant", "order"),
)


def cancel(batch: Batch, tenant: TenantId, job_id: JobId, now: datetime) -> Job:
    """The job, with all of it stopped that may be stopped; an ended one as it is. Raises `UnknownJob`."""
    job = _as_it_stands(batch, tenant, job_id)
    if job.state is not JobState.IN_PROGRESS:
        return job
    if not job.found:
        return change(batch, policy.stopped(job, now))
    issued = _issued(batch, job)
    decided = (policy.cancelled(order, issued=order.order_id in issued) for order in _orders(batch, _WAITING, job))
    return _saved(batch, job, [order for order in decided if order.ended])


def retry(batch: Batch, tenant: TenantId, job_id: JobId, named: Sequence[OrderId], now: datetime) -> Job:
    """The job, with these of its orders taken up again, or all that are retryable when none is named.

    Raises `UnknownJob`, `UnknownOrder`, `NotRetryable`: then nothing is changed.
    """
    job = _as_it_stands(batch, tenant, job_id)
    orders = {order.order_id: order for order in _orders(batch, _ALL, job)}
    wanted = _retryable(job, orders, named)
    if job.state is JobState.FAILED:
        return change(batch, policy.searching_again(job, now))
    issued = _issued(batch, job)
    return _saved(batch, job, [_taken_up(batch, order, now, issued=order.order_id in issued) for order in wanted])


def _retryable(job: Job, orders: Mapping[OrderId, JobOrder], named: Sequence[OrderId]) -> list[JobOrder]:
    """The named orders, if all of them are retryable; all that are, when none is named."""
    for order_id in named:
        if order_id not in orders:
            raise UnknownOrder(order_id, f"job {job.id} has no order {order_id!r}")
    reasons: dict[str, str] = {order_id: policy.why_not_retried(orders[order_id]) for order_id in named}
    if refused := {order_id: why for order_id, why in reasons.items() if why}:
        raise NotRetryable(refused)
    wanted = dict.fromkeys(named) or orders
    return [orders[order_id] for order_id in wanted if orders[order_id].retryable]


def _as_it_stands(batch: Batch, tenant: TenantId, job_id: JobId) -> Job:
    """The job after all that was decided before in this transaction, which the database knows from now on too."""
    batch.flush()
    return kept_job(batch, tenant, job_id)


def _orders(batch: Batch, question: Prepared, job: Job) -> Iterator[JobOrder]:
    return map(codec.job_order, _all(batch, question, job))


def _all(batch: Batch, question: Prepared, job: Job) -> Sequence[codec.AnyRow]:
    return batch.all(question, {"tenant": job.tenant, "job": job.id})


def _issued(batch: Batch, job: Job) -> Collection[str]:
    """The orders whose live invoices the job issued."""
    return {row.order_id for row in _all(batch, _ISSUED, job)}


def _taken_up(batch: Batch, order: JobOrder, now: datetime, *, issued: bool) -> JobOrder:
    return policy.taken_up(order, now, charged=_is_charged(batch, order), issued=issued)


def _is_charged(batch: Batch, order: JobOrder) -> bool:
    """Whether a capture of the order was made, or may have been."""
    return order.touched and batch.first(_CHARGED, {"tenant": order.tenant, "order": order.order_id}) is not None


def _saved(batch: Batch, job: Job, orders: Sequence[JobOrder]) -> Job:
    """The job once these orders are saved, each under a version of its own."""
    batch.know_all(job.tenant, job.id)
    for order in orders:
        save(batch, order)
    return _as_it_stands(batch, job.tenant, job.id)

"""Jobs and their orders in memory: they keep every promise of the port but to outlive the process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from domain import policy
from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.correction import CorrectionRequest, require_cancellable
from domain.document import Document
from domain.errors import (
    AlreadyInvoiced,
    NotRetryable,
    OrderInProgress,
    RequestIdReused,
    StaleJobOrder,
    UnknownInvoice,
    UnknownJob,
    UnknownOrder,
)
from domain.invoice import Draft, InvoiceNumber
from domain.job import (
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
from fakes.trouble import Trouble

JobKey = tuple[TenantId, JobId]
OrderKey = tuple[TenantId, OrderId]


class FakeJobs:
    """`domain.ports.Jobs`. `waiting` counts the followers that wait for a change; `failed_tries` left orders so.

    What the journal beside it keeps and it must know: `invoiced`, the live invoices, `issuers`, the jobs that issued
    them, `attempts`, the captures, and `documented`, all that was issued.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.trouble = Trouble()
        self.waiting = 0
        self.invoiced: dict[OrderKey, InvoiceNumber] = {}
        self.issuers: dict[OrderKey, JobId] = {}
        self.attempts: dict[AttemptId, CaptureAttempt] = {}
        self.documented: dict[tuple[TenantId, InvoiceNumber], Document] = {}
        self.failed_tries: list[JobOrder] = []
        self._clock = clock
        self._jobs: dict[JobKey, Job] = {}
        self._orders: dict[JobKey, dict[OrderId, JobOrder]] = {}
        self._drafts: dict[tuple[JobKey, OrderId], Draft] = {}
        self._claims: dict[OrderKey, JobId] = {}
        self._requests: dict[tuple[TenantId, RequestId], tuple[JobRequest | CorrectionRequest, JobId]] = {}
        self._changed = asyncio.Event()
        self._news = asyncio.Event()

    async def create(self, job_id: JobId, request: JobRequest, now: datetime) -> Job:
        """The new job, or the one that the same request made before."""
        self.trouble.before()
        earlier = self._requests.get((request.tenant, request.request_id))
        if earlier is not None:
            return self._again(request, *earlier)
        job = Job(
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
        self._orders[job.tenant, job.id] = {}
        if request.request_id:
            self._requests[request.tenant, request.request_id] = (request, job_id)
        kept = self._keep(job) if job.type is JobType.AUTOMATIC else self._fill(job, request.order_ids, now)
        self._news.set()
        self.trouble.after()
        return kept

    async def correct(self, job_id: JobId, wanted: CorrectionRequest, now: datetime) -> JobOrder:
        """The work on a new correction, or on the one that was asked for before."""
        self.trouble.before()
        invoice = self.documented.get((wanted.tenant, wanted.correction.invoice))
        if invoice is None:
            raise UnknownInvoice(wanted.correction.invoice)
        earlier = self._requested(wanted) or self._unfinished(wanted)
        note = invoice.cancelled_by and self.documented[wanted.tenant, invoice.cancelled_by]
        if earlier is not None and (not note or note.job_id == earlier.job_id):
            order = self._gone_on(earlier, now)
        else:
            require_cancellable(invoice)
            self._require_free(invoice.tenant, invoice.order_id, job_id)
            order = self._accepted(job_id, invoice, wanted, now)
        self._news.set()
        self.trouble.after()
        return order

    def _requested(self, wanted: CorrectionRequest) -> JobOrder | None:
        if (wanted.tenant, wanted.request_id) not in self._requests:
            return None
        asked, job_id = self._requests[wanted.tenant, wanted.request_id]
        if asked != wanted:
            raise self._reused(wanted.tenant, wanted.request_id)
        return next(iter(self._orders[wanted.tenant, job_id].values()))

    def _unfinished(self, wanted: CorrectionRequest) -> JobOrder | None:
        every = (order for orders in self._orders.values() for order in orders.values())
        same = [o for o in every if (o.tenant, o.correction) == (wanted.tenant, wanted.correction)]
        return next((order for order in reversed(same) if order.state is not OrderState.SUCCESS), None)

    def _gone_on(self, order: JobOrder, now: datetime) -> JobOrder:
        corrects = order.correction and order.correction.invoice
        invoiced_again = self.invoiced.get((order.tenant, order.order_id)) not in (None, corrects)
        if order.state is not OrderState.FAILURE or invoiced_again:
            return order
        self._require_free(order.tenant, order.order_id, order.job_id)
        self._claims[order.tenant, order.order_id] = order.job_id
        return self._save(policy.taken_up(order, now, charged=False, issued=False))

    def _require_free(self, tenant: TenantId, order_id: OrderId, job_id: JobId) -> None:
        holder = self._claims.get((tenant, order_id))
        if holder not in (None, job_id):
            raise self._in_progress(tenant, holder, order_id)

    def _in_progress(self, tenant: TenantId, holder: JobId, order_id: OrderId) -> OrderInProgress:
        theirs = self._orders[tenant, holder][order_id]
        corrects = theirs.correction and theirs.correction.invoice
        return OrderInProgress(holder, must_retry=theirs.ended, corrects=corrects)

    def _accepted(self, job_id: JobId, invoice: Document, wanted: CorrectionRequest, now: datetime) -> JobOrder:
        tenant, order_id, version = wanted.tenant, invoice.order_id, Version(1)
        counts, request_id = OrderCounts(pending=1), wanted.request_id
        kind, state = JobType.CORRECTION, JobState.IN_PROGRESS
        self._keep(
            Job(
                tenant,
                job_id,
                kind,
                state,
                version,
                counts,
                dry_run=False,
                request_id=request_id,
                created=now,
                updated=now,
            )
        )
        order = JobOrder(tenant, job_id, order_id, dry_run=False, step=Step.PDF, due=now, updated=now, version=version)
        order = replace(order, correction=wanted.correction)
        self._orders[tenant, job_id] = {order_id: order}
        self._claims[tenant, order_id] = job_id
        if request_id:
            self._requests[tenant, request_id] = (wanted, job_id)
        return order

    async def add_orders(self, job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Gives an automatic job its orders, once."""
        self.trouble.before()
        kept = self._known(job.tenant, job.id)
        if kept.found or kept.state is not JobState.IN_PROGRESS:
            return kept
        kept = self._fill(kept, order_ids, now)
        self._news.set()
        self.trouble.after()
        return kept

    async def fail(self, job: Job, reason: str, message: str, now: datetime) -> Job:
        """Ends a job whose orders could not be determined."""
        self.trouble.before()
        kept = self._known(job.tenant, job.id)
        if kept.found or kept.state is not JobState.IN_PROGRESS:
            return kept
        version = Version(kept.version + 1)
        failed = replace(kept, state=JobState.FAILED, version=version, updated=now, ended=now)
        return self._keep(replace(failed, reason=reason, message=message))

    async def cancel(self, tenant: TenantId, job_id: JobId, now: datetime) -> Job:
        """Stops all of a job that may be stopped."""
        self.trouble.before()
        job = self._known(tenant, job_id)
        if job.state is not JobState.IN_PROGRESS:
            return job
        if not job.found:
            return self._keep(policy.stopped(job, now))
        for order in self._in_order(job):
            stopped = policy.cancelled(order, issued=self._issued(order))
            if stopped is not order:
                self._save(stopped)
        self.trouble.after()
        return self._known(tenant, job_id)

    def _issued(self, order: JobOrder) -> bool:
        key = order.tenant, order.order_id
        return key in self.invoiced and self.issuers.get(key) == order.job_id

    async def retry(self, tenant: TenantId, job_id: JobId, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Takes orders of a job up again."""
        self.trouble.before()
        job = self._known(tenant, job_id)
        wanted = self._retryable(job, order_ids)
        if job.state is JobState.FAILED:
            self._keep(policy.searching_again(job, now))
        for order in wanted:
            self._save(policy.taken_up(order, now, charged=self._charged(order), issued=self._issued(order)))
        self._news.set()
        self.trouble.after()
        return self._known(tenant, job_id)

    async def job(self, tenant: TenantId, job_id: JobId) -> Job:
        """The job."""
        self.trouble.before()
        return self._known(tenant, job_id)

    async def jobs(self, tenant: TenantId, states: Sequence[JobState], *, before: str, limit: int) -> tuple[Job, ...]:
        """A page of jobs, newest first."""
        self.trouble.before()
        mine = [job for job in self._jobs.values() if job.tenant == tenant and job.type is not JobType.CORRECTION]
        wanted = [job for job in mine if (not before or job.id < before) and (not states or job.state in states)]
        return tuple(sorted(wanted, key=lambda job: job.id, reverse=True)[:limit])

    async def orders(
        self, tenant: TenantId, job_id: JobId, states: Sequence[OrderState], *, after: str, limit: int
    ) -> tuple[JobOrder, ...]:
        """A page of a job's orders, by order id."""
        self.trouble.before()
        mine = self._orders.get((tenant, job_id), {}).values()
        wanted = [order for order in mine if order.order_id > after and (not states or order.state in states)]
        return tuple(sorted(wanted, key=lambda order: order.order_id)[:limit])

    async def changes(self, tenant: TenantId, job_id: JobId, *, after: int, limit: int) -> tuple[JobOrder, ...]:
        """Orders that changed after this version, in ascending version."""
        self.trouble.before()
        changed = [order for order in self._orders.get((tenant, job_id), {}).values() if order.version > after]
        return tuple(sorted(changed, key=lambda order: order.version)[:limit])

    async def wait(self, tenant: TenantId, job_id: JobId, *, after: int, timeout: timedelta) -> bool:
        """True as soon as the job's version exceeds `after`, False when the time is over."""
        self.trouble.before()
        if (tenant, job_id) not in self._jobs:
            raise UnknownJob(job_id)
        if self._jobs[tenant, job_id].version > after:
            return True
        self._count_waiting(1)
        try:
            async with asyncio.timeout(max(timeout.total_seconds(), 0)):
                await self.until(lambda: self._jobs[tenant, job_id].version > after)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self._count_waiting(-1)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns once this holds; it is looked at again after every change."""
        while not holds():
            await self._changed.wait()

    async def searching(self) -> tuple[Job, ...]:
        """Automatic jobs whose orders are not found yet."""
        self.trouble.before()
        return tuple(job for job in self._jobs.values() if not job.found and job.state is JobState.IN_PROGRESS)

    async def due(self, now: datetime, *, each: int, busy: Sequence[JobOrder]) -> tuple[JobOrder, ...]:
        """Orders that may be worked on now, at most `each` per tenant, the longest due first."""
        self.trouble.before()
        at_work = {(order.tenant, order.job_id, order.order_id) for order in busy}
        ready = [
            (due, order)
            for due, order in self._pending()
            if due <= now and (order.tenant, order.job_id, order.order_id) not in at_work
        ]
        taken: Counter[TenantId] = Counter()
        found = []
        for _, order in sorted(ready, key=lambda pair: (pair[0], pair[1].job_id, pair[1].version)):
            taken[order.tenant] += 1
            if taken[order.tenant] <= each:
                found.append(order)
        return tuple(found)

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next waiting order becomes due."""
        self.trouble.before()
        return min((due for due, _ in self._pending() if due > now), default=None)

    async def news(self, *, timeout: timedelta) -> None:
        """Returns once work came in since the last call, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._news.wait()
        self._news.clear()

    async def claim(self, order: JobOrder, now: datetime) -> None:
        """Takes the order for this job; in a dry run only looks."""
        self.trouble.before()
        self.require_current(order)
        key = order.tenant, order.order_id
        holder = self._claims.get(key)
        if holder is not None and holder != order.job_id:
            raise self._in_progress(order.tenant, holder, order.order_id)
        if key in self.invoiced:
            raise AlreadyInvoiced(self.invoiced[key])
        if not order.dry_run:
            self._claims[key] = order.job_id
        self.trouble.after()

    async def save(self, order: JobOrder, draft: Draft | None = None, *, failed: bool = False) -> JobOrder:
        """Keeps the order's new state unless another worker saved it meanwhile."""
        self.trouble.before()
        saved = self._save(order, draft)
        self.failed_tries += [saved] if failed else []
        self.trouble.after()
        return saved

    async def draft(self, order: JobOrder) -> Draft | None:
        """What RECALCULATION decided."""
        self.trouble.before()
        return self._drafts.get(((order.tenant, order.job_id), order.order_id))

    def require_current(self, order: JobOrder) -> JobOrder:
        """The order as it is kept. Raises `StaleJobOrder` when it was saved since `order` was read."""
        kept = self._orders.get((order.tenant, order.job_id), {}).get(order.order_id)
        if kept is None or kept.revision != order.revision:
            raise StaleJobOrder(f"order {order.order_id} of job {order.job_id} was saved by another worker")
        return kept

    def keep(self, order: JobOrder) -> JobOrder:
        """Compares and sets: the order under its next revision and the job's next version."""
        before = self.require_current(order)
        job, now = self._jobs[order.tenant, order.job_id], self._clock()
        version = Version(job.version + 1)
        kept = replace(order, revision=order.revision + 1, version=version, updated=now)
        self._orders[job.tenant, job.id][order.order_id] = kept
        self._keep(_settled(replace(job, version=version, counts=_moved(job.counts, before, kept), updated=now)))
        return kept

    def _save(self, order: JobOrder, draft: Draft | None = None) -> JobOrder:
        saved = self.keep(order)
        key = (order.tenant, order.job_id), order.order_id
        if draft is not None:
            self._drafts[key] = draft
        if not saved.needs_draft:
            self._drafts.pop(key, None)
        if not saved.holds_claim and self._claims.get((order.tenant, order.order_id)) == order.job_id:
            del self._claims[order.tenant, order.order_id]
        return saved

    def _in_order(self, job: Job) -> list[JobOrder]:
        return sorted(self._orders[job.tenant, job.id].values(), key=lambda order: order.version)

    def _retryable(self, job: Job, named: Sequence[OrderId]) -> list[JobOrder]:
        orders = self._orders[job.tenant, job.id]
        for order_id in named:
            if order_id not in orders:
                raise UnknownOrder(order_id, f"job {job.id} has no order {order_id!r}")
        reasons: dict[str, str] = {order_id: policy.why_not_retried(orders[order_id]) for order_id in named}
        if refused := {order_id: why for order_id, why in reasons.items() if why}:
            raise NotRetryable(refused)
        wanted = [orders[order_id] for order_id in dict.fromkeys(named)] or self._in_order(job)
        return [order for order in wanted if order.retryable]

    def _charged(self, order: JobOrder) -> bool:
        """Whether a capture of the order was made, or may have been."""
        ours = (a for a in self.attempts.values() if (a.tenant, a.order_id) == (order.tenant, order.order_id))
        return any(attempt.outcome in (None, CaptureOutcome.CAPTURED) for attempt in ours)

    def _again(self, request: JobRequest, earlier: JobRequest | CorrectionRequest, job_id: JobId) -> Job:
        if isinstance(earlier, CorrectionRequest):
            raise self._reused(request.tenant, request.request_id)
        same = (earlier.type, set(earlier.order_ids), earlier.dry_run)
        if (request.type, set(request.order_ids), request.dry_run) != same:
            raise self._reused(request.tenant, request.request_id)
        return self._known(request.tenant, job_id)

    def _reused(self, tenant: TenantId, request_id: RequestId) -> RequestIdReused:
        earlier, job_id = self._requests[tenant, request_id]
        corrects = earlier.correction.invoice if isinstance(earlier, CorrectionRequest) else None
        return RequestIdReused(request_id, job_id, corrects=corrects)

    def _fill(self, job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
        orders = self._orders[job.tenant, job.id]
        for version, order_id in enumerate(dict.fromkeys(order_ids), job.version + 1):
            orders[order_id] = JobOrder(
                job.tenant, job.id, order_id, job.dry_run, due=now, updated=now, version=Version(version)
            )
        version = Version(job.version + max(len(orders), 1))
        counts = OrderCounts(pending=len(orders))
        return self._keep(_settled(replace(job, version=version, counts=counts, updated=now, found=True)))

    def _keep(self, job: Job) -> Job:
        self._jobs[job.tenant, job.id] = job
        self._wake()
        return job

    def _known(self, tenant: TenantId, job_id: JobId) -> Job:
        job = self._jobs.get((tenant, job_id))
        if job is None or job.type is JobType.CORRECTION:
            raise UnknownJob(job_id)
        return job

    def _pending(self) -> list[tuple[datetime, JobOrder]]:
        every = (order for orders in self._orders.values() for order in orders.values())
        return [(order.due, order) for order in every if not order.ended and order.due is not None]

    def _count_waiting(self, change: int) -> None:
        self.waiting += change
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _moved(counts: OrderCounts, before: JobOrder, after: JobOrder) -> OrderCounts:
    """The counts once an order went from one state to another; the fields are named like the states."""
    numbers = {state: getattr(counts, state.lower()) for state in OrderState}
    numbers[before.state] -= 1
    numbers[after.state] += 1
    return OrderCounts(**{state.lower(): number for state, number in numbers.items()})


def _settled(job: Job) -> Job:
    """The job in the state that its orders give it."""
    if job.counts.pending:
        return replace(job, state=JobState.IN_PROGRESS, ended=None)
    state = JobState.CANCELLED if job.counts.cancelled else JobState.DONE
    return replace(job, state=state, ended=job.ended or job.updated)

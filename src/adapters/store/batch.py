"""One transaction of the writer, with many changes in it.

What the changes need to know is read at once before they are decided; they then decide in memory, one after the other,
each seeing the ones before it; what they decided is written at once at the end. So a save costs a row in each of three
statements, and not three statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Delete,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    column,
    delete,
    insert,
    select,
    update,
    values,
)

from adapters.store import codec
from adapters.store.codec import AnyRow
from adapters.store.prepared import Prepared
from adapters.store.tables import LIVE, claims, documents, drafts, job_orders, jobs
from domain.errors import StaleJobOrder
from domain.invoice import Draft, InvoiceNumber
from domain.job import JobId, JobOrder, JobState, OrderCounts, OrderState, Version
from domain.order import OrderId, TenantId

JobKey = tuple[TenantId, JobId]
OrderKey = tuple[TenantId, OrderId]
JobOrderKey = tuple[TenantId, JobId, OrderId]

_CHUNKS = (1, 8, 64, 512)
"""How many orders are asked about in one statement; a few sizes, so that each is compiled once."""

_TALLY = ("version", "ended", "pending", "success", "failure", "cancelled")
_SAVED = ("row", *codec.CHANGING)

_SAVE_ORDER = Prepared(update(job_orders).where(job_orders.c.id == bindparam("row")), _SAVED)
_SAVE_JOB = Prepared(
    update(jobs).where(jobs.c.tenant == bindparam("of_tenant"), jobs.c.id == bindparam("of_job")),
    ("of_tenant", "of_job", "state", "updated", *_TALLY),
)
_DROP_DRAFT = Prepared(delete(drafts).where(drafts.c.job_order == bindparam("row")), ("row",))
_KEEP_DRAFT = Prepared(insert(drafts), ("job_order", "format", "content"))
_DROP_CLAIM = Prepared(
    delete(claims).where(claims.c.tenant == bindparam("of_tenant"), claims.c.order_id == bindparam("of_order")),
    ("of_tenant", "of_order"),
)
_TAKE_CLAIM = Prepared(insert(claims), ("tenant", "order_id", "job_id", "claimed"))


@dataclass(slots=True)
class Standing:
    """Where an order of a job stands. `holder` and `live` are who had it, and its live invoice, at the beginning."""

    row: int
    revision: int
    state: OrderState
    holder: JobId | None
    live: InvoiceNumber | None


@dataclass(slots=True)
class Tally:
    """A job whose orders change in this transaction: how far its versions are drawn, how many orders stand where."""

    version: int
    counts: dict[OrderState, int]
    ended: int | None
    changed: bool = False

    def move(self, before: OrderState, after: OrderState) -> Version:
        """Draws the version for an order that goes from one state to another."""
        self.counts[before] -= 1
        self.counts[after] += 1
        self.version += 1
        self.changed = True
        return Version(self.version)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has an order since this transaction, and who had it before."""

    before: JobId | None
    holder: JobId | None
    since: datetime


class Batch:
    """The changes of one transaction, all at the same instant."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now
        self.writes = 0
        self._connection = connection
        self._changed: dict[JobKey, Version] = {}
        self._tallies: dict[JobKey, Tally] = {}
        self._standings: dict[JobOrderKey, Standing] = {}
        self._saves: dict[int, JobOrder] = {}
        self._drafts: dict[int, Draft | None] = {}
        self._issued: dict[OrderKey, InvoiceNumber] = {}
        self._claims: dict[OrderKey, Claim] = {}

    @property
    def changed(self) -> dict[JobKey, Version]:
        """The jobs that changed, with their new versions: followers may be waiting for them."""
        return self._changed | {key: Version(tally.version) for key, tally in self._tallies.items() if tally.changed}

    # What is known

    def know(self, keys: Iterable[JobOrderKey]) -> None:
        """Reads what deciding about these orders takes. What is known already stays as this transaction made it."""
        missing = iter(sorted(set(keys) - self._standings.keys()))
        while chunk := list(islice(missing, _CHUNKS[-1])):
            size = next(size for size in _CHUNKS if size >= len(chunk))
            chunk += chunk[-1:] * (size - len(chunk))
            for row in _standings(size).run(self._connection, [part for key in chunk for part in key]):
                self._learn(row)

    def _learn(self, found: AnyRow) -> None:
        tenant, job, order, row, revision, state, holder, live, version, ended, *counts = found
        self._standings[tenant, job, order] = Standing(row, revision, OrderState(state), holder, live)
        if (tenant, job) not in self._tallies:
            self._tallies[tenant, job] = Tally(version, dict(zip(OrderState, counts, strict=True)), ended)

    def standing(self, order: JobOrder) -> Standing:
        """Where the order stands. Raises `StaleJobOrder` when it was saved since `order` was read."""
        found = self._standings.get((order.tenant, order.job_id, order.order_id))
        if found is None or found.revision != order.revision:
            raise StaleJobOrder(f"order {order.order_id} of job {order.job_id} was saved by another worker")
        return found

    def holder(self, order: JobOrder) -> JobId | None:
        """The job that has the order."""
        moved = self._claims.get((order.tenant, order.order_id))
        return self.standing(order).holder if moved is None else moved.holder

    def has_ended(self, tenant: TenantId, job: JobId, order: OrderId) -> bool:
        """Whether this job's work on the order has ended."""
        self.know([(tenant, job, order)])
        return self._standings[tenant, job, order].state is not OrderState.PENDING

    def invoiced(self, order: JobOrder) -> InvoiceNumber | None:
        """The number of the order's live invoice."""
        return self._issued.get((order.tenant, order.order_id)) or self.standing(order).live

    # What is decided

    def keep(self, order: JobOrder) -> JobOrder:
        """The order under its next revision and its job's next version. Raises `StaleJobOrder`."""
        standing = self.standing(order)
        self.writes += 1
        version = self._tallies[order.tenant, order.job_id].move(standing.state, order.state)
        kept = replace(order, revision=order.revision + 1, version=version, updated=self.now)
        standing.revision, standing.state = kept.revision, kept.state
        self._saves[standing.row] = kept
        return kept

    def keep_draft(self, order: JobOrder, draft: Draft | None) -> None:
        """What RECALCULATION decided about the order; None drops it."""
        self.writes += 1
        self._drafts[self.standing(order).row] = draft

    def take(self, order: JobOrder, now: datetime) -> None:
        """From now on the order's job has it."""
        if self.holder(order) != order.job_id:
            self._give(order, order.job_id, now)

    def release(self, order: JobOrder) -> None:
        """From now on no job has the order."""
        self._give(order, None, self.now)

    def _give(self, order: JobOrder, holder: JobId | None, now: datetime) -> None:
        key = order.tenant, order.order_id
        self.writes += 1
        before = self._claims[key].before if key in self._claims else self.holder(order)
        self._claims[key] = Claim(before, holder, now)

    def issued(self, order: JobOrder, number: InvoiceNumber) -> None:
        """From now on this is the order's live invoice."""
        self._issued[order.tenant, order.order_id] = number

    def announce(self, tenant: TenantId, job: JobId, version: Version) -> None:
        """Tells followers of a job that was changed by `write`."""
        self._changed[tenant, job] = version

    # What is read and written

    def read(self, statement: Select[Any], values: Mapping[str, Any]) -> CursorResult[Any]:
        """What the database says, without what was decided and not yet flushed."""
        return self._connection.execute(statement, values)

    def write(
        self, statement: Insert | Update | Delete, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any]:
        """Writes at once. What a change has to refuse, it refuses before."""
        self.writes += 1
        return self._connection.execute(statement, values)

    def flush(self) -> None:
        """Writes what was decided."""
        connection = self._connection
        _SAVE_ORDER.run_all(connection, (codec.job_order_values(order, row) for row, order in self._saves.items()))
        changed = sorted((key, tally) for key, tally in self._tallies.items() if tally.changed)
        _SAVE_JOB.run_all(connection, (_job_values(key, tally, codec.micros(self.now)) for key, tally in changed))
        _DROP_DRAFT.run_all(connection, ({"row": row} for row in self._drafts))
        kept = ((row, draft) for row, draft in self._drafts.items() if draft is not None)
        _KEEP_DRAFT.run_all(connection, (codec.draft_values(row, draft) for row, draft in kept))
        self._flush_claims()

    def _flush_claims(self) -> None:
        moved = [(key, claim) for key, claim in self._claims.items() if claim.before != claim.holder]
        dropped = ({"of_tenant": tenant, "of_order": order} for (tenant, order), claim in moved if claim.before)
        _DROP_CLAIM.run_all(self._connection, dropped)
        taken = (codec.claim_values(*key, claim.holder, claim.since) for key, claim in moved if claim.holder)
        _TAKE_CLAIM.run_all(self._connection, taken)


def state_of(counts: OrderCounts) -> JobState:
    """The state that its orders give a job."""
    if counts.pending:
        return JobState.IN_PROGRESS
    return JobState.CANCELLED if counts.cancelled else JobState.DONE


def _job_values(key: JobKey, tally: Tally, now: int) -> dict[str, Any]:
    counts = OrderCounts(**{state.lower(): number for state, number in tally.counts.items()})
    state = state_of(counts)
    return {
        "of_tenant": key[0],
        "of_job": key[1],
        "state": state,
        "version": tally.version,
        "pending": counts.pending,
        "success": counts.success,
        "failure": counts.failure,
        "cancelled": counts.cancelled,
        "updated": now,
        "ended": None if state is JobState.IN_PROGRESS else tally.ended or now,
    }


@cache
def _standings(size: int) -> Prepared:
    """Everything that is known up front about so many orders: themselves, their claims, live invoices and jobs."""
    names = [(f"tenant{n}", f"job{n}", f"order{n}") for n in range(size)]
    columns = (column("tenant", Text), column("job_id", Text), column("order_id", Text))
    wanted = values(*columns, name="wanted").data([tuple(bindparam(name) for name in row) for row in names]).cte()
    o, j, c, d = job_orders.c, jobs.c, claims.c, documents.c
    known = (
        wanted.join(
            job_orders,
            (o.tenant == wanted.c.tenant) & (o.job_id == wanted.c.job_id) & (o.order_id == wanted.c.order_id),
        )
        .join(jobs, (j.tenant == o.tenant) & (j.id == o.job_id))
        .outerjoin(claims, (c.tenant == o.tenant) & (c.order_id == o.order_id))
        .outerjoin(documents, (d.tenant == o.tenant) & (d.order_id == o.order_id) & LIVE)
    )
    head = (o.tenant, o.job_id, o.order_id, o.id, o.revision, o.state)
    found = select(*head, c.job_id, d.number, *(j[name] for name in _TALLY)).select_from(known)
    return Prepared(found, [name for row in names for name in row])

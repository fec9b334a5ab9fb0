"""What is known of orders before anything is decided about them, read for many of them in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BindParameter, Connection, FromClause, Select, Text, bindparam, column, select, values

from adapters.store.codec import AnyRow
from adapters.store.prepared import Prepared
from adapters.store.tables import LIVE, claims, documents, job_orders, jobs
from domain.invoice import InvoiceNumber
from domain.job import JobId, JobState, OrderCounts, OrderState, Version
from domain.order import OrderId, TenantId

JobKey = tuple[TenantId, JobId]
JobOrderKey = tuple[TenantId, JobId, OrderId]
OrderKey = tuple[TenantId, OrderId]

TALLIED = ("version", "ended", "pending", "success", "failure", "cancelled")
"""The columns of a job that its orders change."""

_STATES = {state.value: state for state in OrderState}

_SIZES = (1, 8, 64, 512)
"""How many orders are asked about in one statement; few sizes, so that each is compiled once."""


@dataclass(slots=True)
class Standing:
    """Where an order of a job stands. `holder` and `live` are who had it, and its live invoice, at the beginning.

    `corrects` is the invoice that the job is to take back.
    """

    row: int
    revision: int
    state: OrderState
    holder: JobId | None
    live: InvoiceNumber | None
    corrects: InvoiceNumber | None = None


Known = tuple[JobOrderKey, Standing, Sequence[Any]]
"""An order, where it stands, and what its job has `TALLIED`."""


@dataclass(slots=True)
class Tally:
    """A job whose orders change in this transaction: how far its versions are drawn, how many orders stand where."""

    version: int
    counts: dict[OrderState, int]
    ended: int | None
    changed: bool = False

    @classmethod
    def of(cls, tallied: Sequence[Any]) -> Tally:
        """The job as it stands; `tallied` are its columns `TALLIED`."""
        version, ended, *counts = tallied
        return cls(version, dict(zip(OrderState, counts, strict=True)), ended)

    def move(self, before: OrderState, after: OrderState) -> Version:
        """Draws the version for an order that goes from one state to another."""
        self.counts[before] -= 1
        self.counts[after] += 1
        if after is OrderState.PENDING:
            self.ended = None
        self.version += 1
        self.changed = True
        return Version(self.version)

    def values(self, key: JobKey, now: int) -> dict[str, Any]:
        """What of the job has changed, as columns. It ended `now`, if its last order did and it had not before."""
        counts = OrderCounts(**{state.lower(): number for state, number in self.counts.items()})
        state = state_of(counts)
        self.ended = None if state is JobState.IN_PROGRESS else self.ended or now
        return {
            "of_tenant": key[0],
            "of_job": key[1],
            "state": state,
            "version": self.version,
            "pending": counts.pending,
            "success": counts.success,
            "failure": counts.failure,
            "cancelled": counts.cancelled,
            "updated": now,
            "ended": self.ended,
        }


def standings(connection: Connection, keys: Sequence[JobOrderKey]) -> Iterator[Known]:
    """Each of these orders that there is, and what its job has `TALLIED`."""
    for first in range(0, len(keys), _SIZES[-1]):
        chunk = [*keys[first : first + _SIZES[-1]]]
        size = next(size for size in _SIZES if size >= len(chunk))
        chunk += chunk[-1:] * (size - len(chunk))
        for row in _question(size).all(connection, dict(zip(_names(size), chain.from_iterable(chunk), strict=True))):
            yield _known(row)


def standings_of(connection: Connection, tenant: TenantId, job: JobId) -> Iterator[Known]:
    """Likewise, of every order of a job."""
    return map(_known, _OF_JOB.all(connection, {"tenant": tenant, "job": job}))


def state_of(counts: OrderCounts) -> JobState:
    """The state that its orders give a job."""
    if counts.pending:
        return JobState.IN_PROGRESS
    return JobState.CANCELLED if counts.cancelled else JobState.DONE


@cache
def _question(size: int) -> Prepared:
    """Everything that is known up front about so many orders: themselves, their claims, live invoices and jobs."""
    columns = (column("tenant", Text), column("job_id", Text), column("order_id", Text))
    parts: list[BindParameter[str]] = [bindparam(name) for name in _names(size)]
    keys = [*zip(parts[::3], parts[1::3], parts[2::3], strict=True)]
    wanted = values(*columns, name="wanted").data(keys).cte()
    o, w = job_orders.c, wanted.c
    same = (o.tenant == w.tenant) & (o.job_id == w.job_id) & (o.order_id == w.order_id)
    return Prepared(_question_about(wanted.join(job_orders, same)), _names(size))


def _question_about(orders: FromClause) -> Select[Any]:
    o, j, c, d = job_orders.c, jobs.c, claims.c, documents.c
    known = (
        orders.join(jobs, (j.tenant == o.tenant) & (j.id == o.job_id))
        .outerjoin(claims, (c.tenant == o.tenant) & (c.order_id == o.order_id))
        .outerjoin(documents, (d.tenant == o.tenant) & (d.order_id == o.order_id) & LIVE)
    )
    head = (o.tenant, o.job_id, o.order_id, o.id, o.revision, o.state, o.corrects)
    return select(*head, c.job_id, d.number, *(j[name] for name in TALLIED)).select_from(known)


def _known(row: AnyRow) -> Known:
    tenant, job, order, place, revision, state, corrects, holder, live, *tallied = row
    return (tenant, job, order), Standing(place, revision, _STATES[state], holder, live, corrects), tallied


_OF_JOB = Prepared(
    _question_about(job_orders).where(
        job_orders.c.tenant == bindparam("tenant"), job_orders.c.job_id == bindparam("job")
    ),
    ("tenant", "job"),
)


@cache
def _names(size: int) -> tuple[str, ...]:
    """What the keys of so many orders are called in the question about them."""
    return tuple(f"{part}{n}" for n in range(size) for part in ("tenant", "job", "order"))

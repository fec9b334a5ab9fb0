"""One transaction of the writer, with many changes in it.

What the changes need to know is read at once before they are decided; they then decide in memory, one after the other,
each seeing the ones before it; what they decided is written at once at the end. So a save costs a row in each of three
statements, and not three statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from adapters.store import codec, facts
from adapters.store.memory import Memory
from adapters.store.prepared import Prepared
from adapters.store.standings import (
    TALLIED,
    JobKey,
    JobOrderKey,
    Known,
    OrderKey,
    Standing,
    Tally,
    standings,
    standings_of,
)
from adapters.store.tables import claims, documents, drafts, failed_tries, job_orders, jobs, leads
from domain.errors import OrderInProgress, StaleJobOrder
from domain.invoice import Draft, InvoiceNumber
from domain.job import JobId, JobOrder, OrderState, Version
from domain.order import OrderId, TenantId

LAST_LEAD = Prepared(select(func.max(leads.c.epoch).label("epoch")), ())
_SAVE_ORDER = Prepared(update(job_orders).where(job_orders.c.id == bindparam("row")), ("row", *codec.CHANGING))
_SAVE_JOB = Prepared(
    update(jobs).where(jobs.c.tenant == bindparam("of_tenant"), jobs.c.id == bindparam("of_job")),
    ("of_tenant", "of_job", "state", "updated", *TALLIED),
)
_DROP_DRAFT = Prepared(delete(drafts).where(drafts.c.job_order == bindparam("row")), ("row",))
_KEEP_DRAFT = Prepared(insert(drafts), ("job_order", "format", "content"))
_NEW_TRY = Prepared(insert(failed_tries), facts.NEW_TRY)
_DROP_CLAIM = Prepared(
    delete(claims).where(claims.c.tenant == bindparam("of_tenant"), claims.c.order_id == bindparam("of_order")),
    ("of_tenant", "of_order"),
)
_TAKE_CLAIM = Prepared(insert(claims), ("tenant", "order_id", "job_id", "claimed"))

_REMEMBERED = frozenset({jobs.name, job_orders.name, claims.name, documents.name})
"""The tables that the memory is about."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has an order since this transaction, and who had it before."""

    before: JobId | None
    holder: JobId | None
    since: datetime


class Batch:
    """The changes of one transaction, all at the same instant.

    `memory` is what is known of orders already, and what the next transaction will know. `epoch` is the lead under
    which the process runs the engine, if it does: once another leads, no order is its own.
    """

    def __init__(self, connection: Connection, now: datetime, memory: Memory, epoch: int | None = None) -> None:
        memory.recall(connection)
        self.now = now
        self.writes = 0
        self._lead = epoch is None or epoch == LAST_LEAD.all(connection, {})[0].epoch
        self._connection = connection
        self._changed: dict[JobKey, Version] = {}
        self._memory = memory
        self._past_memory = False
        self._tallies = memory.tallies
        self._standings = memory.standings
        self._saves: dict[int, JobOrder] = {}
        self._drafts: dict[int, Draft | None] = {}
        self._failed: list[JobOrder] = []
        self._issued: dict[OrderKey, InvoiceNumber | None] = {}
        self._claims: dict[OrderKey, Claim] = {}

    # What is known

    def know(self, keys: Iterable[JobOrderKey]) -> None:
        """Reads what deciding about these orders takes. What is known already stays as this transaction made it."""
        self._learn(standings(self._connection, sorted(set(keys) - self._standings.keys())))

    def know_all(self, tenant: TenantId, job: JobId) -> None:
        """Likewise, about all orders of a job."""
        self._learn(standings_of(self._connection, tenant, job))

    def _learn(self, found: Iterable[Known]) -> None:
        for key, standing, tallied in found:
            self._standings.setdefault(key, standing)
            if key[:2] not in self._tallies:
                self._tallies[key[:2]] = Tally.of(tallied)

    def standing(self, order: JobOrder) -> Standing:
        """Where the order stands. Raises `StaleJobOrder` when it was saved since `order` was read."""
        found = self._standings.get((order.tenant, order.job_id, order.order_id))
        if not self._lead:
            raise StaleJobOrder(f"another process works on order {order.order_id} now")
        if found is None or found.revision != order.revision:
            raise StaleJobOrder(f"order {order.order_id} of job {order.job_id} was saved by another worker")
        return found

    def holder(self, order: JobOrder) -> JobId | None:
        """The job that has the order."""
        moved = self._claims.get((order.tenant, order.order_id))
        return self.standing(order).holder if moved is None else moved.holder

    def in_progress(self, tenant: TenantId, job: JobId, order: OrderId) -> OrderInProgress:
        """What to tell others of an order that this job has."""
        self.know([(tenant, job, order)])
        standing = self._standings[tenant, job, order]
        return OrderInProgress(job, must_retry=standing.state is not OrderState.PENDING, corrects=standing.corrects)

    def invoiced(self, order: JobOrder) -> InvoiceNumber | None:
        """The number of the order's live invoice."""
        return self._issued.get((order.tenant, order.order_id), self.standing(order).live)

    # What is decided

    def keep(self, order: JobOrder) -> JobOrder:
        """The order under its next revision and its job's next version. Raises `StaleJobOrder`."""
        standing = self.standing(order)
        self.writes += 1
        version = self._tallies[order.tenant, order.job_id].move(standing.state, order.state)
        kept = order.saved(version, self.now)
        standing.revision, standing.state = kept.revision, kept.state
        self._saves[standing.row] = kept
        return kept

    def keep_draft(self, order: JobOrder, draft: Draft | None) -> None:
        """What RECALCULATION decided about the order; None drops it."""
        self.writes += 1
        self._drafts[self.standing(order).row] = draft

    def keep_try(self, order: JobOrder) -> None:
        """The try that failed and left the order so."""
        self._failed.append(order)

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

    def issued(self, order: JobOrder, number: InvoiceNumber | None) -> None:
        """From now on this is the order's live invoice; None: it has none."""
        self._issued[order.tenant, order.order_id] = number

    def announce(self, tenant: TenantId, job: JobId, version: Version) -> None:
        """Tells followers of a job that was changed by `write`."""
        self._changed[tenant, job] = version

    # What is read and written

    def all(self, question: Prepared, values: Mapping[str, Any]) -> Sequence[codec.AnyRow]:
        """What the database says, without what was decided and not yet flushed."""
        return question.all(self._connection, values)

    def first(self, question: Prepared, values: Mapping[str, Any]) -> codec.AnyRow | None:
        """Likewise, the first row."""
        return question.first(self._connection, values)

    def write(self, change: Prepared, *rows: Mapping[str, Any]) -> None:
        """Writes at once. What a change has to refuse, it refuses before."""
        self.writes += 1
        self._past_memory |= change.table in _REMEMBERED
        change.change(self._connection, rows)

    def flush(self) -> None:
        """Writes what was decided since the last time: before someone asks for all orders of a job, and at the end."""
        connection = self._connection
        _SAVE_ORDER.change(connection, (codec.job_order_values(order, row) for row, order in self._saves.items()))
        changed = sorted((key, tally) for key, tally in self._tallies.items() if tally.changed)
        _SAVE_JOB.change(connection, (tally.values(key, codec.micros(self.now)) for key, tally in changed))
        _DROP_DRAFT.change(connection, ({"row": row} for row in self._drafts))
        kept = ((row, draft) for row, draft in self._drafts.items() if draft is not None)
        _KEEP_DRAFT.change(connection, (codec.draft_values(row, draft) for row, draft in kept))
        _NEW_TRY.change(connection, (facts.try_values(order, self.now) for order in self._failed))
        self._flush_claims()
        self._saves.clear()
        self._drafts.clear()
        self._failed.clear()

    def settled(self) -> dict[JobKey, Version]:
        """Everything is on the disk. The jobs that changed, with their new versions: followers may wait for them."""
        tallied = {key: Version(tally.version) for key, tally in self._tallies.items() if tally.changed}
        if self._past_memory:
            self._memory.forget()
        else:
            self._memory.settle(self._claims.keys() | self._issued.keys())
        return self._changed | tallied

    def _flush_claims(self) -> None:
        moved = [(key, claim) for key, claim in self._claims.items() if claim.before != claim.holder]
        dropped = ({"of_tenant": tenant, "of_order": order} for (tenant, order), claim in moved if claim.before)
        _DROP_CLAIM.change(self._connection, dropped)
        taken = (codec.claim_values(*key, claim.holder, claim.since) for key, claim in moved if claim.holder)
        _TAKE_CLAIM.change(self._connection, taken)
        self._claims = {key: replace(claim, before=claim.holder) for key, claim in self._claims.items()}

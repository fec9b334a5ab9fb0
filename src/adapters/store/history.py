"""All facts of one order, wherever they lie."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Table, exists, select

from adapters.store import codec, facts, formats
from adapters.store.tables import (
    captures,
    claims,
    contents,
    documents,
    drafts,
    draws,
    failed_tries,
    job_orders,
    jobs,
    ledger,
    mails,
    refunds,
    words,
)
from domain.capture import CaptureAttempt
from domain.errors import UnknownOrder
from domain.history import Claim, InJob, Issued, Mailed, OrderHistory
from domain.invoice import DocumentType, Draft, InvoiceNumber
from domain.job import JobId, JobType
from domain.mail import MailId
from domain.order import OrderId, TenantId

Rows = list[Row[Any]]


def history(connection: Connection, tenant: TenantId, order_id: OrderId) -> OrderHistory:
    """All that is known of the order. Raises `UnknownOrder`."""
    reading = _Reading(connection, tenant, order_id)
    entries = reading.jobs()
    if not entries:
        raise UnknownOrder(order_id, reading.nothing())
    return OrderHistory(
        tenant=tenant,
        order_id=order_id,
        jobs=entries,
        failed_tries=tuple(map(facts.failed_try, reading.all(failed_tries, failed_tries.c.position))),
        claim=reading.claim(),
        captures=tuple(map(facts.capture, reading.all(captures, captures.c.position))),
        words=reading.words(),
        refunds=tuple(map(facts.refund, reading.all(refunds, refunds.c.position))),
        draws=tuple(map(facts.draw, reading.all(draws, draws.c.position))),
        documents=reading.documents(),
        mails=reading.mails(),
        drafts=(*reading.invoices(), *reading.unissued()),
    )


class _Reading:
    """One order, looked up in one table after the other."""

    def __init__(self, connection: Connection, tenant: TenantId, order_id: OrderId) -> None:
        self._connection = connection
        self._tenant = tenant
        self._order_id = order_id

    def all(self, table: Table, order_by: Any) -> Rows:
        """The order's rows of a table."""
        return self._rows(select(table).where(*self._of(table)).order_by(order_by))

    def jobs(self) -> tuple[InJob, ...]:
        """The order in each of its jobs."""
        made = select(job_orders, jobs.c.type, jobs.c.created).join(
            jobs, (jobs.c.tenant == job_orders.c.tenant) & (jobs.c.id == job_orders.c.job_id)
        )
        rows = self._rows(made.where(*self._of(job_orders)).order_by(jobs.c.created, job_orders.c.id))
        return tuple(InJob(JobType(row.type), codec.instant(row.created), codec.job_order(row)) for row in rows)

    def nothing(self) -> str:
        """Why nothing is known of the order: where the tenant has no job at all, its name may be the mistake."""
        if self._rows(select(jobs.c.id).where(jobs.c.tenant == self._tenant).limit(1)):
            return f"no job of tenant {self._tenant!r} has an order {self._order_id!r}"
        return f"this database has no job of a tenant {self._tenant!r}, and none with an order {self._order_id!r}"

    def claim(self) -> Claim | None:
        """Who has it."""
        for row in self.all(claims, claims.c.order_id):
            return Claim(JobId(row.job_id), codec.instant(row.claimed))
        return None

    def words(self) -> tuple[CaptureAttempt, ...]:
        """What operators said of its captures, each as the attempt stood by that word."""
        unsaid = [column for column in captures.c if column.name not in facts.SAID]
        said = select(*unsaid, *(words.c[name] for name in facts.SAID)).join(
            words, (words.c.tenant == captures.c.tenant) & (words.c.capture == captures.c.id)
        )
        return tuple(map(facts.capture, self._rows(said.where(*self._of(captures)).order_by(words.c.position))))

    def documents(self) -> tuple[Issued, ...]:
        """Its documents with their places in the ledger."""
        issued = select(documents, ledger.c.position).join(
            ledger, (ledger.c.tenant == documents.c.tenant) & (ledger.c.number == documents.c.number)
        )
        rows = self._rows(issued.where(*self._of(documents)).order_by(documents.c.id))
        return tuple(Issued(facts.document(row), row.position) for row in rows)

    def mails(self) -> tuple[Mailed, ...]:
        """The mails that brought its documents."""
        sent = select(mails).join(
            documents, (documents.c.tenant == mails.c.tenant) & (documents.c.number == mails.c.number)
        )
        return tuple(
            Mailed(MailId(row.id), InvoiceNumber(row.number), row.recipient, codec.instant(row.mailed))
            for row in self._rows(sent.where(*self._of(documents)).order_by(mails.c.mailed, mails.c.id))
        )

    def invoices(self) -> tuple[Draft, ...]:
        """What its invoices say."""
        said = select(contents.c.format, contents.c.content).join(documents, documents.c.id == contents.c.document)
        invoices = said.where(*self._of(documents), documents.c.type == DocumentType.INVOICE).order_by(documents.c.id)
        return tuple(formats.invoice(row.format, row.content).draft for row in self._rows(invoices))

    def unissued(self) -> tuple[Draft, ...]:
        """What was decided about an invoice that is not issued yet, and is still needed."""
        issued = exists().where(
            documents.c.tenant == job_orders.c.tenant,
            documents.c.order_id == job_orders.c.order_id,
            documents.c.job_id == job_orders.c.job_id,
        )
        kept = select(drafts.c.format, drafts.c.content).join(job_orders, job_orders.c.id == drafts.c.job_order)
        rows = self._rows(kept.where(*self._of(job_orders), ~issued).order_by(job_orders.c.id.desc()).limit(1))
        return tuple(formats.draft(row.format, row.content) for row in rows)

    def _of(self, table: Table) -> tuple[Any, Any]:
        return table.c.tenant == self._tenant, table.c.order_id == self._order_id

    def _rows(self, question: Any) -> Rows:
        return list(self._connection.execute(question))

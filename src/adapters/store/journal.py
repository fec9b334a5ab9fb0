"""Facts about the world in SQL: captures, numbers, documents, mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, exists, insert, select, update

from adapters.store import codec, facts, formats
from adapters.store.batch import Batch
from adapters.store.issuing import DOCUMENT, MAIL, archived, issue, mailed, require_undone
from adapters.store.jobs import key_of
from adapters.store.prepared import Prepared
from adapters.store.reader import Reader
from adapters.store.tables import captures, contents, documents, draws, refunds, words
from adapters.store.writer import Writer
from domain.capture import CaptureAttempt, CaptureOutcome
from domain.document import Document, DocumentFilter
from domain.errors import Conflict, UnknownInvoice
from domain.invoice import Invoice, InvoiceNumber
from domain.job import JobOrder
from domain.mail import MailId
from domain.money import total
from domain.numbering import Draw, DrawOutcome, Unnumbered
from domain.order import OrderId, TenantId, TransactionId
from domain.refund import RefundAttempt, RefundOutcome

_OF_TRANSACTION = (
    select(captures)
    .where(captures.c.tenant == bindparam("tenant"), captures.c.transaction_id == bindparam("transaction"))
    .order_by(captures.c.position)
)
_CAPTURES = Prepared(_OF_TRANSACTION, ("tenant", "transaction"))
_CAPTURES_OF_ORDER = Prepared(
    select(captures)
    .where(captures.c.tenant == bindparam("tenant"), captures.c.order_id == bindparam("order"))
    .order_by(captures.c.position),
    ("tenant", "order"),
)
_OPEN_CAPTURE = Prepared(_OF_TRANSACTION.where(captures.c.outcome.is_(None)).limit(1), ("tenant", "transaction"))
_NEW_CAPTURE = Prepared(insert(captures), facts.NEW_CAPTURE)
_ATTEMPT = update(captures).where(captures.c.tenant == bindparam("of_tenant"), captures.c.id == bindparam("of_id"))
_NO_WORD = captures.c.outcome.is_(None)
_WORD = ("of_tenant", "of_id", "outcome", "capture_id", "ended")
_END_CAPTURE = Prepared(_ATTEMPT.where(_NO_WORD), _WORD)
_CAPTURED = Prepared(
    _ATTEMPT.where(_NO_WORD | (captures.c.outcome == CaptureOutcome.NOT_MADE)).values(said_by=None, said=None), _WORD
)
_TAKEN = Prepared(
    select(captures.c.amount).where(
        captures.c.tenant == bindparam("tenant"),
        captures.c.transaction_id == bindparam("transaction"),
        captures.c.order_id == bindparam("order"),
        captures.c.outcome == CaptureOutcome.CAPTURED,
    ),
    ("tenant", "transaction", "order"),
)
_SAY = Prepared(_ATTEMPT, ("of_tenant", "of_id", *facts.SAID))
_ENTER = Prepared(insert(captures), (*facts.NEW_CAPTURE, *facts.SAID))
_NEW_WORD = Prepared(insert(words), facts.WORD)
_REFUNDS = Prepared(
    select(refunds)
    .where(refunds.c.tenant == bindparam("tenant"), refunds.c.transaction_id == bindparam("transaction"))
    .order_by(refunds.c.position),
    ("tenant", "transaction"),
)
_NEW_REFUND = Prepared(insert(refunds), facts.NEW_REFUND)
_REFUND = update(refunds).where(refunds.c.tenant == bindparam("of_tenant"), refunds.c.id == bindparam("of_id"))
_UNSAID = refunds.c.outcome.is_(None)
_END_REFUND = Prepared(_REFUND.where(_UNSAID), ("of_tenant", "of_id", "outcome"))
_REFUNDED = Prepared(
    _REFUND.where(_UNSAID | (refunds.c.outcome == RefundOutcome.NOT_MADE)), ("of_tenant", "of_id", "outcome")
)
_NEW_DRAW = Prepared(insert(draws), facts.NEW_DRAW)
_END_DRAW = Prepared(
    update(draws).where(draws.c.tenant == bindparam("of_tenant"), draws.c.id == bindparam("of_id")),
    ("of_tenant", "of_id", "outcome", "number"),
)
_UNUSED_DRAW = Prepared(
    select(draws)
    .where(
        draws.c.tenant == bindparam("tenant"),
        draws.c.order_id == bindparam("order"),
        draws.c.series == bindparam("series"),
        draws.c.outcome == DrawOutcome.DRAWN,
        draws.c.number.is_not(None),
        ~exists().where(documents.c.tenant == draws.c.tenant, documents.c.number == draws.c.number),
    )
    .order_by(draws.c.position)
    .limit(1),
    ("tenant", "order", "series"),
)
_OF_ORDER = Prepared(
    select(documents)
    .where(documents.c.tenant == bindparam("tenant"), documents.c.order_id == bindparam("order"))
    .order_by(documents.c.live.desc(), documents.c.id.desc())
    .limit(1),
    ("tenant", "order"),
)
_CONTENT = Prepared(
    select(contents.c.format, contents.c.content)
    .join(documents, documents.c.id == contents.c.document)
    .where(documents.c.tenant == bindparam("tenant"), documents.c.number == bindparam("number")),
    ("tenant", "number"),
)


class SqlJournal:
    """`domain.ports.Journal` in an SQL database. Every query names the tenant."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    # Captures

    async def captures(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[CaptureAttempt, ...]:
        """Every attempt on the transaction, whoever's order it was for, oldest first."""
        values = {"tenant": tenant, "transaction": transaction_id}
        return tuple(map(facts.capture, await self._reader.read(lambda connection: _CAPTURES.all(connection, values))))

    async def captures_of(self, tenant: TenantId, order_id: OrderId) -> tuple[CaptureAttempt, ...]:
        """Every attempt for the order, on whichever transaction, oldest first."""
        values = {"tenant": tenant, "order": order_id}
        found = await self._reader.read(lambda connection: _CAPTURES_OF_ORDER.all(connection, values))
        return tuple(map(facts.capture, found))

    async def intend_capture(self, order: JobOrder, attempt: CaptureAttempt) -> JobOrder:
        """Keeps the intent and marks the order as touched.

        Raises `StaleJobOrder`, and `Conflict` while another attempt on the transaction is open.
        """
        return await self._writer.write(lambda batch: _intend_capture(batch, order, attempt), key_of(order))

    async def end_capture(self, attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None) -> Decimal:
        """Keeps what became of an attempt; the first word stays, but CAPTURED outweighs NOT_MADE.

        Gives what the attempt's order has captured of its transaction by now.
        """
        return await self._writer.write(lambda batch: _end_capture(batch, attempt, outcome, capture_id))

    async def settle_captures(
        self, order: JobOrder, known: Sequence[CaptureAttempt], said: Sequence[CaptureAttempt]
    ) -> None:
        """Keeps an operator's word about a transaction, all of it or nothing; and what he said before stays known.

        Raises `Conflict` when the attempts on it are not as they were `known` any more, `StaleJobOrder` when the order
        had ended and does no more.
        """
        await self._writer.write(lambda batch: _settle_captures(batch, order, known, said), key_of(order))

    # Refunds

    async def refunds(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[RefundAttempt, ...]:
        """Every attempt to give something of the transaction back, for whichever order, oldest first."""
        values = {"tenant": tenant, "transaction": transaction_id}
        return tuple(map(facts.refund, await self._reader.read(lambda connection: _REFUNDS.all(connection, values))))

    async def intend_refund(self, order: JobOrder, attempt: RefundAttempt, known: Sequence[RefundAttempt]) -> JobOrder:
        """Keeps the intent, which was decided on what was `known` of the transaction.

        Raises `StaleJobOrder`, and `Conflict` when the attempts on it are not so any more, or one is open.
        """
        return await self._writer.write(lambda batch: _intend_refund(batch, order, attempt, known), key_of(order))

    async def end_refund(self, attempt: RefundAttempt, outcome: RefundOutcome) -> None:
        """Keeps what became of an attempt; the first word stays, but REFUNDED outweighs NOT_MADE."""
        word = {"of_tenant": attempt.tenant, "of_id": attempt.id, "outcome": outcome}
        change = _REFUNDED if outcome is RefundOutcome.REFUNDED else _END_REFUND
        await self._writer.write(lambda batch: batch.write(change, word))

    # Numbers

    async def intend_draw(self, order: JobOrder, draw: Draw) -> Draw:
        """Keeps the intent to draw a number; or gives an earlier draw of the series whose number stands on no document.

        Raises `StaleJobOrder`, `AlreadyInvoiced` (what the order is to get is there).
        """
        return await self._writer.write(lambda batch: _intend_draw(batch, order, draw), key_of(order))

    async def end_draw(self, draw: Draw, outcome: DrawOutcome, number: InvoiceNumber | None) -> None:
        """Keeps what became of a draw."""
        values = {"of_tenant": draw.tenant, "of_id": draw.id, "outcome": outcome, "number": number}
        await self._writer.write(lambda batch: batch.write(_END_DRAW, values))

    # Documents

    async def issue(self, order: JobOrder, invoice: Invoice | Unnumbered, now: datetime) -> Document:
        """Makes the invoice the order's only live one, or a credit note the end of it, and chains it to its series.

        One without a number gets the next of its local series, in the same commit. Raises `StaleJobOrder`,
        `AlreadyInvoiced` (it is there), `NumberTaken`; for a local series `SeriesExhausted`, `Misconfigured`.
        """
        return await self._writer.write(lambda batch: issue(batch, order, invoice, now), key_of(order))

    async def archived(self, document: Document, *, sha256: str, size: int, replaced: str = "") -> Document:
        """Keeps what the archive holds for the document, and what it shows replacements for; the first word stays."""
        return await self._writer.write(lambda batch: archived(batch, document, sha256, size, replaced))

    async def document(self, tenant: TenantId, number: InvoiceNumber) -> Document:
        """The document with this number. Raises `UnknownInvoice`."""
        row = await self._row(DOCUMENT, tenant=tenant, number=number)
        if row is None:
            raise UnknownInvoice(number)
        return facts.document(row)

    async def document_of(self, tenant: TenantId, order_id: OrderId) -> Document:
        """The order's live invoice, else its latest document. Raises `UnknownInvoice`."""
        row = await self._row(_OF_ORDER, tenant=tenant, order=order_id)
        if row is None:
            raise UnknownInvoice(order_id, f"order {order_id!r} has no invoice")
        return facts.document(row)

    async def documents(self, wanted: DocumentFilter, *, before: int, limit: int) -> tuple[Document, ...]:
        """A page of documents, newest first; `before` is the last `id` of the page before, or 0."""
        page = _wanted(wanted, before).order_by(documents.c.id.desc()).limit(limit)
        return await self._reader.read(lambda connection: tuple(map(facts.document, connection.execute(page))))

    async def content(self, document: Document) -> Invoice:
        """What the document says, exactly as it was issued. Raises `UnknownInvoice`."""
        row = await self._row(_CONTENT, tenant=document.tenant, number=document.number)
        if row is None:
            raise UnknownInvoice(document.number)
        return formats.invoice(row.format, row.content)

    # Mails

    async def sent(self, tenant: TenantId, mail_id: MailId) -> bool:
        """Whether the mail is known to have been taken."""
        return await self._row(MAIL, tenant=tenant, mail=mail_id) is not None

    async def mailed(self, document: Document, mail_id: MailId, recipient: str, now: datetime) -> None:
        """Keeps that the mail was taken; the first time stays."""
        await self._writer.write(lambda batch: mailed(batch, document, mail_id, recipient, now))

    async def _row(self, question: Prepared, **values: Any) -> codec.AnyRow | None:
        return await self._reader.read(lambda connection: question.first(connection, values))


def _wanted(wanted: DocumentFilter, before: int) -> Select[Any]:
    d = documents.c
    page = select(documents).where(d.tenant == wanted.tenant)
    if before:
        page = page.where(d.id < before)
    if wanted.order_id:
        page = page.where(d.order_id == wanted.order_id)
    if wanted.job_id:
        page = page.where(d.job_id == wanted.job_id)
    if wanted.issued_from is not None:
        page = page.where(d.issue_date >= wanted.issued_from.isoformat())
    if wanted.issued_to is not None:
        page = page.where(d.issue_date <= wanted.issued_to.isoformat())
    return page


# What changes decide


def _intend_capture(batch: Batch, order: JobOrder, attempt: CaptureAttempt) -> JobOrder:
    batch.standing(order)
    values = {"tenant": attempt.tenant, "transaction": attempt.transaction_id}
    if batch.first(_OPEN_CAPTURE, values) is not None:
        raise Conflict(f"another capture of transaction {attempt.transaction_id} is under way")
    batch.write(_NEW_CAPTURE, facts.capture_values(attempt))
    return batch.keep(replace(order, touched=True))


def _end_capture(batch: Batch, attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None) -> Decimal:
    of_it = {"of_tenant": attempt.tenant, "of_id": attempt.id}
    word = {**of_it, "outcome": outcome, "capture_id": capture_id, "ended": codec.micros(batch.now)}
    batch.write(_CAPTURED if outcome is CaptureOutcome.CAPTURED else _END_CAPTURE, word)
    of = {"tenant": attempt.tenant, "transaction": attempt.transaction_id, "order": attempt.order_id}
    return total(Decimal(row.amount) for row in batch.all(_TAKEN, of))


def _settle_captures(
    batch: Batch, order: JobOrder, known: Sequence[CaptureAttempt], said: Sequence[CaptureAttempt]
) -> None:
    about = said[0]
    if order.ended:
        batch.standing(order)
    rows = batch.all(_CAPTURES, {"tenant": about.tenant, "transaction": about.transaction_id})
    if tuple(map(facts.capture, rows)) != tuple(known):
        raise Conflict(f"transaction {about.transaction_id} has changed meanwhile: look again")
    attempted = {attempt.id for attempt in known}
    for attempt in said:
        if attempt.id in attempted:
            batch.write(_SAY, {"of_tenant": attempt.tenant, "of_id": attempt.id, **facts.said_values(attempt)})
        else:
            batch.write(_ENTER, facts.capture_values(attempt) | facts.said_values(attempt))
    batch.write(_NEW_WORD, *map(facts.word_values, said))


def _intend_refund(batch: Batch, order: JobOrder, attempt: RefundAttempt, known: Sequence[RefundAttempt]) -> JobOrder:
    batch.standing(order)
    rows = batch.all(_REFUNDS, {"tenant": attempt.tenant, "transaction": attempt.transaction_id})
    if tuple(map(facts.refund, rows)) != tuple(known) or any(row.outcome is None for row in rows):
        raise Conflict(f"another refund of transaction {attempt.transaction_id} is under way")
    batch.write(_NEW_REFUND, facts.refund_values(attempt))
    return batch.keep(replace(order, touched=True))


def _intend_draw(batch: Batch, order: JobOrder, draw: Draw) -> Draw:
    batch.standing(order)
    require_undone(batch, order)
    unused = batch.first(_UNUSED_DRAW, {"tenant": order.tenant, "order": order.order_id, "series": draw.series})
    if unused is not None:
        return facts.draw(unused)
    batch.write(_NEW_DRAW, facts.draw_values(draw))
    return draw

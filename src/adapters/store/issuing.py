"""How a document comes to be: numbered, chained to its series, its content kept; then archived, then mailed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, insert, select, update

from adapters.store import codec, facts, formats
from adapters.store.batch import Batch
from adapters.store.prepared import Prepared
from adapters.store.tables import contents, documents, ledger, mails, own_series
from domain.document import Document
from domain.errors import AlreadyInvoiced, NumberTaken, UnknownInvoice
from domain.invoice import Invoice, InvoiceNumber
from domain.job import JobOrder
from domain.mail import MailId
from domain.numbering import GENESIS, LedgerEntry, Unnumbered
from domain.order import TenantId

DOCUMENT = Prepared(
    select(documents).where(documents.c.tenant == bindparam("tenant"), documents.c.number == bindparam("number")),
    ("tenant", "number"),
)
MAIL = Prepared(
    select(mails.c.id).where(mails.c.tenant == bindparam("tenant"), mails.c.id == bindparam("mail")),
    ("tenant", "mail"),
)

_CHANGE = update(documents).where(documents.c.id == bindparam("of_id"))
_ARCHIVED = Prepared(_CHANGE.where(documents.c.sha256.is_(None)), ("of_id", "sha256", "size", "replaced"))
_MAILED = Prepared(_CHANGE.where(documents.c.mailed.is_(None)), ("of_id", "mailed"))
_CANCELLED = Prepared(_CHANGE.values(live=False, cancelled_by=bindparam("by")), ("of_id", "by"))
_NEW_DOCUMENT = Prepared(insert(documents), facts.NEW_DOCUMENT)
_NEW_CONTENT = Prepared(insert(contents), ("document", "format", "content"))
_NEW_ENTRY = Prepared(insert(ledger), [column.name for column in ledger.c])
_NEW_MAIL = Prepared(insert(mails), [column.name for column in mails.c])
_SERIES = ("tenant", "name")
_FOLLOWING = Prepared(
    select(own_series.c.next).where(own_series.c.tenant == bindparam("tenant"), own_series.c.name == bindparam("name")),
    _SERIES,
)
_NEW_SERIES = Prepared(insert(own_series), (*_SERIES, "next"))
_GO_ON = Prepared(
    update(own_series).where(own_series.c.tenant == bindparam("of_tenant"), own_series.c.name == bindparam("of_name")),
    ("of_tenant", "of_name", "next"),
)
_HEAD = Prepared(
    select(ledger.c.position, ledger.c.hash)
    .where(ledger.c.tenant == bindparam("tenant"), ledger.c.series == bindparam("series"))
    .order_by(ledger.c.position.desc())
    .limit(1),
    ("tenant", "series"),
)


def issue(batch: Batch, order: JobOrder, wanted: Invoice | Unnumbered, now: datetime) -> Document:
    """The order's only live invoice; or the credit note that takes its place, so that there is none any more.

    Raises `StaleJobOrder`, `AlreadyInvoiced`, `NumberTaken`; what `LocalSeries` raises.
    """
    batch.standing(order)
    require_undone(batch, order)
    invoice = _numbered(batch, order.tenant, wanted) if isinstance(wanted, Unnumbered) else wanted
    if _found(batch, order.tenant, invoice.number) is not None:
        raise NumberTaken(invoice.number)
    content = formats.written(invoice)
    batch.write(_NEW_DOCUMENT, facts.document_values(order, invoice, now))
    document = known_document(batch, order.tenant, invoice.number)
    batch.write(_NEW_CONTENT, codec.content_values(document.id, content))
    batch.write(_NEW_ENTRY, facts.ledger_values(_chained(batch, document, sha256(content).hexdigest())))
    if invoice.cancels is None:
        batch.issued(order, invoice.number)
    else:
        batch.write(
            _CANCELLED, {"of_id": known_document(batch, order.tenant, invoice.cancels.number).id, "by": invoice.number}
        )
        batch.issued(order, None)
    return document


def require_undone(batch: Batch, order: JobOrder) -> None:
    """Raises `AlreadyInvoiced` when what the order is to get is there: a live invoice, or its credit note."""
    if order.correction is None:
        there = batch.invoiced(order)
    else:
        there = known_document(batch, order.tenant, order.correction.invoice).cancelled_by
    if there is not None:
        raise AlreadyInvoiced(there)


def archived(batch: Batch, document: Document, digest: str, size: int, replaced: str) -> Document:
    """The document with what the archive holds, and what it replaces; the first word stays. Raises `UnknownInvoice`."""
    kept = known_document(batch, document.tenant, document.number)
    batch.write(_ARCHIVED, {"of_id": kept.id, "sha256": digest, "size": size, "replaced": replaced})
    return known_document(batch, document.tenant, document.number)


def mailed(batch: Batch, document: Document, mail_id: MailId, recipient: str, now: datetime) -> None:
    """Keeps that the mail was taken; the first time stays. Raises `UnknownInvoice`."""
    kept = known_document(batch, document.tenant, document.number)
    at = codec.micros(now)
    if batch.first(MAIL, {"tenant": kept.tenant, "mail": mail_id}) is None:
        mail = {"tenant": kept.tenant, "id": mail_id, "number": kept.number, "recipient": recipient, "mailed": at}
        batch.write(_NEW_MAIL, mail)
    batch.write(_MAILED, {"of_id": kept.id, "mailed": at})


def _numbered(batch: Batch, tenant: TenantId, wanted: Unnumbered) -> Invoice:
    """The invoice under the next number of its series, which goes on with it.

    Nobody else allocates meanwhile: there is one writer at a time. Whoever is refused is so before anything is written.
    """
    series = wanted.series
    kept = batch.first(_FOLLOWING, {"tenant": tenant, "name": series.name})
    count, number = series.allocated(None if kept is None else kept.next)
    if _found(batch, tenant, number) is not None:
        raise series.clash(number)
    if kept is None:
        batch.write(_NEW_SERIES, {"tenant": tenant, "name": series.name, "next": count + 1})
    else:
        batch.write(_GO_ON, {"of_tenant": tenant, "of_name": series.name, "next": count + 1})
    return wanted.numbered(number)


def _chained(batch: Batch, document: Document, content_hash: str) -> LedgerEntry:
    """The document's place behind the last one of its series."""
    head = batch.first(_HEAD, {"tenant": document.tenant, "series": document.series})
    position, previous = (1, GENESIS) if head is None else (head.position + 1, head.hash)
    return LedgerEntry(document.tenant, document.series, position, document.number, content_hash, previous)


def _found(batch: Batch, tenant: TenantId, number: InvoiceNumber) -> codec.AnyRow | None:
    return batch.first(DOCUMENT, {"tenant": tenant, "number": number})


def known_document(batch: Batch, tenant: TenantId, number: InvoiceNumber) -> Document:
    """The document with this number. Raises `UnknownInvoice`."""
    row = _found(batch, tenant, number)
    if row is None:
        raise UnknownInvoice(number)
    return facts.document(row)

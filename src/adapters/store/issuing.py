"""How a document comes to be: numbered, chained to its series, its content kept; then archived, then mailed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, insert, select, update

from adapters.store import codec, facts
from adapters.store.batch import Batch
from adapters.store.tables import contents, documents, ledger, mails
from domain.document import Document
from domain.errors import AlreadyInvoiced, NumberTaken, UnknownInvoice
from domain.invoice import Invoice, InvoiceNumber
from domain.job import JobOrder
from domain.mail import MailId
from domain.numbering import GENESIS, LedgerEntry
from domain.order import TenantId

DOCUMENT = select(documents).where(documents.c.tenant == bindparam("tenant"), documents.c.number == bindparam("number"))

_CHANGE = update(documents).where(documents.c.id == bindparam("of_id"))
_ARCHIVED = _CHANGE.where(documents.c.sha256.is_(None))
_MAILED = _CHANGE.where(documents.c.mailed.is_(None))
_HEAD = (
    select(ledger.c.position, ledger.c.hash)
    .where(ledger.c.tenant == bindparam("tenant"), ledger.c.series == bindparam("series"))
    .order_by(ledger.c.position.desc())
    .limit(1)
)
_MAIL = select(mails.c.id).where(mails.c.tenant == bindparam("tenant"), mails.c.id == bindparam("mail"))


def issue(batch: Batch, order: JobOrder, invoice: Invoice, now: datetime) -> Document:
    """The order's only live invoice. Raises `StaleJobOrder`, `AlreadyInvoiced`, `NumberTaken`."""
    batch.standing(order)
    live = batch.invoiced(order)
    if live is not None:
        raise AlreadyInvoiced(live)
    if _found(batch, order.tenant, invoice.number) is not None:
        raise NumberTaken(invoice.number)
    content = codec.written(invoice)
    batch.write(insert(documents), facts.document_values(order, invoice, now))
    document = _kept(batch, order.tenant, invoice.number)
    batch.write(insert(contents), codec.content_values(document.id, content))
    batch.write(insert(ledger), facts.ledger_values(_chained(batch, document, sha256(content).hexdigest())))
    batch.issued(order, invoice.number)
    return document


def archived(batch: Batch, document: Document, digest: str, size: int) -> Document:
    """The document with what the archive holds for it; the first word stays. Raises `UnknownInvoice`."""
    kept = _kept(batch, document.tenant, document.number)
    batch.write(_ARCHIVED, {"of_id": kept.id, "sha256": digest, "size": size})
    return _kept(batch, document.tenant, document.number)


def mailed(batch: Batch, document: Document, mail_id: MailId, recipient: str, now: datetime) -> None:
    """Keeps that the mail was taken; the first time stays. Raises `UnknownInvoice`."""
    kept = _kept(batch, document.tenant, document.number)
    at = codec.micros(now)
    if batch.read(_MAIL, {"tenant": kept.tenant, "mail": mail_id}).first() is None:
        mail = {"tenant": kept.tenant, "id": mail_id, "number": kept.number, "recipient": recipient, "mailed": at}
        batch.write(insert(mails), mail)
    batch.write(_MAILED, {"of_id": kept.id, "mailed": at})


def _chained(batch: Batch, document: Document, content_hash: str) -> LedgerEntry:
    """The document's place behind the last one of its series."""
    head = batch.read(_HEAD, {"tenant": document.tenant, "series": document.series}).one_or_none()
    position, previous = (1, GENESIS) if head is None else (head.position + 1, head.hash)
    return LedgerEntry(document.tenant, document.series, position, document.number, content_hash, previous)


def _found(batch: Batch, tenant: TenantId, number: InvoiceNumber) -> codec.AnyRow | None:
    return batch.read(DOCUMENT, {"tenant": tenant, "number": number}).one_or_none()


def _kept(batch: Batch, tenant: TenantId, number: InvoiceNumber) -> Document:
    row = _found(batch, tenant, number)
    if row is None:
        raise UnknownInvoice(number)
    return facts.document(row)

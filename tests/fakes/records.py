"""The journal in memory, beside the jobs whose orders it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from domain.capture import CaptureAttempt, CaptureOutcome
from domain.document import Document, DocumentFilter
from domain.errors import (
    AlreadyInvoiced,
    Conflict,
    NumberTaken,
    UnknownInvoice,
)
from domain.invoice import Invoice, InvoiceNumber
from domain.job import (
    JobOrder,
)
from domain.mail import MailId
from domain.money import total
from domain.numbering import GENESIS, Draw, DrawId, DrawOutcome, LedgerEntry, SeriesName, Unnumbered
from domain.order import OrderId, TenantId, TransactionId
from domain.refund import RefundAttempt, RefundId, RefundOutcome
from fakes.jobs import FakeJobs
from fakes.trouble import Trouble

__all__ = ["FakeJobs", "FakeJournal"]


class FakeJournal:
    """`domain.ports.Journal`, beside the jobs whose orders it is about.

    `chains` are the ledgers of the series, `following` the next counts of the local ones.
    """

    def __init__(self, jobs: FakeJobs) -> None:
        self.trouble = Trouble()
        self.attempts = jobs.attempts
        self.draws: dict[DrawId, Draw] = {}
        self.chains: dict[tuple[TenantId, SeriesName], list[LedgerEntry]] = {}
        self.following: dict[tuple[TenantId, SeriesName], int] = {}
        self.given_back: dict[RefundId, RefundAttempt] = {}
        self.documented = jobs.documented
        self.contents: dict[tuple[TenantId, InvoiceNumber], Invoice] = {}
        self._jobs = jobs
        self._mails: set[tuple[TenantId, MailId]] = set()

    async def captures(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[CaptureAttempt, ...]:
        """Every attempt on the transaction, oldest first."""
        self.trouble.before()
        return tuple(a for a in self.attempts.values() if (a.tenant, a.transaction_id) == (tenant, transaction_id))

    async def captures_of(self, tenant: TenantId, order_id: OrderId) -> tuple[CaptureAttempt, ...]:
        """Every attempt for the order, oldest first."""
        self.trouble.before()
        return tuple(a for a in self.attempts.values() if (a.tenant, a.order_id) == (tenant, order_id))

    async def refunds(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[RefundAttempt, ...]:
        """Every attempt to give something of the transaction back, oldest first."""
        self.trouble.before()
        return tuple(r for r in self.given_back.values() if (r.tenant, r.transaction_id) == (tenant, transaction_id))

    async def intend_refund(self, order: JobOrder, attempt: RefundAttempt, known: Sequence[RefundAttempt]) -> JobOrder:
        """Keeps the intent, unless the attempts on the transaction have changed since, or one is open."""
        self.trouble.before()
        self._jobs.require_current(order)
        there = await self.refunds(attempt.tenant, attempt.transaction_id)
        if there != tuple(known) or any(refund.outcome is None for refund in there):
            raise Conflict(f"another refund of transaction {attempt.transaction_id} is under way")
        self.given_back[attempt.id] = attempt
        touched = self._jobs.keep(replace(order, touched=True))
        self.trouble.after()
        return touched

    async def end_refund(self, attempt: RefundAttempt, outcome: RefundOutcome) -> None:
        """Keeps what became of an attempt; the first word stays, but REFUNDED outweighs NOT_MADE."""
        self.trouble.before()
        kept = self.given_back[attempt.id]
        outweighed = outcome is RefundOutcome.REFUNDED and kept.outcome is RefundOutcome.NOT_MADE
        if kept.outcome is None or outweighed:
            self.given_back[attempt.id] = replace(kept, outcome=outcome)
        self.trouble.after()

    async def intend_capture(self, order: JobOrder, attempt: CaptureAttempt) -> JobOrder:
        """Keeps the intent and marks the order as touched."""
        self.trouble.before()
        self._jobs.require_current(order)
        if any(a.outcome is None for a in await self.captures(attempt.tenant, attempt.transaction_id)):
            raise Conflict(f"another capture of transaction {attempt.transaction_id} is under way")
        self.attempts[attempt.id] = attempt
        touched = self._jobs.keep(replace(order, touched=True))
        self.trouble.after()
        return touched

    async def end_capture(self, attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None) -> Decimal:
        """Keeps what became of an attempt; the first word stays, but CAPTURED outweighs NOT_MADE."""
        self.trouble.before()
        kept = self.attempts[attempt.id]
        outweighed = outcome is CaptureOutcome.CAPTURED and kept.outcome is CaptureOutcome.NOT_MADE
        if kept.outcome is None or outweighed:
            ended = replace(kept, outcome=outcome, capture_id=capture_id, said_by="", said=None)
            self.attempts[attempt.id] = ended
        self.trouble.after()
        key = attempt.tenant, attempt.transaction_id, attempt.order_id, CaptureOutcome.CAPTURED
        made = self.attempts.values()
        return total(a.amount for a in made if (a.tenant, a.transaction_id, a.order_id, a.outcome) == key)

    async def settle_captures(
        self, order: JobOrder, known: Sequence[CaptureAttempt], said: Sequence[CaptureAttempt]
    ) -> None:
        """Keeps an operator's word about a transaction, unless its attempts have changed since, or an ended order."""
        self.trouble.before()
        if order.ended:
            self._jobs.require_current(order)
        about = said[0]
        if await self.captures(about.tenant, about.transaction_id) != tuple(known):
            raise Conflict(f"transaction {about.transaction_id} has changed meanwhile")
        self.attempts.update({attempt.id: attempt for attempt in said})
        self.trouble.after()

    async def intend_draw(self, order: JobOrder, draw: Draw) -> Draw:
        """Keeps the intent to draw a number; or gives the draw whose number stands on no document yet."""
        self.trouble.before()
        self._jobs.require_current(order)
        self._require_undone(order)
        intended = self._unused(draw) or draw
        self.draws[intended.id] = intended
        self.trouble.after()
        return intended

    async def end_draw(self, draw: Draw, outcome: DrawOutcome, number: InvoiceNumber | None) -> None:
        """Keeps what became of a draw."""
        self.trouble.before()
        self.draws[draw.id] = replace(self.draws[draw.id], outcome=outcome, number=number)
        self.trouble.after()

    def _require_undone(self, order: JobOrder) -> None:
        """Raises `AlreadyInvoiced` when what the order is to get is there."""
        there = self._jobs.invoiced.get((order.tenant, order.order_id))
        if order.correction is not None:
            there = self.documented[order.tenant, order.correction.invoice].cancelled_by
        if there is not None:
            raise AlreadyInvoiced(there)

    def _unused(self, wanted: Draw) -> Draw | None:
        """The draw of the same series for the same order whose number stands on no document yet."""
        same = (wanted.tenant, wanted.order_id, wanted.series)
        for draw in self.draws.values():
            drawn = draw.outcome is DrawOutcome.DRAWN and draw.number is not None
            ours = (draw.tenant, draw.order_id, draw.series) == same
            if drawn and ours and (draw.tenant, draw.number) not in self.documented:
                return draw
        return None

    async def issue(self, order: JobOrder, wanted: Invoice | Unnumbered, now: datetime) -> Document:
        """Makes the invoice the order's only live one and chains it to its series."""
        self.trouble.before()
        self._jobs.require_current(order)
        self._require_undone(order)
        invoice = self._numbered(order.tenant, wanted) if isinstance(wanted, Unnumbered) else wanted
        if (order.tenant, invoice.number) in self.documented:
            raise NumberTaken(invoice.number)
        document = _document(len(self.documented) + 1, order, invoice, now)
        self.documented[order.tenant, invoice.number] = document
        self.contents[order.tenant, invoice.number] = invoice
        self._make_live(order, invoice)
        self._chain(document, invoice)
        self.trouble.after()
        return document

    def _make_live(self, order: JobOrder, invoice: Invoice) -> None:
        """The order's live invoice from now on; or none any more, where it is a credit note."""
        key = order.tenant, order.order_id
        if invoice.cancels is None:
            self._jobs.invoiced[key], self._jobs.issuers[key] = invoice.number, order.job_id
            return
        original = order.tenant, invoice.cancels.number
        self.documented[original] = replace(self.documented[original], cancelled_by=invoice.number)
        del self._jobs.invoiced[key], self._jobs.issuers[key]

    async def archived(self, document: Document, *, sha256: str, size: int, replaced: str = "") -> Document:
        """Keeps what the archive holds for the document, and what it shows replacements for; the first word stays."""
        self.trouble.before()
        kept = self.documented[document.tenant, document.number]
        if kept.sha256 is None:
            kept = replace(kept, sha256=sha256, size=size, replaced=replaced)
            self.documented[document.tenant, document.number] = kept
        self.trouble.after()
        return kept

    async def document(self, tenant: TenantId, number: InvoiceNumber) -> Document:
        """The document with this number."""
        self.trouble.before()
        if (tenant, number) not in self.documented:
            raise UnknownInvoice(number)
        return self.documented[tenant, number]

    async def document_of(self, tenant: TenantId, order_id: OrderId) -> Document:
        """The order's live invoice, else its latest document."""
        latest = await self.documents(DocumentFilter(tenant, order_id=order_id), before=0, limit=1)
        if (tenant, order_id) in self._jobs.invoiced:
            return self.documented[tenant, self._jobs.invoiced[tenant, order_id]]
        if not latest:
            raise UnknownInvoice(order_id, f"order {order_id!r} has no invoice")
        return latest[0]

    async def documents(self, wanted: DocumentFilter, *, before: int, limit: int) -> tuple[Document, ...]:
        """A page of documents, newest first."""
        self.trouble.before()
        newest_first = sorted(self.documented.values(), key=lambda document: document.id, reverse=True)
        page = [d for d in newest_first if (not before or d.id < before) and _is_wanted(d, wanted)]
        return tuple(page[:limit])

    async def content(self, document: Document) -> Invoice:
        """What the document says."""
        self.trouble.before()
        return self.contents[document.tenant, document.number]

    async def sent(self, tenant: TenantId, mail_id: MailId) -> bool:
        """Whether the mail is known to have been taken."""
        self.trouble.before()
        return (tenant, mail_id) in self._mails

    async def mailed(self, document: Document, mail_id: MailId, recipient: str, now: datetime) -> None:
        """Keeps that the mail was taken; the first time stays."""
        self.trouble.before()
        self._mails.add((document.tenant, mail_id))
        kept = self.documented[document.tenant, document.number]
        self.documented[document.tenant, document.number] = replace(kept, mailed=kept.mailed or now)
        self.trouble.after()

    def _numbered(self, tenant: TenantId, wanted: Unnumbered) -> Invoice:
        """The invoice under the next number of its series, which goes on with it."""
        key = tenant, wanted.series.name
        count, number = wanted.series.allocated(self.following.get(key))
        if (tenant, number) in self.documented:
            raise wanted.series.clash(number)
        self.following[key] = count + 1
        return wanted.numbered(number)

    def _chain(self, document: Document, invoice: Invoice) -> None:
        chain = self.chains.setdefault((document.tenant, document.series), [])
        content_hash = hash_of(invoice)
        previous = chain[-1].hash if chain else GENESIS
        position = len(chain) + 1
        chain.append(LedgerEntry(document.tenant, document.series, position, document.number, content_hash, previous))


def hash_of(invoice: Invoice) -> str:
    """Of all that the invoice says."""
    return sha256(repr(invoice).encode()).hexdigest()


def _document(number: int, order: JobOrder, invoice: Invoice, now: datetime) -> Document:
    draft, totals = invoice.draft, invoice.draft.totals
    return Document(
        id=number,
        tenant=order.tenant,
        number=invoice.number,
        series=SeriesName(invoice.series),
        type=invoice.type,
        order_id=order.order_id,
        job_id=order.job_id,
        issue_date=invoice.issue_date,
        currency=draft.currency.code,
        net=totals.net,
        tax=totals.tax,
        rounding=totals.rounding,
        gross=totals.gross,
        prepaid=invoice.prepaid,
        due=invoice.due,
        buyer_name=draft.buyer.name,
        recipient=draft.recipient,
        created=now,
        cancels=invoice.cancels and invoice.cancels.number,
    )


def _is_wanted(document: Document, wanted: DocumentFilter) -> bool:
    return (
        document.tenant == wanted.tenant
        and wanted.order_id in ("", document.order_id)
        and wanted.job_id in ("", document.job_id)
        and (wanted.issued_from is None or document.issue_date >= wanted.issued_from)
        and (wanted.issued_to is None or document.issue_date <= wanted.issued_to)
    )

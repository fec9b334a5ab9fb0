"""All that is known of one order: the jobs it was in, what it was charged, what was issued and mailed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.capture import CaptureAttempt, CaptureOutcome
from domain.document import Document
from domain.invoice import Draft, InvoiceNumber
from domain.job import JobId, JobOrder, JobType, Step
from domain.mail import MailId
from domain.money import total
from domain.numbering import Draw
from domain.order import OrderId, TenantId, TransactionId
from domain.refund import RefundAttempt
from domain.refund import made as given_back


@dataclass(frozen=True, slots=True)
class InJob:
    """The order in one job, as it stands there, and when the job was made."""

    type: JobType
    created: datetime
    order: JobOrder


@dataclass(frozen=True, slots=True)
class FailedTry:
    """A try at a step that did not succeed, and when the next was due; None: it was the last."""

    job_id: JobId
    step: Step
    attempt: int
    reason: str
    message: str
    ended: datetime
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The job that has the order, so that no other touches it."""

    job_id: JobId
    since: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A document of the order, and its place in the chain of its series."""

    document: Document
    position: int


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail that was taken."""

    id: MailId
    number: InvoiceNumber
    recipient: str
    mailed: datetime


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """Everything about one order that the journal keeps, each kind oldest first.

    `words` are what operators said of its captures, each as the attempt stood by that word. `drafts` are what its
    invoices say, and what was decided about the next one and is still needed.
    """

    tenant: TenantId
    order_id: OrderId
    jobs: tuple[InJob, ...] = ()
    failed_tries: tuple[FailedTry, ...] = ()
    claim: Claim | None = None
    captures: tuple[CaptureAttempt, ...] = ()
    words: tuple[CaptureAttempt, ...] = ()
    refunds: tuple[RefundAttempt, ...] = ()
    draws: tuple[Draw, ...] = ()
    documents: tuple[Issued, ...] = ()
    mails: tuple[Mailed, ...] = ()
    drafts: tuple[Draft, ...] = ()

    @property
    def draft(self) -> Draft | None:
        """What was last decided about its invoice; None before RECALCULATION, and once it is needed no more."""
        return self.drafts[-1] if self.drafts else None

    @property
    def latest(self) -> JobOrder:
        """The order in the job that has it; else in the last one that did more than look."""
        entries = [entry.order for entry in self.jobs]
        real = [order for order in entries if not order.dry_run] or entries
        holding = [order for order in real if self.claim and order.job_id == self.claim.job_id]
        return (holding or real)[-1]

    @property
    def is_spoken_of(self) -> bool:
        """Whether an operator has said something of its captures since it came to where it stands."""
        since = self.latest.updated
        return since is not None and any(word.said and word.said >= since for word in self.words)

    @property
    def currency(self) -> str:
        """In which the order is paid; empty as long as nobody knows."""
        if self.draft is not None:
            return self.draft.currency.code
        return self.captures[-1].currency if self.captures else ""

    @property
    def transactions(self) -> tuple[TransactionId, ...]:
        """What the order is paid with: transactions it is to be captured of, or was tried to."""
        planned = [planned.transaction_id for draft in self.drafts for planned in draft.captures]
        return tuple(dict.fromkeys((*planned, *(attempt.transaction_id for attempt in self.captures))))

    def planned(self, transaction_id: TransactionId) -> Decimal | None:
        """How much of the transaction the order needed, for all its invoices; None when nobody knows any more."""
        if not self.drafts:
            return None
        plans = (planned for draft in self.drafts for planned in draft.captures)
        return total(each.amount for each in plans if each.transaction_id == transaction_id)

    def captured(self, transaction_id: TransactionId) -> Decimal:
        """How much of the transaction was captured for the order and not given back, as the journal says."""
        taken = total(attempt.amount for attempt in self.made() if attempt.transaction_id == transaction_id)
        return taken - total(refund.amount for refund in self.returned() if refund.transaction_id == transaction_id)

    def made(self) -> tuple[CaptureAttempt, ...]:
        """The captures that were made for the order, as the journal says."""
        return tuple(attempt for attempt in self.captures if attempt.outcome is CaptureOutcome.CAPTURED)

    def returned(self) -> tuple[RefundAttempt, ...]:
        """The refunds that were made for the order, as the journal says."""
        return given_back(self.refunds)

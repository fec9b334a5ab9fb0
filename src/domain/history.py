"""All that is known of one order: the jobs it was in, what it was charged, what was issued and mailed for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.capture import CaptureAttempt, CaptureOutcome
from domain.document import Document
from domain.invoice import Draft, InvoiceNumber
from domain.job import JobId, JobOrder, JobType
from domain.mail import MailId
from domain.money import total
from domain.numbering import Draw
from domain.order import OrderId, TenantId, TransactionId


@dataclass(frozen=True, slots=True)
class InJob:
    """The order in one job, as it stands there, and when the job was made."""

    type: JobType
    created: datetime
    order: JobOrder


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

    `draft` is what was last decided about its invoice; None before RECALCULATION, and once it is needed no more.
    """

    tenant: TenantId
    order_id: OrderId
    jobs: tuple[InJob, ...] = ()
    claim: Claim | None = None
    captures: tuple[CaptureAttempt, ...] = ()
    draws: tuple[Draw, ...] = ()
    documents: tuple[Issued, ...] = ()
    mails: tuple[Mailed, ...] = ()
    draft: Draft | None = None

    @property
    def latest(self) -> JobOrder:
        """The order in the job that has it; else in the last one that did more than look."""
        entries = [entry.order for entry in self.jobs]
        real = [order for order in entries if not order.dry_run] or entries
        holding = [order for order in real if self.claim and order.job_id == self.claim.job_id]
        return (holding or real)[-1]

    @property
    def currency(self) -> str:
        """In which the order is paid; empty as long as nobody knows."""
        if self.draft is not None:
            return self.draft.currency.code
        return self.captures[-1].currency if self.captures else ""

    @property
    def transactions(self) -> tuple[TransactionId, ...]:
        """What the order is paid with: transactions it is to be captured of, or was tried to."""
        planned = [planned.transaction_id for planned in self.draft.captures] if self.draft else []
        return tuple(dict.fromkeys((*planned, *(attempt.transaction_id for attempt in self.captures))))

    def planned(self, transaction_id: TransactionId) -> Decimal | None:
        """How much of the transaction the order needs; None when nobody knows any more."""
        if self.draft is None:
            return None
        return total(each.amount for each in self.draft.captures if each.transaction_id == transaction_id)

    def captured(self, transaction_id: TransactionId) -> Decimal:
        """How much of the transaction was captured for the order, as the journal says."""
        return total(attempt.amount for attempt in self.made() if attempt.transaction_id == transaction_id)

    def made(self) -> tuple[CaptureAttempt, ...]:
        """The captures that were made for the order, as the journal says."""
        return tuple(attempt for attempt in self.captures if attempt.outcome is CaptureOutcome.CAPTURED)

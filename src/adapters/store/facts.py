"""The journal's facts as rows, and back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from adapters.store.codec import AnyRow, Values, instant, maybe_instant, maybe_micros, micros
from domain.capture import AttemptId, CaptureAttempt, CaptureOutcome
from domain.document import Document
from domain.history import FailedTry
from domain.invoice import DocumentType, Invoice, InvoiceNumber
from domain.job import JobId, JobOrder, Step
from domain.numbering import Draw, DrawId, DrawOutcome, LedgerEntry, SeriesName
from domain.order import OrderId, TenantId, TransactionId
from domain.refund import RefundAttempt, RefundId, RefundOutcome

NEW_CAPTURE = tuple("id tenant job_id order_id transaction_id amount currency intended deadline".split())
"""The columns of an attempt from its beginning."""


def capture_values(attempt: CaptureAttempt) -> Values:
    """An attempt that has no outcome yet, as columns."""
    return {
        "id": attempt.id,
        "tenant": attempt.tenant,
        "job_id": attempt.job_id,
        "order_id": attempt.order_id,
        "transaction_id": attempt.transaction_id,
        "amount": str(attempt.amount),
        "currency": attempt.currency,
        "intended": micros(attempt.intended),
        "deadline": micros(attempt.deadline),
    }


def capture(row: AnyRow) -> CaptureAttempt:
    """The attempt in a row of `captures`."""
    return CaptureAttempt(
        id=AttemptId(row.id),
        tenant=TenantId(row.tenant),
        job_id=JobId(row.job_id),
        order_id=OrderId(row.order_id),
        transaction_id=TransactionId(row.transaction_id),
        amount=Decimal(row.amount),
        currency=row.currency,
        intended=instant(row.intended),
        deadline=instant(row.deadline),
        outcome=None if row.outcome is None else CaptureOutcome(row.outcome),
        capture_id=row.capture_id,
        ended=maybe_instant(row.ended),
        said_by=row.said_by or "",
        said=maybe_instant(row.said),
    )


SAID = ("outcome", "capture_id", "said_by", "said")
"""The columns of an attempt that an operator's word changes."""


def said_values(attempt: CaptureAttempt) -> Values:
    """What an operator says of an attempt, as columns."""
    return {
        "outcome": attempt.outcome,
        "capture_id": attempt.capture_id,
        "said_by": attempt.said_by,
        "said": maybe_micros(attempt.said),
    }


WORD = ("tenant", "capture", *SAID)
"""The columns of an operator's word."""


def word_values(attempt: CaptureAttempt) -> Values:
    """What an operator says of an attempt, as the columns of a word."""
    return {"tenant": attempt.tenant, "capture": attempt.id, **said_values(attempt)}


NEW_TRY = tuple("tenant job_id order_id step attempt reason message ended due".split())
"""The columns of a try that failed."""


def try_values(order: JobOrder, ended: datetime) -> Values:
    """The try that left the order so, as columns."""
    return {
        "tenant": order.tenant,
        "job_id": order.job_id,
        "order_id": order.order_id,
        "step": int(order.step),
        "attempt": order.attempt,
        "reason": order.reason,
        "message": order.message,
        "ended": micros(ended),
        "due": maybe_micros(order.due),
    }


def failed_try(row: AnyRow) -> FailedTry:
    """The try in a row of `failed_tries`."""
    return FailedTry(
        job_id=JobId(row.job_id),
        step=Step(row.step),
        attempt=row.attempt,
        reason=row.reason,
        message=row.message,
        ended=instant(row.ended),
        due=maybe_instant(row.due),
    )


NEW_REFUND = tuple("id tenant job_id order_id transaction_id capture amount currency before intended deadline".split())
"""The columns of an attempt to give back from its beginning."""


def refund_values(attempt: RefundAttempt) -> Values:
    """An attempt to give back that has no outcome yet, as columns."""
    return {
        "id": attempt.id,
        "tenant": attempt.tenant,
        "job_id": attempt.job_id,
        "order_id": attempt.order_id,
        "transaction_id": attempt.transaction_id,
        "capture": attempt.capture,
        "amount": str(attempt.amount),
        "currency": attempt.currency,
        "before": str(attempt.before),
        "intended": micros(attempt.intended),
        "deadline": micros(attempt.deadline),
    }


def refund(row: AnyRow) -> RefundAttempt:
    """The attempt in a row of `refunds`."""
    return RefundAttempt(
        id=RefundId(row.id),
        tenant=TenantId(row.tenant),
        job_id=JobId(row.job_id),
        order_id=OrderId(row.order_id),
        transaction_id=TransactionId(row.transaction_id),
        capture=AttemptId(row.capture),
        amount=Decimal(row.amount),
        currency=row.currency,
        before=Decimal(row.before),
        intended=instant(row.intended),
        deadline=instant(row.deadline),
        outcome=None if row.outcome is None else RefundOutcome(row.outcome),
    )


NEW_DRAW = ("id", "tenant", "series", "order_id", "job_id", "asked")
"""The columns of a draw from its beginning."""


def draw_values(draw: Draw) -> Values:
    """A draw that has no outcome yet, as columns."""
    return {
        "id": draw.id,
        "tenant": draw.tenant,
        "series": draw.series,
        "order_id": draw.order_id,
        "job_id": draw.job_id,
        "asked": micros(draw.asked),
    }


def draw(row: AnyRow) -> Draw:
    """The draw in a row of `draws`."""
    return Draw(
        id=DrawId(row.id),
        tenant=TenantId(row.tenant),
        series=SeriesName(row.series),
        order_id=OrderId(row.order_id),
        job_id=JobId(row.job_id),
        asked=instant(row.asked),
        outcome=None if row.outcome is None else DrawOutcome(row.outcome),
        number=None if row.number is None else InvoiceNumber(row.number),
    )


NEW_DOCUMENT = tuple(
    """tenant number series type live order_id job_id issue_date currency net tax rounding gross prepaid due buyer_name
    recipient created cancels""".split()
)
"""The columns of a document from its beginning."""


def document_values(order: JobOrder, invoice: Invoice, now: datetime) -> Values:
    """A new document, as columns: a live invoice, or a credit note, which never is."""
    draft, totals = invoice.draft, invoice.draft.totals
    return {
        "tenant": order.tenant,
        "number": invoice.number,
        "series": invoice.series,
        "type": invoice.type,
        "live": invoice.cancels is None,
        "order_id": order.order_id,
        "job_id": order.job_id,
        "issue_date": invoice.issue_date.isoformat(),
        "currency": draft.currency.code,
        "net": str(totals.net),
        "tax": str(totals.tax),
        "rounding": str(totals.rounding),
        "gross": str(totals.gross),
        "prepaid": str(invoice.prepaid),
        "due": str(invoice.due),
        "buyer_name": draft.buyer.name,
        "recipient": draft.recipient,
        "created": micros(now),
        "cancels": invoice.cancels and invoice.cancels.number,
    }


def document(row: AnyRow) -> Document:
    """The document in a row of `documents`."""
    return Document(
        id=row.id,
        tenant=TenantId(row.tenant),
        number=InvoiceNumber(row.number),
        series=SeriesName(row.series),
        type=DocumentType(row.type),
        order_id=OrderId(row.order_id),
        job_id=JobId(row.job_id),
        issue_date=date.fromisoformat(row.issue_date),
        currency=row.currency,
        net=Decimal(row.net),
        tax=Decimal(row.tax),
        rounding=Decimal(row.rounding),
        gross=Decimal(row.gross),
        prepaid=Decimal(row.prepaid),
        due=Decimal(row.due),
        buyer_name=row.buyer_name,
        recipient=row.recipient,
        created=instant(row.created),
        sha256=row.sha256,
        size=row.size,
        mailed=maybe_instant(row.mailed),
        cancels=row.cancels and InvoiceNumber(row.cancels),
        cancelled_by=row.cancelled_by and InvoiceNumber(row.cancelled_by),
        replaced=row.replaced,
    )


def ledger_values(entry: LedgerEntry) -> Values:
    """An entry of a series' chain, as columns."""
    return {
        "tenant": entry.tenant,
        "series": entry.series,
        "position": entry.position,
        "number": entry.number,
        "content_hash": entry.content_hash,
        "previous": entry.previous,
        "hash": entry.hash,
    }

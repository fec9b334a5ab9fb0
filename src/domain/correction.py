"""What a caller asks for who wants an invoice to be cancelled, and what is taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.document import Document
from domain.errors import InvalidArgument, NotCancellable
from domain.invoice import Cancelled, DocumentType, Invoice, InvoiceNumber
from domain.job import Correction, RequestId, require_request_id
from domain.order import TenantId

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """An invoice to cancel, checked."""

    tenant: TenantId
    correction: Correction
    request_id: RequestId = RequestId("")  # noqa: RUF009 - it is text

    @classmethod
    def of(
        cls, *, tenant: TenantId, number: InvoiceNumber, reason: str, refund: bool, request_id: str
    ) -> CorrectionRequest:
        """The request, if its shape is right. Raises `InvalidArgument` naming the field."""
        if len(reason) > MAX_REASON:
            raise InvalidArgument("reason", f"has {len(reason)} characters; at most {MAX_REASON} are printed")
        if not reason.isprintable():
            raise InvalidArgument("reason", "has line breaks or other control characters")
        return cls(tenant, Correction(number, reason.strip(), refund), require_request_id(request_id))


def require_cancellable(document: Document) -> None:
    """Raises `NotCancellable` for a credit note, and for what one has cancelled."""
    if document.type is DocumentType.CREDIT_NOTE or document.cancelled_by is not None:
        raise NotCancellable(document.number, document.cancelled_by or "")


def credit_note_of(invoice: Invoice, remark: str, day: date, *, refund: Decimal) -> Invoice:
    """What takes an invoice back on this day: the same amounts, line by line, and nothing to be captured.

    It announces the `refund` that follows, and counts nothing of it as paid: the gateway is asked later, and may
    refuse. It has no number yet. Its amounts are positive: that they are given back is what a credit note says
    (EN 16931, BT-3 = 381).
    """
    draft = replace(invoice.draft, captures=(), paid_before=Decimal(0), payment_days=None)
    cancels = Cancelled(invoice.number, invoice.issue_date, remark, draft.currency.round(refund))
    return Invoice(InvoiceNumber(""), "", day, draft.currency.round(Decimal(0)), draft, cancels=cancels)

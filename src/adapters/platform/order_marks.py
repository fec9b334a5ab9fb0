"""How an invoice, or its end, is written into its order, and what was captured or given back (`order.yaml`, PATCH).

Whether the platform merges or replaces what a PATCH names is unwritten, so it is given whole; what is not ours goes
back as it came, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from adapters.platform.order_reading import mark_in
from adapters.platform.salesorder import InvoiceMixin
from adapters.platform.wire import json_body
from domain.errors import AlreadyInvoiced, Unavailable
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.order import InvoiceMark, TransactionId

NOTHING = Raw(b"null")


class MetadataDocument(Struct):
    """What an order says of itself: schemas of its mixins, and a version that grows with every change."""

    mixins: dict[str, Raw] | None = None
    version: int | None = None


class MarkableOrder(Struct):
    """An order as far as its mark and its payments are concerned."""

    id: str
    mixins: dict[str, Raw] | None = None
    metadata: MetadataDocument | None = None
    payments: list[Raw] | None = None

    def has(self, mark: InvoiceMark) -> bool:
        """Whether the order has this mark already, or says that this invoice was cancelled.

        Raises `AlreadyInvoiced` when it has one of another invoice, `Unavailable` when it has something that is none.
        """
        there = self._there()
        number, link = str(there.invoice_no or ""), there.invoice_document or ""
        theirs = mark_in(there)
        if theirs is not None and number != mark.number:
            raise AlreadyInvoiced(theirs.number, theirs.document)
        cancelled = theirs is None and str(there.cancelled_invoice_no or "") == mark.number
        return cancelled or (number, link) == (mark.number, mark.document)

    def shows(self, number: InvoiceNumber, credit_note: InvoiceMark) -> bool:
        """Whether the order still shows this invoice; or shows none, and does not tell of its credit note either."""
        there = self._there()
        if there.invoice_no:
            return str(there.invoice_no) == number
        return (str(there.credit_note_no or ""), there.credit_note_document) != (
            credit_note.number,
            credit_note.document,
        )

    def with_mark(self, mark: InvoiceMark, payments: Sequence[object] = ()) -> bytes:
        """The change that writes the mark, and the payments if any are given, into the order as it was read."""
        return self._change({"invoiceNo": mark.number, "invoiceDocument": mark.document}, payments)

    def without_mark(self, cancelled: InvoiceNumber, credit_note: InvoiceMark) -> bytes:
        """The change that takes the mark away, and tells what it was and what cancelled it."""
        told = {"creditNoteNo": credit_note.number, "creditNoteDocument": credit_note.document}
        return self._change({"invoiceNo": "", "invoiceDocument": "", "cancelledInvoiceNo": cancelled, **told})

    def with_payments(self, payments: Sequence[object]) -> bytes:
        """The change that writes just the payments."""
        return self._change({}, payments)

    def _change(self, said: Mapping[str, str], payments: Sequence[object] = ()) -> bytes:
        change: dict[str, object] = {}
        if said:
            change["mixins"] = {**(self.mixins or {}), "invoice": {**(_members.decode(self._invoice) or {}), **said}}
        if payments:
            change["payments"] = payments
        metadata = self.metadata or MetadataDocument()
        kept: dict[str, object] = {"mixins": metadata.mixins or {}}
        if metadata.version is not None:
            kept["version"] = metadata.version
        return json_body({**change, "metadata": kept})

    def payments_with(self, captured: Sequence[PlannedCapture]) -> Sequence[object]:
        """All payments, those as captured that are as they were authorised; nothing where none is, or none is safe.

        A payment that someone else has changed since is theirs to tell. Without a version nobody would notice what was
        changed between reading and writing.
        """
        return self._payments(captured, _as_captured)

    def payments_without(self, refunded: Sequence[PlannedCapture]) -> Sequence[object]:
        """Likewise, those as given back that are as they were captured."""
        return self._payments(refunded, _as_refunded)

    def _payments(self, moved: Sequence[PlannedCapture], told: Told) -> Sequence[object]:
        left = {each.transaction_id: each.amount for each in moved}
        if self.metadata is None or self.metadata.version is None:
            return ()
        payments = [_moved(payment, left, told) for payment in self.payments or ()]
        return payments if len(left) < len(moved) else ()

    def _there(self) -> InvoiceMixin:
        """What is in the place of the mark. Raises `Unavailable` when it cannot be one."""
        try:
            return _mark.decode(self._invoice) or InvoiceMixin()
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"order {self.id} has something in mixins.invoice that is no invoice's mark") from error

    @property
    def _invoice(self) -> Raw:
        return (self.mixins or {}).get("invoice", NOTHING)


class _Payment(Struct, rename="camel"):
    """A payment, as far as it tells what happened to it since it was authorised."""

    status: str | None = None
    transaction_id: str | None = None
    paid_amount: Decimal | None = None
    refund_amount: Decimal | None = None


Told = Callable[[_Payment, Decimal], dict[str, object] | None]
"""What of a payment changes when this amount of it has moved; None where others have changed it before."""


markable = msgspec.json.Decoder(MarkableOrder)
_mark = msgspec.json.Decoder(InvoiceMixin | None)
_members = msgspec.json.Decoder(dict[str, Raw] | None)
_payment = msgspec.json.Decoder(_Payment)


def _moved(payment: Raw, left: dict[TransactionId, Decimal], told: Told) -> object:
    """The payment, changed if its transaction is among those that are `left`, which it then is no more."""
    try:
        known = _payment.decode(payment)
    except (ValueError, RecursionError):
        return payment
    transaction = TransactionId(known.transaction_id or "")
    change = told(known, left[transaction]) if transaction in left else None
    if change is None:
        return payment
    del left[transaction]
    return {**(_members.decode(payment) or {}), **change}


def _as_captured(payment: _Payment, amount: Decimal) -> dict[str, object] | None:
    if payment.status != "AUTHORIZATION_SUCCESS" or payment.paid_amount:
        return None
    return {"status": "CAPTURE_SUCCESS", "paidAmount": amount}


def _as_refunded(payment: _Payment, amount: Decimal) -> dict[str, object] | None:
    if payment.status != "CAPTURE_SUCCESS" or payment.refund_amount:
        return None
    return {"status": "REFUND_SUCCESS", "refundAmount": amount}

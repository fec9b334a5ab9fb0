"""How an invoice is written into its order, and with it what was captured (`order.yaml`, PATCH salesorders).

Whether the platform merges or replaces what a PATCH names is unwritten, so it is given whole; what is not ours goes
back as it came, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from adapters.platform.order_reading import mark_in
from adapters.platform.salesorder import InvoiceMixin
from adapters.platform.wire import json_body
from domain.errors import AlreadyInvoiced, Unavailable
from domain.invoice import PlannedCapture
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
        """Whether the order has this mark already.

        Raises `AlreadyInvoiced` when it has one of another invoice, `Unavailable` when it has something that is none.
        """
        try:
            there = _mark.decode(self._invoice) or InvoiceMixin()
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"order {self.id} has something in mixins.invoice that is no invoice's mark") from error
        number, link = str(there.invoice_no or ""), there.invoice_document or ""
        theirs = mark_in(there)
        if theirs is not None and number != mark.number:
            raise AlreadyInvoiced(theirs.number, theirs.document)
        return (number, link) == (mark.number, mark.document)

    def with_mark(self, mark: InvoiceMark, payments: Sequence[object] = ()) -> bytes:
        """The change that writes the mark, and the payments if any are given, into the order as it was read."""
        invoice: dict[str, object] = {**(_members.decode(self._invoice) or {})}
        invoice |= {"invoiceNo": mark.number, "invoiceDocument": mark.document}
        metadata = self.metadata or MetadataDocument()
        kept: dict[str, object] = {"mixins": metadata.mixins or {}}
        if metadata.version is not None:
            kept["version"] = metadata.version
        change: dict[str, object] = {"mixins": {**(self.mixins or {}), "invoice": invoice}, "metadata": kept}
        return json_body({**change, "payments": payments} if payments else change)

    def payments_with(self, captured: Sequence[PlannedCapture]) -> Sequence[object]:
        """All payments, those as captured that are as they were authorised; nothing where none is, or none is safe.

        A payment that someone else has changed since is theirs to tell. Without a version nobody would notice what was
        changed between reading and writing.
        """
        left = {planned.transaction_id: planned.amount for planned in captured}
        if self.metadata is None or self.metadata.version is None:
            return ()
        payments = [_with_capture(payment, left) for payment in self.payments or ()]
        return payments if len(left) < len(captured) else ()

    @property
    def _invoice(self) -> Raw:
        return (self.mixins or {}).get("invoice", NOTHING)


class _Authorized(Struct, rename="camel"):
    """A payment, as far as it tells whether anything happened to it since it was authorised."""

    status: str | None = None
    transaction_id: str | None = None
    paid_amount: Decimal | None = None


markable = msgspec.json.Decoder(MarkableOrder)
_mark = msgspec.json.Decoder(InvoiceMixin | None)
_members = msgspec.json.Decoder(dict[str, Raw] | None)
_authorized = msgspec.json.Decoder(_Authorized)


def _with_capture(payment: Raw, left: dict[TransactionId, Decimal]) -> object:
    """The payment, as captured if its transaction is among those that are `left`, which it then is no more."""
    try:
        known = _authorized.decode(payment)
    except (ValueError, RecursionError):
        return payment
    transaction = TransactionId(known.transaction_id or "")
    if known.status != "AUTHORIZATION_SUCCESS" or known.paid_amount or transaction not in left:
        return payment
    return {**(_members.decode(payment) or {}), "status": "CAPTURE_SUCCESS", "paidAmount": left.pop(transaction)}

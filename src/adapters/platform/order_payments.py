"""The payments of an order, told apart as far as invoicing does (`order.yaml`, payments)."""

from __future__ import annotations

from decimal import Decimal

from adapters.platform.order_terms import unreadable
from adapters.platform.prices import exact
from adapters.platform.salesorder import PaymentDocument
from domain.order import Payment, PaymentStatus, TransactionId

DEFERRED = frozenset({"invoice", "cash_on_delivery", "cashondelivery"})
"""Methods and providers of payments that are settled elsewhere (`payment-gateway.yaml`, provider)."""
PAID = frozenset({"CAPTURE_SUCCESS", "SUCCESS", "REFUND_SUCCESS", "REFUND_FAILURE"})
FAILED = frozenset(
    {"AUTHORIZATION_FAILURE", "CAPTURE_FAILURE", "FAILURE", "CANCELLATION_SUCCESS", "CANCELLATION_FAILURE"}
)


def payment_of(document: PaymentDocument, currency: str, where: str) -> Payment:
    """The payment at this path of an order in this currency. Raises `InvoiceIncomplete` for what cannot be read."""
    if document.currency and document.currency != currency:
        named = f"is {document.currency[:20]!r}, but the order is in {currency[:20]!r}"
        raise unreadable(f"{where}.currency", named)
    status = _payment_status(document, where)
    authorized = _amount(document.authorized_amount, where, "authorizedAmount")
    return Payment(
        method=(document.method or "").strip(),
        status=status,
        transaction_id=TransactionId(document.transaction_id) if document.transaction_id else None,
        authorized=authorized,
        paid=_paid(document, authorized, where) if status is PaymentStatus.PAID else Decimal(0),
        refunded=_amount(document.refund_amount, where, "refundAmount") if status is PaymentStatus.PAID else Decimal(0),
    )


def _payment_status(document: PaymentDocument, where: str) -> PaymentStatus:
    """A transaction id alone is no reason to capture: payments by invoice have one too (`order.yaml`, examples)."""
    status = document.status or "PENDING"
    if status in FAILED:
        return PaymentStatus.FAILED
    if status == "PENDING" or (_is_deferred(document) and not document.paid_amount):
        return PaymentStatus.DEFERRED
    if status in PAID:
        return PaymentStatus.PAID
    if status == "AUTHORIZATION_SUCCESS":
        return PaymentStatus.DEFERRED if _is_deferred(document) else PaymentStatus.AUTHORIZED
    raise unreadable(f"{where}.status", f"is {status[:40]!r}, which is no status of a payment")


def _is_deferred(document: PaymentDocument) -> bool:
    names = (document.method or "", document.provider or "")
    return any(name.lower().replace("-", "_") in DEFERRED for name in names)


def _paid(document: PaymentDocument, authorized: Decimal, where: str) -> Decimal:
    """What was captured less what was given back. A capture without an amount was one of all that was authorised."""
    paid = _amount(document.paid_amount, where, "paidAmount") or authorized
    return max(paid - _amount(document.refund_amount, where, "refundAmount"), Decimal(0))


def _amount(told: Decimal | None, where: str, name: str) -> Decimal:
    """What moved one way: a payment has a name for each way, so none of them is negative."""
    amount = exact(told or Decimal(0), where, name)
    if amount < 0:
        raise unreadable(f"{where}.{name}", f"is {amount}, less than nothing")
    return amount

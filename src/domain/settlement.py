"""How an order is paid: what was paid already, and what is to be captured of which transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.errors import AmountExceedsAuthorization, PaymentRefused
from domain.invoice import PlannedCapture
from domain.money import Currency, total
from domain.order import Payment, PaymentStatus, TransactionId


@dataclass(frozen=True, slots=True)
class Balance:
    """What was captured for an order of a transaction, and what of that was given back."""

    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)

    @property
    def kept(self) -> Decimal:
        """What is paid."""
        return max(self.captured - self.refunded, Decimal(0))


def with_balances(payments: tuple[Payment, ...], balances: Mapping[TransactionId, Balance]) -> Iterator[Payment]:
    """The payments, those of these transactions as they stand by now: captured once, they are never captured again.

    Several payments may name one transaction; the first tells of it. What was captured of a transaction that the order
    does not name any more is paid all the same.
    """
    untold = dict(balances)
    for payment in payments:
        if payment.transaction_id is not None and payment.transaction_id in balances:
            balance = untold.pop(payment.transaction_id, Balance())
            yield replace(payment, status=PaymentStatus.PAID, paid=balance.kept, refunded=balance.refunded)
        else:
            yield payment
    for transaction_id, balance in untold.items():
        yield Payment("", PaymentStatus.PAID, transaction_id, balance.captured, balance.kept, balance.refunded)


def paid_before(payments: tuple[Payment, ...], currency: Currency) -> Decimal:
    """What the customer has paid already, before this service does anything."""
    return currency.round(total(p.paid for p in payments if p.status is PaymentStatus.PAID))


def planned_captures(payments: tuple[Payment, ...], gross: Decimal, currency: Currency) -> tuple[PlannedCapture, ...]:
    """What to capture so that the order is paid: each authorised payment up to what is still open.

    Payments that are settled elsewhere (by invoice, on delivery) are left alone; a transaction is captured once,
    however many payments name it; of an authorisation finer than a coin only whole coins are taken. What was given back
    is not taken again: the invoice is to be paid. Raises `AmountExceedsAuthorization` when the authorised payments do
    not suffice, `PaymentRefused` when none was authorised.
    """
    left = gross - paid_before(payments, currency)
    if left <= 0 or not payments:
        return ()
    authorized = _authorized(payments)
    available = total(currency.whole(p.authorized) for p in authorized)
    if available < left and not any(p.status is PaymentStatus.DEFERRED or p.refunded for p in payments):
        _refuse(authorized, available, left, currency)
    plan = []
    for payment in authorized:
        amount = min(left, currency.whole(payment.authorized))
        if amount > 0:
            plan.append(PlannedCapture(_transaction(payment), amount))
            left -= amount
    return tuple(plan)


def _authorized(payments: tuple[Payment, ...]) -> list[Payment]:
    """The authorised payments, the first of each transaction."""
    authorized = [p for p in payments if p.status is PaymentStatus.AUTHORIZED]
    first = {p.transaction_id: p for p in reversed(authorized)}
    return [p for p in authorized if p.transaction_id is None or p is first[p.transaction_id]]


def _refuse(authorized: list[Payment], available: Decimal, left: Decimal, currency: Currency) -> None:
    if authorized:
        message = f"{left} {currency} are to be captured, but only {available} {currency} were authorised"
        raise AmountExceedsAuthorization(message)
    raise PaymentRefused("no payment of the order was authorised")


def _transaction(payment: Payment) -> TransactionId:
    if payment.transaction_id is None:
        raise PaymentRefused(f"the authorised payment by {payment.method[:40]!r} has no transactionId to capture")
    return payment.transaction_id

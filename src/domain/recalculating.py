"""What an order comes to: as it was delivered, as its customer is known, and as it is paid by now."""

from __future__ import annotations

from dataclasses import replace

from domain.capture import CaptureOutcome
from domain.errors import PlatformDenied
from domain.order import Order, TransactionId
from domain.refund import balance
from domain.settlement import Balance, with_balances
from domain.work import Work


async def order_to_invoice(work: Work) -> Order:
    """The order as its invoice is to show it."""
    return await _as_paid(work, await _as_known(work, await _as_delivered(work)))


async def _as_delivered(work: Work) -> Order:
    """The order as it comes to after what was delivered, for tenants that want that on their invoices.

    Never in a dry run, which changes nothing; and never once a capture was intended, for that is of the old total.
    """
    order = await work.read_order()
    delivered = order.delivered() if work.tenant.bills_delivered else {}
    if not delivered or work.order.dry_run or work.order.touched:
        return order
    await work.tenant.orders.recalculate(order.id, delivered)
    work.source = None
    return await work.read_order()


async def _as_known(work: Work, order: Order) -> Order:
    """The order with the language its customer prefers, and his e-mail address if it has none of its own.

    A key that may not read customers is no reason to keep an invoice from someone whose address is known.
    """
    customer = order.customer
    if customer.is_guest:
        return order
    try:
        profile = await work.tenant.customers.profile(customer.id)
    except PlatformDenied:
        if not customer.email:
            raise
        return order
    return replace(order, customer=customer.known_as(profile))


async def _as_paid(work: Work, order: Order) -> Order:
    """The order with its payments as journal and gateway know them, where something of a capture was given back.

    What was captured for an earlier invoice and kept needs nothing: the order's payments tell it, or CAPTURE finds it.
    """
    attempts = await work.has.journal.captures_of(work.order.tenant, order.id)
    paid_by = {attempt.transaction_id for attempt in attempts if attempt.outcome is CaptureOutcome.CAPTURED}
    balances = {transaction_id: await _balance(work, transaction_id) for transaction_id in sorted(paid_by)}
    reduced = {transaction_id: balance for transaction_id, balance in balances.items() if balance.refunded}
    return replace(order, payments=tuple(with_balances(order.payments, reduced))) if reduced else order


async def _balance(work: Work, transaction_id: TransactionId) -> Balance:
    tenant, journal = work.order.tenant, work.has.journal
    transaction = await work.tenant.payments.transaction(transaction_id)
    attempts, refunds = await journal.captures(tenant, transaction_id), await journal.refunds(tenant, transaction_id)
    return balance(work.order.order_id, transaction, attempts, refunds)

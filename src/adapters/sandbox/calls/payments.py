"""Calls of the payment gateway (`payment-gateway.yaml`)."""

from __future__ import annotations

from aiohttp import web

from adapters.sandbox.answers import answer
from adapters.sandbox.calls.asked import Asked, Call, listed
from adapters.sandbox.payments import PAGES

TRANSACTIONS = "/payment-gateway/{tenant}/transactions"
PAYMENT = "/payment-gateway/{tenant}/payment/{id}"
READ = ("payment-gateway.paymenttransactions_read",)


async def get(asked: Asked) -> web.Response:
    """The transaction."""
    return answer(asked.account.gateway.transaction(asked.named("id")))


async def find(asked: Asked) -> web.Response:
    """A page of transactions."""
    return listed(asked, *asked.account.gateway.transactions(asked.listing(PAGES)))


async def capture(asked: Asked) -> web.Response:
    """Takes money."""
    return answer(asked.account.gateway.capture(asked.named("id"), await asked.body()))


async def refund(asked: Asked) -> web.Response:
    """Gives money back."""
    return answer(asked.account.gateway.refund(asked.named("id"), await asked.body()))


async def cancel(asked: Asked) -> web.Response:
    """Gives an authorisation up."""
    return answer(asked.account.gateway.cancel(asked.named("id")))


PAYMENT_CALLS = (
    Call("GET", TRANSACTIONS, "payments", "list", find, READ),
    Call("GET", f"{TRANSACTIONS}/{{id}}", "payments", "get", get, READ),
    Call("POST", f"{PAYMENT}/capture", "payments", "capture", capture, ("payment-gateway.capture_manage",)),
    Call("POST", f"{PAYMENT}/refund", "payments", "refund", refund, ("payment-gateway.refund_manage",)),
    Call("POST", f"{PAYMENT}/cancel", "payments", "cancel", cancel, ("payment-gateway.cancel_manage",)),
)

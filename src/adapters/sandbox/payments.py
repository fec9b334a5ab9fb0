"""The payment gateway (`payment-gateway.yaml`). It does not protect its callers: it captures as often as it is asked.

Each capture of up to the authorised amount succeeds, the second one too. The card of a transaction whose id begins with
`declined-` has no money behind it: its captures are answered 200, `successful: false`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped
from adapters.sandbox.effects import EffectLog

DECLINED = "declined-"


class Amount(msgspec.Struct, rename="camel"):
    """What is to be captured or given back."""

    amount: Decimal
    currency: str
    capture_id: str | None = None


_amount = msgspec.json.Decoder(Amount)


@dataclass(slots=True)
class Transaction:
    """What was authorised for an order, and what became of it."""

    id: str
    order_id: str
    provider: str
    currency: str
    authorized: Decimal
    entries: list[Json] = field(default_factory=list)

    def total(self, kind: str) -> Decimal:
        """The sum of the successful entries of this kind."""
        amounts = [e["amount"]["amount"] for e in self.entries if e["type"] == kind and e["successful"]]
        return sum(amounts, Decimal(0))


class Gateway:
    """The transactions of one tenant."""

    def __init__(self, tenant: str, effects: EffectLog, clock: Callable[[], datetime]) -> None:
        self._tenant = tenant
        self._effects = effects
        self._clock = clock
        self._transactions: dict[str, Transaction] = {}

    def authorize(self, order_id: str, currency: str, payment: Json) -> None:
        """The transaction this payment of an order names is authorised from now on; what it captured stays."""
        transaction_id, amount = payment.get("transactionId"), payment.get("authorizedAmount")
        if not isinstance(transaction_id, str) or not transaction_id:
            return
        authorized = Decimal(amount) if isinstance(amount, int | Decimal) else Decimal(0)
        known = self._transactions.get(transaction_id)
        if known is not None:
            known.authorized = authorized
            return
        transaction = Transaction(transaction_id, order_id, "SPREEDLY", currency, authorized)
        self._enter(transaction, "AUTHORIZATION", authorized, summary="Succeeded!")
        self._transactions[transaction_id] = transaction

    def transaction(self, transaction_id: str) -> Json:
        """The transaction as it is read. Raises `Refused`."""
        found = self._found(transaction_id)
        return {
            "id": found.id,
            "provider": found.provider,
            "paymentInformation": {"paymentMode": "credit_card"},
            "entries": found.entries,
        }

    def capture(self, transaction_id: str, body: bytes) -> Json:
        """Takes money: whatever is asked, up to what was authorised, each time. Raises `Refused`."""
        found, asked = self._found(transaction_id), _asked(body)
        why = self._refusal(found, asked)
        if why:
            self._enter(found, "CAPTURE", asked.amount, successful=False, summary=why)
            return {"successful": False, "message": why}
        capture_id = self._enter(found, "CAPTURE", asked.amount, summary="Succeeded!")
        self._happened("capture", found, asked, capture_id=capture_id)
        return {"successful": True, "captureId": capture_id}

    def refund(self, transaction_id: str, body: bytes) -> Json:
        """Gives back, up to what was captured. Raises `Refused`."""
        found, asked = self._found(transaction_id), _asked(body)
        if asked.amount > found.total("CAPTURE") - found.total("REFUND"):
            return {"successful": False, "message": "The amount exceeds what was captured."}
        refund_id = self._enter(found, "REFUND", asked.amount, summary="Succeeded!")
        self._happened("refund", found, asked, refund_id=refund_id, capture_id=asked.capture_id or "")
        return {"successful": True, "message": "Succeeded!"}

    def _found(self, transaction_id: str) -> Transaction:
        found = self._transactions.get(transaction_id)
        if found is None:
            raise Refused(404, "The resource does not exist.")
        return found

    def _refusal(self, found: Transaction, asked: Amount) -> str:
        if found.id.startswith(DECLINED):
            return "Insufficient funds"
        if asked.currency != found.currency:
            return f"The transaction is in {found.currency}."
        if asked.amount > found.authorized:
            return "The amount exceeds the authorized amount."
        return ""

    def _enter(self, found: Transaction, kind: str, amount: Decimal, *, summary: str, successful: bool = True) -> str:
        entry: dict[str, Any] = {
            "id": str(uuid4()),
            "createdDate": self._clock().isoformat(),
            "type": kind,
            "successful": successful,
            "amount": {"amount": amount, "currency": found.currency},
            "summary": summary,
        }
        found.entries.append(entry)
        return str(entry["id"])

    def _happened(self, kind: str, found: Transaction, asked: Amount, **ids: str) -> None:
        self._effects.add(
            self._tenant,
            kind,
            transaction_id=found.id,
            order_id=found.order_id,
            amount=asked.amount,
            currency=asked.currency,
            **ids,
        )


def _asked(body: bytes) -> Amount:
    asked = shaped(body, _amount)
    if not asked.amount.is_finite() or asked.amount <= 0:
        raise Refused(400, "The amount must be positive.")
    return asked

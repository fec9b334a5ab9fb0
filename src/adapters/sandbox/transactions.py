"""Payment transactions: what was authorised for an order, and what became of it (`payment-gateway.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped

EXTERNAL = {"invoice": "INVOICE", "cash-on-delivery": "CASH_ON_DELIVERY", "cash_on_delivery": "CASH_ON_DELIVERY"}
"""Methods that are settled elsewhere, and their providers."""
CARD = "SPREEDLY"


class Amount(msgspec.Struct, rename="camel"):
    """What is to be captured or given back; of which capture, if there are several."""

    amount: Decimal
    currency: str
    capture_id: str | None = None


_amount = msgspec.json.Decoder(Amount)


@dataclass(slots=True)
class Transaction:
    """What was authorised for an order, and each event since then, oldest first."""

    id: str
    order_id: str
    provider: str
    currency: str
    authorized: Decimal
    entries: list[Json] = field(default_factory=list)

    @property
    def document(self) -> Json:
        """The transaction as it is read."""
        mode = "credit_card" if self.provider == CARD else self.provider.lower()
        information = {"paymentMode": mode}
        return {
            "id": self.id,
            "provider": self.provider,
            "paymentInformation": information,
            "entries": self.entries,
        }

    def done(self, kind: str) -> list[Json]:
        """The successful events of this kind."""
        return [entry for entry in self.entries if entry["type"] == kind and entry["successful"]]

    def open_amount(self, capture_id: str) -> Decimal:
        """What of this capture was not given back."""
        captured = [entry for entry in self.done("CAPTURE") if entry["id"] == capture_id]
        refunded = [entry for entry in self.done("REFUND") if entry["additionalInfo"]["captureId"] == capture_id]
        return _sum(captured) - _sum(refunded)


def amount_in(body: bytes) -> Amount:
    """What is asked for. Raises `Refused` for what is no amount."""
    asked = shaped(body, _amount)
    if not asked.amount.is_finite() or asked.amount <= 0:
        raise Refused(400, "The amount must be positive.")
    return asked


def transaction_of(order: Json, payment: Json) -> Transaction | None:
    """The transaction that a payment of an order names, if it names one."""
    transaction_id, amount = payment.get("transactionId"), payment.get("authorizedAmount")
    if not isinstance(transaction_id, str) or not transaction_id:
        return None
    pending = payment.get("status") != "AUTHORIZATION_SUCCESS"
    return Transaction(
        id=transaction_id,
        order_id=order["id"],
        provider=EXTERNAL.get(str(payment.get("method")), CARD) if pending else CARD,
        currency=str(payment.get("currency") or order.get("currency") or ""),
        authorized=Decimal(amount) if isinstance(amount, int | Decimal) else Decimal(0),
    )


def _sum(entries: list[Json]) -> Decimal:
    return sum((entry["amount"]["amount"] for entry in entries), Decimal(0))

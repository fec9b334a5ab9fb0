"""The payment gateway (`payment-gateway.yaml`). It does not protect its callers: it captures as often as it is asked.

Each capture of up to the authorised amount succeeds, the second one too. The card of a transaction whose id begins with
`declined-` has no money behind it: its captures are answered 200, `successful: false`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from adapters.sandbox.answers import Json, Refused
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.listing import Listing, Pages
from adapters.sandbox.transactions import CARD, Amount, Transaction, amount_in, transaction_of

DECLINED = "declined-"
PAGES = Pages(50, largest=50)
SUCCESS = "Succeeded!"


class Gateway:
    """The transactions of one tenant."""

    def __init__(self, tenant: str, effects: EffectLog, clock: Callable[[], datetime]) -> None:
        self._tenant = tenant
        self._effects = effects
        self._clock = clock
        self._transactions: dict[str, Transaction] = {}

    def authorize(self, order: Json) -> None:
        """The transactions that the order's payments name are authorised from now on; what they captured stays."""
        payments = order.get("payments")
        for payment in payments if isinstance(payments, list) else []:
            new = transaction_of(order, payment) if isinstance(payment, dict) else None
            if new is None:
                continue
            known = self._transactions.setdefault(new.id, new)
            known.authorized = new.authorized
            if known is new:
                self._enter(new, "AUTHORIZATION", new.authorized, SUCCESS)

    def transaction(self, transaction_id: str) -> Json:
        """The transaction as it is read. Raises `Refused`."""
        return self._found(transaction_id).document

    def transactions(self, listing: Listing) -> tuple[list[Json], int]:
        """A page of transactions, and how many there are on all pages."""
        found = listing.found(self._transactions.values(), lambda transaction: transaction.document)
        return [transaction.document for transaction in listing.on_page(found)], len(found)

    def capture(self, transaction_id: str, body: bytes) -> Json:
        """Takes money: whatever is asked, up to what was authorised, each time. Raises `Refused`."""
        found, asked = self._payable(transaction_id), amount_in(body)
        why = _no_capture(found, asked)
        if why:
            self._enter(found, "CAPTURE", asked.amount, why, successful=False)
            return {"successful": False, "message": why}
        capture_id = self._enter(found, "CAPTURE", asked.amount, SUCCESS)
        self._happened("capture", found, asked.amount, capture_id=capture_id)
        return {"successful": True, "captureId": capture_id}

    def refund(self, transaction_id: str, body: bytes) -> Json:
        """Gives back, up to what was captured; of several captures one must be named. Raises `Refused`."""
        found, asked = self._payable(transaction_id), amount_in(body)
        capture_id = asked.capture_id or _only_capture(found)
        why = _no_refund(found, asked, capture_id)
        if why:
            return {"successful": False, "message": why}
        refund_id = self._enter(found, "REFUND", asked.amount, SUCCESS, captureId=capture_id)
        self._happened("refund", found, asked.amount, refund_id=refund_id, capture_id=capture_id)
        return {"successful": True, "message": SUCCESS}

    def cancel(self, transaction_id: str) -> Json:
        """Gives the authorisation up, if nothing was captured. Raises `Refused`."""
        found = self._payable(transaction_id)
        if found.done("CAPTURE") or found.done("CANCEL"):
            return {"successful": False, "message": "The transaction is captured or cancelled already."}
        self._enter(found, "CANCEL", found.authorized, SUCCESS)
        self._happened("cancel", found, found.authorized)
        return {"successful": True, "message": SUCCESS}

    def _found(self, transaction_id: str) -> Transaction:
        found = self._transactions.get(transaction_id)
        if found is None:
            raise Refused(404, "The resource does not exist.")
        return found

    def _payable(self, transaction_id: str) -> Transaction:
        """The transaction, if it is by card: others are settled elsewhere."""
        found = self._found(transaction_id)
        if found.provider != CARD:
            raise Refused(422, "The payment action is not supported.")
        return found

    def _enter(
        self, found: Transaction, kind: str, amount: Decimal, summary: str, *, successful: bool = True, **more: str
    ) -> str:
        entry: Json = {
            "id": str(uuid4()),
            "createdDate": self._clock().isoformat(),
            "type": kind,
            "successful": successful,
            "amount": {"amount": amount, "currency": found.currency},
            "summary": summary,
        }
        found.entries.append(entry | {"additionalInfo": more} if more else entry)
        return str(entry["id"])

    def _happened(self, kind: str, found: Transaction, amount: Decimal, **ids: str) -> None:
        self._effects.add(
            self._tenant,
            kind,
            transaction_id=found.id,
            order_id=found.order_id,
            amount=amount,
            currency=found.currency,
            **ids,
        )


def _no_capture(found: Transaction, asked: Amount) -> str:
    """Why nothing can be captured; empty when it can."""
    if found.id.startswith(DECLINED):
        return "Insufficient funds"
    if found.done("CANCEL"):
        return "The transaction is cancelled."
    if asked.currency != found.currency:
        return f"The transaction is in {found.currency}."
    if asked.amount > found.authorized:
        return "The amount exceeds the authorized amount."
    return ""


def _no_refund(found: Transaction, asked: Amount, capture_id: str) -> str:
    """Why nothing can be given back; empty when it can."""
    if not capture_id:
        return "There is no capture, or several of which one must be named."
    if asked.currency != found.currency:
        return f"The transaction is in {found.currency}."
    if asked.amount > found.open_amount(capture_id):
        return "The amount exceeds what was captured."
    return ""


def _only_capture(found: Transaction) -> str:
    captures = found.done("CAPTURE")
    return str(captures[0]["id"]) if len(captures) == 1 else ""

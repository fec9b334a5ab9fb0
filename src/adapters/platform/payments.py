"""The tenant's payment gateway over HTTP (`payment-gateway.yaml`)."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from adapters.platform.complaints import quotable
from adapters.platform.scopes import CAPTURE, READ_TRANSACTIONS, REFUND
from adapters.platform.wire import Absent, Call, Misshapen, Refusal, Wire, json_body, path
from domain.capture import Captured, Transaction
from domain.errors import InDoubt, PaymentRefused
from domain.money import Currency, total
from domain.order import TransactionId

LARGEST_AMOUNT = Decimal(10) ** 15


class _Amount(Struct):
    amount: Decimal


class _Entry(Struct):
    """An event of a transaction. Those that are not successful, or of other types, moved no money."""

    type: str
    id: str = ""
    successful: bool = False
    amount: _Amount | None = None


class _Transaction(Struct):
    id: str
    entries: list[_Entry] | None = None


class _Outcome(Struct, rename="camel"):
    successful: bool
    message: str | None = None
    capture_id: str | None = None


_transaction = msgspec.json.Decoder(_Transaction)
_outcome = msgspec.json.Decoder(_Outcome)


class HttpPayments:
    """`domain.ports.Payments` of one tenant. The gateway knows no idempotency key: it captures as often as asked."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def transaction(self, transaction_id: TransactionId) -> Transaction:
        """What the gateway knows of a transaction. Raises `PaymentRefused` when there is none."""
        try:
            where = path("payment-gateway", self._wire.tenant, "transactions", transaction_id)
            call = Call("GET", where, scope=READ_TRANSACTIONS)
            found = await self._wire.ask(call, _transaction)
        except Absent as error:
            raise PaymentRefused(f"the gateway has no transaction {transaction_id!r}") from error
        if found.id != transaction_id:
            raise Misshapen(call, "id", "is that of another transaction")
        return _read(call, transaction_id, found.entries or [])

    async def capture(self, transaction_id: TransactionId, amount: Decimal, currency: Currency) -> str:
        """Captures the amount and gives the gateway's capture id. Never asked twice for the same attempt.

        Raises `PaymentRefused` (nothing was captured), `Unavailable` (the request never left, or was turned away
        unread), `InDoubt` (sent, and no outcome known). An answer of 4xx is a refusal: the gateway did not do what it
        did not accept (more than was authorised, no such transaction, an action that is not supported).
        """
        body = {"amount": amount, "currency": currency.code}
        outcome = await self._done("capture", transaction_id, body, what=f"capture {amount} {currency}", scope=CAPTURE)
        if not outcome.capture_id:
            raise InDoubt("the gateway says that it captured, but not under which id")
        return outcome.capture_id

    async def refund(
        self, transaction_id: TransactionId, amount: Decimal, currency: Currency, *, capture_id: str | None
    ) -> None:
        """Gives the amount of a capture back. Never asked twice for the same attempt.

        Raises `PaymentRefused`, `Unavailable`, `InDoubt`, as `capture` does.
        """
        body = {"amount": amount, "currency": currency.code, **({"captureId": capture_id} if capture_id else {})}
        await self._done("refund", transaction_id, body, what=f"give back {amount} {currency}", scope=REFUND)

    async def _done(
        self, action: str, transaction_id: TransactionId, body: dict[str, object], *, what: str, scope: str
    ) -> _Outcome:
        try:
            where = path("payment-gateway", self._wire.tenant, "payment", transaction_id, action)
            call = Call("POST", where, (), json_body(body), doubt=InDoubt.reason, scope=scope)
            outcome = await self._wire.ask(call, _outcome)
        except Refusal as error:
            raise PaymentRefused(_refused(what, error.said)) from error
        if not outcome.successful:
            raise PaymentRefused(_refused(what, outcome.message or ""))
        return outcome


def _read(call: Call, transaction_id: TransactionId, entries: list[_Entry]) -> Transaction:
    authorized = _amounts(call, entries, "AUTHORIZATION")
    captured = _amounts(call, entries, "CAPTURE")
    return Transaction(
        id=transaction_id,
        authorized=total(amount for _, amount in authorized) if authorized else None,
        captures=tuple(Captured(entry_id, amount) for entry_id, amount in captured),
        refunded=total(amount for _, amount in _amounts(call, entries, "REFUND")),
    )


def _amounts(call: Call, entries: list[_Entry], kind: str) -> list[tuple[str, Decimal]]:
    """Ids and amounts of the successful entries of this kind."""
    found = []
    for index, entry in enumerate(entries):
        if entry.type == kind and entry.successful:
            where = f"entries[{index}].amount"
            if entry.amount is None:
                raise Misshapen(call, where, "is missing")
            amount = entry.amount.amount
            if not amount.is_finite() or not 0 <= amount < LARGEST_AMOUNT:
                raise Misshapen(call, f"{where}.amount", "is no amount")
            found.append((entry.id, amount))
    return found


def _refused(what: str, said: str) -> str:
    why = quotable(said)
    return f"the gateway refused to {what}" + (f": {why}" if why else "")

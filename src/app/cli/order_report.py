"""What is known of an order, as people see it and as one JSON document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

from rich.table import Table
from rich.text import Text

from app.cli.tables import table
from app.cli.terminal import safe
from domain.capture import CaptureAttempt, Captured, CaptureOutcome
from domain.explanation import OUTCOMES, Event, Seen, chronology, moment
from domain.history import OrderHistory
from domain.job import Correction, OrderState
from domain.order import OrderId

ALARM = "TAKEN "

# For people


def sentence(told: str) -> Text:
    """What it comes to."""
    return Text(safe(told), "bold red" if told.startswith(ALARM) else "bold")


def events_table(events: Iterable[Event]) -> Table:
    """What happened, one a row."""
    made = table("When", "What", wrapped=("What",))
    for event in events:
        made.add_row(moment(event.at), safe(event.what))
    return made


def captures_table(seen: Seen, order_id: OrderId) -> Table:
    """What the gateway lists on a transaction, and for whom the journal takes it."""
    made = table(f"Transaction {safe(seen.transaction.id)}", "Amount", "For", right=("Amount",))
    made.add_row("authorised", str(seen.transaction.authorized or "not said"), "")
    for captured in seen.transaction.captures:
        made.add_row(f"captured as {safe(captured.id)}", str(captured.amount), safe(_whose(captured, seen, order_id)))
    made.add_row("given back", str(seen.transaction.refunded), "")
    return made


def words_table(said: Iterable[CaptureAttempt]) -> Table:
    """What an operator said, as it was kept."""
    made = table("Kept", "Amount", "Capture", right=("Amount",))
    for attempt in said:
        told = OUTCOMES[attempt.outcome] if attempt.outcome else ""
        made.add_row(f"{told}, says {safe(attempt.said_by)}", str(attempt.amount), safe(attempt.capture_id or ""))
    return made


def next_step(known: OrderHistory, *, is_unclear: bool) -> str:
    """What to do now; empty when nothing is. `is_unclear`: an operator may have to say what was captured."""
    order = known.latest
    where = f"--tenant {safe(known.tenant)}"
    if order.state is OrderState.PENDING:
        return f"It goes on by itself{f' at {moment(order.due)}' if order.due else ''}."
    if order.state is not OrderState.FAILURE or not order.retryable:
        return ""
    if order.correction is not None:
        return f"Next: {_cancelling(order.correction)} {where}"
    retry = f"invoicing job retry {safe(order.job_id)} --order {safe(known.order_id)} {where}"
    if is_unclear and order.reason == "PAYMENT_OUTCOME_UNKNOWN":
        resolve = f"invoicing order resolve {safe(known.order_id)} {where}"
        return (
            f"Look at the gateway, then: {resolve} --not-captured, --captured AMOUNT or --foreign AMOUNT; then: {retry}"
        )
    return f"Next: {retry}"


def _cancelling(correction: Correction) -> str:
    """The command that asks for the correction again."""
    words = ["invoicing", "invoice", "cancel", safe(correction.invoice), "--reason", safe(correction.remark)]
    return shlex.join([*words, "--refund"] if correction.refund else words)


# For machines


def report(known: OrderHistory, seen: Sequence[Seen], told: str) -> dict[str, Any]:
    """All of it as one document; amounts are exact decimals as text, instants ISO 8601 in UTC."""
    document: dict[str, Any] = {
        "tenant": known.tenant,
        "orderId": known.order_id,
        "meaning": told,
        "jobs": [{"type": entry.type, "created": _plain(entry.created), **_plain(entry.order)} for entry in known.jobs],
        "failedTries": _plain(known.failed_tries),
        "claim": _plain(known.claim),
        "planned": [_plain(planned) for draft in known.drafts for planned in draft.captures],
        "paymentMethods": _plain(known.draft.payment_methods if known.draft else ()),
        "captures": _plain(known.captures),
        "words": _plain(known.words),
        "refunds": _plain(known.refunds),
        "draws": _plain(known.draws),
        "documents": [{**_plain(each.document), "position": each.position} for each in known.documents],
        "mails": _plain(known.mails),
        "events": _plain(chronology(known)),
    }
    if seen:
        document["gateway"] = [_listing(each, known.order_id) for each in seen]
    return document


def said_report(known: OrderHistory, said: Sequence[CaptureAttempt], told: str, then: str) -> dict[str, Any]:
    """What an operator said, what it comes to and what to do then, as one document."""
    return {"tenant": known.tenant, "orderId": known.order_id, "said": _plain(said), "meaning": told, "next": then}


def _listing(seen: Seen, order_id: OrderId) -> dict[str, Any]:
    whose = [{**_plain(each), "for": _whose(each, seen, order_id)} for each in seen.transaction.captures]
    return {**_plain(seen.transaction), "captures": whose}


def _whose(captured: Captured, seen: Seen, order_id: OrderId) -> str:
    for attempt in seen.attempts:
        if attempt.capture_id == captured.id:
            if attempt.outcome is CaptureOutcome.FOREIGN:
                return "nobody here"
            return "this order" if attempt.order_id == order_id else f"order {attempt.order_id}"
    return "unknown"


def _plain(value: Any) -> Any:
    """The value as JSON knows it; what is not known is left out."""
    if is_dataclass(value):
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {_camel(name): _plain(each) for name, each in named if each not in (None, "")}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, IntEnum):
        return value.name
    return value.value if isinstance(value, Enum) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)

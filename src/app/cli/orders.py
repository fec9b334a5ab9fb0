"""What the `invoicing order` commands do: they open the journal themselves, and ask the gateway when they have to."""

from __future__ import annotations

import json as documents
from dataclasses import dataclass, replace
from getpass import getuser
from uuid import uuid4

import typer

from adapters.store import Visit
from app.cli.display import show
from app.cli.order_report import captures_table, events_table, next_step, report, said_report, sentence, words_table
from app.cli.preparing import Chosen, connected
from app.cli.terminal import Exit
from app.clock import now
from app.settings import Settings
from domain.capture import AttemptId, CaptureAttempt
from domain.explanation import Seen, chronology, meaning
from domain.history import OrderHistory
from domain.job import require_order_id
from domain.money import Currency
from domain.order import TenantId, TransactionId
from domain.resolving import Hearing, amount_in, transaction_of

LONGEST_NAME = 100


async def explain(tenant: str, order: str, *, asks_gateway: bool, json: bool) -> Exit:
    """Tells all that is known of the order.

    Raises `InvalidArgument`, `UnknownOrder`, `Misconfigured`, `Unavailable`.
    """
    settings, order_id = Settings.of_environment(), require_order_id("ORDER", order)
    async with Visit.begun(settings.database_url, clock=now) as visit:
        known = await visit.history(TenantId(tenant), order_id)
        seen = await _all_seen(visit, known) if asks_gateway else ()
    told = meaning(known, settle=settings.capture_settle, now=now(), seen=seen)
    if json:
        typer.echo(documents.dumps(report(known, seen, told)))
        return Exit.DONE
    show(sentence(told))
    show(events_table(chronology(known)))
    for each in seen:
        show(captures_table(each, known.order_id))
    is_unclear = any(each.is_unclear for each in seen) if asks_gateway else not known.is_spoken_of
    if then := next_step(known, is_unclear=is_unclear):
        show(then)
    return Exit.DONE


@dataclass(frozen=True, slots=True)
class Word:
    """What an operator says: this much was captured for the order, or is foreign; else that nothing was captured."""

    operator: str
    captured: str = ""
    foreign: str = ""

    def to(self, hearing: Hearing) -> tuple[CaptureAttempt, ...]:
        """What is to be kept of it. Raises what the hearing raises, and `InvalidArgument`."""
        currency = Currency.of(hearing.known.currency)
        if self.captured:
            return hearing.captured(amount_in(self.captured, currency, option="--captured"))
        if self.foreign:
            return hearing.foreign(amount_in(self.foreign, currency, option="--foreign"))
        return hearing.not_captured()


async def resolve(tenant: str, order: str, word: Word, *, transaction: str, json: bool) -> Exit:
    """Keeps the operator's word on a capture.

    Raises `UnknownOrder`, `InvalidArgument`, `Rejected`, `InDoubt`, `Conflict`, `Misconfigured`, `Unavailable`: then
    nothing is changed.
    """
    settings, order_id = Settings.of_environment(), require_order_id("ORDER", order)
    async with Visit.begun(settings.database_url, clock=now) as visit, connected(tenant) as chosen:
        known, asked = await visit.history(TenantId(tenant), order_id), now()
        seen = await _seen(visit, chosen, transaction_of(known, transaction))
        if not json:
            show(captures_table(seen, known.order_id))
        said = word.to(Hearing(known, seen, word.operator, asked, settings.capture_settle, _new_id))
        await visit.journal.settle_captures(known.latest, seen.attempts, said)
        known = await visit.history(TenantId(tenant), order_id)
        seen = replace(seen, attempts=await visit.journal.captures(known.tenant, seen.transaction.id))
    told = meaning(known, settle=settings.capture_settle, now=now(), seen=(seen,))
    then = next_step(known, is_unclear=seen.is_unclear)
    if json:
        typer.echo(documents.dumps(said_report(known, said, told, then)))
        return Exit.DONE
    for each in (words_table(said), sentence(told), then):
        show(each)
    return Exit.DONE


def operator(name: str) -> str:
    """Who speaks: as named, else as this system knows its user."""
    try:
        who = name or getuser()
    except (KeyError, OSError):
        who = ""
    if not who.strip() or not who.isprintable() or len(who) > LONGEST_NAME:
        raise typer.BadParameter(f"say who you are with --by, in at most {LONGEST_NAME} printable characters")
    return who


def _new_id() -> AttemptId:
    return AttemptId(uuid4().hex)


async def _all_seen(visit: Visit, known: OrderHistory) -> tuple[Seen, ...]:
    """Every transaction of the order, as the gateway tells it."""
    if not known.transactions:
        return ()
    async with connected(known.tenant) as chosen:
        return tuple([await _seen(visit, chosen, transaction_id) for transaction_id in known.transactions])


async def _seen(visit: Visit, chosen: Chosen, transaction_id: TransactionId) -> Seen:
    """The gateway first: what the journal learns meanwhile makes no capture look unknown."""
    transaction = await chosen.tenant.payments.transaction(transaction_id)
    return Seen(transaction, await visit.journal.captures(chosen.tenant.id, transaction_id))

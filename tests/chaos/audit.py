"""The promises, asked of the evidence: nothing lost, nothing twice, every number explained.

    trail = Trail().hear(await platform.effects(tenant="acme", after=str(since)))
    evidence = await gathered(service, platform, order_ids, database=url, trail=trail)
    assert violations(evidence) == []

Audit once the world is at rest: faults lifted, every order ended. Effects of orders that are not among `order_ids` are
violations, so an audit is about all that its tenant did since the first of its orders was put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from chaos.evidence import Evidence, Trail, gathered
from domain.mail import file_name
from domain.policy import ORDER_REASONS
from invoicing.v1 import invoices_pb2, jobs_pb2

__all__ = ["Evidence", "Trail", "counts", "gathered", "violations"]

NOTHING = Decimal(0)
PENDING = jobs_pb2.ORDER_STATE_PENDING
SUCCESS = jobs_pb2.ORDER_STATE_SUCCESS
LOST = frozenset({None, "POSSIBLY_BURNT"})
"""Outcomes of draws that may have used up a number nobody was told."""
EXPLAINED = frozenset({"DRAWN", "TAKEN"})
"""Outcomes of draws whose number is known."""


def violations(evidence: Evidence, *, doubled: int = 0) -> list[str]:
    """Every promise that was broken, a sentence each.

    `doubled` is how many numbers the platform has drawn twice for one call: those are gaps that only it can explain.
    """
    return [
        *_charged_too_much(evidence),
        *_charged_again(evidence),
        *_touched_what_is_not_theirs(evidence),
        *_invoiced_twice(evidence),
        *_numbers_unexplained(evidence, doubled),
        *_bytes_changed(evidence),
        *_mailed_wrongly(evidence),
        *_ended_wrongly(evidence),
        *_succeeded_in_part(evidence),
    ]


def counts(evidence: Evidence) -> dict[str, int]:
    """How much there was of everything, for a report."""
    captured = sum(map(len, evidence.trail.captures.values()))
    handed_over = sum(map(len, evidence.trail.mails.values()))
    ends = Counter(_word(order) for orders in evidence.outcomes.values() for order in orders)
    return {
        "orders": len(evidence.orders),
        "captures": captured,
        "numbers drawn": len(evidence.trail.numbers),
        "documents": len(evidence.documents),
        "mails": len(evidence.trail.mails),
        "mails handed over again": handed_over - len(evidence.trail.mails),
        **{f"order ends {word}": ends[word] for word in sorted(ends)},
    }


def _word(order: jobs_pb2.JobOrder) -> str:
    return order.reason or jobs_pb2.OrderState.Name(order.state).removeprefix("ORDER_STATE_")


# Money


def _charged_too_much(evidence: Evidence) -> Iterator[str]:
    for order_id, ordered in evidence.orders.items():
        paid = evidence.trail.paid.get(order_id, NOTHING)
        if paid > ordered.total:
            yield f"{order_id} comes to {ordered.total}, and {paid} was captured"


def _charged_again(evidence: Evidence) -> Iterator[str]:
    trail = evidence.trail
    for transaction, amounts in trail.captures.items():
        if len(amounts) > 1 + len(trail.refunds.get(transaction, ())):
            listed = " and ".join(map(str, amounts))
            yield f"{trail.payers[transaction]} was charged {listed} on transaction {transaction}"


def _touched_what_is_not_theirs(evidence: Evidence) -> Iterator[str]:
    trail = evidence.trail
    touched = {*trail.payers.values(), *trail.changed, *(document.order_id for document in evidence.documents)}
    for order_id in sorted(touched - evidence.orders.keys()):
        yield f"{order_id} was charged, written to or invoiced, and is none of the tenant's orders"


# Documents and numbers


def _live(evidence: Evidence) -> list[invoices_pb2.Invoice]:
    documents = evidence.documents
    return [d for d in documents if d.type == invoices_pb2.DOCUMENT_TYPE_INVOICE and not d.cancelled_by]


def _invoiced_twice(evidence: Evidence) -> Iterator[str]:
    live = Counter(document.order_id for document in _live(evidence))
    numbers = Counter(document.invoice_number for document in evidence.documents)
    yield from (f"{order_id} has {count} live documents" for order_id, count in live.items() if count > 1)
    yield from (f"{number} is on {count} documents" for number, count in numbers.items() if count > 1)


def _numbers_unexplained(evidence: Evidence, doubled: int) -> Iterator[str]:
    drawn, issued = Counter(evidence.trail.numbers), {document.invoice_number for document in evidence.documents}
    yield from (f"the platform handed out {number} {count} times" for number, count in drawn.items() if count > 1)
    yield from (f"{number} is on a document, and was never drawn" for number in sorted(issued - drawn.keys()))
    told = {draw.number for draw in evidence.draws if draw.outcome in EXPLAINED}
    silent = sorted(drawn.keys() - issued - told)
    lost = sum(draw.outcome in LOST for draw in evidence.draws)
    if len(silent) > lost + doubled:
        yield f"{len(silent)} numbers are on no document, and {lost} draws were lost: {', '.join(silent[:5])}"


def _bytes_changed(evidence: Evidence) -> Iterator[str]:
    for document in evidence.documents:
        number = document.invoice_number
        kept, sent = evidence.archived.get(number, ""), {digest for _, digest in evidence.mails(number)}
        if document.pdf_sha256 != kept:
            yield f"{number} was issued as {document.pdf_sha256 or 'nothing'}, and is kept as {kept or 'nothing'}"
        if sent - {document.pdf_sha256}:
            yield f"{number} was mailed with other bytes than were issued"


def _mailed_wrongly(evidence: Evidence) -> Iterator[str]:
    for document in evidence.documents:
        ids = {message_id for message_id, _ in evidence.mails(document.invoice_number)}
        if len(ids) > 1:
            yield f"{document.invoice_number} was mailed {len(ids)} times: {', '.join(sorted(ids))}"
    known = {f"{file_name(document.invoice_number)}.pdf" for document in evidence.documents}
    yield from (f"a mail brought {name}, which is no document" for name in sorted(evidence.trail.mails.keys() - known))


# Ends


def _ended_wrongly(evidence: Evidence) -> Iterator[str]:
    invoiced = {document.order_id for document in _live(evidence)}
    for order_id in evidence.orders:
        ends = evidence.outcomes.get(order_id, [])
        for end in ends:
            if end.state == PENDING:
                yield f"{order_id} has not ended: {_word(end)} {end.message}"
            if end.reason and end.reason not in ORDER_REASONS:
                yield f"{order_id} ended for a reason nobody knows: {end.reason}"
        stranded = evidence.trail.paid.get(order_id, NOTHING) > 0 and order_id not in invoiced
        if stranded and not any(end.retryable or end.state == PENDING for end in ends):
            yield f"{order_id} was charged, has no document, and no job can be retried to give it one"


def _succeeded_in_part(evidence: Evidence) -> Iterator[str]:
    live = {document.order_id: document for document in _live(evidence)}
    for order_id, ends in evidence.outcomes.items():
        done = [end for end in ends if end.state == SUCCESS]
        if len(done) > 1:
            yield f"{order_id} succeeded in {len(done)} jobs"
        for end in done:
            yield from (f"{order_id} succeeded, {lack}" for lack in _lacks(evidence, end, live.get(order_id)))


def _lacks(evidence: Evidence, end: jobs_pb2.JobOrder, document: invoices_pb2.Invoice | None) -> Iterator[str]:
    """What an order that succeeded has not, or has otherwise than its job says."""
    if document is None or document.invoice_number != end.invoice_number:
        yield f"and {end.invoice_number or 'nothing'} is not its document"
        return
    ordered, number = evidence.orders.get(end.order_id), document.invoice_number
    if ordered is not None and ordered.mark != number:
        yield f"and {ordered.mark or 'nothing'} instead of {number} is written into it"
    if not evidence.mails(number) and end.reason != "EMAIL_FAILED":
        yield f"and nobody was sent {number}"
    if not document.pdf_sha256:
        yield f"and {number} was never drawn"
    paid = evidence.trail.paid.get(end.order_id, NOTHING)
    if Decimal(end.captured or 0) != paid:
        yield f"and says that {end.captured or 'nothing'} was captured of {paid}"

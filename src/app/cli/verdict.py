"""What must come of the demo, held against what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from adapters.sandbox.demo import EXPECTED, Expected
from app.cli.display import order_state
from app.cli.reissue import Reissue
from app.cli.terminal import safe
from domain.job import JobType
from invoicing.v1.invoices_pb2 import DOCUMENT_TYPE_CREDIT_NOTE, DOCUMENT_TYPE_INVOICE
from invoicing.v1.jobs_pb2 import JobOrder

Orders = Mapping[str, JobOrder]

REISSUE = [DOCUMENT_TYPE_INVOICE, DOCUMENT_TYPE_CREDIT_NOTE, DOCUMENT_TYPE_INVOICE]


def order_differences(jobs: Mapping[JobType, Orders]) -> Iterator[str]:
    """A sentence for each of the demo's own orders that is not what it must be, or not where."""
    for order_id, expected in EXPECTED.items():
        order = jobs[expected.job].get(order_id)
        if order is None:
            yield f"{order_id} is missing from the {expected.job} job"
        elif _end(order) != _wanted(expected):
            yield f"{order_id} is {_end(order)} and must be {_wanted(expected)}"
    for kind, orders in jobs.items():
        for order_id in orders:
            if order_id not in EXPECTED or EXPECTED[order_id].job is not kind:
                yield f"{safe(order_id)} is in the {kind} job and must not be"


def mail_differences(numbers: Iterable[str], mails: Mapping[str, int]) -> Iterator[str]:
    """A sentence for each document that was not mailed exactly once; `mails` counts them by number."""
    for number in numbers:
        sent = mails.get(number, 0)
        if sent != 1:
            yield f"{safe(number)} was mailed {sent} times"


def reissue_differences(reissue: Reissue) -> Iterator[str]:
    """A sentence for whatever of an order that was taken back and invoiced again is not as it must be."""
    order_id, documents = safe(reissue.order_id), reissue.documents
    if [document.type for document in documents] != REISSUE:
        yield f"{order_id} has {len(documents)} documents and must have an invoice, its credit note and a new one"
        return
    first, note, new = documents
    if (first.cancelled_by, note.cancels, note.gross) != (note.invoice_number, first.invoice_number, first.gross):
        yield f"{safe(note.invoice_number)} does not cancel {safe(first.invoice_number)}, the whole of it"
    if not reissue.captured == reissue.returned == Decimal(first.gross):
        yield f"{order_id} was charged {reissue.captured} and given back {reissue.returned}, and came to {first.gross}"
    if Decimal(new.prepaid) or new.due != new.gross:
        yield f"{safe(new.invoice_number)} counts {new.prepaid} as paid, and all was given back"


def generated_differences(failed: Iterable[JobOrder], *, invoiced: int, wanted: int) -> Iterator[str]:
    """A sentence for each generated order that failed, for all of them can be invoiced."""
    for order in failed:
        yield f"{safe(order.order_id)} is {_end(order)}: {safe(order.message)}"
    if invoiced != wanted:
        yield f"{invoiced:,} of {wanted:,} generated orders were invoiced"


def _end(order: JobOrder) -> str:
    return " ".join(filter(None, (str(order_state(order)), safe(order.reason))))


def _wanted(expected: Expected) -> str:
    return " ".join(filter(None, (expected.outcome, expected.reason)))

"""What must come of the demo, held against what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adapters.sandbox.demo import EXPECTED, Expected
from app.cli.display import order_state
from app.cli.terminal import safe
from domain.job import JobType
from invoicing.v1.jobs_pb2 import ORDER_STATE_SUCCESS, JobOrder

Orders = Mapping[str, JobOrder]


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


def mail_differences(orders: Iterable[JobOrder], mails: Mapping[str, int]) -> Iterator[str]:
    """A sentence for each invoice that was not mailed exactly once; `mails` counts them by invoice number."""
    for order in orders:
        sent = mails.get(order.invoice_number, 0)
        if order.state == ORDER_STATE_SUCCESS and sent != 1:
            yield f"invoice {safe(order.invoice_number)} was mailed {sent} times"


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

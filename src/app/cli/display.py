"""What people see: text from outside made harmless, amounts, times, tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.terminal import safe
from invoicing.v1.invoices_pb2 import DocumentType, Invoice
from invoicing.v1.jobs_pb2 import ORDER_STATE_FAILURE, Job, JobOrder, JobState, JobType, OrderCounts, OrderState, Step

STYLES = {
    "SUCCESS": "green",
    "DONE": "green",
    "FAILURE": "red",
    "FAILED": "red",
    "CANCELLED": "yellow",
    "PENDING": "dim",
    "IN_PROGRESS": "cyan",
}
NO_TERMINAL_WIDTH = 1000
"""Columns where nobody looks at the edge of a window: no line is broken."""
MOST_ROWS = 50


def screen() -> Console:
    """Standard output."""
    return _console(stderr=False)


def notes() -> Console:
    """Standard error, for what is said beside the answer."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else NO_TERMINAL_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def write_json(message: Message) -> None:
    """A message on a line, as proto3 JSON. Pure ASCII, so it is safe on every terminal."""
    sys.stdout.write(MessageToJson(message, indent=None) + "\n")
    sys.stdout.flush()


# Values


def word(kind: EnumTypeWrapper, value: int, prefix: str) -> str:
    """The name of an enum's value without its prefix; a number where a newer service says what we don't know."""
    return kind.Name(value).removeprefix(prefix) if value in kind.values() else str(value)


def order_state(order: JobOrder) -> Text:
    """Where the order stands."""
    state = word(OrderState, order.state, "ORDER_STATE_")
    return Text(state, STYLES.get(state, ""))


def job_state(job: Job) -> Text:
    """Where the job stands."""
    state = word(JobState, job.state, "JOB_STATE_")
    return Text(state, STYLES.get(state, ""))


def job_type(job: Job) -> str:
    """How the job's orders are found."""
    kind = word(JobType, job.job_type, "JOB_TYPE_")
    return f"{kind}, dry run" if job.dry_run else kind


def step(order: JobOrder) -> str:
    """The order's step, or nothing before the first."""
    return word(Step, order.step, "STEP_") if order.step else ""


def amount(value: str, currency: str) -> str:
    """An amount as it is printed on invoices' lists, or nothing."""
    return safe(f"{value} {currency}") if value else ""


def when(stamp: Timestamp) -> str:
    """An instant in the reader's own zone, or nothing."""
    if not stamp.ByteSize():
        return ""
    return stamp.ToDatetime(UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def why(order: JobOrder) -> Text:
    """The reason and its sentence, or nothing when all is well."""
    if not order.reason:
        return Text(safe(order.message))
    reason = Text(safe(order.reason), "red" if order.state == ORDER_STATE_FAILURE else "yellow")
    return reason + Text(f"  {safe(order.message)}" if order.message else "")


def tally(counts: OrderCounts) -> str:
    """How many orders stand where, in words."""
    parts = ((counts.success, "succeeded"), (counts.failure, "failed"), (counts.cancelled, "cancelled"))
    told = [f"{number:,} {what}" for number, what in parts if number]
    return ", ".join((*told, f"{counts.pending:,} pending") if counts.pending or not told else told)


# Tables


def table(*columns: str, right: Sequence[str] = (), wrapped: Sequence[str] = ()) -> Table:
    """An empty table; columns in `right` are flush right, those in `wrapped` break over lines."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=column not in wrapped,
            overflow="fold",
        )
    return made


def orders_table(orders: Iterable[JobOrder]) -> Table:
    """Orders, one a row."""
    made = table("Order", "Outcome", "Step", "Number", "Gross", "Reason", right=("Gross",), wrapped=("Reason",))
    for order in orders:
        gross = amount(order.gross, order.currency)
        number = safe(order.invoice_number)
        made.add_row(safe(order.order_id), order_state(order), step(order), number, gross, why(order))
    return made


def jobs_table(jobs: Iterable[Job]) -> Table:
    """Jobs, one a row."""
    made = table("Job", "Type", "State", "Orders", "Progress", "Created", right=("Orders",), wrapped=("Progress",))
    for job in jobs:
        total, created = f"{job.counts.total:,}", when(job.create_time)
        made.add_row(safe(job.job_id), job_type(job), job_state(job), total, tally(job.counts), created)
    return made


def invoices_table(invoices: Iterable[Invoice]) -> Table:
    """Invoices, one a row."""
    made = table(
        "Number", "Date", "Order", "Buyer", "Gross", "Due", "Mailed", right=("Gross", "Due"), wrapped=("Buyer",)
    )
    for each in invoices:
        gross, due = amount(each.gross, each.currency), amount(each.due, each.currency)
        named = (safe(text) for text in (each.invoice_number, each.issue_date, each.order_id, each.buyer_name))
        made.add_row(*named, gross, due, when(each.mail_time))
    return made


def details(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """What is known of one thing; what is empty is left out."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        if value:
            made.add_row(name, value)
    return made


def job_details(job: Job) -> Table:
    """A job."""
    failure = f"{safe(job.failure.reason)}  {safe(job.failure.message)}" if job.HasField("failure") else ""
    return details(
        (
            ("Job", safe(job.job_id)),
            ("Type", job_type(job)),
            ("State", job_state(job)),
            ("Orders", f"{job.counts.total:,}: {tally(job.counts)}"),
            ("Failure", Text(failure, "red")),
            ("Request id", safe(job.request_id)),
            ("Created", when(job.create_time)),
            ("Changed", when(job.update_time)),
            ("Ended", when(job.end_time)),
        )
    )


def invoice_details(invoice: Invoice) -> Table:
    """An invoice."""
    kind = word(DocumentType, invoice.type, "DOCUMENT_TYPE_").replace("_", " ").capitalize()
    mailed = f"{when(invoice.mail_time)} to {safe(invoice.recipient)}" if invoice.HasField("mail_time") else ""
    amounts = ((name.capitalize(), getattr(invoice, name)) for name in ("net", "tax", "rounding", "gross", "due"))
    return details(
        (
            (kind, safe(invoice.invoice_number)),
            ("Issued", safe(invoice.issue_date)),
            ("Order", safe(invoice.order_id)),
            ("Job", safe(invoice.job_id)),
            ("Buyer", safe(invoice.buyer_name)),
            *((name, amount(value, invoice.currency)) for name, value in amounts),
            ("Mailed", mailed),
            ("PDF", f"{invoice.pdf_size:,} bytes, SHA-256 {safe(invoice.pdf_sha256)}" if invoice.pdf_sha256 else ""),
            ("Link", safe(invoice.download_link)),
        )
    )

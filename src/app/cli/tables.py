"""Jobs, orders and invoices as people see them: many in a table, one in detail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from app.cli.display import amount, job_state, job_type, order_state, step, tally, when, why, word
from app.cli.terminal import safe
from invoicing.v1.invoices_pb2 import DocumentType, Invoice
from invoicing.v1.jobs_pb2 import Job, JobOrder

MINUTE = "%Y-%m-%d %H:%M"
LEAST_WRAPPED = 10
"""Columns of text that may be broken over lines, and still be read."""


def table(*columns: str, right: Sequence[str] = (), wrapped: Sequence[str] = ()) -> Table:
    """An empty table; columns in `right` are flush right, those in `wrapped` break over lines."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=column not in wrapped,
            min_width=LEAST_WRAPPED if column in wrapped else None,
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
    made = table("Job", "Type", "State", "Orders", "Created", wrapped=("Orders", "Created"))
    for job in jobs:
        made.add_row(safe(job.job_id), job_type(job), job_state(job), tally(job.counts), when(job.create_time, MINUTE))
    return made


def invoices_table(invoices: Iterable[Invoice]) -> Table:
    """Invoices and credit notes, one a row, and which of them cancel which."""
    columns = ("Number", "Issued", "Order", "Buyer", "Gross", "Mailed", "")
    made = table(*columns, right=("Gross",), wrapped=("Buyer", "Mailed"))
    for each in invoices:
        named = (safe(text) for text in (each.invoice_number, each.issue_date, each.order_id, each.buyer_name))
        made.add_row(*named, amount(each.gross, each.currency), when(each.mail_time, MINUTE), _fate(each))
    return made


def _fate(invoice: Invoice) -> str:
    if invoice.cancels:
        return f"cancels {safe(invoice.cancels)}"
    return f"cancelled by {safe(invoice.cancelled_by)}" if invoice.cancelled_by else ""


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
    kind = word(DocumentType.DESCRIPTOR, invoice.type, "DOCUMENT_TYPE_").replace("_", " ").capitalize()
    mailed = f"{when(invoice.mail_time)} to {safe(invoice.recipient)}" if invoice.HasField("mail_time") else ""
    amounts = ((name.capitalize(), getattr(invoice, name)) for name in ("net", "tax", "rounding", "gross"))
    left = "Credited" if invoice.cancels else "Due"
    return details(
        (
            (kind, safe(invoice.invoice_number)),
            ("Issued", safe(invoice.issue_date)),
            ("Cancels", safe(invoice.cancels)),
            ("Cancelled by", safe(invoice.cancelled_by)),
            ("Order", safe(invoice.order_id)),
            ("Job", safe(invoice.job_id)),
            ("Buyer", safe(invoice.buyer_name)),
            *((name, amount(value, invoice.currency)) for name, value in (*amounts, (left, invoice.due))),
            ("Mailed", mailed),
            ("PDF", f"{invoice.pdf_size:,} bytes, SHA-256 {safe(invoice.pdf_sha256)}" if invoice.pdf_sha256 else ""),
            ("Link", safe(invoice.download_link)),
        )
    )

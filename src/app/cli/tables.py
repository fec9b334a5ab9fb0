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


def table(*columns: str, right: Sequence[str] = (), wrapped: Sequence[str] = ()) -> Table:
    """An empty table; columns in `right` are flush right, those in `wrapped` break over lines."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
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
    kind = word(DocumentType.DESCRIPTOR, invoice.type, "DOCUMENT_TYPE_").replace("_", " ").capitalize()
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

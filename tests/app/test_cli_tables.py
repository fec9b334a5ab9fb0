"""What tables of the command line tell."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table

from app.cli.tables import invoice_details, invoices_table
from invoicing.v1.invoices_pb2 import Invoice


def drawn(made: Table) -> list[list[str]]:
    """The lines of a table, as words."""
    out = StringIO()
    Console(file=out, width=120).print(made)
    return [line.split() for line in out.getvalue().splitlines()]


def test_an_invoice_is_due_and_a_credit_note_credited() -> None:
    invoice = Invoice(invoice_number="INV1", currency="EUR", gross="30.78", due="30.78")
    note = Invoice(invoice_number="INV2", currency="EUR", gross="30.78", due="30.78", cancels="INV1")
    assert ["Due", "30.78", "EUR"] in drawn(invoice_details(invoice))
    lines = drawn(invoice_details(note))
    assert ["Credited", "30.78", "EUR"] in lines
    assert "Due" not in [words[0] for words in lines if words]


def test_in_a_list_of_documents_one_sees_which_cancels_which() -> None:
    documents = [
        Invoice(invoice_number="INV0003", gross="30.78", currency="EUR"),
        Invoice(invoice_number="INV0002", gross="30.78", currency="EUR", cancels="INV0001"),
        Invoice(invoice_number="INV0001", gross="30.78", currency="EUR", cancelled_by="INV0002"),
    ]
    live, note, cancelled = drawn(invoices_table(documents))[-3:]
    assert live[-1] == "EUR"
    assert note[-2:] == ["cancels", "INV0001"]
    assert cancelled[-3:] == ["cancelled", "by", "INV0002"]

"""What tables of the command line tell."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from app.cli.tables import invoices_table
from invoicing.v1.invoices_pb2 import Invoice


def test_in_a_list_of_documents_one_sees_which_cancels_which() -> None:
    documents = [
        Invoice(invoice_number="INV0003", gross="30.78", currency="EUR"),
        Invoice(invoice_number="INV0002", gross="30.78", currency="EUR", cancels="INV0001"),
        Invoice(invoice_number="INV0001", gross="30.78", currency="EUR", cancelled_by="INV0002"),
    ]
    out = StringIO()
    Console(file=out, width=120).print(invoices_table(documents))
    live, note, cancelled = out.getvalue().splitlines()[-3:]
    assert "cancel" not in live
    assert note.rstrip().endswith("cancels INV0001")
    assert cancelled.rstrip().endswith("cancelled by INV0002")

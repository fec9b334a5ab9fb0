"""What `invoicing series verify` does, in the words of an auditor."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from app.cli.client import Client
from app.cli.display import notes, show, write_json
from app.cli.tables import details, table
from app.cli.terminal import Exit, safe
from invoicing.v1.invoices_pb2 import LedgerMismatch, NumberGap, VerifySeriesResponse


async def verify(client: Client, series: str) -> Exit:
    """Has a series verified, and tells what was found."""
    with notes().status("reading the ledger and every document ..."):
        proof = await client.proof(series)
    if client.access.json:
        write_json(proof)
    else:
        _tell(proof)
    return Exit.DONE if proof.ok else Exit.ORDER_FAILED


def _tell(proof: VerifySeriesResponse) -> None:
    show(_summary(proof))
    if proof.gaps:
        show(_gaps(list(proof.gaps)))
    if proof.mismatches:
        show(_mismatches(list(proof.mismatches)))
    show(_verdict(proof))


def _summary(proof: VerifySeriesResponse) -> Table:
    unread, head = proof.issued - proof.documents_checked, safe(proof.head_hash)
    read = f"{proof.documents_checked:,} read and hashed"
    return details(
        (
            ("Series", safe(proof.series)),
            ("Numbers", f"{safe(proof.first)} to {safe(proof.last)}" if proof.issued else ""),
            ("Issued", f"{proof.issued:,}"),
            ("Documents", f"{read}, {unread:,} not: not drawn yet, or named below" if unread else read),
            ("Head", f"{head}  (keep it elsewhere: it shows if the end is cut off)" if head else ""),
        )
    )


def _gaps(gaps: list[NumberGap]) -> Table:
    made = table("Without a document", "Explained", "Why", wrapped=("Why",))
    for gap in gaps:
        explained = Text("yes", "green") if gap.explained else Text("no", "yellow")
        made.add_row(safe(gap.number), explained, safe(gap.explanation))
    return made


def _mismatches(mismatches: list[LedgerMismatch]) -> Table:
    made = table("Changed", "What", wrapped=("What",))
    for mismatch in mismatches:
        made.add_row(Text(safe(mismatch.invoice_number), "red"), safe(mismatch.what))
    return made


def _verdict(proof: VerifySeriesResponse) -> Text:
    if not proof.ok:
        return Text("NOT PROVEN: see above", "bold red")
    unexplained = sum(not gap.explained for gap in proof.gaps)
    if not unexplained:
        return Text("PROVEN: nothing was changed", "bold green")
    gaps = "1 gap" if unexplained == 1 else f"{unexplained:,} gaps"
    return Text(f"PROVEN: nothing was changed; of {gaps} nobody here knows why", "bold green")

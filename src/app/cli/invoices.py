"""What the `invoicing invoice` commands do."""

from __future__ import annotations

import sys
from pathlib import Path

from app.cli.client import Client
from app.cli.display import screen, show, write_json
from app.cli.documents import fetch, keep
from app.cli.tables import invoice_details, invoices_table
from app.cli.terminal import Exit, complain, safe
from domain.document import Rendition
from domain.mail import file_name

STDOUT = Path("-")


async def get(client: Client, *, number: str, order_id: str) -> Exit:
    """Tells what is known of an invoice."""
    invoice = await client.invoice(number=number, order_id=order_id)
    if client.access.json:
        write_json(invoice)
    else:
        show(invoice_details(invoice))
    return Exit.DONE


async def list_invoices(
    client: Client, *, order_id: str, job_id: str, issued_from: str, issued_to: str, limit: int
) -> Exit:
    """Lists the newest invoices that pass the filters."""
    found = client.invoices(order_id=order_id, job_id=job_id, issued_from=issued_from, issued_to=issued_to, limit=limit)
    if client.access.json:
        async for invoice in found:
            write_json(invoice)
    else:
        show(invoices_table([invoice async for invoice in found]))
    return Exit.DONE


async def download(client: Client, number: str, target: Path | None, rendition: Rendition = Rendition.PDF) -> Exit:
    """Writes an invoice's document into a file, by default one named after its number, or to standard output."""
    header, content = await fetch(client, number, rendition)
    if target == STDOUT:
        sys.stdout.buffer.write(content)
        return Exit.DONE
    path = target or Path(f"{file_name(number)}{rendition.ending}")
    try:
        keep(content, path)
    except OSError as error:
        complain(f"cannot write {path}: {error.strerror}")
        return Exit.USAGE
    if client.access.json:
        write_json(header)
    else:
        screen().print(f"{safe(str(path))}: {len(content):,} bytes, SHA-256 {header.sha256}", soft_wrap=True)
    return Exit.DONE

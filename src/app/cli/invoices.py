"""What the `invoicing invoice` commands do."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

from app.cli.client import Client
from app.cli.display import screen, show, write_json
from app.cli.documents import fetch, keep
from app.cli.tables import invoice_details, invoices_table
from app.cli.terminal import Exit, complain, safe
from domain.document import Rendition
from domain.mail import file_name
from invoicing.v1.invoices_pb2 import DocumentHeader, Invoice

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
    return _written(client, header, content, target or Path(f"{file_name(number)}{rendition.ending}"))


async def cancel(client: Client, number: str, *, reason: str, refund: bool, request_id: str) -> Exit:
    """Cancels an invoice and tells of its credit note."""
    note = await client.cancel_invoice(number, reason=reason, refund=refund, request_id=request_id)
    if client.access.json:
        write_json(note)
        return Exit.DONE
    show(invoice_details(note))
    if refund:
        screen().print(_money_back(await client.invoice(number=note.cancels)), soft_wrap=True)
    return Exit.DONE


async def resend(client: Client, number: str, recipient: str) -> Exit:
    """Has a document sent again."""
    sent = await client.resend_invoice(number, recipient)
    if client.access.json:
        write_json(sent)
    else:
        screen().print(f"sent as {safe(sent.message_id)}", soft_wrap=True)
    return Exit.DONE


async def preview(client: Client, order_id: str, target: Path | None) -> Exit:
    """Writes the draft of an order's invoice into a file, or to standard output."""
    header, content = await client.preview(order_id)
    return _written(client, header, content, target or Path(f"draft-{file_name(order_id)}.pdf"))


def _money_back(cancelled: Invoice) -> str:
    """What follows for the money of an invoice that was cancelled with a refund."""
    if not Decimal(cancelled.prepaid):
        return "nothing was captured for it: there is nothing to give back"
    explain = f"invoicing order explain {safe(cancelled.order_id)} --tenant {safe(cancelled.tenant)}"
    return f"what this service captured is given back once: {explain} tells whether it is by now"


def _written(client: Client, header: DocumentHeader, content: bytes, path: Path) -> Exit:
    if path == STDOUT:
        sys.stdout.buffer.write(content)
        return Exit.DONE
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

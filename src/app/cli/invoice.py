"""`invoicing invoice`: what was issued, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DEFAULT_ADDRESS, Access, Address, Json, Tenant, examples
from domain.document import Rendition

app = typer.Typer(
    no_args_is_help=True,
    help="Read, fetch, send again and cancel what was issued; see what would be.",
    rich_markup_mode=None,
)


@app.command(
    epilog=examples(
        "invoicing invoice get --tenant acme INV0001",
        "invoicing invoice get --tenant acme --order EON1200",
    )
)
def get(
    *,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number.", show_default=False)] = "",
    order: Annotated[str, typer.Option(metavar="ID", help="Instead: the order it is for.")] = "",
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Tell what is known of an invoice."""
    from app.cli import calling, invoices

    if bool(number) == bool(order):
        raise typer.BadParameter("give a number, or an order with --order: one of the two")
    calling.run(Access(address, tenant, json), lambda client: invoices.get(client, number=number, order_id=order))


@app.command("list")
def list_invoices(
    *,
    order: Annotated[str, typer.Option(metavar="ID", help="Of this order.")] = "",
    job: Annotated[str, typer.Option(metavar="JOB", help="Made by this job.")] = "",
    issued_from: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of issue.")] = "",
    issued_to: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of issue.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """List invoices, newest first; filters combine."""
    from app.cli import calling, invoices

    calling.run(
        Access(address, tenant, json),
        lambda client: invoices.list_invoices(
            client, order_id=order, job_id=job, issued_from=issued_from, issued_to=issued_to, limit=limit
        ),
    )


@app.command(
    epilog=examples(
        "invoicing invoice download --tenant acme INV0001",
        "invoicing invoice download --tenant acme INV0001 --out - | lpr",
        "invoicing invoice download --tenant acme INV0001 --format ubl",
    )
)
def download(
    *,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to, - for standard output; else named by its number.")
    ] = None,
    rendition: Annotated[
        Rendition, typer.Option("--format", help="PDF with the CII inside, that CII alone, or UBL.")
    ] = Rendition.PDF,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Fetch an invoice as PDF or XML, proven by its SHA-256."""
    from app.cli import calling, invoices

    calling.run(Access(address, tenant, json), lambda client: invoices.download(client, number, out, rendition))


@app.command(
    epilog=examples(
        'invoicing invoice cancel --tenant acme INV0001 --reason "wrong address"',
        'invoicing invoice cancel --tenant acme INV0001 --reason "returned" --refund',
    )
)
def cancel(
    *,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number.", show_default=False)],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; printed on the credit note.", show_default=False)],
    refund: Annotated[bool, typer.Option("--refund", help="Give back what was captured.")] = False,
    request_id: Annotated[str, typer.Option(metavar="KEY", help="A key of your own: asked twice, done once.")] = "",
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Cancel an invoice by a credit note; its order may be invoiced again."""
    from app.cli import calling, invoices

    if not reason.strip():
        raise typer.BadParameter("say why: it is printed on the credit note", param_hint="--reason")

    calling.run(
        Access(address, tenant, json),
        lambda client: invoices.cancel(client, number, reason=reason, refund=refund, request_id=request_id),
    )


@app.command()
def resend(
    *,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number.", show_default=False)],
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="To whom; else to whom it was issued.")] = "",
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Send the same document in a new mail."""
    from app.cli import calling, invoices

    calling.run(Access(address, tenant, json), lambda client: invoices.resend(client, number, to))


@app.command()
def preview(
    *,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to, - for standard output; else draft-ORDER.pdf here.")
    ] = None,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """See the invoice an order would get, as a draft; changes nothing."""
    from app.cli import calling, invoices

    calling.run(Access(address, tenant, json), lambda client: invoices.preview(client, order, out))

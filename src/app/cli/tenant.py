"""`invoicing tenant`: what a tenant needs at the platform before its first invoice."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import Json, examples

app = typer.Typer(
    no_args_is_help=True, help="Prepare a tenant at the platform, and see what it lacks.", rich_markup_mode=None
)

Tenant = Annotated[
    str, typer.Option(envvar="INVOICING_TENANT", metavar="TENANT", help="Which; may be left out if there is only one.")
]


@app.command(
    epilog=examples(
        "invoicing tenant setup --dry-run",
        "invoicing tenant setup --tenant acme --logo https://acme.example/logo.png --mail-sender invoices@acme.example",
        "invoicing tenant setup --seller-name 'Acme GmbH' --seller-vat-id DE136695976",
    )
)
def setup(
    *,
    tenant: Tenant = "",
    site: Annotated[str, typer.Option(metavar="CODE", help="Which site; else the default site.")] = "",
    status: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Orders of which statuses automatic jobs take; else CREATED,CONFIRMED."),
    ] = None,
    extended_status: Annotated[
        str | None, typer.Option(metavar="LIST", help="And of which extended statuses; else any.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, metavar="HOURS", help="And how long after delivery; else 24.")
    ] = None,
    number_prefix: Annotated[
        str, typer.Option(metavar="TEXT", help="What invoice numbers begin with; else INV-.")
    ] = "",
    credit_note_prefix: Annotated[
        str, typer.Option(metavar="TEXT", help="And those of credit notes that have a series of their own; else CN-.")
    ] = "",
    mail_sender: Annotated[str, typer.Option(metavar="ADDRESS", help="Where invoices are sent from.")] = "",
    logo: Annotated[str, typer.Option(metavar="URL", help="Where the logo lies, a PNG or JPEG.")] = "",
    seller_name: Annotated[str, typer.Option(metavar="TEXT", help="Who sells: the legal name.")] = "",
    seller_street: Annotated[str, typer.Option(metavar="TEXT", help="With the number.")] = "",
    seller_zip: Annotated[str, typer.Option(metavar="TEXT")] = "",
    seller_city: Annotated[str, typer.Option(metavar="TEXT")] = "",
    seller_country: Annotated[str, typer.Option(metavar="XX", help="ISO 3166-1 alpha-2.")] = "",
    seller_vat_id: Annotated[str, typer.Option(metavar="TEXT")] = "",
    seller_iban: Annotated[str, typer.Option(metavar="TEXT")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite what is there and is not as the options say.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    json: Json = False,
) -> None:
    """Make what a tenant needs before its first invoice, where it is missing; a second time nothing is done.

    Settings of automatic jobs, schemas of numbers, the sender of mails, a logo, and the seller. Credentials
    are read as `serve` reads them: from INVOICING_TENANT and its like, or INVOICING_TENANTS_FILE. Exit codes: 0 all is
    there, 1 something could not be made, 2 usage, 3 the platform cannot be reached.
    """
    from datetime import timedelta

    from app.cli import preparing
    from domain.order import Seller
    from domain.preparing import Wanted

    wanted = Wanted(
        site_code=site,
        statuses=_listed(status),
        extended_statuses=_listed(extended_status),
        threshold=None if threshold is None else timedelta(hours=threshold),
        prefix=number_prefix,
        credit_note_prefix=credit_note_prefix,
        sender=mail_sender,
        logo_url=logo,
        seller=Seller(
            name=seller_name,
            street=seller_street,
            zip_code=seller_zip,
            city=seller_city,
            country=seller_country,
            vat_id=seller_vat_id,
            iban=seller_iban,
        ),
        replace=replace,
    )
    preparing.run(lambda: preparing.setup(tenant, wanted, dry_run=dry_run, json=json), json=json)


@app.command(epilog=examples("invoicing tenant check", "invoicing tenant check --tenant acme --json"))
def check(
    *,
    tenant: Tenant = "",
    site: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Which sites; else every active one.")] = None,
    json: Json = False,
) -> None:
    """Tell line by line what a tenant has that its invoices need, what is missing, and what to do about it.

    Nothing is made or changed, no number drawn, no mail sent. Exit codes: 0 all is there, 1 something is missing,
    2 usage, 3 the platform cannot be reached.
    """
    from app.cli import preparing

    preparing.run(lambda: preparing.check(tenant, tuple(site or ()), json=json), json=json)


def _listed(names: str | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())

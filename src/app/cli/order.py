"""`invoicing order`: what became of one order, and an operator's word where nobody knows."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import Json, Tenant, examples

app = typer.Typer(
    no_args_is_help=True,
    help="Ask the journal about one order, and settle what it cannot know.",
    rich_markup_mode=None,
)

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.", show_default=False)]


@app.command(
    epilog=examples(
        "invoicing order explain EON1200 --tenant acme",
        "invoicing order explain EON1200 --tenant acme --gateway --json",
    )
)
def explain(
    *,
    order: OrderId,
    tenant: Tenant,
    gateway: Annotated[
        bool, typer.Option("--gateway", help="Also ask the payment gateway what it lists; only reads.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell all that is known of an order: jobs, failed tries, captures, numbers, documents, mails, with their times.

    It opens the database itself, by the settings of the service (INVOICING_DATABASE_URL, .env), whether or not the
    service runs; nothing is changed. Exit codes: 0 told, 2 usage, 3 no such order, or something cannot be reached.
    """
    from app.cli import orders
    from app.cli.preparing import run

    run(lambda: orders.explain(tenant, order, asks_gateway=gateway, json=json), json=json)


@app.command(
    epilog=examples(
        "invoicing order resolve EON1200 --tenant acme --not-captured",
        "invoicing order resolve EON1200 --tenant acme --captured 30.78 --by anna",
        "invoicing order resolve EON1200 --tenant acme --foreign 30.78",
    )
)
def resolve(
    *,
    order: OrderId,
    tenant: Tenant,
    captured: Annotated[
        str, typer.Option(metavar="AMOUNT", help="An unknown capture of this amount is this order's.")
    ] = "",
    not_captured: Annotated[
        bool, typer.Option("--not-captured", help="Nothing was captured for this order but what the journal knows.")
    ] = False,
    foreign: Annotated[
        str, typer.Option(metavar="AMOUNT", help="A capture of this amount is for none of our orders.")
    ] = "",
    transaction: Annotated[
        str, typer.Option(metavar="ID", help="Of which transaction; may be left out if there is only one.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so; else the user of this system.")] = "",
    json: Json = False,
) -> None:
    """Say what became of a capture whose outcome stayed unknown; it is kept with who said it and when.

    A wrong word can be corrected: --captured what was called foreign, --foreign what was called captured; the second
    only until the order or a document counts on it. What is said to be captured after the invoice was taken beyond it:
    invoice cancel --refund gives it back with the rest. All words are kept. The command first shows what the gateway
    lists, and takes no word that contradicts it. It works beside the running service, with the service's settings.
    Exit codes: 0 kept, 2 usage, 3 refused: nothing was changed.
    """
    from app.cli import orders
    from app.cli.preparing import run

    if [bool(captured), bool(foreign), not_captured].count(True) != 1:
        raise typer.BadParameter("give --captured AMOUNT, --foreign AMOUNT or --not-captured: one of the three")
    word = orders.Word(operator=orders.operator(by), captured=captured, foreign=foreign)
    run(lambda: orders.resolve(tenant, order, word, transaction=transaction, json=json), json=json)

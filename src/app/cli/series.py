"""`invoicing series`: the numbers, and the proof of them."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import DEFAULT_ADDRESS, Access, Address, Json, Tenant, examples

app = typer.Typer(no_args_is_help=True, help="Prove what was issued.", rich_markup_mode=None)


@app.callback()
def series() -> None:
    """Prove what was issued."""


@app.command(
    epilog=examples(
        "invoicing series verify --tenant acme",
        "invoicing series verify --tenant acme --series local:RE-2026-",
    )
)
def verify(
    *,
    series: Annotated[str, typer.Option(metavar="NAME", help="Which; needed where there are several.")] = "",
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Prove that every number is explained and every document unchanged: the ledger, the records, all bytes.

    Exit code 0: it is so. 1: something was changed, or a series without gaps has one.
    """
    from app.cli import calling, proving

    calling.run(Access(address, tenant, json), lambda client: proving.verify(client, series))

"""`invoicing`: the command line. Commands load what they need when they run, so that help is quick."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.cli import invoice, job, order, series, tenant
from app.cli.demo import demo
from app.cli.options import examples
from app.cli.serve import sandbox, serve
from app.cli.terminal import Exit, complain
from app.env_file import lend_to_options
from domain.errors import InvalidArgument, InvoicingError


class Commands(TyperGroup):
    """The commands. What is wrong with an argument is said in our words."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if error.__cause__ is not None:
                error.message = _in_our_words(error.__cause__, error.message)
            raise


def _in_our_words(cause: BaseException, told: str) -> str:
    from pydantic import ValidationError

    from app.mistakes import sentence_of

    return sentence_of(cause) if isinstance(cause, ValidationError) else told


app = typer.Typer(
    name="invoicing",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # rich's help takes longer to load than all the rest
    pretty_exceptions_enable=False,  # its tracebacks show values, and values may be secrets
    add_completion=False,
    epilog=examples(
        "invoicing demo",
        "invoicing serve --sandbox",
        "invoicing job create --tenant acme --order EON1200 --order EON2076 --watch",
        "invoicing invoice download --tenant acme INV0001",
    ),
)
app.command()(demo)
app.command()(serve)
app.command()(sandbox)
app.add_typer(job.app, name="job")
app.add_typer(invoice.app, name="invoice")
app.add_typer(series.app, name="series")
app.add_typer(order.app, name="order")
app.add_typer(tenant.app, name="tenant")


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"invoicing {version('invoicing')}")
        raise typer.Exit


@app.callback()
def invoicing(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Orders in, invoices out: nothing lost, nothing twice.

    Client commands take --address and --tenant, or INVOICING_ADDRESS and INVOICING_TENANT, also from .env, and answer
    in JSON with --json. Exit codes: 0 done, 1 some order failed, 2 usage, 3 unreachable or refused.
    """


def main() -> None:
    """Runs the command line. What can be said in a sentence is never a traceback."""
    try:
        lend_to_options()
        app(prog_name="invoicing")
    except InvoicingError as error:
        complain(error.message)
        sys.exit(Exit.USAGE if isinstance(error, InvalidArgument) else Exit.REFUSED)

"""`invoicing demo`: see it run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import complain


def demo(
    *,
    orders: Annotated[int, typer.Option(metavar="N", min=0, help="Invoice N generated orders as well.")] = 0,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where everything goes.")] = Path("demo-output"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the servers running until Ctrl-C.")] = False,
) -> None:
    """See it run: orders in, invoices out, over real HTTP, gRPC and SMTP on this machine.

    Starts a sandbox platform and the service on free ports, invoices the sandbox's orders by a manual and an automatic
    job, takes one invoice back with its money and issues it anew, and leaves documents, mails and logs in DIR. Exits 0
    when every order ended as it must.
    """
    import asyncio

    from app.cli.demonstration import demonstrate
    from app.cli.display import notes
    from app.cli.servers import ServerDied

    try:
        end = asyncio.run(demonstrate(out, generated=orders, keep=keep))
    except asyncio.CancelledError:
        complain("the demo was stopped, and so were its servers")
        raise typer.Exit(130) from None
    except ServerDied as death:
        notes().print("\n".join(death.lines), style="dim")
        raise
    raise typer.Exit(end)

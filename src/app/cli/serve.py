"""`invoicing serve` and `invoicing sandbox`: the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.settings import Settings


def serve(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run the sandbox platform too, and serve its tenants acme and globex.")
    ] = False,
) -> None:
    """Run the service: gRPC, HTTP and the engine, until SIGTERM or Ctrl-C.

    It is set up by environment variables, or lines of a .env file, that begin with INVOICING_: see docs/settings.md.
    With --sandbox nothing needs to be set: the platform is local, and what is kept goes into ./invoicing-data.
    """
    settings = _begin()

    import uvloop

    from app.service import serve as until_stopped

    uvloop.run(until_stopped(settings, sandbox=sandbox))


def sandbox(
    *,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where it answers, instead of INVOICING_SANDBOX_LISTEN.")
    ] = "",
) -> None:
    """Run the sandbox alone: a local commerce platform with demo orders, faults on demand and a mail server.

    It knows the tenants acme and globex, credentials sandbox / sandbox, and forgets everything at its end. It listens
    on INVOICING_SANDBOX_LISTEN (127.0.0.1:8090), for mail on INVOICING_SANDBOX_SMTP_LISTEN (127.0.0.1:8025).
    """
    settings = _begin()

    import uvloop

    from app.sandbox import serve as until_stopped

    uvloop.run(until_stopped(listen or settings.sandbox_listen, settings.sandbox_smtp_listen))


def _begin() -> Settings:
    from app.settings import Settings
    from app.telemetry import configure_logs

    settings = Settings.of_environment()
    configure_logs(settings.log_format)
    return settings

"""`invoicing job`: start invoice jobs and see how they go."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from app.cli.options import DEFAULT_ADDRESS, Access, Address, Json, Tenant, examples

app = typer.Typer(no_args_is_help=True, help="Start invoice jobs and see how they go.", rich_markup_mode=None)


class JobState(StrEnum):
    """Where a job stands, as one types it."""

    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class OrderState(StrEnum):
    """Where an order stands, as one types it."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"


JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.", show_default=False)]
Token = Annotated[str, typer.Option(metavar="TOKEN", help="Go on after this point of an earlier stream.")]


@app.command(
    epilog=examples(
        "invoicing job create --tenant acme --order EON1200 --order EON2076 --watch",
        "invoicing job create --tenant acme --automatic --dry-run",
    )
)
def create(
    *,
    order: Annotated[list[str] | None, typer.Option(metavar="ID", help="An order; may be given often.")] = None,
    automatic: Annotated[bool, typer.Option("--automatic", help="The orders the tenant's settings select.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only: no charge, number or mail.")] = False,
    request_id: Annotated[str, typer.Option(metavar="KEY", help="The same key makes the same job, once.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job to its end.")] = False,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Start a job."""
    from app.cli import calling, jobs

    if automatic == bool(order):
        raise typer.BadParameter("name orders with --order, or say --automatic: one of the two")
    calling.run(
        Access(address, tenant, json),
        lambda client: jobs.create(
            client, order or (), automatic=automatic, request_id=request_id, dry_run=dry_run, follow_it=watch
        ),
    )


@app.command()
def watch(
    *,
    job: JobId,
    resume_token: Token = "",
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Follow a job to its end. Exits 1 when an order failed."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.watch(client, job, resume_token=resume_token))


@app.command()
def get(*, job: JobId, tenant: Tenant, address: Address = DEFAULT_ADDRESS, json: Json = False) -> None:
    """Tell where a job stands."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.get(client, job))


@app.command(
    epilog=examples(
        "invoicing job retry --tenant acme JOB --watch",
        "invoicing job retry --tenant acme JOB --order EON1200",
    )
)
def retry(
    *,
    job: JobId,
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this order; may be given often. Else all retryable.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job to its end.")] = False,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """Let failed orders go on where they failed."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.retry(client, job, order or (), follow_it=watch))


@app.command()
def cancel(*, job: JobId, tenant: Tenant, address: Address = DEFAULT_ADDRESS, json: Json = False) -> None:
    """Stop the orders whose payment has not been touched; the others are finished."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.cancel(client, job))


@app.command()
def orders(
    *,
    job: JobId,
    state: Annotated[
        list[OrderState] | None, typer.Option(case_sensitive=False, help="Only these; may be given often.")
    ] = None,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """List a job's orders."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.list_orders(client, job, state or ()))


@app.command("list")
def list_jobs(
    *,
    state: Annotated[
        list[JobState] | None, typer.Option(case_sensitive=False, help="Only these; may be given often.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    tenant: Tenant,
    address: Address = DEFAULT_ADDRESS,
    json: Json = False,
) -> None:
    """List jobs, newest first."""
    from app.cli import calling, jobs

    calling.run(Access(address, tenant, json), lambda client: jobs.list_jobs(client, state or (), limit=limit))

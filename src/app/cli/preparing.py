"""What `invoicing tenant` does: it talks to the platform itself, and says what it found as it finds it."""

from __future__ import annotations

import asyncio
import json as documents
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import NoReturn

import typer
from rich.table import Table
from rich.text import Text

from adapters.platform import Platform
from app.cli.display import show
from app.cli.terminal import Exit, complain, safe
from app.clock import now
from app.mailing import mailer_by
from app.settings import Settings
from app.telemetry import silence_logs
from app.tenant_settings import TenantSettings
from app.tenants import platform_of, secret_of, tenant_with
from domain.errors import InvalidArgument, InvoicingError, Misconfigured
from domain.order import TenantId
from domain.ports import Tenant
from domain.preparing import Outcome, Wanted, prepare
from domain.readiness import Inspected, Status, findings

STYLES = {
    "ok": "green",
    "missing": "red",
    "warning": "yellow",
    "done": "green",
    "there": "dim",
    "planned": "cyan",
    "failed": "red",
}
WORDS = {"there": "already there", "planned": "would be done"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tenant that was chosen, connected to the platform."""

    settings: Settings
    tenant: Tenant
    platform: Platform


def run(work: Callable[[], Awaitable[Exit]], *, json: bool) -> NoReturn:
    """Does the work and ends the command as the work says, or with a complaint."""
    silence_logs()
    try:
        end = asyncio.run(_awaited(work))
    except InvoicingError as error:
        end = Exit.USAGE if isinstance(error, InvalidArgument) else Exit.REFUSED
        if json:
            typer.echo(documents.dumps({"reason": error.reason, "message": error.message}), err=True)
        else:
            complain(error.message)
    raise typer.Exit(end)


async def _awaited(work: Callable[[], Awaitable[Exit]]) -> Exit:
    return await work()


async def check(name: str, site_codes: tuple[str, ...], *, json: bool) -> Exit:
    """Tells every finding. Raises `Misconfigured`, `Unavailable`."""
    count: Counter[Status] = Counter()
    async with connected(name) as chosen, mailer_by(chosen.settings, only_greets=True) as mailer:
        inspected = Inspected(chosen.tenant, chosen.platform.preparations, mailer, now(), site_codes)
        async for finding in findings(inspected):
            count[finding.status] += 1
            told = {"check": finding.check, "status": finding.status, "found": finding.found}
            _tell(told, finding.remedy, json=json)
    if not json:
        show(Text(f"Tenant {chosen.tenant.id} is {_readiness(count)}.", "bold"))
    return Exit.ORDER_FAILED if count[Status.MISSING] else Exit.DONE


def _readiness(count: Counter[Status]) -> str:
    """How ready a tenant is, by how many checks came out how."""
    if missing := count[Status.MISSING]:
        return f"not ready: {missing} missing"
    warnings = count[Status.WARNING]
    told = f", with {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    return f"ready for its first invoice{told}"


async def setup(name: str, wanted: Wanted, *, dry_run: bool, json: bool) -> Exit:
    """Tells what became of every preparation. Raises `Misconfigured`, `Unavailable`."""
    failed = 0
    async with connected(name, prepares=True) as chosen:
        preparations = chosen.platform.preparations
        wanted = replace(wanted, site_code=wanted.site_code or await _default_site(chosen.platform))
        async for prepared in prepare(wanted, chosen.tenant, preparations, dry_run=dry_run):
            failed += prepared.outcome is Outcome.FAILED
            told = {"preparation": prepared.preparation, "outcome": prepared.outcome, "found": prepared.told}
            _tell(told, prepared.remedy, json=json)
    return Exit.ORDER_FAILED if failed else Exit.DONE


@asynccontextmanager
async def connected(name: str, *, prepares: bool = False) -> AsyncIterator[Chosen]:
    """The tenant of this name, connected while the context lasts. Raises `Misconfigured`."""
    settings = Settings.of_environment()
    tenant, its = _chosen(settings, name)
    connecting = platform_of(tenant, its, settings, now, secret=secret_of(tenant, its, settings), prepares=prepares)
    async with connecting as platform:
        yield Chosen(settings, tenant_with(platform, tenant, its), platform)


def _chosen(settings: Settings, name: str) -> tuple[TenantId, TenantSettings]:
    """The tenant of this name; without a name, the only one."""
    tenants = settings.tenants()
    if not name and len(tenants) > 1:
        raise typer.BadParameter(f"say which with --tenant: {', '.join(tenants)}")
    for tenant, its in tenants.items():
        if name in {"", tenant}:
            return tenant, its
    raise typer.BadParameter(f"tenant {safe(name)} is not configured here; there is {', '.join(tenants)}")


async def _default_site(platform: Platform) -> str:
    for code in await platform.preparations.sites():
        return code
    raise Misconfigured("the tenant has no active site; name one with --site")


def _tell(told: dict[str, str], remedy: str, *, json: bool) -> None:
    """One line for machines; for people one too, and below it what to do."""
    if json:
        typer.echo(documents.dumps({**told, "remedy": remedy}))
        return
    name, state, found = told.values()
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=max(len(word) for word in WORDS.values()))
    row.add_column(width=max(map(len, ("settings", "payments"))))
    row.add_column(overflow="fold")
    row.add_row(Text(WORDS.get(state, state), STYLES[state]), name, Text(safe(found)))
    if remedy:
        row.add_row("", "", Text(safe(remedy), "italic"))
    show(row)

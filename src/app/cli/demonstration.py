"""The demo: two servers, some jobs, and what came of them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from adapters.pdf.renderers import Renderer
from app.cli.client import Client
from app.cli.demo_folder import DemoFolder
from app.cli.options import Access
from app.cli.rehearsal import TENANT, Rehearsal, Result
from app.cli.report import print_addresses, print_result, print_what_to_try, starting
from app.cli.servers import Server
from app.cli.terminal import Exit
from app.settings import SANDBOX_TENANTS

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANY_PORT = "127.0.0.1:0"


async def demonstrate(out: Path, *, generated: int, keep: bool) -> Exit:
    """Runs the demo, prints what came of it and leaves the rest in the folder.

    Whatever happens, its servers are stopped. Raises `InvalidArgument` (the folder), `ServerDied`, `Refused`.
    """
    task = asyncio.current_task()
    if task is not None:
        _at_signals(task.cancel)
    with DemoFolder.fresh(out) as folder:
        async with _servers(folder.path) as (sandbox, service):
            print_addresses(sandbox, service)
            work = _rehearse(sandbox, service, folder, generated)
            result = await service.guard(sandbox.guard(work))
            print_result(result, out)
            if keep:
                print_what_to_try(service, result)
                stopped = asyncio.Event()
                _at_signals(stopped.set)
                await service.guard(sandbox.guard(stopped.wait()))
    return Exit.ORDER_FAILED if result.differences else Exit.DONE


def _at_signals(act: Callable[[], object]) -> None:
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, act)


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[tuple[Server, Server]]:
    async with AsyncExitStack() as stack:
        with starting():
            sandbox = await stack.enter_async_context(
                Server.running("sandbox", ("sandbox",), event="sandbox", environment=_of_sandbox(), folder=folder)
            )
            surroundings = _of_service(sandbox, folder)
            service = await stack.enter_async_context(
                Server.running("service", ("serve",), event="serving", environment=surroundings, folder=folder)
            )
        yield sandbox, service


def _of_sandbox() -> dict[str, str]:
    return _environment(SANDBOX_LISTEN=ANY_PORT, SANDBOX_SMTP_LISTEN=ANY_PORT)


def _of_service(sandbox: Server, folder: Path) -> dict[str, str]:
    return _environment(
        PLATFORM_URL=sandbox.told["url"],
        MAIL_URL=f"smtp://{sandbox.told['smtp']}",
        TENANTS_FILE=str(SANDBOX_TENANTS),
        GRPC_LISTEN=ANY_PORT,
        HTTP_LISTEN=ANY_PORT,
        DATABASE_URL=f"sqlite:///{folder / 'invoicing.db'}",
        ARCHIVE_URL=f"file:{folder / 'archive'}",
        PDF=os.environ.get("INVOICING_PDF", Renderer.BORB),
    )


def _environment(**settings: str) -> dict[str, str]:
    """Ours, but of the service's settings only these: the demo does the same whatever is set outside."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("INVOICING_")}
    return outside | {f"INVOICING_{name}": value for name, value in settings.items()} | {"INVOICING_LOG": "json"}


async def _rehearse(sandbox: Server, service: Server, folder: DemoFolder, generated: int) -> Result:
    access = Access(service.told["grpc"], TENANT)
    async with Client.connected(access) as client, aiohttp.ClientSession(sandbox.told["url"]) as platform:
        return await Rehearsal(client, platform, folder, service.pid).run(generated)

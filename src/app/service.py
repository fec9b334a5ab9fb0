"""The running service: opened from the inside out, closed from the outside in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from adapters.http import HttpServer
from adapters.pdf.workers import RenderPool
from adapters.rpc import RpcServer
from adapters.store import Store
from app.clock import WatchedClock, now, require_not_behind
from app.collector import spare
from app.container import Container
from app.lead import Lead
from app.mailing import mailer_by
from app.reloading import reloaded
from app.sandbox import running as running_sandbox
from app.settings import Settings
from app.stopping import told_to_stop
from app.tenants import ServedTenants
from domain.work import CaptureTiming

READINESS_SECONDS = 1.0
DATA = Path("invoicing-data")
"""Where `serve --sandbox` keeps what it keeps."""

_log = structlog.get_logger("app")


async def serve(settings: Settings, *, sandbox: bool) -> None:
    """Serves until it is told to stop; with a sandbox, at that one. Raises `Misconfigured`."""
    for name in Settings.misspelt(os.environ):
        _log.warning("no such setting", name=name)
    async with AsyncExitStack() as stack:
        if sandbox:
            settings = await stack.enter_async_context(_at_sandbox(settings))
        wanted = settings.tenants()
        tenants = await stack.enter_async_context(ServedTenants.connected(wanted, settings, now))
        await stack.enter_async_context(reloaded(tenants, settings))
        addresses = await stack.enter_async_context(running(settings, tenants))
        told = {"grpc": addresses.grpc, "http": addresses.http, "tenants": sorted(wanted)}
        await told_to_stop(lambda: _log.info("serving", **told))


@asynccontextmanager
async def _at_sandbox(settings: Settings) -> AsyncIterator[Settings]:
    """The settings, pointed at a sandbox that runs while the context lasts. Raises `Misconfigured`."""
    if lost := settings.lost_at_sandbox:
        _log.warning("not taken with --sandbox", settings=lost)
    folder = _data_folder()
    counters = folder / "sandbox-numbers.json"
    async with running_sandbox(settings.sandbox_listen, settings.sandbox_smtp_listen, counters=counters) as platform:
        yield settings.at_sandbox(url=platform.url, smtp=platform.smtp, folder=folder)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the service answers, as HOST:PORT and as URL."""

    grpc: str
    http: str


@asynccontextmanager
async def running(settings: Settings, tenants: ServedTenants) -> AsyncIterator[Addresses]:
    """The service of these tenants while the context lasts. Raises `Misconfigured` when it cannot start so."""
    async with AsyncExitStack() as stack:
        http = stack.enter_context(HttpServer.listening(settings.http_listen))
        url = f"http://{_host(settings.http_listen)}:{http.port}"
        clock = WatchedClock(rest=_longest_wait(settings))
        store = await stack.enter_async_context(Store.opened(settings.database_url, clock=clock))
        if not settings.clock_behind_ok:
            require_not_behind(now(), await store.newest())
        container = Container(
            settings=settings,
            store=store,
            tenants=tenants,
            pdf=await stack.enter_async_context(_renderer(settings)),
            mailer=await stack.enter_async_context(mailer_by(settings)),
            url=url,
            link_key=_link_key(settings, store),
        )
        lead = Lead(store, container.engine) if settings.engine == "embedded" else None
        readiness = Readiness(store, lead)
        invoicing = container.invoicing()
        await stack.enter_async_context(http.answering(invoicing, readiness))
        rpc = await stack.enter_async_context(RpcServer.running(settings.grpc_listen, invoicing))
        if lead is not None:
            await stack.enter_async_context(lead.sought())
        await stack.enter_async_context(readiness.told_to(rpc))
        spare()
        yield Addresses(f"{_host(settings.grpc_listen)}:{rpc.port}", url)


class Readiness:
    """What the service needs, and what is wrong with it."""

    def __init__(self, store: Store, lead: Lead | None) -> None:
        self._store = store
        self._lead = lead

    def __call__(self) -> Mapping[str, str]:
        """By name, what is wrong with it; empty while it is up."""
        problems = {"store": self._store.problem}
        if self._lead is not None:
            problems["engine"] = "" if self._lead.is_up else "the engine cannot see its work"
        return problems

    @asynccontextmanager
    async def told_to(self, rpc: RpcServer) -> AsyncIterator[None]:
        """Keeps the health of the gRPC services up to date while the context lasts, and says no at its end."""
        telling = asyncio.create_task(self._tell(rpc))
        try:
            yield
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            rpc.set_ready(jobs=False, invoices=False)

    async def _tell(self, rpc: RpcServer) -> None:
        while True:
            problems = self()
            rpc.set_ready(jobs=not any(problems.values()), invoices=not problems["store"])
            await asyncio.sleep(READINESS_SECONDS)


def _renderer(settings: Settings) -> AbstractAsyncContextManager[RenderPool]:
    return RenderPool.running(workers=settings.render_workers, renderer=settings.pdf, font_dirs=settings.font_dirs)


def _data_folder() -> Path:
    DATA.mkdir(exist_ok=True)
    return DATA


def _longest_wait(settings: Settings) -> timedelta:
    """From the intent to capture until anyone may act on the order again, if no answer comes."""
    timing = CaptureTiming(timeout=settings.platform_timeout, settle=settings.capture_settle)
    return timing.patience + timing.settle


def _link_key(settings: Settings, store: Store) -> bytes:
    """The key that is set; else the database's own."""
    return settings.link_key.get_secret_value().encode() if settings.link_key else store.link_key()


def _host(listen: str) -> str:
    """The host as others reach it: a service that listens everywhere is reached on this machine too."""
    host = listen.rpartition(":")[0]
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared with, not listened on

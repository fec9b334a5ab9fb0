"""SIGHUP: the tenants are set anew while the service runs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from app.settings import Settings
from app.tenants import ServedTenants
from domain.errors import Misconfigured

_log = structlog.get_logger("app")


@asynccontextmanager
async def reloaded(tenants: ServedTenants, settings: Settings) -> AsyncIterator[None]:
    """While the context lasts, SIGHUP has the tenants file read again. A wrong one changes nothing, and is told."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, told.set)
    reloading = asyncio.create_task(_reload(tenants, settings, told))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        reloading.cancel()
        with suppress(asyncio.CancelledError):
            await reloading


async def _reload(tenants: ServedTenants, settings: Settings, told: asyncio.Event) -> None:
    while True:
        await told.wait()
        told.clear()
        if settings.tenants_file is None:
            _log.info("there is no tenants file to read again; the tenants stay as they are")
            continue
        try:
            change = await tenants.serve(settings.tenants())
        except Misconfigured as error:
            _log.error("the tenants stay as they are", problem=error.message)
        else:
            _log.info("tenants", added=change.added, changed=change.changed, removed=change.removed)

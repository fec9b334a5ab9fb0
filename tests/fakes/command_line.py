"""`invoicing` as its users run it: a process of its own, with or without a terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.rpc import RpcServer
from fakes.service import FakeService

SOURCES = Path(__file__).parents[2] / "src"
PATIENCE = 30
"""Seconds after which a command that does not end is given up."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it wrote. On a terminal both streams are one."""

    code: int
    out: str
    err: str = ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Standard output as JSON, a message a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**variables: str) -> dict[str, str]:
    """That of the tests, without what the developer has set for himself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INVOICING_")}
    return kept | {"PYTHONPATH": str(SOURCES), "TERM": "xterm", "COLUMNS": "120", **variables}


async def started(
    *arguments: str, stdout: int = asyncio.subprocess.PIPE, stderr: int = asyncio.subprocess.PIPE, **variables: str
) -> asyncio.subprocess.Process:
    """The command, running."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=environment(**variables),
    )


async def ended(process: asyncio.subprocess.Process) -> Ran:
    """The command's end; it must come."""
    try:
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return Ran(process.returncode or 0, (out or b"").decode(), (err or b"").decode())


async def invoicing(*arguments: str, **variables: str) -> Ran:
    """The command, from its start to its end."""
    return await ended(await started(*arguments, **variables))


async def invoicing_on_terminal(*arguments: str, **variables: str) -> Ran:
    """The same, before the eyes of a person."""
    ours, theirs = pty.openpty()
    process = await started(*arguments, stdout=theirs, stderr=theirs, **variables)
    os.close(theirs)
    try:
        seen, end = await asyncio.gather(asyncio.to_thread(_read_all, ours), ended(process))
    finally:
        os.close(ours)
    return Ran(end.code, seen)


def _read_all(terminal: int) -> str:
    """Linux ends a terminal nobody writes to any more with EIO."""
    seen = b""
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            seen += part
    return seen.decode()


@asynccontextmanager
async def served(service: FakeService, listen: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """The service at an address, its engine at work."""
    async with RpcServer.running(listen, service.invoicing) as server:
        engine = asyncio.create_task(_work(service))
        try:
            yield f"127.0.0.1:{server.port}"
        finally:
            engine.cancel()
            with suppress(asyncio.CancelledError):
                await engine


async def _work(service: FakeService) -> None:
    while True:
        await service.work()
        await service.jobs.news(timeout=timedelta(minutes=1))

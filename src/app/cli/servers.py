"""Servers in processes of their own: started, heard, stopped whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from domain.errors import InvoicingError

START_SECONDS = 60.0
GRACE_SECONDS = 10.0
LAST_LINES = 15
LONGEST_LINE = 16 * 1024 * 1024

Result = TypeVar("Result")


class ServerDied(InvoicingError):
    """A server ended, or never began, that was needed. `lines` are the last it wrote."""

    reason = "SERVER_DIED"

    def __init__(self, message: str, lines: Sequence[str]) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


class Server:
    """`invoicing` in a process of its own; what it writes goes into a log file. `told` is its line `event`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self.told: dict[str, Any] = {}
        self._process = process
        self._log = log
        self._lines: deque[str] = deque(maxlen=LAST_LINES)

    @classmethod
    @asynccontextmanager
    async def running(
        cls, name: str, arguments: Sequence[str], *, event: str, environment: Mapping[str, str], folder: Path
    ) -> AsyncIterator[Server]:
        """The server from when it logged `event` until the context ends.

        It runs in the folder, in a session of its own, so that Ctrl-C reaches it through us only. Raises `ServerDied`.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        server = cls(name, process, folder / f"{name}.log")
        begun = asyncio.Event()
        hearing = asyncio.create_task(server._hear(event, begun))
        try:
            await server.guard(server._begin(begun))
            yield server
        finally:
            await server._stop()
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing

    async def guard(self, work: Awaitable[Result]) -> Result:
        """The work's result, unless the server ends before: then the work is cancelled. Raises `ServerDied`."""
        task, death = asyncio.ensure_future(work), asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise self._died(f"the {self.name} ended unasked, with exit code {self._process.returncode}")
            return task.result()
        finally:
            for each in (task, death):
                each.cancel()
            await asyncio.gather(task, death, return_exceptions=True)

    async def _begin(self, begun: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await begun.wait()
        except TimeoutError:
            raise self._died(f"the {self.name} did not start within {START_SECONDS:g} s") from None

    async def _hear(self, event: str, begun: asyncio.Event) -> None:
        lines = self._process.stdout
        if lines is None:
            return
        with self._log.open("ab", buffering=0) as log:
            async for line in lines:
                log.write(line)
                self._lines.append(line.decode(errors="replace").rstrip())
                if not begun.is_set() and (said := _as_event(line)).get("event") == event:
                    self.told = said
                    begun.set()

    async def _stop(self) -> None:
        """Asks it to stop; whoever is impatient, or cancels this, gets it killed."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), GRACE_SECONDS)
        finally:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                await self._process.wait()

    def _died(self, message: str) -> ServerDied:
        return ServerDied(message, tuple(self._lines))


def _as_event(line: bytes) -> dict[str, Any]:
    """The log line as what it says; warnings and tracebacks say nothing."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

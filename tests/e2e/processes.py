"""`invoicing` as processes of their own: started, heard, and ended whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Any

from app.cli.footprint import family
from fakes.command_line import environment

PATIENCE = 60.0
"""Seconds in which what must happen happens, also on a busy machine."""
LAST_LINES = 20
INVOICING = ("-m", "app.cli")
"""The program, as Python is told."""


class Process:
    """`invoicing` with these arguments. It is heard line by line: `lines` has both its streams, `errors` the second."""

    def __init__(
        self, folder: Path, arguments: tuple[str, ...], variables: dict[str, str], *, program: Sequence[str] = INVOICING
    ) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._written = Condition()
        self._process = subprocess.Popen(
            (sys.executable, *program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=surroundings(**variables),
            start_new_session=True,
        )
        self.pid = self._process.pid
        streams = ((self._process.stdout, [self.lines]), (self._process.stderr, [self.lines, self.errors]))
        self._open = len(streams)
        self._readers = [Thread(target=self._read, args=stream, daemon=True) for stream in streams]
        for reader in self._readers:
            reader.start()

    @classmethod
    @contextmanager
    def running(
        cls, folder: Path, *arguments: str, program: Sequence[str] = INVOICING, **variables: str
    ) -> Iterator[Process]:
        """The process while the context lasts; at its end nothing of it is left. Variables are named without prefix."""
        process = cls(folder, arguments, variables, program=program)
        try:
            yield process
        finally:
            process.kill()

    def tells(self, event: str) -> dict[str, Any]:
        """The first log line of this event; it must come. Meant for a thread when the test's own loop has work."""
        self.writes(lambda lines: any(_as_event(line).get("event") == event for line in lines))
        return self.events(event)[0]

    def writes(self, enough: Callable[[list[str]], bool]) -> None:
        """Returns once the lines are enough; they must become so."""
        with self._written:
            self._written.wait_for(lambda: not self._open or enough(self.lines), PATIENCE)
            assert enough(self.lines), "it did not write that:\n" + "\n".join(self.lines[-LAST_LINES:])

    def events(self, event: str) -> list[dict[str, Any]]:
        """Every log line of this event so far."""
        return [said for line in list(self.lines) if (said := _as_event(line)).get("event") == event]

    def signal(self, number: signal.Signals) -> None:
        """Sends the signal to the process itself, not to its workers."""
        self._process.send_signal(number)

    async def ends(self) -> int:
        """Its exit code, once nothing of it is left; both must come."""
        family_of_it = list(family(self.pid))
        code = await asyncio.to_thread(self._process.wait, PATIENCE)
        await asyncio.to_thread(until_gone, family_of_it)
        for reader in self._readers:
            reader.join()
        return code

    def kill(self) -> None:
        """kill -9 of the process alone: its workers must notice. Whoever outlives it is ended too, and told of."""
        relatives = list(family(self.pid))
        self._process.kill()
        self._process.wait()
        try:
            until_gone(relatives)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        for reader in self._readers:
            reader.join()

    def _read(self, stream: IO[bytes], keep: list[list[str]]) -> None:
        with stream:
            for line in stream:
                with self._written:
                    for lines in keep:
                        lines.append(line.decode().rstrip())
                    self._written.notify_all()
        with self._written:
            self._open -= 1
            self._written.notify_all()


def surroundings(**variables: str) -> dict[str, str]:
    """The environment of a process: ours, without what a developer has set for himself; ports are free ones."""
    listening = dict.fromkeys(("GRPC_LISTEN", "HTTP_LISTEN", "SANDBOX_LISTEN", "SANDBOX_SMTP_LISTEN"), "127.0.0.1:0")
    told = {"LOG": "json", "RENDER_WORKERS": "1", **listening, **variables}
    return environment(**{f"INVOICING_{name}": value for name, value in told.items()})


def until_gone(pids: list[int]) -> None:
    """Returns when these processes have ended; they must."""
    for pid in pids:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                waiting = select.poll()
                waiting.register(handle, select.POLLIN)
                assert waiting.poll(PATIENCE * 1000), f"process {pid} is left behind"
            finally:
                os.close(handle)


def _as_event(line: str) -> dict[str, Any]:
    """The log line as what it says; other lines say nothing."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

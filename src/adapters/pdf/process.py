"""One worker process, and the socket through which it is given documents and gives them back drawn.

On the socket, either way: lengths first (network order), then the bytes they announce. A worker that has grown too
large says so with a document, its last, and ends.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from traceback import format_exc
from types import ModuleType

import msgspec

from adapters.pdf import collector
from adapters.pdf.renderers import Draw, Renderer
from domain.document import Drawing
from domain.invoice import Invoice

_ASKED = struct.Struct("!III")
"""The lengths of an invoice, its logo and its XML."""
_DRAWN = struct.Struct("!III?")
"""The lengths of what was drawn, what no font has, and what went wrong: an error's name, a line end, its trace.

Then whether this was the worker's last document.
"""

LARGEST = 512 << 20
"""Bytes: a worker that took more memory gives place to a new one, because typst keeps much of what it laid out."""

_STATM = Path("/proc/self/statm")
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Died(Exception):
    """The worker ended before it had answered."""


class Undrawable(Exception):
    """The document cannot be drawn. `error` is what was raised, `trace` where."""

    def __init__(self, told: str) -> None:
        self.error, _, self.trace = told.partition("\n")
        super().__init__(self.error)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker draws with, and how many bytes it may take: one that takes more draws no other document."""

    renderer: Renderer = Renderer.BORB
    font_dirs: tuple[Path, ...] = ()
    largest: int = LARGEST


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that draws one document after another."""

    tools: Tools
    process: SpawnProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def started(cls, tools: Tools) -> Worker:
        """A new worker. Spawned, because a fork would take along the threads' locks and every open connection."""
        ours, theirs = socket.socketpair()
        process = get_context("spawn").Process(target=_serve, args=(theirs, os.getpid(), tools), name="render")
        with theirs, _nameless_main():
            process.start()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(tools, process, reader, writer)

    def lives(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.is_alive()

    async def draw(self, content: bytes, logo: bytes, xml: bytes) -> Drawing:
        """The document of an invoice (MessagePack), logo and XML; nothing for nothing. Raises `Died`, `Undrawable`."""
        parts = (content, logo, xml)
        try:
            self.writer.writelines((_ASKED.pack(*map(len, parts)), *parts))
            *lengths, is_last = _DRAWN.unpack(await self.reader.readexactly(_DRAWN.size))
            document, replaced, problem = [await self.reader.readexactly(length) for length in lengths]
            if is_last:
                await asyncio.to_thread(self.process.join)
        except (OSError, EOFError) as error:
            raise Died from error
        if problem:
            raise Undrawable(problem.decode())
        return Drawing(document, replaced.decode())

    async def end(self) -> None:
        """Lets the process end, and waits for it."""
        self.writer.close()
        await asyncio.to_thread(self.process.join)
        self.process.close()

    async def replaced(self) -> Worker:
        """A worker in place of this one, which has ended."""
        await self.end()
        return await Worker.started(self.tools)


@contextmanager
def _nameless_main() -> Iterator[None]:
    """A new process imports the program's main module, servers and all, unless it is not told which that is."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


# In the worker


def _serve(connection: socket.socket, parent: int, tools: Tools) -> None:
    """Draws until the other side hangs up, or too much memory is taken."""
    _bind_to(parent)
    draw = tools.renderer.drawing(tools.font_dirs)
    collector.rest()
    is_last = False
    with connection, connection.makefile("rwb") as stream:
        while not is_last and (lengths := stream.read(_ASKED.size)):
            parts = _drawn(draw, *map(stream.read, _ASKED.unpack(lengths)))
            is_last = _memory() > tools.largest
            stream.writelines((_DRAWN.pack(*map(len, parts), is_last), *parts))
            stream.flush()
            collector.look()


def _memory() -> int:
    """The bytes that this process has in memory; where that is not told, had at most."""
    if _STATM.exists():  # on Linux, where what it had at most would count its parent's at the time of the fork
        return int(_STATM.read_bytes().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _bind_to(parent: int) -> None:
    """The parent decides when a worker ends: signals to the group pass it by, and it does not outlive the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be watched


def _drawn(draw: Draw, content: bytes, logo: bytes, xml: bytes) -> tuple[bytes, bytes, bytes]:
    """The document, what no font has, and what went wrong."""
    if not content:
        return b"", b"", b""
    try:
        drawn = draw(msgspec.msgpack.decode(content, type=Invoice), logo or None, xml)
    except Exception as error:  # noqa: BLE001 - the worker goes on with other documents
        return b"", b"", f"{type(error).__name__}\n{format_exc()}".encode(errors="replace")
    return drawn.content, drawn.replaced.encode(), b""

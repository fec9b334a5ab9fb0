"""One worker process, and the socket through which it is given documents and gives them back drawn.

On the socket, either way: lengths first (network order), then the bytes they announce.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
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

from domain.document import Drawing
from domain.invoice import Invoice

_ASKED = struct.Struct("!III")
"""The lengths of an invoice, its logo and its XML."""
_DRAWN = struct.Struct("!III")
"""The lengths of what was drawn, what no font has, and what went wrong: an error's name, a line end, its trace."""

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
class Worker:
    """A process that draws one document after another. `font_dirs` are where it looks for fonts that it lacks."""

    process: SpawnProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    font_dirs: tuple[Path, ...]

    @classmethod
    async def started(cls, font_dirs: tuple[Path, ...]) -> Worker:
        """A new worker. Spawned, because a fork would take along the threads' locks and every open connection."""
        ours, theirs = socket.socketpair()
        process = get_context("spawn").Process(target=_serve, args=(theirs, os.getpid(), font_dirs), name="render")
        with theirs, _nameless_main():
            process.start()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(process, reader, writer, font_dirs)

    def lives(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.is_alive()

    async def draw(self, content: bytes, logo: bytes, xml: bytes) -> Drawing:
        """The document of an invoice (MessagePack), logo and XML; nothing for nothing. Raises `Died`, `Undrawable`."""
        parts = (content, logo, xml)
        try:
            self.writer.writelines((_ASKED.pack(*map(len, parts)), *parts))
            lengths = _DRAWN.unpack(await self.reader.readexactly(_DRAWN.size))
            document, replaced, problem = [await self.reader.readexactly(length) for length in lengths]
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
        """A worker in place of this one, which died."""
        await self.end()
        return await Worker.started(self.font_dirs)


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


def _serve(connection: socket.socket, parent: int, font_dirs: tuple[Path, ...]) -> None:
    """Draws until the other side hangs up."""
    _bind_to(parent)
    import adapters.pdf.borb.renderer  # noqa: F401, PLC0415 - only workers load the PDF library
    from adapters.pdf.borb.styles import LIBRARY  # noqa: PLC0415 - likewise

    LIBRARY.add(font_dirs)
    with connection, connection.makefile("rwb") as stream:
        while lengths := stream.read(_ASKED.size):
            parts = _drawn(*map(stream.read, _ASKED.unpack(lengths)))
            stream.writelines((_DRAWN.pack(*map(len, parts)), *parts))
            stream.flush()


def _bind_to(parent: int) -> None:
    """The parent decides when a worker ends: signals to the group pass it by, and it does not outlive the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be watched


def _drawn(content: bytes, logo: bytes, xml: bytes) -> tuple[bytes, bytes, bytes]:
    """The document, what no font has, and what went wrong."""
    from adapters.pdf.borb.renderer import drawing  # noqa: PLC0415 - only workers load the PDF library

    if not content:
        return b"", b"", b""
    try:
        drawn = drawing(msgspec.msgpack.decode(content, type=Invoice), logo or None, xml)
    except Exception as error:  # noqa: BLE001 - the worker goes on with other documents
        return b"", b"", f"{type(error).__name__}\n{format_exc()}".encode(errors="replace")
    return drawn.content, drawn.replaced.encode(), b""

"""Worker processes that draw, so that the event loop never waits for a document."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import get_context
from types import ModuleType

import msgspec
import structlog

from domain.errors import RenderFailed
from domain.invoice import Invoice

_log = structlog.get_logger(__name__)

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class RenderPool:
    """`domain.ports.PdfRenderer` in worker processes, each drawing one document at a time.

    Whatever a document does to its worker, other documents come out: each worker is a pool of its own, so that one that
    dies takes nobody along, and another takes its place.
    """

    def __init__(self, workers: int) -> None:
        self._workers = {_started() for _ in range(workers)}
        self._idle: asyncio.Queue[ProcessPoolExecutor] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def running(cls, *, workers: int) -> AsyncIterator[RenderPool]:
        """A pool whose workers are warm; on leaving, what is being drawn is finished and every worker has ended.

        Belongs on the main thread: Linux ends a worker when the thread that started it ends.
        """
        pool = cls(workers)
        try:
            await pool._warm_up()
            yield pool
        finally:
            await pool._close()

    async def render(self, invoice: Invoice, logo: bytes | None) -> bytes:
        """The PDF: same invoice and logo, same bytes. A logo that is no picture is left out. Raises `RenderFailed`."""
        worker = await self._idle.get()
        try:
            content = msgspec.msgpack.encode(invoice)  # a tenth of what pickling costs
            worker, drawing = self._begun(worker, content, logo)
            return await asyncio.wrap_future(drawing)
        except BrokenProcessPool as error:
            raise RenderFailed("the process that drew the document died") from error
        except Exception as error:
            _log.exception("a document could not be drawn", number=invoice.number)
            raise RenderFailed(f"the document could not be drawn: {type(error).__name__}") from error
        finally:
            self._idle.put_nowait(worker)

    def _begun(
        self, worker: ProcessPoolExecutor, content: bytes, logo: bytes | None
    ) -> tuple[ProcessPoolExecutor, Future[bytes]]:
        """Hands a document to the worker; to a new one in its place, if that died before."""
        try:
            return worker, worker.submit(_draw, content, logo)
        except BrokenProcessPool:
            worker = self._replaced(worker)
            return worker, worker.submit(_draw, content, logo)

    async def _warm_up(self) -> None:
        await asyncio.gather(*(asyncio.wrap_future(_warm(worker)) for worker in self._workers))
        for worker in self._workers:
            self._idle.put_nowait(worker)

    def _replaced(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """A worker in place of one that died."""
        broken.shutdown(wait=False)
        self._workers.remove(broken)
        worker = _started()
        self._workers.add(worker)
        _warm(worker)
        return worker

    async def _close(self) -> None:
        """Lets every worker finish what it draws."""
        closing = (asyncio.to_thread(worker.shutdown, wait=True) for worker in self._workers)
        await asyncio.gather(*closing)


def _started() -> ProcessPoolExecutor:
    """One worker. Spawned, because a fork would take along the threads' locks and every open connection."""
    return ProcessPoolExecutor(1, get_context("spawn"), _begin, (os.getpid(),))


def _warm(worker: ProcessPoolExecutor) -> Future[None]:
    """Starts the worker's process, and lets it load what drawing needs."""
    with _nameless_main():
        return worker.submit(_load)


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


def _begin(parent: int) -> None:
    """The parent decides when a worker ends: signals to the group pass it by, and it does not outlive the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be watched


def _load() -> None:
    import adapters.pdf.renderer  # noqa: F401, PLC0415 - only workers load the PDF library


def _draw(content: bytes, logo: bytes | None) -> bytes:
    from adapters.pdf.renderer import draw  # noqa: PLC0415 - only workers load the PDF library

    return draw(msgspec.msgpack.decode(content, type=Invoice), logo)

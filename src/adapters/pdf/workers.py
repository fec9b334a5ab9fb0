"""Worker processes that draw, so that the event loop never waits for a document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from adapters.pdf.extraction import xml_in
from adapters.pdf.process import LARGEST, Died, Tools, Undrawable, Worker
from adapters.pdf.renderers import Renderer
from domain.document import Drawing
from domain.errors import RenderFailed
from domain.invoice import Invoice

_log = structlog.get_logger(__name__)


class RenderPool:
    """`domain.ports.PdfRenderer` in worker processes, each drawing one document at a time.

    Whatever a document does to its worker, other documents come out: one that dies takes nobody along, and another
    takes its place.
    """

    def __init__(self) -> None:
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._drawings: set[asyncio.Task[Drawing]] = set()

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        *,
        workers: int,
        renderer: Renderer = Renderer.BORB,
        font_dirs: tuple[Path, ...] = (),
        largest: int = LARGEST,
    ) -> AsyncIterator[RenderPool]:
        """A pool whose workers are warm; on leaving, what is being drawn is finished and every worker has ended.

        They look for fonts in `font_dirs` too. One that has taken more than `largest` bytes is replaced after its
        document. Belongs on the main thread: Linux ends a worker when the thread that started it ends. Raises
        `Misconfigured` where the library is not installed.
        """
        renderer.require()
        pool = cls()
        for _ in range(workers):
            pool._idle.put_nowait(await Worker.started(Tools(renderer, font_dirs, largest)))
        try:
            await asyncio.gather(*(pool._with_a_worker(b"", b"", b"") for _ in range(workers)))
            yield pool
        finally:
            await asyncio.gather(*pool._drawings, return_exceptions=True)
            while not pool._idle.empty():
                await pool._idle.get_nowait().end()

    async def render(self, invoice: Invoice, logo: bytes | None, xml: bytes) -> Drawing:
        """The PDF/A-3 that carries the XML. A logo that is no picture is left out. Raises `RenderFailed`."""
        try:
            content = msgspec.msgpack.encode(invoice)  # a tenth of what pickling costs
            drawn = await self._with_a_worker(content, logo or b"", xml)
        except Died as death:
            raise RenderFailed("the process that drew the document died") from death
        except UnicodeEncodeError as error:
            raise RenderFailed("the document has text that is none: half a surrogate pair") from error
        except Undrawable as problem:
            _log.error("a document could not be drawn", number=invoice.number, exception=problem.trace)
            raise RenderFailed(f"the document could not be drawn: {problem.error}") from problem
        if drawn.replaced:
            _log.warning(
                "no font has characters of a document", number=invoice.number, characters=ascii(drawn.replaced)
            )
        return drawn

    def xml_in(self, document: bytes) -> bytes | None:
        """The structured invoice that the document carries, byte for byte; None where it carries none."""
        return xml_in(document)

    async def _with_a_worker(self, content: bytes, logo: bytes, xml: bytes) -> Drawing:
        """The document. Whoever stops waiting for it leaves the worker to others once it is drawn."""
        drawing = asyncio.create_task(self._draw(await self._idle.get(), content, logo, xml))
        self._drawings.add(drawing)
        drawing.add_done_callback(self._drawings.discard)
        return await asyncio.shield(drawing)

    async def _draw(self, worker: Worker, content: bytes, logo: bytes, xml: bytes) -> Drawing:
        try:
            if not worker.lives():
                worker = await worker.replaced()
            return await worker.draw(content, logo, xml)
        except Died:
            worker = await worker.replaced()
            raise
        finally:
            self._idle.put_nowait(worker)

"""What `domain.ports.PdfRenderer` promises, asked of the fake and of the worker processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.pdf.workers import RenderPool
from domain.ports import PdfRenderer
from fakes.documents import FakeRenderer
from fakes.invoices import a_png, an_invoice

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(params=["fake", "workers"], scope="module", loop_scope="module")
async def renderer(request: pytest.FixtureRequest) -> AsyncIterator[PdfRenderer]:
    if request.param == "fake":
        yield FakeRenderer()
        return
    async with RenderPool.running(workers=2) as pool:
        yield pool


async def test_the_same_invoice_and_logo_are_the_same_bytes_whoever_draws_them(renderer: PdfRenderer) -> None:
    drawn = await asyncio.gather(*(renderer.render(an_invoice(), a_png()) for _ in range(8)))
    assert len(set(drawn)) == 1
    assert drawn[0].startswith(b"%PDF-")


async def test_another_invoice_or_logo_is_another_document(renderer: PdfRenderer) -> None:
    drawn = {
        await renderer.render(an_invoice(), None),
        await renderer.render(an_invoice(number="INV-2"), None),
        await renderer.render(an_invoice(paid=False), None),
        await renderer.render(an_invoice(), a_png()),
        await renderer.render(an_invoice(), a_png(width=16)),
    }
    assert len(drawn) == 5


@pytest.mark.parametrize("logo", [b"", b"no picture", b"<svg/>", b"GIF89a"])
async def test_a_logo_that_is_no_picture_is_left_out(renderer: PdfRenderer, logo: bytes) -> None:
    assert await renderer.render(an_invoice(), logo) == await renderer.render(an_invoice(), None)


async def test_many_documents_at_once_do_not_mix(renderer: PdfRenderer) -> None:
    invoices = [an_invoice(number=f"INV-{n}") for n in range(30)]
    at_once = await asyncio.gather(*(renderer.render(invoice, None) for invoice in invoices))
    assert at_once == [await renderer.render(invoice, None) for invoice in invoices]

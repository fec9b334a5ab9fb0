"""What `domain.ports.PdfRenderer` promises, asked of the fake, and of worker processes with each library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.pdf.renderers import Renderer
from adapters.pdf.workers import RenderPool
from domain.ports import PdfRenderer
from fakes.documents import FakeRenderer
from fakes.invoices import XML, a_png, an_invoice, an_order_of
from fakes.orders import a_line

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(params=["fake", *Renderer], scope="module", loop_scope="module")
async def renderer(request: pytest.FixtureRequest) -> AsyncIterator[PdfRenderer]:
    if request.param == "fake":
        yield FakeRenderer()
        return
    async with RenderPool.running(workers=2, renderer=request.param) as pool:
        yield pool


async def test_the_same_invoice_logo_and_xml_are_the_same_bytes_whoever_draws_them(renderer: PdfRenderer) -> None:
    drawn = await asyncio.gather(*(renderer.render(an_invoice(), a_png(), XML) for _ in range(8)))
    assert len(set(drawn)) == 1
    assert drawn[0].content.startswith(b"%PDF-")


async def test_another_invoice_logo_or_xml_is_another_document(renderer: PdfRenderer) -> None:
    drawn = {
        await renderer.render(an_invoice(), None, XML),
        await renderer.render(an_invoice(number="INV-2"), None, XML),
        await renderer.render(an_invoice(paid=False), None, XML),
        await renderer.render(an_invoice(), a_png(), XML),
        await renderer.render(an_invoice(), a_png(width=16), XML),
        await renderer.render(an_invoice(), None, b"<other/>"),
    }
    assert len(drawn) == 6


@pytest.mark.parametrize("logo", [b"", b"no picture", b"<svg/>", b"GIF89a"])
async def test_a_logo_that_is_no_picture_is_left_out(renderer: PdfRenderer, logo: bytes) -> None:
    assert await renderer.render(an_invoice(), logo, XML) == await renderer.render(an_invoice(), None, XML)


async def test_many_documents_at_once_do_not_mix(renderer: PdfRenderer) -> None:
    invoices = [an_invoice(number=f"INV-{n}") for n in range(30)]
    at_once = await asyncio.gather(*(renderer.render(invoice, None, XML) for invoice in invoices))
    assert at_once == [await renderer.render(invoice, None, XML) for invoice in invoices]


@pytest.mark.parametrize("xml", [XML, b"endstream\nendobj\nxref\n0 1\n", bytes(range(256)) * 999])
async def test_the_xml_comes_out_as_it_went_in(renderer: PdfRenderer, xml: bytes) -> None:
    assert renderer.xml_in((await renderer.render(an_invoice(), a_png(), xml)).content) == xml


@pytest.mark.parametrize("number", ["/AF [1 0 R]", "\nxref\n0 9\n", "trailer\n<</Size 9/Root 1 0 R", "endobj"])
async def test_no_text_of_the_invoice_hides_the_xml(renderer: PdfRenderer, number: str) -> None:
    drawn = await renderer.render(an_invoice(number=number), None, XML)
    assert renderer.xml_in(drawn.content) == XML


@pytest.mark.parametrize(
    ("name", "replaced"), [("Mug", ""), ("\U0001f600 Mug \U0001f5ff\U0001f600", "\U0001f5ff\U0001f600")]
)
async def test_what_no_font_has_is_told_and_shown_as_a_replacement(
    renderer: PdfRenderer, name: str, replaced: str
) -> None:
    drawn = await renderer.render(an_invoice(an_order_of([a_line(name={"": name})])), None, XML)
    assert drawn.replaced == replaced


@pytest.mark.parametrize("document", [b"", b"no document", b"%PDF-1.7\nxref\n0 1\n"])
async def test_in_what_carries_no_xml_none_is_found(renderer: PdfRenderer, document: bytes) -> None:
    assert renderer.xml_in(document) is None

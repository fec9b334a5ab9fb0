"""An installation needs the PDF library that it draws with, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from adapters.pdf.renderers import Renderer
from e2e.processes import Process
from e2e.services import Home, Service

REFUSED = 3
PROGRAM = (
    "import sys; sys.modules[{renderer!r}] = None; sys.path.insert(0, {folder!r}); from app.cli import main; main()"
)


def without(renderer: Renderer, folder: Path) -> Sequence[str]:
    """`invoicing` as it is where the library is not installed; its worker processes too, which inherit the path."""
    package = folder / "missing" / renderer
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ModuleNotFoundError('it is not installed')\n")
    return "-c", PROGRAM.format(renderer=str(renderer), folder=str(package.parent))


async def test_without_borb_typst_draws(home: Home) -> None:
    program = without(Renderer.BORB, home.folder)
    with Process.running(home.folder, "serve", program=program, **home.settings(PDF="typst")) as process:
        async with Service.called(process) as service:
            (order,) = (await service.outcome(await service.create(["DEMO-WHOLESALE"]))).values()
            _, document = await service.download(order.invoice_number)
    (page,) = PdfReader(BytesIO(document), strict=True).pages
    assert f"Invoice {order.invoice_number}" in page.extract_text()


@pytest.mark.parametrize("renderer", Renderer)
async def test_a_library_that_is_missing_is_named_with_the_remedy(home: Home, renderer: Renderer) -> None:
    program = without(renderer, home.folder)
    with Process.running(home.folder, "serve", program=program, **home.settings(PDF=renderer)) as process:
        await asyncio.to_thread(process.writes, lambda _: bool(process.errors) or bool(process.events("serving")))
        assert await process.ends() == REFUSED
    (sentence,) = process.errors
    assert f"pip install '.[{renderer}]'" in sentence
    assert ("make typst" in sentence) == (renderer is Renderer.TYPST)
    assert "INVOICING_PDF" in sentence

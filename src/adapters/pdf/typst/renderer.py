"""From an invoice to the bytes of its PDF/A-3: pure, and always the same bytes for the same content."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import cast

from typst import Compiler

from adapters.pdf.composition import content_of
from adapters.pdf.typefaces import installed
from adapters.pdf.typst.archival import with_xml
from adapters.pdf.typst.faces import Faces
from adapters.pdf.typst.inputs import told
from adapters.pdf.typst.pictures import picture_of
from domain.document import Drawing
from domain.invoice import Invoice

TEMPLATE = Path(__file__).with_name("invoice.typ")


def drawing(invoice: Invoice, logo: bytes | None, xml: bytes, *, font_dirs: tuple[Path, ...] = ()) -> Drawing:
    """The invoice as a PDF that carries its XML, if there is one. A logo that is no picture is left out.

    Characters that the bundled typefaces lack are drawn with the fonts that are installed, and those in the folders.
    """
    compiler, faces = _prepared(font_dirs)
    replaced: set[str] = set()
    document = told(content_of(invoice), picture_of(logo) if logo else None, partial(faces.drawable, replaced=replaced))
    drawn = _compiled(compiler, document, invoice.issue_date)
    return Drawing(with_xml(drawn, xml, invoice.issue_date) if xml else drawn, "".join(sorted(replaced)))


def _compiled(compiler: Compiler, document: str, day: date) -> bytes:
    """The document, to be archived and to be read aloud: ISO 19005-3 level A, ISO 14289-1."""
    drawn = compiler.compile(
        format="pdf",
        sys_inputs={"document": document},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=datetime.combine(day, time(), UTC),
    )
    return cast("bytes", drawn)


@cache
def _prepared(font_dirs: tuple[Path, ...]) -> tuple[Compiler, Faces]:
    """What is read once a process: the template, and what there is to draw it with."""
    faces = Faces((*installed(), *font_dirs))
    return Compiler(TEMPLATE, font_paths=faces.fonts), faces

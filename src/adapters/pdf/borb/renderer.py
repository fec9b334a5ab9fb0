"""From an invoice to the bytes of its PDF/A-3a and PDF/UA-1: pure, and always the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.pdf import factur_x
from adapters.pdf.borb.attachment import attachment
from adapters.pdf.borb.colour import OUTPUT_INTENT
from adapters.pdf.borb.embedding import font_dictionary
from adapters.pdf.borb.letterhead import LOGO
from adapters.pdf.borb.metadata import Metadata
from adapters.pdf.borb.objects import Document, Page, compressed, name
from adapters.pdf.borb.pictures import Picture, picture_of
from adapters.pdf.borb.serialiser import STRUCTURE, to_bytes
from adapters.pdf.borb.sheet import Glyphs
from adapters.pdf.borb.styles import FACES, PAGE_HEIGHT, PAGE_WIDTH
from adapters.pdf.borb.template import Template
from adapters.pdf.composition import content_of
from domain.document import Drawing
from domain.invoice import Invoice


def draw(invoice: Invoice, logo: bytes | None, xml: bytes) -> bytes:
    """The bytes of `drawing`."""
    return drawing(invoice, logo, xml).content


def drawing(invoice: Invoice, logo: bytes | None, xml: bytes) -> Drawing:
    """The invoice as a PDF that carries its XML, if there is one. A logo that is no picture is left out."""
    content = content_of(invoice)
    picture = picture_of(logo) if logo else None
    glyphs = Glyphs()
    template = Template(content, picture)
    pages = [compressed(page) for page in template.pages(glyphs)]
    numbers = [compressed(number) for number in template.numbers(len(pages), glyphs)]
    document = _document(zip(pages, numbers, strict=True), _resources(glyphs, picture))
    _describe(document, Metadata(content.title, content.author, content.words.language))
    if xml:
        _attach(document, attachment(xml, invoice.issue_date))
    return Drawing(to_bytes(document, template.structure), "".join(sorted(glyphs.replaced)))


def _document(contents: Iterable[tuple[object, ...]], resources: dict[name, object]) -> Document:
    document = Document()
    for index, content in enumerate(contents):
        page = Page(PAGE_HEIGHT, PAGE_WIDTH)
        page[name("Contents")] = [*content]
        page[name("Resources")] = resources
        page[name("StructParents")] = index
        page[name("Tabs")] = name("S")
        document.append_page(page)
    return document


def _resources(glyphs: Glyphs, picture: Picture | None) -> dict[name, object]:
    fonts = {
        name(face.called): font_dictionary(
            face, frozenset(glyphs.shown[face]), tuple(sorted(glyphs.spelled[face].items()))
        )
        for face in dict.fromkeys((*FACES, *glyphs.shown))
    }
    pictures = {name("XObject"): {name(LOGO): picture.image}} if picture else {}
    return {name("Font"): fonts, **pictures}


def _describe(document: Document, metadata: Metadata) -> None:
    """Title, language, what its parts are, and what its colours mean."""
    trailer = document["Trailer"]
    trailer[name("Info")] = metadata.information()
    root = trailer["Root"]
    root[name("Lang")] = metadata.language
    root[name("MarkInfo")] = {name("Marked"): True}
    root[name("StructTreeRoot")] = STRUCTURE
    root[name("ViewerPreferences")] = {name("DisplayDocTitle"): True}
    root[name("Metadata")] = metadata.xmp()
    root[name("OutputIntents")] = [OUTPUT_INTENT]


def _attach(document: Document, file: dict[name, object]) -> None:
    root = document["Trailer"]["Root"]
    root[name("Names")] = {name("EmbeddedFiles"): {name("Names"): [factur_x.FILE_NAME, file]}}
    root[name("AF")] = [file]

"""From an invoice to the bytes of its PDF: pure, and always the same bytes for the same invoice and logo."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.pdf.embedding import font_dictionary
from adapters.pdf.objects import PRODUCER, Document, Page, compressed, name
from adapters.pdf.pictures import Picture, picture_of
from adapters.pdf.serialiser import to_bytes
from adapters.pdf.sheet import FONTS, LOGO, Glyphs
from adapters.pdf.styles import PAGE_HEIGHT, PAGE_WIDTH
from adapters.pdf.template import Template
from adapters.pdf.words import Words, words_of
from domain.invoice import Invoice


def draw(invoice: Invoice, logo: bytes | None) -> bytes:
    """The invoice as a PDF. A logo that is no picture is left out."""
    words = words_of(invoice.draft.language)
    picture = picture_of(logo) if logo else None
    glyphs = Glyphs()
    contents = [compressed(content) for content in Template(invoice, words, picture).pages(glyphs)]
    document = _document(contents, _resources(glyphs, picture))
    _describe(document, invoice, words)
    return to_bytes(document)


def _document(contents: Iterable[object], resources: dict[name, object]) -> Document:
    document = Document()
    for content in contents:
        page = Page(PAGE_HEIGHT, PAGE_WIDTH)
        page[name("Contents")] = content
        page[name("Resources")] = resources
        document.append_page(page)
    return document


def _resources(glyphs: Glyphs, picture: Picture | None) -> dict[name, object]:
    fonts = {
        name(font): font_dictionary(face, frozenset(glyphs.shown[face]), tuple(sorted(glyphs.spelled[face].items())))
        for face, font in FONTS.items()
    }
    pictures = {name("XObject"): {name(LOGO): picture.image}} if picture else {}
    return {name("Font"): fonts, **pictures}


def _describe(document: Document, invoice: Invoice, words: Words) -> None:
    """Title and language. Dates stay out: the clock must not show in the document."""
    trailer = document["Trailer"]
    trailer[name("Info")] = {
        name("Title"): f"{words.invoice} {invoice.number}",
        name("Author"): invoice.draft.seller.name,
        name("Producer"): PRODUCER,
    }
    root = trailer["Root"]
    root[name("Lang")] = words.language
    root[name("ViewerPreferences")] = {name("DisplayDocTitle"): True}

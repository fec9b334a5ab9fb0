"""The document says what it is: language, title, headings, what its pictures show (ISO 14289-1, 7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pikepdf

from tagging.content import Kind
from tagging.document import Document
from tagging.finding import Finding
from tagging.tree import Element

_HEADING = re.compile("H([1-6])")
_GROUPING = frozenset("Document Part Sect Div Art NonStruct BlockQuote TOC Index".split())
_TOLERANCE = 1.0


def catalogue(document: Document) -> Iterator[Finding]:
    """What the catalogue must say of the whole document, and each page of the way through it."""
    root = document.file.Root
    if not str(root.get("/Lang", "")):
        yield Finding(None, "", "no /Lang says its language")
    if root.get("/MarkInfo", {}).get("/Marked") is not True:
        yield Finding(None, "", "no /MarkInfo says that it is tagged")
    if root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is not True:
        yield Finding(None, "", "its title is not displayed: /DisplayDocTitle")
    with document.file.open_metadata() as metadata:
        if not metadata.get("dc:title"):
            yield Finding(None, "", "has no title (dc:title)")
    for number, page in enumerate(document.file.pages, 1):
        if page.get("/Tabs", None if "/Annots" in page else "/S") != "/S":
            yield Finding(number, "", "one does not tab through it in the order of the tree: /Tabs")


def outline(document: Document) -> Iterator[Finding]:
    """One Document at the root; one H1, and under it no level left out; pictures with words; nothing empty."""
    tops = [top.tag for top in document.tree.tops]
    if tops != ["Document"]:
        yield Finding(None, "", f"the root holds {', '.join(tops) or 'nothing'}, not one Document")
    yield from _headings(document)
    for element in document.tree.elements:
        wrong = _figure(document, element) if element.tag == "Figure" else _emptiness(document, element)
        yield from (document.found(element, what) for what in wrong)


def _headings(document: Document) -> Iterator[Finding]:
    levels = [
        (int(found[1]), element) for element in document.tree.elements if (found := _HEADING.fullmatch(element.tag))
    ]
    titles = [element for level, element in levels if level == 1]
    if not titles:
        yield Finding(None, "", "has no H1")
    yield from (document.found(title, "is a second H1") for title in titles[1:])
    before = 0
    for level, element in levels:
        if level > before + 1:
            yield document.found(element, f"follows a heading of level {before}" if before else "comes before any H1")
        before = level


def _figure(document: Document, figure: Element) -> Iterator[str]:
    if not _is_said(str(figure.entries.get("/Alt", ""))):
        yield "no /Alt says what the picture shows"
    box = figure.attribute("/Layout", "/BBox")
    if box is None or len(box) != 4:
        yield "no /BBox says where it is"
        return
    left, bottom, right, top = map(float, box)
    pictures = [(shown.x, shown.y) for _, shown in document.shown(figure) if shown.kind is Kind.PICTURE]
    if left >= right or bottom >= top or not all(_within(box, x, y) for x, y in pictures):
        yield "its /BBox is not where the picture is"


def _within(box: pikepdf.Array, x: float, y: float) -> bool:
    left, bottom, right, top = (float(edge) for edge in box)
    return left - _TOLERANCE <= x <= right + _TOLERANCE and bottom - _TOLERANCE <= y <= top + _TOLERANCE


def _emptiness(document: Document, element: Element) -> Iterator[str]:
    is_cell = element.tag in ("TH", "TD")
    if element.kids and not is_cell:
        return
    if element.tag in _GROUPING and not element.marks:
        yield "holds nothing"
    elif not _is_said(_words(document, element)):
        yield "has no text"


def _words(document: Document, element: Element) -> str:
    return "".join([document.text(part) for part in element.all() if not part.kids])


def _is_said(text: str) -> bool:
    """Whether there is anything to hear."""
    return any(not character.isspace() and unicodedata.category(character)[0] != "C" for character in text)

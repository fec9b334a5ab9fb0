"""What is heard has the order of what is seen, and nothing is heard twice (ISO 14289-1, 7.1 and 7.8)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tagging.document import Document
from tagging.finding import Finding
from tagging.tables import rows_of
from tagging.tree import Element

LINE = 3.0
"""Points: what lies no further below stands on the same line."""

_DIGITS = re.compile(r"\d+")

Place = tuple[int, float]
"""The page, and how far down it."""


def order(document: Document) -> Iterator[Finding]:
    """Lines of an element that do not run down the pages, rows of a table, cells that do not run from left to right."""
    for element in document.tree.elements:
        if element.marks and not _runs_down(document, element):
            yield document.found(element, "its lines are not read from the top down")
        if element.tag == "Table":
            yield from _rows(document, element)
        if element.tag == "TR":
            yield from _cells(document, element)


def _runs_down(document: Document, element: Element) -> bool:
    places = [(page, -shown.y) for page, shown in document.shown(element)]
    return all((page, down + LINE) >= before for before, (page, down) in pairwise(places))


def _rows(document: Document, table: Element) -> Iterator[Finding]:
    end: Place = (-1, 0.0)
    for row in rows_of(table):
        places = [place for cell in row.kids if not _hangs(cell) for place in _places(document, cell)]
        if places and min(places) <= end:
            yield document.found(row, "is seen above the row that is read before it, or beside it")
        end = max(places, default=end)


def _hangs(cell: Element) -> bool:
    """Whether it reaches into rows below its own."""
    return int(cell.attribute("/Table", "/RowSpan") or 1) > 1


def _places(document: Document, element: Element) -> list[Place]:
    return [(page, -shown.y) for page, shown in document.shown(element)]


def _cells(document: Document, row: Element) -> Iterator[Finding]:
    """Each begins to the right of the one before it, on the page on which its row begins."""
    begun: Place = (-1, 0.0)
    for cell in row.kids:
        shown = document.shown(cell)
        if not shown:
            continue
        page = min(page for page, _ in shown)
        begins = page, min(shown.x for at, shown in shown if at == page)
        if begun[0] not in (-1, page) or begins <= begun:
            yield document.found(cell, "is seen to the left of the cell that is read before it, or on another page")
        begun = begins


def repetition(document: Document) -> Iterator[Finding]:
    """What is there for each page, and should be an artifact: headers, titles that run on, page numbers, subtotals."""
    yield from _on_each_page(document)
    for element in document.tree.elements:
        if element.tag == "Table":
            yield from _headers(document, element)
            yield from _subtotals(document, element)


def _on_each_page(document: Document) -> Iterator[Finding]:
    """Text outside of tables at the same height of several pages, the same but for its numbers."""
    pages: dict[tuple[str, int], set[int]] = defaultdict(set)
    for element in _outside_of_tables(document):
        for page, shown in document.shown(element) if element.marks else ():
            known = pages[_DIGITS.sub("0", shown.text), round(shown.y)]
            if known and page not in known:
                yield Finding(
                    page + 1, element.path, f"{shown.what} is on page {min(known) + 1} already, at the same place"
                )
            known.add(page)


def _outside_of_tables(document: Document) -> Iterator[Element]:
    waiting = [*reversed(document.tree.tops)]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [kid for kid in reversed(element.kids) if kid.tag != "Table"]


def _headers(document: Document, table: Element) -> Iterator[Finding]:
    header = {document.text(row) for part in table.kids if part.tag == "THead" for row in part.kids}
    for row in rows_of(table):
        in_head = row.parent and row.parent.tag == "THead"
        if in_head and len({page for page, _ in document.shown(row)}) > 1:
            yield document.found(row, "the header is content on more than one page")
        if not in_head and document.text(row) in header:
            yield document.found(row, "repeats the table's header")


def _subtotals(document: Document, table: Element) -> Iterator[Finding]:
    """A row that is there twice, before and after a page ends; more rows than two are what was bought."""
    texts = [document.text(row) for row in rows_of(table)]
    for number, (before, row) in enumerate(pairwise(rows_of(table))):
        is_repeated = texts[number] == texts[number + 1] and texts.count(texts[number]) == 2
        if is_repeated and _page(document, before) != _page(document, row):
            yield document.found(row, "says what the row before it says on the page before")


def _page(document: Document, row: Element) -> int | None:
    return next((page for page, _ in document.shown(row)), None)

"""Tables have rows of one width, cells that say something, and headers that say what they are about (14.8.4.3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tagging.document import Document
from tagging.finding import Finding
from tagging.tree import Element

KIDS = {
    "Table": ("TR", "THead", "TBody", "TFoot", "Caption"),
    "THead": ("TR",),
    "TBody": ("TR",),
    "TFoot": ("TR",),
    "TR": ("TH", "TD"),
}
"""What may be in what."""

_ONLY_IN_TABLES = frozenset(chain.from_iterable(KIDS.values())) - {"Caption"}
LABELLED = 2
"""Columns that a table may have without a header: a label in each row, and a value."""


def rows_of(table: Element) -> list[Element]:
    """Its rows, in reading order."""
    return [element for element in table.all() if element.tag == "TR"]


def tables(document: Document) -> Iterator[Finding]:
    """What is wrong with the tables, each by itself."""
    for element in document.tree.elements:
        yield from (document.found(element, what) for what in _place(element))
        if element.tag in ("TH", "TD"):
            yield from (document.found(element, what) for what in _cell(element))
        if element.tag == "Table":
            yield from _table(document, element)


def _place(element: Element) -> Iterator[str]:
    parent = element.parent.tag if element.parent else ""
    if element.tag in _ONLY_IN_TABLES and element.tag not in KIDS.get(parent, ()):
        yield f"does not belong into a {parent}"
    allowed = KIDS.get(element.tag)
    if allowed and element.marks:
        yield "holds content itself, outside of a cell"
    yield from (f"a {kid.tag} does not belong into it" for kid in element.kids if allowed and kid.tag not in allowed)


def _cell(cell: Element) -> Iterator[str]:
    in_head = cell.parent and cell.parent.parent and cell.parent.parent.tag == "THead"
    wanted = "/Column" if in_head else "/Row"
    scope = cell.attribute("/Table", "/Scope")
    if cell.tag == "TH" and scope not in (wanted, "/Both"):
        yield f"its scope is {scope or 'missing'}, not {wanted}"
    if cell.tag == "TD" and in_head:
        yield "is no header cell, and stands in the header"


def _table(document: Document, table: Element) -> Iterator[Finding]:
    rows = rows_of(table)
    widths = _widths(table)
    usual = max(set(widths), key=widths.count, default=0)
    for row, width in zip(rows, widths, strict=True):
        if width != usual:
            yield document.found(row, f"has {width} columns, where the table has {usual}")
    if not rows:
        yield document.found(table, "has no row")
    elif not any(kid.tag == "THead" and kid.kids for kid in table.kids):
        yield from _without_header(document, table, rows, usual)


def _without_header(document: Document, table: Element, rows: list[Element], width: int) -> Iterator[Finding]:
    if width > LABELLED:
        yield document.found(table, f"has {width} columns and no header")
    yield from (document.found(row, "has no header") for row in rows if all(cell.tag != "TH" for cell in row.kids))


def _widths(table: Element) -> list[int]:
    """How many columns each row takes, with what hangs down into it from above in its part of the table."""
    widths: list[int] = []
    part: Element | None = None
    hanging: list[tuple[int, int]] = []
    for row in rows_of(table):
        if row.parent is not part:
            part, hanging = row.parent, []
        spans = [(_span(cell, "/RowSpan"), _span(cell, "/ColSpan")) for cell in row.kids]
        widths.append(sum(columns for _, columns in (*hanging, *spans)))
        hanging = [(left - 1, columns) for left, columns in (*hanging, *spans) if left > 1]
    return widths


def _span(cell: Element, key: str) -> int:
    return int(cell.attribute("/Table", key) or 1)

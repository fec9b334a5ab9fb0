"""Blocks: text and rules that stay together, stacked and broken over pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from adapters.pdf.borb.structure import Element
from adapters.pdf.borb.text import Line

_EPSILON = 1e-6

Run = tuple[float, float, Line]
"""A line of text at x from the page's left edge, its base line at y from the top of its block."""

Mark = tuple[Element | None, Sequence[Run]]
"""Text that belongs to one structure element; to none where it only serves the page."""


class Rule(NamedTuple):
    """A horizontal line from x at y of the block, this wide; a strong one has the brand's colour."""

    x: float
    y: float
    width: float
    is_strong: bool = False


class Figure(NamedTuple):
    """A picture with its lower left corner at x and at y of the block; `drawing` are operators in its own units.

    One unit is `scale` wide and high; the picture is `width` by `height` points large.
    """

    element: Element
    x: float
    y: float
    width: float
    height: float
    scale: tuple[float, float]
    drawing: str


class Block(NamedTuple):
    """What is never torn apart. Lengths are in points, y grows downwards."""

    height: float
    marks: Sequence[Mark] = ()
    rules: Sequence[Rule] = ()
    figures: Sequence[Figure] = ()

    @property
    def repeated(self) -> Block:
        """The block once more, on a later page, where it is no content."""
        runs = [*chain.from_iterable(runs for _, runs in self.marks)]
        return Block(self.height, ((None, runs),), self.rules)


def column(lines: Iterable[Line], x: float, y: float = 0.0) -> tuple[list[Run], float]:
    """The lines one below the other, starting at the left edge x; and where they end."""
    runs = []
    for line in lines:
        runs.append((x, y + line.style.rise, line))
        y += line.style.leading
    return runs, y


def flush_right(line: Line, x: float, y: float = 0.0) -> Run:
    """The line such that it ends at x."""
    return x - line.width, y + line.style.rise, line


def stacked(blocks: Iterable[Block]) -> Block:
    """The blocks one below the other, as one that is never torn apart."""
    marks: list[Mark] = []
    rules: list[Rule] = []
    figures: list[Figure] = []
    y = 0.0
    for block in blocks:
        marks += [(element, [(x, y + dy, line) for x, dy, line in runs]) for element, runs in block.marks]
        rules += [rule._replace(y=y + rule.y) for rule in block.rules]
        figures += [figure._replace(y=y + figure.y) for figure in block.figures]
        y += block.height
    return Block(y, marks, rules, figures)


def beside(left: Block, right: Block) -> Block:
    """The two side by side, read from left to right, as one that is never torn apart."""
    marks, rules = (*left.marks, *right.marks), (*left.rules, *right.rules)
    return Block(max(left.height, right.height), marks, rules, (*left.figures, *right.figures))


class Row(NamedTuple):
    """A row of a table, and what it adds to the subtotal."""

    block: Block
    net: Decimal


class Page(NamedTuple):
    """What one page takes of the rows, and then of the closing; whether the rows go on after it."""

    rows: list[Row]
    closing: list[Block]
    goes_on: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on it yet."""
        return not self.rows and not self.closing


def paged(
    rows: Iterable[Row], closing: Callable[[Row], Iterable[Block]], *, first: float, rest: float, carry: float
) -> Iterator[Page]:
    """Rows, and then the closing that follows the last of them, page by page; each row is asked for when it is needed.

    `first` and `rest` are the heights that the first page and each later one have to offer. A page that ends before the
    last row keeps `carry` free for its subtotal. The closing stays in one piece and with the last row, unless it is
    taller than a page. Only the first page may stay empty.
    """
    page, left, may_be_empty = Page([], []), first, True
    ending: list[Block] = []
    for row, is_last in _until_last(rows):
        ending = [*closing(row)] if is_last else []
        height = row.block.height
        wanted = min(height + sum(block.height for block in ending), rest) if is_last else height + carry
        if wanted > left + _EPSILON and (may_be_empty or not page.is_empty):
            yield page._replace(goes_on=True)
            page, left, may_be_empty = Page([], []), rest, False
        page.rows.append(row)
        left -= height
    for block in ending:
        if min(block.height, rest) > left + _EPSILON and not page.is_empty:
            yield page
            page, left = Page([], []), rest
        page.closing.append(block)
        left -= block.height
    yield page


def _until_last(rows: Iterable[Row]) -> Iterator[tuple[Row, bool]]:
    """Each row, and whether it is the last."""
    waiting = iter(rows)
    row = next(waiting)
    for following in waiting:
        yield row, False
        row = following
    yield row, True

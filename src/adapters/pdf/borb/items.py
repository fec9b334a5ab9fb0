"""The table of what was bought: its columns, and a block for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache

from adapters.pdf.borb import styles
from adapters.pdf.borb.layout import Block, Mark, Row, Rule, Run, column, flush_right
from adapters.pdf.borb.structure import COLUMN, ROW, Element, Structure, over, row_over
from adapters.pdf.borb.styles import LEFT, MM, RIGHT, Style
from adapters.pdf.borb.text import Line, figures, line, lines
from adapters.pdf.content import Content

ABOVE, BELOW = 4.0, 5.0
"""White space in a row, above and below its text."""

GAP = 5 * MM
UNIT_GAP = 1.2 * MM
NARROWEST_NAME, WIDEST_UNIT = 40 * MM, 16 * MM
MOST_LINES_A_ROW = 30
"""A longer text goes on in rows of its own, so that no row is taller than a page."""

MOST_LINES_A_UNIT = 3
_BASE = ABOVE + styles.BODY.rise
"""From the top of a row to the base line of its first line, which all its cells share."""

_LOWEST = ABOVE + styles.BODY.leading


class Table:
    """The items under their header. Columns are as wide as what is in them; names get the rest.

    Where numbers are so long that names get too little, the numbers become small.
    """

    def __init__(self, content: Content, structure: Structure) -> None:
        self._content = content
        self._structure = structure
        self._table = structure.add("Table")
        units = {unit: _unit(unit) for unit in {item.unit for item in content.items}}
        self._units = [units[item.unit] for item in content.items]
        self._positions = [figures(item.position, styles.QUIET) for item in content.items]
        for style in (styles.BODY, styles.NARROW):
            self._columns = [*_columns(content, style)]
            room = self._place()
            if room >= NARROWEST_NAME:
                break
        self._name_width = max(room, NARROWEST_NAME)
        self.header = self._header()
        self._body = structure.add("TBody", self._table)
        self._is_begun = False

    def rows(self) -> Iterator[Row]:
        """A row for each item, more than one where its text is very long."""
        numbers = zip(*(figure.runs() for figure in self._columns), strict=True)
        parts = zip(self._content.items, self._positions, self._units, numbers, strict=True)
        for item, position, unit, cells in parts:
            row = self._structure.add("TR", self._body)
            head = self._structure.add("TH", row, ROW if item.quantity else self._charge)
            texts = lines(item.name, styles.BODY, self._name_width)
            if item.sku:
                texts += lines(item.sku, styles.SMALL_CODE, self._name_width)
            runs, bottom = column(texts[:MOST_LINES_A_ROW], self._name_left, ABOVE)
            if item.position:
                runs.insert(0, (LEFT, _BASE, position))
            beyond, lowest = self._beyond(row, cells, unit)
            more = texts[MOST_LINES_A_ROW:]
            yield Row(_block([(head, runs), *beyond], max(bottom, lowest), is_end=not more), item.net)
            yield from self._rest(head, more)

    def _rest(self, head: Element, texts: tuple[Line, ...]) -> Iterator[Row]:
        """What did not fit into one row of a name."""
        for start in range(0, len(texts), MOST_LINES_A_ROW):
            end = start + MOST_LINES_A_ROW
            runs, bottom = column(texts[start:end], self._name_left, ABOVE)
            yield Row(_block([(head, runs)], bottom, is_end=end >= len(texts)), Decimal(0))

    def begun(self, subtotal: Decimal) -> Iterator[Block]:
        """What stands above the rows of a page: the header, and on later pages the subtotal of those before."""
        if not self._is_begun:
            self._is_begun = True
            yield self.header
        else:
            yield from (self.header.repeated, self.carried(subtotal))

    def carried(self, net: Decimal) -> Block:
        """The subtotal at the end of a page, and at the beginning of the next; it serves the page alone."""
        label = line(self._content.carried, styles.QUIET)
        amount = figures(self._content.coins(net), styles.QUIET)
        height = ABOVE + label.style.leading + BELOW
        runs = ((self._name_left, ABOVE + label.style.rise, label), flush_right(amount, RIGHT, ABOVE))
        return Block(height, ((None, runs),), (Rule(LEFT, height, RIGHT - LEFT),))

    def _header(self) -> Block:
        """What the columns hold."""
        label = line(self._content.columns.item, styles.LABEL)
        height = styles.LABEL.leading + BELOW - 1
        row = self._structure.add("TR", self._structure.add("THead", self._table))
        texts = [(self._name_left, label.style.rise, label), *(figure.heading() for figure in self._columns)]
        marks = [(self._structure.add("TH", row, COLUMN), (text,)) for text in texts]
        return Block(height, marks, (Rule(LEFT, height, RIGHT - LEFT),))

    def _place(self) -> float:
        """Places the columns from right to left; gives how wide a name may be then."""
        right = RIGHT
        for figure in reversed(self._columns):
            if figure is self._columns[0]:
                right -= self._unit_width
            figure.right = right
            right -= figure.width + GAP
        widest = max((position.width for position in self._positions), default=0.0)
        self._name_left = LEFT + widest + GAP * 0.7
        return right - self._name_left

    @property
    def _unit_width(self) -> float:
        widest = max((part.width for unit in self._units for part in unit), default=0.0)
        return widest + UNIT_GAP if widest else 0.0

    @property
    def _charge(self) -> str:
        """The name of a charge has the place of all columns but the rate and the amount."""
        return row_over(len(self._columns) - 1)

    def _beyond(self, row: Element, numbers: Sequence[Run | None], unit: tuple[Line, ...]) -> tuple[list[Mark], float]:
        """The cells to the right of the name, and where the lowest ends."""
        add = self._structure.add
        marks: list[Mark] = [(add("TD", row), (number,)) for number in numbers if number]
        if 2 < len(marks) < len(numbers):
            _stand_for_two(marks[1])  # the price, where there is no discount
        if not unit:
            return marks, _LOWEST
        quantity, (number,) = marks[0]
        runs, bottom = column(unit, self._columns[0].right + UNIT_GAP, ABOVE)
        marks[0] = quantity, (number, *runs)
        return marks, max(bottom, _LOWEST)


class _Figures:
    """A column of numbers, their decimal points one below the other. `right` is where it ends."""

    right = RIGHT

    def __init__(self, label: str, texts: Iterable[str], point: str, style: Style) -> None:
        self._label = line(label, styles.LABEL)
        rows = [*texts]
        width = cache(style.width)
        made = {text: (figures(text, style), width(_fraction(text, point))) for text in dict.fromkeys(rows) if text}
        self._cells = [made.get(text) for text in rows]
        filled = made.values()
        self._tail = max((tail for _, tail in filled), default=0.0)
        head = max((number.width - tail for number, tail in filled), default=0.0)
        self.width = max(self._label.width, head + self._tail)

    def heading(self) -> Run:
        """The column's label."""
        return flush_right(self._label, self.right)

    def runs(self) -> list[Run | None]:
        """The number of each row, where there is one."""
        points = self.right - self._tail
        return [cell and (points + cell[1] - cell[0].width, _BASE, cell[0]) for cell in self._cells]


def _columns(content: Content, style: Style) -> Iterator[_Figures]:
    """From left to right: the columns of numbers in which there is anything."""
    labels, items, point = content.columns, content.items, content.words.point
    yield _Figures(labels.quantity, (item.quantity for item in items), point, style)
    yield _Figures(labels.price, (item.price for item in items), point, style)
    if labels.discount:
        yield _Figures(labels.discount, (item.discount for item in items), point, style)
    yield _Figures(labels.vat, (item.vat for item in items), point, style)
    yield _Figures(labels.amount, (item.amount for item in items), point, style)


def _stand_for_two(mark: Mark) -> None:
    element, _ = mark
    if element is not None:
        element.attributes = over(2)


def _block(marks: Sequence[Mark], bottom: float, *, is_end: bool) -> Block:
    height = bottom + BELOW
    return Block(height, marks, (Rule(LEFT, height, RIGHT - LEFT),) if is_end else ())


def _fraction(text: str, point: str) -> str:
    """The number from its decimal point on; there are few of them, so they are measured once."""
    start = text.find(point)
    return text[start:] if start >= 0 else ""


def _unit(text: str) -> tuple[Line, ...]:
    return lines(text, styles.QUIET, WIDEST_UNIT, most=MOST_LINES_A_UNIT)

"""The table of what was bought: its columns, and a block for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from adapters.pdf.borb import styles
from adapters.pdf.borb.layout import Block, Run, column, flush_right
from adapters.pdf.borb.styles import LEFT, MM, RIGHT, Style
from adapters.pdf.borb.text import Line, figures, line, lines
from domain.invoice import Charge, Draft, InvoiceLine
from domain.wording.words import Words

ABOVE, BELOW = 4.0, 5.0
"""White space in a row, above and below its text."""

GAP = 5 * MM
NARROWEST_NAME, WIDEST_UNIT = 40 * MM, 16 * MM
MOST_LINES_A_ROW = 30
"""A longer text goes on in rows of its own, so that no row is taller than a page."""

MOST_LINES_A_UNIT = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, and what it adds to the subtotal."""

    block: Block
    net: Decimal


class Table:
    """Lines, then the charges on the whole document. Columns are as wide as what is in them; names get the rest.

    Where numbers are so long that names get too little, the numbers become small.
    """

    def __init__(self, draft: Draft, words: Words) -> None:
        self._draft, self._words = draft, words
        units = {unit: _unit(unit) for unit in {item.unit for item in draft.lines}}
        self._units = [units[item.unit] for item in draft.lines]
        self._positions = [figures(str(n), styles.QUIET) for n in range(1, len(draft.lines) + 1)]
        for style in (styles.BODY, styles.NARROW):
            self._figures = [c for c in self._columns(style) if c.is_used]
            room = self._place()
            if room >= NARROWEST_NAME:
                break
        self._name_width = max(room, NARROWEST_NAME)

    @property
    def header(self) -> Block:
        """What the columns hold."""
        label = line(self._words.item, styles.LABEL)
        height = styles.LABEL.leading + BELOW - 1
        runs = [c.heading() for c in self._figures]
        return Block(height, ((self._name_left, label.style.rise, label), *runs), ((LEFT, height, RIGHT - LEFT),))

    def rows(self) -> Iterator[Row]:
        """A row for each line and charge, more than one where the text is very long."""
        for index, item in enumerate(self._draft.lines):
            texts = self._name(item.name) + (_sku(item, self._name_width) if item.sku != item.name else ())
            yield from self._chunks(index, texts, item.net)
        for index, charge in enumerate(self._draft.charges, len(self._draft.lines)):
            yield from self._chunks(index, self._name(charge.name), charge.net)

    def carried(self, net: Decimal) -> Block:
        """The subtotal at the end of a page, and at the beginning of the next."""
        label = line(self._words.carried, styles.QUIET)
        amount = figures(self._words.coins(net, self._draft.currency), styles.QUIET)
        height = ABOVE + label.style.leading + BELOW
        runs = ((self._name_left, ABOVE + label.style.rise, label), flush_right(amount, RIGHT, ABOVE))
        return Block(height, runs, ((LEFT, height, RIGHT - LEFT),))

    def _columns(self, style: Style) -> Iterator[_Figures]:
        """From left to right."""
        draft, words, currency = self._draft, self._words, self._draft.currency
        parts: tuple[InvoiceLine | Charge, ...] = (*draft.lines, *draft.charges)
        yield _Figures(words.quantity, (words.number(i.quantity) for i in draft.lines), words.point, style)
        yield _Figures(words.unit_price, (words.price(i.unit_net, currency) for i in draft.lines), words.point, style)
        discounts = (words.coins(-i.allowance, currency) if i.allowance else "" for i in draft.lines)
        yield _Figures(words.discount, discounts, words.point, style)
        taxed = {group.vat: words.taxed(group.vat) for group in draft.vat_groups}
        yield _Figures(words.vat, (taxed[p.vat] for p in parts), words.point, style)
        amount = words.amount.format(currency=currency)
        yield _Figures(amount, (words.coins(p.net, currency) for p in parts), words.point, style)

    def _place(self) -> float:
        """Places the columns from right to left; gives how wide a name may be then."""
        right = RIGHT
        for figure in reversed(self._figures):
            if figure is self._figures[0]:
                right -= self._unit_width
            figure.right = right
            right -= figure.width + GAP
        self._name_left = LEFT + max((p.width for p in self._positions), default=0.0) + GAP * 0.7
        return right - self._name_left

    @property
    def _unit_width(self) -> float:
        widest = max((part.width for unit in self._units for part in unit), default=0.0)
        return widest + _UNIT_GAP if widest else 0.0

    def _name(self, text: str) -> tuple[Line, ...]:
        return lines(text, styles.BODY, self._name_width)

    def _chunks(self, index: int, texts: tuple[Line, ...], net: Decimal) -> Iterator[Row]:
        first, rest = texts[:MOST_LINES_A_ROW], texts[MOST_LINES_A_ROW:]
        yield Row(self._block(first, self._position(index), tuple(self._beyond(index)), is_end=not rest), net)
        for start in range(0, len(rest), MOST_LINES_A_ROW):
            end = start + MOST_LINES_A_ROW
            yield Row(self._block(rest[start:end], (), (), is_end=end >= len(rest)), Decimal(0))

    def _block(
        self, texts: tuple[Line, ...], before: tuple[Run, ...], beyond: tuple[Run, ...], *, is_end: bool
    ) -> Block:
        runs, bottom = column(texts, self._name_left, ABOVE)
        lowest = max((y for _, y, _ in beyond), default=0.0) + styles.BODY.leading - styles.BODY.rise
        height = max(bottom, lowest) + BELOW
        return Block(height, before + runs + beyond, ((LEFT, height, RIGHT - LEFT),) if is_end else ())

    def _position(self, index: int) -> tuple[Run, ...]:
        """The number of the line; charges have none."""
        return column(self._positions[index : index + 1], LEFT, ABOVE)[0]

    def _beyond(self, index: int) -> Iterator[Run]:
        """What stands to the right of the name."""
        quantity, *others = self._figures
        yield from quantity.runs(index, ABOVE)
        for unit in self._units[index : index + 1]:
            yield from column(unit, quantity.right + _UNIT_GAP, ABOVE)[0]
        for figure in others:
            yield from figure.runs(index, ABOVE)


class _Figures:
    """A column of numbers, their decimal points one below the other. `right` is where it ends."""

    right = RIGHT

    def __init__(self, label: str, texts: Iterable[str], point: str, style: Style) -> None:
        self._label = line(label, styles.LABEL)
        self._cells = [(figures(text, style), _tail(text, point, style)) if text else None for text in texts]
        self._tail = max((cell[1] for cell in self._cells if cell), default=0.0)
        head = max((cell[0].width - cell[1] for cell in self._cells if cell), default=0.0)
        self.width = max(self._label.width, head + self._tail)

    @property
    def is_used(self) -> bool:
        """Whether there is anything in the column."""
        return any(self._cells)

    def heading(self) -> Run:
        """The column's label."""
        return flush_right(self._label, self.right)

    def runs(self, index: int, y: float) -> Iterator[Run]:
        """The number in this row, if there is one."""
        for cell in self._cells[index : index + 1]:
            if cell is not None:
                number, tail = cell
                yield flush_right(number, self.right - self._tail + tail, y)


_UNIT_GAP = 1.2 * MM


def _tail(text: str, point: str, style: Style) -> float:
    """How wide the number is from its decimal point on."""
    start = text.find(point)
    return figures(text[start:], style).width if start >= 0 else 0.0


def _unit(text: str) -> tuple[Line, ...]:
    return lines(text, styles.QUIET, WIDEST_UNIT, most=MOST_LINES_A_UNIT)


def _sku(item: InvoiceLine, width: float) -> tuple[Line, ...]:
    return lines(item.sku, styles.CODE, width)

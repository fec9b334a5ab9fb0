"""The invoice, page by page: what is measured first, then broken, then drawn."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate, pairwise

from adapters.pdf.accent import INK
from adapters.pdf.borb import letterhead
from adapters.pdf.borb.closing import closing
from adapters.pdf.borb.items import Table
from adapters.pdf.borb.layout import Block, broken
from adapters.pdf.borb.pictures import Picture
from adapters.pdf.borb.sheet import Glyphs, Sheet
from adapters.pdf.borb.structure import Structure
from adapters.pdf.borb.styles import MM, SMALL
from adapters.pdf.content import Content

LATER_TOP = 18 * MM
BELOW_RUNNING_TITLE, ABOVE_FOOT = 6 * MM, 6 * MM


class Template:
    """A document measured and broken into pages, ready to be drawn."""

    def __init__(self, content: Content, picture: Picture | None) -> None:
        self.structure = structure = Structure()
        self._content = content
        self._accent = picture.accent if picture else INK
        self._opening, self._first_top = letterhead.opening(content, picture, structure)
        self._running_title = letterhead.running_title(content)
        self._later_top = LATER_TOP + self._running_title.height + BELOW_RUNNING_TITLE
        self._table = Table(content, structure)
        self._rows = tuple(self._table.rows())
        self._subtotals = tuple(accumulate((row.net for row in self._rows), initial=Decimal(0)))
        foot = structure.detached("Div")
        self._foot = letterhead.foot(content.foot, foot, structure)
        self._foot_top = letterhead.FOOT_BOTTOM - self._foot.height
        self._break()
        structure.adopt(foot)

    def pages(self, glyphs: Glyphs) -> Iterator[bytes]:
        """The content stream of each page; `glyphs` learns what they show."""
        for index, (start, end) in enumerate(pairwise((0, *self._ends))):
            sheet = Sheet(index, self.structure.page(), glyphs, self._accent)
            y = self._begin_later(sheet) if index else self._begin_first(sheet)
            self._place(sheet, y, start, end)
            sheet.place(self._foot.repeated if index else self._foot, self._foot_top)
            page_number = letterhead.page_number(index + 1, len(self._ends), self._content)
            sheet.place(page_number, letterhead.FOOT_BOTTOM - SMALL.leading)
            yield sheet.content()

    def _break(self) -> None:
        """Decides where each page ends, as a position among the rows and then the blocks of the closing."""
        bottom = self._foot_top - ABOVE_FOOT
        carry = self._table.carried(Decimal(0)).height
        rest = bottom - self._later_top - self._table.header.height - carry
        rows = [row.block.height for row in self._rows]
        self._closing = closing(self._content, self.structure, room=rest - rows[-1])
        counts = broken(
            rows,
            [block.height for block in self._closing],
            first=bottom - self._first_top - self._table.header.height,
            rest=rest,
            carry=carry,
        )
        self._ends = tuple(accumulate(counts))

    def _begin_first(self, sheet: Sheet) -> float:
        for y, block in self._opening:
            sheet.place(block, y)
        return self._first_top

    def _begin_later(self, sheet: Sheet) -> float:
        sheet.place(self._running_title, LATER_TOP)
        return self._later_top

    def _table_goes_on(self, start: int) -> list[Block]:
        """What stands above the table's rows on a later page."""
        return [self._table.header.repeated, self._table.carried(self._subtotals[start])]

    def _place(self, sheet: Sheet, y: float, start: int, end: int) -> None:
        """A page's part of the table, under its own header and between subtotals, and its part of the closing."""
        blocks: list[Block] = []
        rows = len(self._rows)
        if start < min(end, rows):
            blocks += self._table_goes_on(start) if start else [self._table.header]
            blocks += [row.block for row in self._rows[start:end]]
            blocks += [self._table.carried(self._subtotals[end])] if end < rows else []
        blocks += self._closing[max(start - rows, 0) : max(end - rows, 0)]
        for block in blocks:
            y = sheet.place(block, y)

"""The invoice, page by page: what is measured first, then broken, then drawn."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate, pairwise

from adapters.pdf.borb import letterhead
from adapters.pdf.borb.closing import closing
from adapters.pdf.borb.items import Table
from adapters.pdf.borb.layout import Block, broken
from adapters.pdf.borb.pictures import Picture
from adapters.pdf.borb.sheet import Glyphs, Sheet
from adapters.pdf.borb.styles import LEFT, MM, SMALL
from domain.invoice import Invoice
from domain.wording.words import Words

LOGO_TOP, LOGO_WIDTH, LOGO_HEIGHT = 12 * MM, 70 * MM, 24 * MM
LATER_TOP = 18 * MM
BELOW_RUNNING_TITLE, ABOVE_FOOT = 6 * MM, 6 * MM


class Template:
    """An invoice measured and broken into pages, ready to be drawn."""

    def __init__(self, invoice: Invoice, words: Words, picture: Picture | None) -> None:
        self._words, self._picture = words, picture
        self._opening, self._first_top = letterhead.opening(invoice, words, with_brand=picture is None)
        self._running_title = letterhead.running_title(invoice, words)
        self._later_top = LATER_TOP + self._running_title.height + BELOW_RUNNING_TITLE
        self._foot = letterhead.foot(invoice.draft.seller, words)
        self._foot_top = letterhead.FOOT_BOTTOM - self._foot.height
        self._table = Table(invoice.draft, words)
        self._header = self._table.header
        self._rows = tuple(self._table.rows())
        self._subtotals = tuple(accumulate((row.net for row in self._rows), initial=Decimal(0)))
        self._break(invoice)

    def pages(self, glyphs: Glyphs) -> Iterator[bytes]:
        """The content stream of each page; `glyphs` learns what they show."""
        for number, (start, end) in enumerate(pairwise((0, *self._ends)), 1):
            sheet = Sheet(glyphs)
            y = self._begin_first(sheet) if number == 1 else self._begin_later(sheet)
            self._place(sheet, y, start, end)
            sheet.place(self._foot, self._foot_top)
            page_number = letterhead.page_number(number, len(self._ends), self._words)
            sheet.place(page_number, letterhead.FOOT_BOTTOM - SMALL.leading)
            yield sheet.content()

    def _break(self, invoice: Invoice) -> None:
        """Decides where each page ends, as a position among the rows and then the blocks of the closing."""
        bottom = self._foot_top - ABOVE_FOOT
        carry = self._table.carried(Decimal(0)).height
        rest = bottom - self._later_top - self._header.height - carry
        rows = [row.block.height for row in self._rows]
        self._closing = closing(invoice, self._words, room=rest - rows[-1])
        counts = broken(
            rows,
            [block.height for block in self._closing],
            first=bottom - self._first_top - self._header.height,
            rest=rest,
            carry=carry,
        )
        self._ends = tuple(accumulate(counts))

    def _begin_first(self, sheet: Sheet) -> float:
        for y, block in self._opening:
            sheet.place(block, y)
        if self._picture is not None:
            width, height = self._picture.within(LOGO_WIDTH, LOGO_HEIGHT)
            sheet.logo(LEFT, LOGO_TOP, width, height)
        return self._first_top

    def _begin_later(self, sheet: Sheet) -> float:
        sheet.place(self._running_title, LATER_TOP)
        return self._later_top

    def _place(self, sheet: Sheet, y: float, start: int, end: int) -> None:
        """A page's part of the table, under its own header and between subtotals, and its part of the closing."""
        blocks: list[Block] = []
        rows = len(self._rows)
        if start < min(end, rows):
            blocks.append(self._header)
            blocks += [self._table.carried(self._subtotals[start])] if start else []
            blocks += [row.block for row in self._rows[start:end]]
            blocks += [self._table.carried(self._subtotals[end])] if end < rows else []
        blocks += self._closing[max(start - rows, 0) : max(end - rows, 0)]
        for block in blocks:
            y = sheet.place(block, y)

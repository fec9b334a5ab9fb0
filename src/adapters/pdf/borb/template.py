"""The invoice, page by page: what is measured, broken and placed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from adapters.pdf.accent import INK
from adapters.pdf.borb import letterhead
from adapters.pdf.borb.closing import closing
from adapters.pdf.borb.items import Table
from adapters.pdf.borb.layout import Block, Page, Row, paged
from adapters.pdf.borb.pictures import Picture
from adapters.pdf.borb.sheet import Glyphs, Sheet
from adapters.pdf.borb.structure import Structure
from adapters.pdf.borb.styles import MM, SMALL
from adapters.pdf.content import Content

LATER_TOP = 18 * MM
BELOW_RUNNING_TITLE, ABOVE_FOOT = 6 * MM, 6 * MM


class Template:
    """A document that is laid out while it is drawn, page by page: of its table only one page is there at a time."""

    def __init__(self, content: Content, picture: Picture | None) -> None:
        self.structure = structure = Structure()
        self._content = content
        self._accent = picture.accent if picture else INK
        self._opening, self._first_top = letterhead.opening(content, picture, structure)
        self._running_title = letterhead.running_title(content)
        self._later_top = LATER_TOP + self._running_title.height + BELOW_RUNNING_TITLE
        self._table = Table(content, structure)
        self._foot_section = structure.detached("Div")
        self._foot = letterhead.foot(content.foot, self._foot_section, structure)
        self._foot_top = letterhead.FOOT_BOTTOM - self._foot.height

    def pages(self, glyphs: Glyphs) -> Iterator[bytes]:
        """The content stream of each page, without its number; `glyphs` learns what they show. To be asked for once."""
        subtotal = Decimal(0)
        for index, page in enumerate(self._pages()):
            sheet = Sheet(index, self.structure.page(), glyphs, self._accent)
            if self._content.is_draft:
                sheet.mark(self._content.title)
            y = self._begin_later(sheet) if index else self._begin_first(sheet)
            before, subtotal = subtotal, sum((row.net for row in page.rows), subtotal)
            for block in self._blocks(page, before, subtotal):
                y = sheet.place(block, y)
            sheet.place(self._foot.repeated if index else self._foot, self._foot_top)
            yield sheet.content()
        self.structure.adopt(self._foot_section)

    def numbers(self, pages: int, glyphs: Glyphs) -> Iterator[bytes]:
        """A content stream more for each page, once it is known how many there are."""
        for index in range(pages):
            sheet = Sheet(index, [], glyphs, self._accent)
            number = letterhead.page_number(index + 1, pages, self._content)
            sheet.place(number, letterhead.FOOT_BOTTOM - SMALL.leading)
            yield sheet.content()

    def _pages(self) -> Iterator[Page]:
        bottom = self._foot_top - ABOVE_FOOT
        carry = self._table.carried(Decimal(0)).height
        rest = bottom - self._later_top - self._table.header.height - carry

        def ending(last: Row) -> list[Block]:
            return closing(self._content, self.structure, room=rest - last.block.height)

        first = bottom - self._first_top - self._table.header.height
        return paged(self._table.rows(), ending, first=first, rest=rest, carry=carry)

    def _begin_first(self, sheet: Sheet) -> float:
        for y, block in self._opening:
            sheet.place(block, y)
        return self._first_top

    def _begin_later(self, sheet: Sheet) -> float:
        sheet.place(self._running_title, LATER_TOP)
        return self._later_top

    def _blocks(self, page: Page, before: Decimal, after: Decimal) -> Iterator[Block]:
        """A page's part of the table, under its own header and between subtotals, and its part of the closing."""
        if page.rows:
            yield from self._table.begun(before)
            yield from (row.block for row in page.rows)
            if page.goes_on:
                yield self._table.carried(after)
        yield from page.closing

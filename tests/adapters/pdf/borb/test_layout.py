"""How text is broken into lines, numbers into columns, and rows into pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pdf.borb import styles
from adapters.pdf.borb.items import Table
from adapters.pdf.borb.layout import Block, Row, Run, paged
from adapters.pdf.borb.structure import Structure
from adapters.pdf.borb.text import figures, lines
from adapters.pdf.composition import content_of
from domain.invoice import Invoice
from domain.wording.languages import ENGLISH
from fakes.invoices import an_invoice

SPACE = styles.REGULAR.word(" ").shown
HEIGHTS = st.lists(st.integers(1, 200), min_size=1, max_size=60)


@given(st.text(max_size=400), st.integers(60, 400))
def test_no_line_is_wider_than_it_may_be(text: str, width: int) -> None:
    assert all(line.width <= width + 0.01 for line in lines(text, styles.BODY, width))


@given(st.text(max_size=400), st.integers(60, 400), st.integers(1, 4))
def test_no_text_has_more_lines_than_it_may_have(text: str, width: int, most: int) -> None:
    assert len(lines(text, styles.BODY, width, most=most)) <= most


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), (" \n\t ", 0), ("one", 1), ("one two", 1), ("x" * 200, 6), ("no\u00a0break " * 20, 5)],
)
def test_text_takes_as_many_lines_as_it_needs(text: str, count: int) -> None:
    assert len(lines(text, styles.BODY, 180)) == count


def test_lines_end_with_a_space_unless_a_word_goes_on() -> None:
    broken_lines = lines("a cup of " + "x" * 60, styles.BODY, 120)
    assert [line.shown.endswith(SPACE) for line in broken_lines] == [True, False, False, True]
    assert figures("12", styles.BODY).shown.endswith(SPACE)
    assert figures("12", styles.BODY).width == pytest.approx(styles.BODY.width("12"))


def test_a_word_that_is_too_long_breaks_after_a_hyphen_if_there_is_one() -> None:
    first, second = lines("Donaudampfschifffahrts-Gesellschaft", styles.BODY, 120)
    assert f"{first.shown}{SPACE}" == lines("Donaudampfschifffahrts-", styles.BODY, 120)[0].shown
    assert second == lines("Gesellschaft", styles.BODY, 120)[0]


def test_a_mark_stays_with_the_letter_it_marks() -> None:
    broken_lines = lines("x\u0323" * 200, styles.BODY, 181)
    assert len({line.special for line in broken_lines[:-1]}) == 1
    codes = [re.sub(r"[<>]|-?\d+(?=<)", "", line.shown) for line in broken_lines]
    assert len({code[:4] for code in codes}) == 1


@given(HEIGHTS, st.lists(st.integers(1, 200), min_size=1, max_size=5), st.integers(0, 700), st.integers(700, 900))
def test_rows_fill_pages_and_the_closing_follows_the_last_row(
    rows: list[int], closing: list[int], first: int, rest: int
) -> None:
    carry, ending = 20, [Block(height) for height in closing]
    table = [Row(Block(height), Decimal(1)) for height in rows]
    pages = [*paged(table, lambda _: ending, first=first, rest=rest, carry=carry)]
    assert [row for page in pages for row in page.rows] == table
    assert [block for page in pages for block in page.closing] == ending
    assert not any(page.is_empty for page in pages[1:])
    drawn = list(accumulate(len(page.rows) for page in pages))
    assert [page.goes_on for page in pages] == [count < len(rows) for count in drawn]
    for number, page in enumerate(pages):
        heights = [row.block.height for row in page.rows] + [block.height for block in page.closing]
        room = rest if number else first
        assert sum(heights) + (carry if page.goes_on and page.rows else 0) <= room or not heights
    if rows[-1] + sum(closing) <= rest:
        assert pages[-1].closing == ending
        assert pages[-1].rows


def test_a_row_is_laid_out_when_its_page_is_and_not_before() -> None:
    asked: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(100):
            asked.append(number)
            yield Row(Block(100), Decimal(1))

    pages = paged(rows(), lambda _: [], first=500, rest=500, carry=0)
    assert len(next(pages).rows) == 5
    assert len(asked) == 7


def table_of(invoice: Invoice) -> Table:
    return Table(content_of(invoice), Structure())


def runs_of(row: Row) -> list[Run]:
    return [run for _, runs in row.block.marks for run in runs]


def test_decimal_points_of_a_column_stand_one_below_the_other() -> None:
    line = an_invoice().draft.lines[0]
    prices = ("10", "0.005", "1234.5", "8.403361")
    invoice = an_invoice(lines=tuple(replace(line, unit_net=Decimal(price)) for price in prices))
    points = set()
    for row, price in zip(table_of(invoice).rows(), prices, strict=True):
        written = ENGLISH.price(Decimal(price), invoice.draft.currency)
        (x,) = [x for x, _, shown in runs_of(row) if shown == figures(written, styles.BODY)]
        points.add(round(x + figures(written.partition(".")[0], styles.BODY).width, 3))
    assert len(points) == 1


def test_long_numbers_leave_room_for_names() -> None:
    huge = Decimal("3333333333333.33")
    line = replace(an_invoice().draft.lines[0], unit_net=huge, allowance=huge, net=huge, unit="box of many")
    (row,) = table_of(an_invoice(lines=(line,))).rows()
    on_first_line = sorted((x, x + shown.width) for x, y, shown in runs_of(row) if y < styles.BODY.leading + 4)
    assert all(end < start for (_, end), (start, _) in pairwise(on_first_line))


def test_a_name_without_end_is_more_than_one_row() -> None:
    line = replace(an_invoice().draft.lines[0], name="word " * 1000)
    rows = [*table_of(an_invoice(lines=(line,))).rows()]
    assert len(rows) > 1
    assert max(row.block.height for row in rows) < 420
    assert sum(row.net for row in rows) == line.net

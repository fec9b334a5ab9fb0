"""The top of the first page as DIN 5008 (form B) places it, and the foot of every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.pdf.borb import styles
from adapters.pdf.borb.layout import Block, Figure, Mark, Rule, Run, column, flush_right, stacked
from adapters.pdf.borb.mixed import ELLIPSIS
from adapters.pdf.borb.pictures import Picture
from adapters.pdf.borb.structure import ROW, Element, Structure, alternative
from adapters.pdf.borb.styles import LEFT, MIDDLE, MM, RIGHT
from adapters.pdf.borb.text import Line, line, lines
from adapters.pdf.content import Content, Fact

WINDOW_TOP, WINDOW_WIDTH = 45 * MM, 80 * MM
"""The window of the envelope begins 20 mm from the left and is 85 mm wide; text keeps 5 mm off its left edge."""

ADDRESS_TOP, ADDRESS_BOTTOM = 62.7 * MM, 90 * MM
TITLE_TOP = 98 * MM
BRAND_TOP = 16 * MM
LOGO_TOP, LOGO_WIDTH, LOGO_HEIGHT = 12 * MM, 70 * MM, 24 * MM
UNDER_SENDER = 1.5 * MM
ABOVE_TITLE, UNDER_TITLE, BELOW_TITLE = 8 * MM, 1 * MM, 7 * MM
FOLDS = Block(0, (), (Rule(5 * MM, 105 * MM, 3 * MM), Rule(5 * MM, 210 * MM, 3 * MM)))
"""Where the sheet is folded for a window envelope."""

FOOT_BOTTOM = 287 * MM
FOOT_COLUMNS = (LEFT, 77 * MM, MIDDLE)

MOST_LINES, MOST_ADDRESS_LINES = 4, 16
"""Of one entry, and of a whole address: enough for anything that is a name."""

LOGO = "Logo"
"""What the content streams call the picture."""

Placed = tuple[float, Block]
"""A block, and where on the page its top is."""


def opening(content: Content, picture: Picture | None, structure: Structure) -> tuple[list[Placed], float]:
    """What stands above the table on the first page, and where the table may begin."""
    top = (LOGO_TOP, logo(picture, content, structure)) if picture else (BRAND_TOP, brand(content, structure))
    address_top, address_block = address(content, structure)
    facts = labelled(content.facts, MIDDLE, RIGHT, structure)
    placed = [top, (address_top, address_block), (ADDRESS_TOP, facts), (0.0, FOLDS)]
    title_top = max(TITLE_TOP, *(top + block.height + ABOVE_TITLE for top, block in placed))
    heading = title(content, structure)
    return [*placed, (title_top, heading)], title_top + heading.height + BELOW_TITLE


def logo(picture: Picture, content: Content, structure: Structure) -> Block:
    """The shop's logo, as large as its space allows."""
    width, height = picture.within(LOGO_WIDTH, LOGO_HEIGHT)
    element = structure.add("Figure", attributes=alternative(content.brand))
    return Block(height, figures=(Figure(element, LEFT, height, width, height, (width, height), f"/{LOGO} Do"),))


def brand(content: Content, structure: Structure) -> Block:
    """The shop's name, for where there is no logo."""
    runs, height = column(lines(content.brand, styles.TITLE, RIGHT - LEFT, most=1), LEFT)
    return Block(height, ((structure.add("P"), runs),))


def address(content: Content, structure: Structure) -> Placed:
    """The buyer's address under the sender's: longer ones begin higher, within the window."""
    printed = _printed(content.address, WINDOW_WIDTH)
    sender, under_sender = column(lines(content.sender, styles.SMALL, WINDOW_WIDTH, most=2), LEFT)
    below, height = column(printed, LEFT, under_sender + UNDER_SENDER)
    rule = Rule(LEFT, under_sender + UNDER_SENDER / 2, WINDOW_WIDTH)
    top = max(WINDOW_TOP, min(ADDRESS_TOP - under_sender - UNDER_SENDER, ADDRESS_BOTTOM - height))
    return top, Block(height, ((structure.add("P"), sender), (structure.add("P"), below)), (rule,))


def labelled(facts: Sequence[Fact], left: float, right: float, structure: Structure) -> Block:
    """A table of values with their labels to the left, the values one below the other."""
    if not facts:
        return Block(0.0)
    labels = [line(fact.label, styles.QUIET) for fact in facts]
    value_left = left + max(label.width for label in labels) + 4 * MM
    marks: list[Mark] = []
    table = structure.add("Table")
    y = 0.0
    for label, fact in zip(labels, facts, strict=True):
        row = structure.add("TR", table)
        marks.append((structure.add("TH", row, ROW), [(left, y + label.style.rise, label)]))
        values, y = _values(fact, value_left, right, y)
        marks.append((structure.add("TD", row), values))
    return Block(y, marks)


def _values(fact: Fact, left: float, right: float, y: float) -> tuple[list[Run], float]:
    return column(_printed(fact.lines, right - left), left, y)


def _printed(entries: Sequence[str], width: float) -> list[Line]:
    """The entries, in no more lines than there is room for: the longest are cut, then what is in their midst.

    The first of an address is its name, the last two are town and country (directive 2006/112/EC, art. 226 no. 5).
    """
    for most in range(MOST_LINES, 0, -1):
        printed = [part for entry in entries for part in lines(entry, styles.BODY, width, most=most)]
        if len(printed) <= MOST_ADDRESS_LINES:
            return printed
    return [*printed[: MOST_ADDRESS_LINES - 4], line(ELLIPSIS, styles.BODY), *printed[-3:]]


def title(content: Content, structure: Structure) -> Block:
    """What this is, and its number, with what it comes to at the right; of a credit note what it takes back."""
    label = line(content.lead.label, styles.LABEL)
    amount = line(content.lead.lines[0], styles.TITLE)
    room = RIGHT - LEFT - max(amount.width, label.width) - 8 * MM
    runs, height = column(lines(content.title, styles.TITLE, room), LEFT)
    lead = (flush_right(label, RIGHT, -styles.LABEL.leading), flush_right(amount, RIGHT))
    heading = Block(height, ((structure.add("H1"), runs), (structure.add("P"), lead)))
    about = [paragraph(text, structure) for text in content.about]
    return stacked((heading, *([Block(UNDER_TITLE), *about] if about else []), _rule()))


def _rule() -> Block:
    return Block(2.5 * MM, rules=(Rule(LEFT, 2.5 * MM, RIGHT - LEFT, is_strong=True),))


def paragraph(text: str, structure: Structure, *, width: float = RIGHT - LEFT) -> Block:
    """Text in lines of at most this width."""
    runs, height = column(lines(text, styles.BODY, width), LEFT)
    return Block(height, ((structure.add("P"), runs),))


def running_title(content: Content) -> Block:
    """What later pages belong to."""
    runs, height = column(lines(content.title, styles.SMALL_STRONG, RIGHT - LEFT, most=1), LEFT)
    return Block(height, ((None, runs),))


def foot(columns: Iterable[Sequence[str]], section: Element, structure: Structure) -> Block:
    """Who the seller is, how to reach and how to pay him; a part of this section."""
    marks: list[Mark] = []
    height = 0.0
    ends = (*(left - 4 * MM for left in FOOT_COLUMNS[1:]), RIGHT)
    for entries, left, end in zip(columns, FOOT_COLUMNS, ends, strict=True):
        printed = [part for e in entries for part in lines(e, styles.SMALL, end - left, most=MOST_LINES)]
        if printed:
            runs, bottom = column(printed, left, 2 * MM)
            marks.append((structure.add("P", section), runs))
            height = max(height, bottom)
    return Block(height, marks, (Rule(LEFT, 0.0, RIGHT - LEFT),))


def page_number(page: int, pages: int, content: Content) -> Block:
    """Which page of how many."""
    text = line(content.page.format(page=page, pages=pages), styles.SMALL)
    return Block(styles.SMALL.leading, ((None, (flush_right(text, RIGHT),)),))

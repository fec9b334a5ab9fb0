"""The top of the first page as DIN 5008 (form B) places it, and the foot of every page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from adapters.pdf.borb import styles
from adapters.pdf.borb.layout import Block, Run, column, flush_right
from adapters.pdf.borb.styles import LEFT, MIDDLE, MM, RIGHT
from adapters.pdf.borb.text import Line, line, lines
from domain.invoice import Draft, Invoice, Party
from domain.order import Seller
from domain.wording.words import Words, town_of

WINDOW_TOP, WINDOW_WIDTH = 45 * MM, 80 * MM
"""The window of the envelope begins 20 mm from the left and is 85 mm wide; text keeps 5 mm off its left edge."""

ADDRESS_TOP, ADDRESS_BOTTOM = 62.7 * MM, 90 * MM
TITLE_TOP = 98 * MM
BRAND_TOP = 16 * MM
ABOVE_TITLE, UNDER_TITLE, BELOW_TITLE = 8 * MM, 1 * MM, 5 * MM
FOLDS = Block(0, (), ((5 * MM, 105 * MM, 3 * MM), (5 * MM, 210 * MM, 3 * MM)))
"""Where the sheet is folded for a window envelope."""

FOOT_BOTTOM = 287 * MM
FOOT_COLUMNS = (LEFT, 77 * MM, MIDDLE)

MOST_LINES, MOST_ADDRESS_LINES = 4, 14
"""Of one entry, and of a whole address: enough for anything that is a name."""


Placed = tuple[float, Block]
"""A block, and where on the page its top is."""


def opening(invoice: Invoice, words: Words, *, with_brand: bool) -> tuple[list[Placed], float]:
    """What stands above the table on the first page, and where the table may begin."""
    draft = invoice.draft
    address_block, address_top = address(draft, words)
    placed = [(address_top, address_block), (ADDRESS_TOP, information(invoice, words)), (0.0, FOLDS)]
    if with_brand:
        placed.append((BRAND_TOP, brand(draft)))
    title_top = max(TITLE_TOP, *(top + block.height + ABOVE_TITLE for top, block in placed))
    heading = title(invoice, words)
    return [*placed, (title_top, heading)], title_top + heading.height + BELOW_TITLE


def brand(draft: Draft) -> Block:
    """The shop's name, for where there is no logo."""
    name = lines(draft.brand or draft.seller.name, styles.TITLE, RIGHT - LEFT, most=1)
    runs, height = column(name, LEFT)
    return Block(height, runs)


def address(draft: Draft, words: Words) -> tuple[Block, float]:
    """The buyer's address under the sender's, and where its top is: longer ones begin higher, within the window."""
    printed = [
        part
        for entry in _address_entries(draft.buyer, draft.seller, words)
        for part in lines(entry, styles.BODY, WINDOW_WIDTH, most=MOST_LINES)
    ][:MOST_ADDRESS_LINES]
    sender = lines(_sender(draft.seller), styles.SENDER, WINDOW_WIDTH, most=2)
    runs, under_sender = column(sender, LEFT)
    below, height = column(printed, LEFT, under_sender + 1.5 * MM)
    rule = (LEFT, under_sender + 0.6 * MM, WINDOW_WIDTH)
    highest, wanted = WINDOW_TOP, ADDRESS_TOP - under_sender - 1.5 * MM
    top = max(highest, min(wanted, ADDRESS_BOTTOM - height))
    return Block(height, runs + below, (rule,)), top


def _address_entries(party: Party, seller: Seller, words: Words) -> Iterator[str]:
    yield party.name
    yield from party.address
    if party.country != seller.country:
        yield words.destination(party.country)


def _sender(seller: Seller) -> str:
    return " · ".join((seller.name, seller.street, town_of(seller)))


def information(invoice: Invoice, words: Words) -> Block:
    """Dates and numbers that identify the invoice and what it is for, and where the goods went if not to the buyer."""
    draft = invoice.draft
    entries = [
        (words.credited if invoice.cancels else words.issued, words.date(invoice.issue_date)),
        (words.order, draft.order_id),
        (words.ordered, words.date(draft.ordered) if draft.ordered else ""),
        (words.buyer_reference, draft.buyer.reference),
        (words.buyer_vat_id, draft.buyer.vat_id),
        (words.delivered, words.date(draft.delivered) if draft.delivered else ""),
        *_delivery(draft, words),
    ]
    return labelled([(label, value) for label, value in entries if value], MIDDLE, RIGHT)


def _delivery(draft: Draft, words: Words) -> Iterator[tuple[str, str]]:
    """The address to which the goods went, line by line, if it is another than the buyer's."""
    there = draft.deliver_to
    if there is None or _place(there) == _place(draft.buyer):
        return
    entries = _address_entries(there, draft.seller, words)
    yield from zip(chain((words.deliver_to,), repeat("")), entries, strict=False)


def _place(party: Party) -> tuple[object, ...]:
    """Where a party is, whatever it is called there."""
    return party.street, party.extra, party.zip_code, party.city, party.state, party.country


def labelled(entries: list[tuple[str, str]], left: float, right: float) -> Block:
    """Values with their labels to the left, the values aligned; without a label a value goes on with the one above."""
    labels = [line(label, styles.QUIET) for label, _ in entries]
    value_left = left + max((label.width for label in labels), default=0) + 4 * MM
    runs: list[Run] = []
    y = 0.0
    for label, (_, value) in zip(labels, entries, strict=True):
        if label.shown:
            runs.append((left, y + label.style.rise, label))
        more, y = column(lines(value, styles.BODY, right - value_left, most=MOST_LINES), value_left, y)
        runs += more
    return Block(y, tuple(runs))


def title(invoice: Invoice, words: Words) -> Block:
    """What this is, and its number; of a credit note which invoice it takes back, and why."""
    heading = lines(words.title(invoice), styles.TITLE, RIGHT - LEFT, most=MOST_LINES)
    runs, height = column(heading, LEFT)
    more, end = column(_cancelled(invoice, words), LEFT, height + UNDER_TITLE)
    return Block(end if more else height, runs + more)


def _cancelled(invoice: Invoice, words: Words) -> Iterator[Line]:
    if invoice.cancels is None:
        return
    number, day, reason = invoice.cancels.number, invoice.cancels.issue_date, invoice.cancels.reason
    yield from lines(words.cancels.format(number=number, date=words.date(day)), styles.BODY, RIGHT - LEFT)
    if reason:
        yield from lines(words.reason.format(reason=reason), styles.BODY, RIGHT - LEFT, most=MOST_LINES)


def running_title(invoice: Invoice, words: Words) -> Block:
    """What later pages belong to."""
    runs, height = column(lines(words.title(invoice), styles.SMALL_STRONG, RIGHT - LEFT, most=1), LEFT)
    return Block(height, runs)


def foot(seller: Seller, words: Words) -> Block:
    """Who the seller is, how to reach and how to pay him."""
    columns = (
        (seller.name, seller.street, town_of(seller), words.country(seller.country)),
        (_identified(seller, words), seller.email, seller.phone),
        (_labelled("IBAN", spaced_iban(seller.iban)), _labelled("BIC", seller.bic)),
    )
    runs: list[Run] = []
    height = 0.0
    ends = (*(left - 4 * MM for left in FOOT_COLUMNS[1:]), RIGHT)
    for entries, left, end in zip(columns, FOOT_COLUMNS, ends, strict=True):
        printed = [part for e in entries for part in lines(e, styles.SMALL, end - left, most=MOST_LINES)]
        more, bottom = column(printed, left, 2 * MM)
        runs += more
        height = max(height, bottom)
    return Block(height, tuple(runs), ((LEFT, 0.0, RIGHT - LEFT),))


def page_number(page: int, pages: int, words: Words) -> Block:
    """Which page of how many."""
    text = line(words.page.format(page=page, pages=pages), styles.SMALL)
    return Block(styles.SMALL.leading, (flush_right(text, RIGHT),))


def spaced_iban(iban: str) -> str:
    """The IBAN in groups of four, as it is printed (ISO 13616)."""
    plain = iban.replace(" ", "")
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def _identified(seller: Seller, words: Words) -> str:
    """What the tax office knows the seller by (directive 2006/112/EC, art. 226 no. 3)."""
    by_number = _labelled(words.seller_tax_number, seller.tax_number)
    return _labelled(words.seller_vat_id, seller.vat_id) or by_number


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""

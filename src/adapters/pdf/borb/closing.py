"""What the invoice comes to, and how it is paid."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.pdf.borb import styles
from adapters.pdf.borb.giro import giro_code
from adapters.pdf.borb.layout import Block, Mark, Rule, beside, column, flush_right, stacked
from adapters.pdf.borb.letterhead import labelled
from adapters.pdf.borb.structure import ROW, Element, Structure
from adapters.pdf.borb.styles import LEFT, MIDDLE, MM, RIGHT, Style
from adapters.pdf.borb.text import Line, figures, lines
from adapters.pdf.content import Content, Sum, Weight

ABOVE = 6 * MM
AROUND_TOTAL = 3 * MM
BELOW_REASON = 0.6 * MM
MOST_LINES_A_REASON = 10
NOTE_WIDTH = MIDDLE - LEFT - 10 * MM
CODE_SIZE = 26 * MM

_STYLES = {Weight.PART: styles.BODY, Weight.TOTAL: styles.STRONG, Weight.DUE: styles.STRONG}


def closing(content: Content, structure: Structure, *, room: float) -> list[Block]:
    """The totals with the payment note to their left: one block, or many where they are taller than the room."""
    space = Block(ABOVE)
    sums = [*totals(content, structure)]
    note = payment_note(content, structure)
    whole, left = stacked((space, *sums)), stacked((space, note))
    if max(whole.height, left.height) > room:
        return [space, *sums, space, note]
    return [beside(whole, left)]


def totals(content: Content, structure: Structure) -> Iterator[Block]:
    """A row for each sum, the total between two rules."""
    table = structure.add("Table")
    for part in content.sums:
        row = _sum(part, structure.add("TR", table), structure)
        if part.weight is Weight.TOTAL:
            yield Block(AROUND_TOTAL, rules=(_rule(AROUND_TOTAL / 2, is_strong=True),))
            yield row
            yield Block(AROUND_TOTAL / 2)
        else:
            yield row


def _rule(y: float, *, is_strong: bool = False) -> Rule:
    return Rule(MIDDLE, y, RIGHT - MIDDLE, is_strong=is_strong)


def _sum(part: Sum, row: Element, structure: Structure) -> Block:
    """The sum, and under it why it has no VAT."""
    style = _STYLES[part.weight]
    number = figures(part.amount, style)
    labels, height = column(_label(part, style, number), MIDDLE)
    marks: list[Mark] = [(structure.add("TH", row, ROW), labels)]
    marks.append((structure.add("TD", row), (flush_right(number, RIGHT),)))
    return Block(height + (BELOW_REASON if part.reason else 0.0), marks)


def _label(part: Sum, style: Style, number: Line) -> tuple[Line, ...]:
    label_style = styles.QUIET if part.weight is Weight.PART else style
    label = lines(part.label, label_style, RIGHT - MIDDLE - number.width - 4 * MM)
    return label + lines(part.reason, styles.SMALL, RIGHT - MIDDLE, most=MOST_LINES_A_REASON)


def payment_note(content: Content, structure: Structure) -> Block:
    """Whether the invoice is paid; if not, how much goes where, until when, under which reference."""
    runs, height = column(lines(content.settlement, styles.STRONG, NOTE_WIDTH), LEFT)
    said = Block(height + 1 * MM, ((structure.add("P"), runs),))
    if not content.giro:
        return stacked((said, labelled(content.payment, LEFT, LEFT + NOTE_WIDTH, structure)))
    facts = labelled(content.payment, LEFT, LEFT + NOTE_WIDTH, structure)
    return stacked((said, facts, Block(2 * MM), giro_code(content, LEFT, CODE_SIZE, structure)))

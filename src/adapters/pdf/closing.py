"""What the invoice comes to, and how it is paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from adapters.pdf import styles
from adapters.pdf.layout import Block, column, flush_right, stacked
from adapters.pdf.letterhead import labelled, spaced_iban
from adapters.pdf.styles import LEFT, MIDDLE, MM, RIGHT, Style
from adapters.pdf.text import figures, lines
from adapters.pdf.words import Words
from domain.invoice import Invoice, PaymentMeans, VatGroup

ABOVE = 5 * MM
AROUND_TOTAL = 2 * MM
BELOW_REASON = 0.6 * MM
MOST_LINES_A_REASON = 10
NOTE_WIDTH = MIDDLE - LEFT - 10 * MM


def closing(invoice: Invoice, words: Words, *, room: float) -> list[Block]:
    """The totals with the payment note to their left: one block, or many where they are taller than the room."""
    space = Block(ABOVE)
    sums, note = list(totals(invoice, words)), payment_note(invoice, words)
    whole = stacked((space, *sums))
    beside = stacked((space, note))
    if max(whole.height, beside.height) > room:
        return [space, *sums, space, note]
    return [Block(max(whole.height, beside.height), beside.runs + whole.runs, whole.rules)]


def totals(invoice: Invoice, words: Words) -> Iterator[Block]:
    """Net, VAT group by group, rounding where there is any, the total, and what of it is paid."""
    draft, currency = invoice.draft, invoice.draft.currency
    sums = draft.totals

    yield _sum(words.net, words.coins(sums.net, currency), styles.BODY)
    for group in draft.vat_groups:
        label = words.tax.format(rate=words.taxed(group.vat), net=words.coins(group.net, currency))
        yield _sum(label, words.coins(group.tax, currency), styles.BODY)
        yield from _exemption(group, words)
    if sums.rounding:
        yield _sum(words.rounding, words.coins(sums.rounding, currency), styles.BODY)
    yield Block(AROUND_TOTAL, (), ((MIDDLE, AROUND_TOTAL / 2, RIGHT - MIDDLE),))
    yield _sum(words.gross.format(currency=currency), words.coins(sums.gross, currency), styles.TOTAL)
    if invoice.prepaid and not invoice.cancels:
        yield Block(AROUND_TOTAL / 2)
        yield _sum(words.prepaid, words.coins(-invoice.prepaid, currency), styles.BODY)
        yield _sum(words.due.format(currency=currency), words.coins(invoice.due, currency), styles.STRONG)


def _exemption(group: VatGroup, words: Words) -> Iterator[Block]:
    """Why there is no VAT, under the letter that the table has for it (directive 2006/112/EC, art. 226 no. 11, 11a)."""
    reason = words.exemption(group)
    if reason:
        said = lines(f"{group.vat.category}: {reason}", styles.NOTE, RIGHT - MIDDLE, most=MOST_LINES_A_REASON)
        runs, height = column(said, MIDDLE)
        yield Block(height + BELOW_REASON, runs)


def _sum(label: str, amount: str, style: Style) -> Block:
    number = figures(amount, style)
    label_style = styles.QUIET if style is styles.BODY else style
    runs, height = column(lines(label, label_style, RIGHT - MIDDLE - number.width - 4 * MM), MIDDLE)
    return Block(height, (*runs, flush_right(number, RIGHT)))


def payment_note(invoice: Invoice, words: Words) -> Block:
    """Whether the invoice is paid; if not, how much goes where, until when, under which reference."""
    currency = invoice.draft.currency
    sentence, amount, entries = _settlement(invoice, words)
    said = sentence.format(amount=words.coins(amount, currency), currency=currency)
    runs, height = column(lines(said, styles.STRONG, NOTE_WIDTH), LEFT)
    details = labelled([(label, value) for label, value in entries if value], LEFT, LEFT + NOTE_WIDTH)
    return stacked((Block(height, runs), Block(1 * MM), details))


def _settlement(invoice: Invoice, words: Words) -> tuple[str, Decimal, list[tuple[str, str]]]:
    """What there is to say of which amount, and its details. Nobody pays a credit note: it says what will come back."""
    due, methods = invoice.due, [(words.methods, _methods(invoice))]
    if invoice.cancels:
        refund = invoice.cancels.refund
        return (words.refund if refund else words.nothing_to_pay), refund, []
    if due <= 0:
        return (words.overpaid if due else words.paid), -due, methods
    if invoice.payment_means is PaymentMeans.CASH:
        return words.please_pay, due, methods
    return words.please_pay, due, _transfer(invoice, words)


def _transfer(invoice: Invoice, words: Words) -> list[tuple[str, str]]:
    seller = invoice.draft.seller
    return [
        (words.due_date, words.date(invoice.due_date) if invoice.due_date else words.on_receipt),
        (words.payee, seller.name if seller.iban else ""),
        ("IBAN", spaced_iban(seller.iban)),
        ("BIC", seller.bic),
        (words.reference, invoice.number),
    ]


def _methods(invoice: Invoice) -> str:
    return ", ".join(method.replace("_", " ") for method in invoice.draft.payment_methods)

"""Documents of every kind and several sizes, as the service draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adapters.einvoice import cii
from adapters.pdf.library import Draw
from domain.invoice import Invoice
from fakes.invoices import a_png, an_invoice, an_order_of, lines_of
from fakes.kinds import KINDS, a_credit_note
from fakes.orders import a_line

SIZES = (5, 50, 500)
SCRIPTS = ("Żółć w kości słoniowej", "Κύπελλο καφέ", "Чашка для эспрессо ёж", "Sushi 寿司 \U0001f600", "a\u0301\u200b")


def documents(draw: Draw) -> Iterator[tuple[str, bytes]]:
    """Each with its name, drawn; those in other languages with a logo."""
    for name, invoice in samples():
        logo = None if invoice.draft.language == "en" else a_png()
        yield name, draw(invoice, logo, cii(invoice))


def samples() -> Iterator[tuple[str, Invoice]]:
    """What is drawn."""
    yield from KINDS.items()
    for count in SIZES:
        yield f"{count} lines", an_invoice(an_order_of(lines_of(count)))
    for kind in ("standard", "reverse charge", "exempt"):
        for language in ("de", "fr"):
            yield f"{kind}, {language}", _in(language, KINDS[kind])
        yield f"credit note, {kind}", a_credit_note(KINDS[kind])
    yield "every script", an_invoice(an_order_of([a_line(name={"": text}, sku=text) for text in SCRIPTS]))


def _in(language: str, invoice: Invoice) -> Invoice:
    return replace(invoice, draft=replace(invoice.draft, language=language))

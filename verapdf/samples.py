"""Documents of every kind and several sizes, as the service draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from adapters.einvoice import cii
from adapters.pdf.renderers import Draw
from domain.invoice import Invoice
from domain.order import OrderLine
from domain.wording.languages import LANGUAGES
from fakes.invoices import a_png, an_invoice, an_order_of, lines_of
from fakes.kinds import KINDS, a_credit_note
from fakes.orders import a_line

SIZES = (1, 5, 50, 500)
"""Lines."""

SCRIPTS = {
    "Latin, Greek, Cyrillic": ("Żółć w kości słoniowej", "Κύπελλο καφέ", "Чашка для эспрессо ёж", "a\u0301\u200b"),
    "Arabic": ("مصباح مكتب LED قابل للطي (أبيض)", "لا إله ٣ قطع", "مُحَمَّد بن سَلمان", "شوكولا 5"),
    "Hebrew": ("מנורת שולחן LED מתקפלת (לבן)", "אֶרֶץ יִשְׂרָאֵל", "תמר בן־דוד", "Mug (ספל) 2"),
    "Chinese, Japanese, Korean": ("LED 护眼折叠台灯（白色）", "コーヒーカップ 骨", "도자기 머그잔", "Sushi 寿司"),  # noqa: RUF001
    "Thai, Devanagari, Tamil": ("ถ้วยกาแฟเซรามิก น้ำ", "चीनी मिट्टी का प्याला", "பீங்கான் கோப்பை"),
    "what no font has": ("Mug \U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467 א\U0001f5ff"),
    "outlines with names": ("Square ꙮ and bar Ꙩ",),
}
FONTS = Path(__file__).parents[1] / "tests" / "fonts"


def documents(draw: Draw, sizes: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """Each with its name, drawn; those in other languages with a logo. The matrix is of these sizes."""
    for name, invoice in chain(samples(), matrix(sizes)):
        logo = None if invoice.draft.language == "en" else a_png()
        yield name, draw(invoice, logo, cii(invoice)).content


def samples() -> Iterator[tuple[str, Invoice]]:
    """What is drawn."""
    yield from KINDS.items()
    for count in SIZES:
        yield f"{count} lines", an_invoice(an_order_of(lines_of(count)))
    for language in LANGUAGES:
        for kind in ("standard", "reverse charge", "exempt"):
            yield f"{kind}, {language}", _in(language, KINDS[kind])
    for kind in ("standard", "reverse charge", "exempt"):
        yield f"credit note, {kind}", a_credit_note(KINDS[kind])
    for scripts, texts in SCRIPTS.items():
        yield scripts, an_invoice(an_order_of([a_line(name={"": text}, sku=text) for text in texts]))
    every = [text for texts in SCRIPTS.values() for text in texts]
    yield "every script", an_invoice(an_order_of([a_line(name={"": text}, sku=text) for text in every]))


def matrix(sizes: Sequence[int]) -> Iterator[tuple[str, Invoice]]:
    """Every language, and every script of the demo, in these sizes."""
    for count in sizes:
        for language in LANGUAGES:
            yield f"{count} lines, {language}", _in(language, an_invoice(an_order_of(lines_of(count)), paid=False))
        for script in ("Arabic", "Hebrew", "Chinese, Japanese, Korean"):
            yield f"{count} lines, {script}", an_invoice(an_order_of(_written_in(script, count)))


def _written_in(script: str, count: int) -> list[OrderLine]:
    texts = SCRIPTS[script]
    return [replace(line, name={"": f"{texts[n % len(texts)]} {n}"}) for n, line in enumerate(lines_of(count))]


def _in(language: str, invoice: Invoice) -> Invoice:
    return replace(invoice, draft=replace(invoice.draft, language=language))

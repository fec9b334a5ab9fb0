"""The peer of `benchmarks.pdf`: the same content drawn by reportlab's own tables, untagged and without the XML.

Everything is as cheap as reportlab allows: plain strings in cells of fixed width, faces registered once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

import adapters.pdf
from adapters.pdf.composition import content_of
from adapters.pdf.content import Content, Fact
from domain.invoice import Invoice

FACES = Path(adapters.pdf.__file__).with_name("typeface")
BODY = ParagraphStyle("body", fontName="Regular", fontSize=9, leading=12)
TITLE = ParagraphStyle("title", fontName="SemiBold", fontSize=16, leading=20)
SMALL, GREY = 7, colors.Color(0.4, 0.4, 0.4)
WIDTHS = (8 * mm, 71 * mm, 18 * mm, 24 * mm, 20 * mm, 24 * mm)
FONT = ("FONT", (0, 0), (-1, -1), "Regular", 9, 12)
ITEMS = TableStyle(
    [
        FONT,
        ("FONTSIZE", (0, 0), (-1, 0), SMALL),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey),
    ]
)
SUMS = TableStyle([FONT, ("ALIGN", (1, 0), (1, -1), "RIGHT")])
for name in ("Regular", "SemiBold"):
    pdfmetrics.registerFont(TTFont(name, str(FACES / f"NotoSans-{name}.ttf")))


class Numbered(Canvas):
    """Writes how many pages there are on each, once that is known."""

    def __init__(self, *arguments: object, content: Content, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._content, self._shown = content, []

    def showPage(self) -> None:  # noqa: N802 - reportlab calls it so
        self._shown.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._shown:
            self.__dict__.update(page)
            self._foot(len(self._shown))
            super().showPage()
        super().save()

    def _foot(self, pages: int) -> None:
        self.setFont("Regular", SMALL)
        self.setFillColor(GREY)
        for left, entries in zip((25, 76, 122), self._content.foot, strict=True):
            for index, entry in enumerate(entries):
                self.drawString(left * mm, 24 * mm - 9 * index, entry)
        self.drawRightString(190 * mm, 10 * mm, self._content.page.format(page=self._pageNumber, pages=pages))


def draw(invoice: Invoice, _logo: bytes | None, _xml: bytes) -> bytes:
    content, written = content_of(invoice), BytesIO()
    template = SimpleDocTemplate(
        written, pagesize=A4, leftMargin=25 * mm, rightMargin=20 * mm, topMargin=20 * mm, bottomMargin=35 * mm,
        title=content.title, author=content.author, lang=content.words.language,
    )  # fmt: skip
    template.build([*story(content)], canvasmaker=partial(Numbered, content=content))
    return written.getvalue()


def story(content: Content) -> Iterator[Flowable]:
    yield Paragraph(content.brand, TITLE)
    yield Table(
        [["\n".join((content.sender, *content.address)), facts(content.facts)]], [97 * mm, 68 * mm], style=[FONT]
    )
    yield Paragraph(content.title, TITLE)
    yield LongTable([*rows(content)], WIDTHS, style=ITEMS, repeatRows=1)
    yield Spacer(0, 5 * mm)
    yield Table([[note(content), sums(content)]], [97 * mm, 68 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP")])


def rows(content: Content) -> Iterator[tuple[str, ...]]:
    head = content.columns
    yield "", head.item, head.quantity, head.price, head.vat, head.amount
    for item in content.items:
        yield item.position, f"{item.name}\n{item.sku}", item.quantity, item.price, item.vat, item.amount


def facts(of: tuple[Fact, ...]) -> Table:
    return Table([[fact.label, "\n".join(fact.lines)] for fact in of], style=[FONT])


def note(content: Content) -> list[Flowable]:
    return [Paragraph(content.settlement, BODY), facts(content.payment)]


def sums(content: Content) -> Table:
    return Table([[part.label, part.amount] for part in content.sums], [44 * mm, 24 * mm], style=SUMS)

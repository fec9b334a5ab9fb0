"""Names and items in every script: drawn by the workers, read back with other libraries, and where they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from unicodedata import bidirectional, normalize

import pypdfium2
import pytest
import pytest_asyncio
from bidi import get_display
from pypdf import PdfReader

from adapters.pdf.workers import RenderPool
from domain.document import Drawing
from domain.order import Address
from fakes.invoices import XML, an_invoice, an_order_of, lines_of
from fakes.orders import a_line, an_order

pytestmark = pytest.mark.asyncio(loop_scope="module")

FONTS = Path(__file__).parents[2] / "fonts"

RIGHT_TO_LEFT = (
    "קפה שחור 250 גרם",
    "כיסא IKEA (XL) 2024",
    "שלום (עולם) טוב, מאוד",
    "שדרות הנשיא 98",
    "תמר בן־דוד",
    "רה\"מ ד'ר כ-15",
    "אֶרֶץ יִשְׂרָאֵל",
    "مصباح مكتب LED قابل للطي (أبيض)",
    "كوب خزفي مع غطاء، 350 مل",
    "لا إله الطاولة ٣ قطع (كبير)",
    "شوكولا 5",
    "أهلا وسهلا بكم",
    "السلام عليكم لأ",
    "مُحَمَّد بن سَلمان",
    "نورة القحطاني",
    "Mug (ספל קפה) white",
    "Tel שלום 15 עולם end",
    "ABC شوكولا DEF",
)
LIGATED = "لاأإي"
"""Letters that share a glyph with the one before them: where they stand is not theirs."""

LEFT_TO_RIGHT = (
    "陶瓷茶杯，白色",  # noqa: RUF001 - a Chinese comma
    "王小明",
    "コーヒーカップ 250 ml",
    "도자기 머그잔",
    "ถ้วยกาแฟเซรามิก",
    "Sushi 寿司 2",
    "\ufa19神",
    "Square ꙮ and bar Ꙩ",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[RenderPool]:
    async with RenderPool.running(workers=2, font_dirs=(FONTS,)) as running:
        yield running


async def drawn(pool: RenderPool, *names: str) -> Drawing:
    return await pool.render(an_invoice(an_order_of([a_line(name={"": name}) for name in names])), None, XML)


def read(drawing: Drawing) -> str:
    """Its text; the file must open without a complaint. What is canonically the same is the same."""
    reader = PdfReader(BytesIO(drawing.content), strict=True)
    lines = (line.rstrip() for page in reader.pages for line in page.extract_text().split("\n"))
    return normalize("NFC", "\n".join(lines))


def fonts(drawing: Drawing) -> set[str]:
    """The names of the fonts in it, without the subset's letters."""
    page = PdfReader(BytesIO(drawing.content), strict=True).pages[0]
    return {font.get_object()["/BaseFont"].partition("+")[2] for font in page["/Resources"]["/Font"].values()}


@pytest.mark.parametrize("name", RIGHT_TO_LEFT + LEFT_TO_RIGHT)
async def test_what_is_written_in_any_script_is_read_back_as_it_was(pool: RenderPool, name: str) -> None:
    drawing = await drawn(pool, name)
    assert f"1 {normalize('NFC', name)}\n" in read(drawing)
    assert drawing.replaced == ""


@pytest.mark.parametrize("name", [name for name in RIGHT_TO_LEFT if name.isprintable()])
async def test_letters_stand_in_their_order_on_paper(pool: RenderPool, name: str) -> None:
    """As another implementation of the algorithm orders them: by what is leftmost, whatever reads them."""
    page = pypdfium2.PdfDocument((await drawn(pool, name)).content)[0].get_textpage()
    boxes = [(page.get_charbox(n), page.get_text_range(n, 1)) for n in range(page.count_chars())]
    baseline = next(box[1] for box, letter in boxes if letter in name and bidirectional(letter) in {"R", "AL"})
    row = sorted(
        (box[0], letter)
        for box, letter in boxes
        if abs(box[1] - baseline) < 5 and 80 < box[0] < 320 and letter.isalnum()
    )
    shown = [letter for letter in get_display(name) if letter.isalnum()]
    assert sorted(letter for _, letter in row) == sorted(shown)
    unligated = [letter for letter in shown if letter not in LIGATED]
    assert [letter for _, letter in row if letter not in LIGATED] == unligated


async def test_an_address_from_right_to_left_is_read_back_line_by_line(pool: RenderPool) -> None:
    home = Address(name="نورة القحطاني", street="شارع العليا العام 7214", zip_code="12244", city="الرياض", country="SA")
    order = an_order(billing=home)
    said = read(await pool.render(an_invoice(order), None, XML))
    assert "نورة القحطاني\nشارع العليا العام 7214\n12244 الرياض\n" in said  # noqa: RUF001 - an alef


async def test_only_the_fonts_that_a_document_shows_are_in_it(pool: RenderPool) -> None:
    own = {"NotoSans-Regular", "NotoSans-SemiBold"}
    assert fonts(await drawn(pool, "Mug")) == own
    assert fonts(await drawn(pool, "ספל")) == own | {"NotoSansHebrew-Regular"}
    assert len(fonts(await drawn(pool, "ספל 杯 كوب"))) == 5


async def test_what_no_font_has_is_a_replacement_that_is_seen_and_told(pool: RenderPool) -> None:
    drawing = await drawn(pool, "Mug \U0001f600", "א\U0001f5ff")
    assert "1 Mug \ufffd\n" in read(drawing)
    assert drawing.replaced == "\U0001f5ff\U0001f600"


async def test_the_same_text_is_the_same_bytes_whatever_was_drawn_before(pool: RenderPool) -> None:
    names = (*RIGHT_TO_LEFT, *LEFT_TO_RIGHT)
    before = await drawn(pool, *names)
    for name in reversed(names):
        await drawn(pool, name)
    async with RenderPool.running(workers=1, font_dirs=(FONTS,)) as another:
        assert await drawn(another, *names) == before == await drawn(pool, *names)


async def test_what_an_invoice_of_all_scripts_weighs_is_little(pool: RenderPool) -> None:
    """Fonts are in it with the characters that it shows."""
    latin = await pool.render(an_invoice(an_order_of(lines_of(26))), None, XML)
    every = await drawn(pool, *RIGHT_TO_LEFT, *LEFT_TO_RIGHT)
    assert len(every.content) < len(latin.content) + 40_000

"""Lines in several scripts: which face sets what, and where they break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pdf.borb.fonts import Fonts
from adapters.pdf.borb.mixed import Mixture, Paragraph
from adapters.pdf.borb.styles import REGULAR
from adapters.pdf.typefaces import BUNDLED

FONTS = Fonts([BUNDLED, Path(__file__).parents[3] / "fonts"])
SIZE = 9.0
CHINESE = "陶瓷茶杯，白色。「带盖」马克绿茶、上海市南京西路"  # noqa: RUF001 - it is Chinese
OVERHANG = 400
"""How far a mark may reach beyond what it marks."""

WIDTHS = (2_100, 3_300, 6_000)


def paragraph(text: str) -> Paragraph:
    return Paragraph(text, REGULAR, SIZE, FONTS)


def read(line: Mixture) -> str:
    """What a line from left to right says, by what its fonts will say that its codes stand for."""
    said = ""
    for word in line.words:
        told = {word.face.codes[glyph]: text for glyph, text in {**word.face.text_of, **dict(word.spelled)}.items()}
        said += "".join(
            told[int(code, 16)] for code in re.findall("[0-9A-F]{4}", "".join(re.findall("<.*?>", word.shown)))
        )
    return said


def fonts(line: Mixture) -> list[str]:
    return re.findall(r"/(\S+) 9 Tf", line.shown)


def pen(line: Mixture) -> Iterator[float]:
    """Where the pen is before and after each glyph, as a reader of the line moves it."""
    faces = {face.called: face for face in (REGULAR, *(word.face for word in line.words))}
    place, face = 0.0, REGULAR
    for called, codes, number in re.findall(r"/(\S+) 9 Tf|<(\w+)>|(-?[\d.]+)(?! Ts)(?![\d.])", line.shown):
        face = faces.get(called, face)
        place -= float(number or 0)
        for code in re.findall("....", codes):
            yield place
            place += face.widths[face.codes.index(int(code, 16))]
            yield place


# Faces


def test_each_part_is_set_in_a_face_that_has_it_and_the_lines_own_face_comes_back() -> None:
    line = paragraph("Sushi 寿司 for 2").line()
    assert fonts(line) == ["NotoSansCJKjp-Regular", "F1"]
    assert read(line) == "Sushi 寿司 for 2"


def test_latin_and_digits_stay_in_the_documents_own_face() -> None:
    line = paragraph("מנורת LED 12").line()
    own = [word.shown for word in line.words if word.face is REGULAR]
    assert own == [REGULAR.run("LED 12", backwards=False, language="en", size=SIZE).shown]


def test_what_nobody_has_is_one_replacement_and_remembered() -> None:
    line = paragraph("a \U0001f600 b").line()
    assert read(line) == "a \ufffd b"
    assert [word.replaced for word in line.words] == ["\U0001f600"]


def test_a_family_of_four_is_as_many_replacements_as_it_has_members() -> None:
    assert read(paragraph("\U0001f468\u200d\U0001f469\u200d\U0001f467 x").line()) == "\ufffd\ufffd\ufffd x"


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\ufe0f", "\u202e", "\u2066", "\x07", "\u200e"])
def test_what_nobody_would_see_is_left_out_without_a_word(unseen: str) -> None:
    line = paragraph(f"王{unseen}小").line()
    assert read(line) == "王小"
    assert not any(word.replaced for word in line.words)


def test_a_character_with_its_mark_is_set_in_one_face() -> None:
    faces = [word.face.called for word in paragraph("王e\u0301ש\u05b8").line().words]
    assert faces == ["NotoSansCJKjp-Regular", "F1", "NotoSansHebrew-Regular"]
    assert read(paragraph("王e\u0301").line()) == "王é"


def test_a_variant_that_only_differs_in_its_code_is_told_as_it_was_typed() -> None:
    assert read(paragraph("\ufa19社").line()).startswith("\ufa19")


# Lines


@pytest.mark.parametrize("width", WIDTHS)
def test_ideographs_part_anywhere_but_where_a_mark_forbids_it(width: int) -> None:
    lines = [read(line) for line in paragraph(CHINESE).lines(width)]
    assert "".join(lines) == CHINESE
    assert len(lines) > 1
    assert all(line[0] not in "，。」、" and line[-1] != "「" for line in lines)  # noqa: RUF001 - they are


def test_thai_parts_between_clusters_only_where_a_line_is_too_short() -> None:
    assert [read(line) for line in paragraph("สีขาว กาแฟ").lines(3_000)] == ["สีขาว", "กาแฟ"]
    pieces = [read(line) for line in paragraph("กาแฟเซรามิก").lines(1_300)]
    assert "".join(pieces) == "กาแฟเซรามิก"
    assert pieces == ["กา", "แฟ", "เซ", "รา", "มิก"]


@pytest.mark.parametrize("text", ["כוס קרמיקה לבנה עם מכסה", "كوب خزفي أبيض مع غطاء"])
@pytest.mark.parametrize("width", WIDTHS)
def test_lines_from_right_to_left_are_no_wider_than_they_may_be(text: str, width: int) -> None:
    lines = paragraph(text).lines(width)
    assert len(lines) > 1 or width == max(WIDTHS)
    assert all(line.width <= width for line in lines)


def test_lines_from_right_to_left_begin_at_one_edge() -> None:
    lines = paragraph("כוס קרמיקה לבנה עם מכסה").lines(5_000)
    assert len(lines) > 1
    assert [max(pen(line)) for line in lines] == pytest.approx([lines[0].width] * len(lines), abs=5)
    assert len({round(min(pen(line))) for line in lines}) > 1


def test_of_more_lines_than_there_may_be_the_last_ends_with_an_ellipsis() -> None:
    first, second = paragraph(CHINESE).lines(3_300, most=2)
    assert CHINESE.startswith(read(first) + read(second)[:-1])
    assert read(second)[-1] == "…"
    assert second.width <= 3_300


def test_a_text_of_ten_thousand_letters_is_broken_in_no_time() -> None:
    assert len(list(paragraph("ש" * 10_000).lines(20_000))) > 100


@settings(max_examples=150, deadline=None)
@given(st.text("王小e\u0301 （a）-、\U0001f600กแ\u200b", min_size=1, max_size=40), st.sampled_from(WIDTHS))  # noqa: RUF001
def test_nothing_is_lost_between_lines(text: str, width: int) -> None:
    told = " ".join(text.split())
    whole = paragraph(told)
    lines = list(whole.lines(width))
    assert "".join(map(read, lines)).replace(" ", "") == read(whole.line()).replace(" ", "")
    assert all(line.width <= width or len(read(line).strip()) <= 2 for line in lines)


@settings(max_examples=150, deadline=None)
@given(st.text("אבשلاللم12 (A)-,%\u064e\u05b8", min_size=1, max_size=30))  # noqa: RUF001 - an alef
def test_the_pen_goes_from_one_end_of_the_line_to_the_other_and_nowhere_else(text: str) -> None:
    line = paragraph(" ".join(text.split())).line()
    steps = [0.0, *pen(line)]
    assert min(steps) == pytest.approx(0, abs=len(steps) + OVERHANG)
    assert max(steps) == pytest.approx(line.width, abs=len(steps) + OVERHANG)

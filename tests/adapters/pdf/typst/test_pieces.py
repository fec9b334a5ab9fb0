"""Into which pieces a text of two directions is divided."""

from __future__ import annotations

import pytest

from adapters.pdf.typst.pieces import ordered


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Mug (ספל קפה) 2", "Mug| |(|ספל| |קפה|)| |2"),
        ("حجم 350 مل", "حجم| |350| |مل"),
        ("غطاء، ٣٤", "غطاء|،| |٣|٤"),
        ("אֶרֶץ", "אֶרֶץ"),
        ("رقم12", "رقم|12"),
    ],
)
def test_letters_and_digits_stay_together_and_signs_stand_alone(text: str, pieces: str) -> None:
    assert "|".join(piece.text for word in ordered(text).words for piece in word) == pieces


def test_a_bracket_knows_the_direction_that_it_is_drawn_in() -> None:
    brackets = {text: _of_brackets(text) for text in ("כיסא IKEA (XL) 2024", "כיסא (XL) גדול", "Mug (ספל)")}
    assert brackets == {"כיסא IKEA (XL) 2024": {False}, "כיסא (XL) גדול": {True}, "Mug (ספל)": {False}}


def _of_brackets(text: str) -> set[bool]:
    return {piece.from_right for word in ordered(text).words for piece in word if piece.text in "()"}


def test_a_text_has_the_direction_of_its_first_letter() -> None:
    assert ordered("12 ספל Mug").from_right
    assert not ordered("12 Mug ספל").from_right

"""Which way text runs, compared with another implementation of the algorithm."""

from __future__ import annotations

from unicodedata import bidirectional

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pdf.bidi import directions, is_one_way, reordered

LETTERS = "abAB אבגהشسي12٣٤()[]+-,.:/%€ \u0301\u05b0\u064e!?\u200f\u200e«»（）"  # noqa: RUF001 - brackets that pair too


def displayed(text: str) -> str:
    """The characters of a line from left to right."""
    told = directions(text)
    levels = list(told.levels)
    for index in range(len(text) - 1, -1, -1):  # L1: spaces at the end of a line are the paragraph's
        if bidirectional(text[index]) not in {"WS", "BN"}:
            break
        levels[index] = told.base
    return "".join(text[index] for index in reordered(levels))


@settings(max_examples=1500, deadline=None)
@given(st.text(LETTERS, max_size=24))
def test_text_is_ordered_as_others_order_it(text: str) -> None:
    assert displayed(text) == get_display(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("כיסא IKEA (XL) 2024", "IKEA (XL) 2024 אסיכ"),
        ("רחוב הרצל 15, דירה 3", "3 הריד ,15 לצרה בוחר"),
        ("Mug (ספל קפה) white", "Mug (הפק לפס) white"),
        ("حجم 50 مل", "لم 50 مجح"),
    ],
)
def test_names_and_addresses_are_ordered_as_people_write_them(text: str, shown: str) -> None:
    assert displayed(text) == shown


@pytest.mark.parametrize("control", ["\u202e", "\u202b", "\u2067", "\u2066"])
def test_no_control_character_turns_an_amount_around(control: str) -> None:
    assert directions(f"{control}100 EUR").levels == (0,) * 8


def test_what_has_nothing_from_right_to_left_is_known_at_a_glance() -> None:
    assert is_one_way("Żółć 寿司 12")
    assert not is_one_way("a א")
    assert directions("") == directions("x" * 0)


def test_more_brackets_than_anyone_opens_are_not_paired() -> None:
    assert directions("א" + "(" * 100 + "a" + ")" * 100).base == 1

"""Which numbers are missing, and which draws explain them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.gaps import Gap, Numbers, Runs, counting_place, in_order
from domain.numbering import Neighbours


def numbers_of(*numbers: str, is_one_count: bool = False) -> Numbers:
    known = Numbers(numbers, is_one_count=is_one_count)
    for number in numbers:
        known.add(number)
    return known


def inv(*counts: int) -> Iterable[str]:
    return (f"INV{count}" for count in counts)


@given(st.lists(st.integers(0, 60)))
def test_runs_know_what_was_added_in_whatever_order_and_what_is_missing_between(counts: list[int]) -> None:
    runs = Runs()
    for count in counts:
        runs.add(count)
    missing = {count for first, last in runs.holes() for count in range(first, last + 1)}
    assert missing == set(range(min(counts, default=0), max(counts, default=0))) - set(counts)


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(-5, 45), st.integers(-5, 45))
def test_the_count_that_is_taken_is_the_first_that_is_missing_between_the_two(
    counts: set[int], above: int, below: int
) -> None:
    runs = Runs()
    for count in counts:
        runs.add(count)
    between = [c for c in range(min(counts), max(counts)) if c not in counts and above < c < below]
    assert runs.take(above, below) == (between[0] if between else None)


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([], []),
        (["INV1"], []),
        (["INV3", "INV1"], ["INV2"]),
        (["INV0001", "INV0009", "INV0005"], ["INV0002..INV0004", "INV0006..INV0008"]),
        (["INV9", "INV11"], ["INV10"]),
        (["A-1", "A-3", "B-7", "B-8"], ["A-2"]),
        (["1/2026", "2/2026", "4/2026"], ["3/2026"]),
        (["0008-0001", "0008-0003"], ["0008-0002"]),
        (["no digits", "none at all"], []),
        (["INV1", "none", "INV3"], ["INV2"]),
        (["INV1", "INV01", "INV3"], ["INV2"]),
    ],
)
def test_numbers_of_one_kind_are_compared_as_counts(numbers: list[str], missing: list[str]) -> None:
    assert list(numbers_of(*numbers).missing()) == missing


def test_where_one_count_runs_through_all_years_nothing_is_missing_between_them() -> None:
    through = numbers_of("GS-2026-8", "GS-2026-9", "GS-2027-10", "GS-2027-12", is_one_count=True)
    assert list(through.missing()) == ["GS-2027-11"]


def test_the_digits_that_count_are_the_last_that_differ() -> None:
    assert counting_place(["1/2026", "2/2026"]) == 2
    assert counting_place(["2026/1", "2026/2"]) == 1
    assert counting_place(["2026/1"]) == counting_place([]) == counting_place(["x", "y2"]) == 1


def test_a_number_that_is_accounted_for_is_not_missing_and_leaves_none_behind() -> None:
    known = numbers_of(*inv(1, 5))
    for number in inv(3, 9):
        known.fill(number)
    known.fill("B-7")
    assert list(known.missing()) == ["INV2", "INV4"]
    assert known.bounds("INV1") == ("INV1", "INV5")


def around(*, before: Iterable[str] = (), meanwhile: Iterable[str] = (), behind: Iterable[str] = ()) -> Neighbours:
    return Neighbours(tuple(before), tuple(meanwhile), tuple(behind))


def test_a_lost_draw_explains_one_number_between_those_before_and_behind_it() -> None:
    known = numbers_of(*inv(1, 2, 6, 7, 9))
    assert known.take_between(around(before=inv(2, 1), behind=inv(6, 7))) == "INV3"
    assert known.take_between(around(before=inv(6), behind=inv(7))) is None
    assert list(known.missing()) == ["INV4..INV5", "INV8"]


def test_lost_draws_explain_no_more_numbers_than_they_are() -> None:
    known, between = numbers_of(*inv(1, 5)), around(before=inv(1), behind=inv(5))
    assert [known.take_between(between) for _ in range(4)] == ["INV2", "INV3", "INV4", None]


def test_a_lost_draw_explains_nothing_among_numbers_of_another_kind() -> None:
    known = numbers_of("A-1", "A-3", "B-1", "B-3")
    between = around(before=["A-1"], behind=["A-3"])
    assert known.take_between(between) == "A-2"
    assert known.take_between(between) is None
    assert known.take_between(around(before=["C-1"])) is None
    assert known.take_between(around()) is None


def test_a_lost_draw_before_all_others_or_behind_them_explains_what_is_on_its_side() -> None:
    known = numbers_of(*inv(1, 3, 5))
    assert known.take_between(around(behind=inv(3))) == "INV2"
    assert known.take_between(around(before=inv(3))) == "INV4"


def test_numbers_drawn_at_the_same_time_tell_the_kind_and_set_no_bounds() -> None:
    known = numbers_of("A-1", "A-4", "B-1", "B-3")
    assert known.take_between(around(meanwhile=["B-1"])) == "B-2"
    assert known.take_between(around(meanwhile=["A-4"], before=["A-2"])) == "A-3"


@pytest.mark.parametrize(
    ("last", "allocated", "lacking"),
    [
        ("RE-09", 9, ""),
        ("RE-09", 10, "RE-10"),
        ("RE-09", 12, "RE-10..RE-12"),
        ("202600098", 100, "202600099..202600100"),
        ("202600100", 100, ""),
    ],
)
def test_what_was_allocated_behind_the_last_number_is_lacking(last: str, allocated: int, lacking: str) -> None:
    assert numbers_of(last).lack_behind(last, allocated) == lacking


def test_gaps_are_told_in_the_order_of_their_numbers() -> None:
    gaps = [Gap(number, "", explained=True) for number in ("INV10", "INV2..INV9", "INV1")]
    assert [gap.number for gap in in_order(gaps)] == ["INV1", "INV2..INV9", "INV10"]

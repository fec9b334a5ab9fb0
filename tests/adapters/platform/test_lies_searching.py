"""The search for due orders on a platform whose list changes while it is read, or that lies about it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.platform.order_search import DELIVERY_DATES, OrderSearch, query_for
from adapters.sandbox.query import Query
from domain.errors import Misconfigured
from domain.order import Delivery, InvoiceSettings
from fakes.answering import Answers
from fakes.clock import NOON
from fakes.lying_server import Reply
from fakes.orders import an_order

ANY = InvoiceSettings((), (), timedelta(hours=24))
ZONES = sorted(name for name in available_timezones() if "/" in name)


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    async with Answers.given() as given:
        yield given


class Shelf:
    """What the platform finds by the day of delivery, page by page. Something may happen before each page."""

    def __init__(
        self,
        answers: Answers,
        ids: list[str],
        *,
        size: int = 100,
        total: Callable[[int], int | None] = lambda n: n,
    ) -> None:
        answers.to = self._page
        self.ids = ids
        self._answers = answers
        self.pages = 0
        self.happens: Callable[[], None] = lambda: None
        self._size = size
        self._total = total

    def _page(self, method: str, path: str) -> Reply:
        if DELIVERY_DATES[0].encode() not in self._answers.body:
            return Reply.json([])
        self.happens()
        self.pages += 1
        number = int(re.search(r"pageNumber=(\d+)", path)[1])
        page = self.ids[(number - 1) * self._size : number * self._size]
        total = self._total(len(self.ids))
        headers = {} if total is None else {"X_Total_Count": str(total)}
        return Reply.json([{"id": order_id} for order_id in page], **headers)


def named(count: int, prefix: str = "E") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


async def found(answers: Answers, **limits: int) -> list[str]:
    search = OrderSearch(answers.platform.orders._wire, **limits)
    return [order.id async for order in search.orders(ANY, NOON)]


async def test_an_order_that_leaves_the_list_while_it_is_read_takes_no_other_with_it(answers: Answers) -> None:
    shelf = Shelf(answers, named(250))
    shelf.happens = lambda: shelf.ids.remove("E7") if shelf.pages == 1 else None
    ids = await found(answers)
    assert set(named(250)) == set(ids)
    assert len(ids) == len(set(ids))


async def test_orders_that_come_into_the_list_while_it_is_read_show_no_other_twice(answers: Answers) -> None:
    shelf = Shelf(answers, named(250))
    shelf.happens = lambda: shelf.ids.insert(0, "NEW") if shelf.pages == 2 else None
    ids = await found(answers)
    assert set(named(250)) <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("seed", range(30))
async def test_whatever_comes_and_goes_who_was_there_all_along_is_found_once(answers: Answers, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - chance that repeats, not a secret
    shelf = Shelf(answers, named(chance.randrange(101, 700)))
    staying = set(shelf.ids)
    moves = [chance.randrange(20) for _ in range(3)]

    def happens() -> None:
        for _ in range(moves.count(shelf.pages)):
            if chance.random() < 0.3:
                shelf.ids.insert(chance.randrange(len(shelf.ids)), f"NEW{shelf.pages}")
            else:
                for _ in range(chance.choice((1, 1, 30))):
                    staying.discard(shelf.ids.pop(chance.randrange(len(shelf.ids))))

    shelf.happens = happens
    ids = await found(answers)
    assert staying <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (99, 1), (100, 2), (101, 4), (250, 6)])
async def test_several_pages_are_read_twice_and_one_is_read_once(answers: Answers, count: int, pages: int) -> None:
    shelf = Shelf(answers, named(count))
    assert await found(answers) == named(count)
    assert shelf.pages == pages


async def test_a_list_that_never_stands_still_is_not_read_for_ever(answers: Answers) -> None:
    shelf = Shelf(answers, named(150))
    shelf.happens = lambda: shelf.ids.append(f"NEW{shelf.pages}")
    assert set(named(150)) <= set(await found(answers))
    assert shelf.pages == 10


@pytest.mark.parametrize(
    "total",
    [lambda n: None, lambda n: 0, lambda n: 1, lambda n: 100, lambda n: n - 1, lambda n: 10**8],
    ids=["none", "0", "1", "100", "too small", "too large"],
)
async def test_a_total_that_is_wrong_hides_no_order(answers: Answers, total: Callable[[int], int | None]) -> None:
    Shelf(answers, named(450), total=total)
    assert await found(answers) == named(450)


@pytest.mark.parametrize("size", [1, 16, 50, 99])
async def test_a_platform_that_gives_smaller_pages_than_it_is_asked_for_hides_no_order(
    answers: Answers, size: int
) -> None:
    Shelf(answers, named(120), size=size)
    assert await found(answers) == named(120)


async def test_pages_without_end_are_bounded_and_told(answers: Answers) -> None:
    number = iter(range(10**9))
    answers.to = lambda method, path: Reply.json([{"id": f"E{next(number)}"} for _ in range(100)])
    with pytest.raises(Misconfigured, match=r"2,000 orders .* narrow status or extendedOrderStatus .* invoiceSettings"):
        await found(answers, most_found=2000)
    assert len(answers.asked) == 20


async def test_a_page_of_orders_that_nobody_can_read_does_not_hide_the_next(answers: Answers) -> None:
    strange: list[Any] = [{"id": n} for n in range(100)]
    pages = [strange, [{"id": "A"}]]
    answers.to = lambda method, path: Reply.json(pages[int(re.search(r"pageNumber=(\d+)", path)[1]) - 1])
    with capture_logs() as logs:
        assert await found(answers) == ["A"]
    assert len(logs) == 100, "each is told of once, however often it is read"


@pytest.mark.parametrize("order_id", ["", "..", "a/b", "a b", "x" * 129, "line\nbreak", "Ω", "a\x00b"])
async def test_what_cannot_be_an_orders_id_is_left_out(answers: Answers, order_id: str) -> None:
    answers.all(Reply.json([{"id": order_id}, {"id": "A"}]))
    assert await found(answers) == ["A"]


# What is asked for


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2026, 11, 18), date(2026, 11, 27)),
    until=st.one_of(st.none(), st.times()),
    hours=st.sampled_from([0, 1, 24, 24.5, 96]),
    later=st.timedeltas(timedelta(-2), timedelta(2)),
)
def test_the_query_never_hides_a_day_that_is_due(
    zone: str, day: date, until: time | None, hours: float, later: timedelta
) -> None:
    settings, now = InvoiceSettings((), (), timedelta(hours=hours)), NOON + later
    if settings.select(an_order(delivery=Delivery(day=day, until=until)), ZoneInfo(zone), now):
        assert is_found(day.isoformat(), DELIVERY_DATES[0], settings, now)


@given(
    earlier=st.timedeltas(timedelta(0), timedelta(6)),
    offset=st.integers(-12 * 60, 14 * 60),
    hours=st.sampled_from([0, 24, 96]),
)
def test_the_query_never_hides_an_instant_that_is_due_however_it_is_written(
    earlier: timedelta, offset: int, hours: int
) -> None:
    settings, instant = InvoiceSettings((), (), timedelta(hours=hours)), NOON - earlier
    written = instant.astimezone(timezone(timedelta(minutes=offset))).isoformat(timespec="milliseconds")
    if settings.select(an_order(delivery=Delivery(instant=instant)), ZoneInfo("UTC"), NOON):
        assert is_found(written, DELIVERY_DATES[1], settings, NOON)


def is_found(told: str, field: str, settings: InvoiceSettings, now: datetime) -> bool:
    """Whether the platform finds the date, be it that it compares instants or texts."""
    query = query_for(settings, field, now)
    outer, inner = field.rsplit(".", maxsplit=1)
    document: Any = {inner: told}
    for name in reversed(outer.split(".")):
        document = {name: document}
    return Query.of(query).matches(document) and told <= query.split('"')[1]

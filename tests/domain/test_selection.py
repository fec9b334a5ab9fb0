"""When an order is due, around the days on which clocks change, in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order import Delivery, InvoiceSettings
from fakes.orders import an_order

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = sorted(name for name in available_timezones() if "/" in name)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
SECOND = timedelta(seconds=1)
LONG_AGO = datetime(1971, 1, 1, tzinfo=UTC)


def due(day: date, until: time | None, zone: ZoneInfo, *, hours: float = 0) -> datetime:
    """The instant from which an order delivered so is due; not a second before, and for ever after."""
    order = an_order(delivery=Delivery(day=day, until=until))
    settings = InvoiceSettings((), (), timedelta(hours=hours))
    at = order.delivery.at(zone)
    assert at is not None
    first = at + settings.threshold
    assert not settings.select(order, zone, first - SECOND)
    assert settings.select(order, zone, first)
    assert settings.select(order, zone, first + timedelta(days=3650))
    return first


@pytest.mark.parametrize(
    ("day", "until", "zone", "utc"),
    [
        (SPRING, time(1, 59), BERLIN, "2026-03-29T00:59:00"),
        (SPRING, time(2, 0), BERLIN, "2026-03-29T01:00:00"),
        (SPRING, time(2, 30), BERLIN, "2026-03-29T01:30:00"),
        (SPRING, time(3, 0), BERLIN, "2026-03-29T01:00:00"),
        (SPRING, None, BERLIN, "2026-03-29T21:59:59"),
        (AUTUMN, time(1, 59), BERLIN, "2026-10-24T23:59:00"),
        (AUTUMN, time(2, 30), BERLIN, "2026-10-25T00:30:00"),
        (AUTUMN, time(3, 0), BERLIN, "2026-10-25T02:00:00"),
        (AUTUMN, None, BERLIN, "2026-10-25T22:59:59"),
        (date(2026, 3, 8), time(3, 0), NEW_YORK, "2026-03-08T07:00:00"),
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "2026-11-01T05:30:00"),
        (date(2026, 4, 5), time(1, 45), LORD_HOWE, "2026-04-04T14:45:00"),
        (date(2026, 11, 24), time(0, 30), ZoneInfo("Pacific/Kiritimati"), "2026-11-23T10:30:00"),
        (date(2026, 11, 24), time(23, 30), ZoneInfo("Pacific/Pago_Pago"), "2026-11-25T10:30:00"),
    ],
)
def test_a_window_ends_when_the_clocks_of_its_site_say_so(day: date, until: time, zone: ZoneInfo, utc: str) -> None:
    assert due(day, until, zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("hours", [24, 96])
def test_a_threshold_across_a_change_of_clocks_is_as_many_hours_as_it_says(day: date, hours: int) -> None:
    before = day - timedelta(days=1)
    assert due(before, time(12), BERLIN, hours=hours) - due(before, time(12), BERLIN) == timedelta(hours=hours)


@given(
    day=st.dates(date(1971, 1, 2), date(2999, 12, 31)),
    until=st.one_of(st.none(), st.times()),
    zone=st.sampled_from(ZONES),
    hours=st.one_of(st.just(0), st.floats(0, 24 * 366 * 10)),
)
def test_no_day_no_zone_and_no_threshold_is_too_much(day: date, until: time | None, zone: str, hours: float) -> None:
    settings = InvoiceSettings((), (), timedelta(hours=hours))
    order = an_order(delivery=Delivery(day=day, until=until))
    at = order.delivery.at(ZoneInfo(zone))
    assert at is not None
    assert abs(at - datetime.combine(day, until or time(23, 59, 59), UTC)) < timedelta(hours=16)
    for now in (LONG_AGO, datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)):
        assert settings.select(order, ZoneInfo(zone), now) == (now - at >= settings.threshold)


@given(instant=st.datetimes(timezones=st.just(UTC)), hours=st.floats(0, 24 * 366 * 10))
def test_no_instant_is_too_far_away_to_be_compared(instant: datetime, hours: float) -> None:
    settings = InvoiceSettings((), (), timedelta(hours=hours))
    order = an_order(delivery=Delivery(instant=instant))
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert settings.select(order, BERLIN, now) == (now - instant >= settings.threshold)

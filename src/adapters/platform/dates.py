"""When things happened, in all the ways the platform writes it (`order.yaml`, deliveryWindow, created)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from adapters.platform.order_terms import unreadable
from adapters.platform.salesorder import DeliveryWindow, Mixins
from domain.order import Delivery

FIRST_YEAR, LAST_YEAR = 1970, 2999


def delivery_of(window: DeliveryWindow, mixins: Mixins) -> Delivery:
    """The instant of the older mixin where there is one; else the day, until the end of its time range.

    Raises `InvoiceIncomplete` for what cannot be read, or is no time in which anyone lives.
    """
    older = mixins.delivery_time.delivery_date if mixins.delivery_time else None
    if older:
        return _instant_or_day(older, "mixins.deliveryTime.deliveryDate", None)
    until = window.delivery_time_range.time_to if window.delivery_time_range else None
    if not window.delivery_date:
        return Delivery()
    return _instant_or_day(window.delivery_date, "deliveryWindow.deliveryDate", _until(until))


def _instant_or_day(told: str, where: str, until: time | None) -> Delivery:
    if len(told) > len("2025-06-12"):
        return Delivery(instant=instant_of(told, where))
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise unreadable(where, f"is {told!r}, not a date as YYYY-MM-DD") from None
    _require_in_our_time(day, where)
    return Delivery(day=day, until=until)


def _until(told: str | None) -> time | None:
    """The end of a time range; None where that is the end of the day, however it is written: 24:00, 00:00 or not."""
    if not told or told.startswith("24:"):
        return None
    try:
        until = time.fromisoformat(f"0{told}" if told[1:2] == ":" else told).replace(tzinfo=None)
    except ValueError:
        raise unreadable("deliveryWindow.deliveryTimeRange.timeTo", f"is {told[:40]!r}, not a time as HH:MM") from None
    return None if until == time.min else until


def instant_of(told: str | None, where: str) -> datetime | None:
    """An instant in UTC. The platform writes ISO 8601 with Z or an offset, sometimes with a space for the T.

    Raises `InvoiceIncomplete`, naming what cannot be read.
    """
    if not told:
        return None
    try:
        instant = datetime.fromisoformat(told)
        utc = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise unreadable(where, f"is {told[:40]!r}, not an instant as YYYY-MM-DDTHH:MM:SSZ") from None
    _require_in_our_time(utc.date(), where)
    return utc


def _require_in_our_time(day: date, where: str) -> None:
    """The years 1 and 9999 mean that nobody knows, and are days of no year in the zones farther west or east."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise unreadable(where, f"is in the year {day.year}, when nobody orders or delivers")

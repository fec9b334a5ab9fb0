"""Which orders get an invoice, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.errors import AlreadyInvoiced, OrderNotInvoiceable
from domain.order import Delivery, InvoiceMark, InvoiceSettings, Seller, spoken
from fakes.clock import NOON
from fakes.orders import an_order

BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = InvoiceSettings(("CREATED", "CONFIRMED"), ("70", "05"), timedelta(hours=24))
UNFILTERED = InvoiceSettings((), (), timedelta(0))


def delivered(at: datetime) -> Delivery:
    return Delivery(instant=at)


class TestSpoken:
    @pytest.mark.parametrize(
        ("language", "heard"),
        [("de", "Becher"), ("de_AT", "Becher"), ("de-AT", "Becher"), ("fr", "Mug"), ("", "Mug")],
    )
    def test_a_text_is_given_in_the_language_or_without_one(self, language: str, heard: str) -> None:
        assert spoken({"": "Mug", "de": "Becher", "en": "Cup"}, language) == heard

    def test_a_region_of_its_own_comes_first(self) -> None:
        assert spoken({"de": "Sahne", "de_AT": "Obers"}, "de_AT") == "Obers"

    def test_without_a_text_of_no_language_english_is_spoken(self) -> None:
        assert spoken({"pl": "Kubek", "en": "Cup"}, "fr") == "Cup"

    def test_any_text_is_better_than_none_and_an_empty_one_is_none(self) -> None:
        assert spoken({"en": "", "pl": "Kubek"}, "en") == "Kubek"
        assert spoken({}, "en") == ""


class TestDelivery:
    def test_an_instant_is_told_in_utc(self) -> None:
        told = datetime(2026, 6, 1, 12, 0, tzinfo=BERLIN)
        at = Delivery(instant=told).at(BERLIN)
        assert (at, at and at.tzinfo) == (datetime(2026, 6, 1, 10, 0, tzinfo=UTC), UTC)

    def test_a_day_ends_with_its_window_in_the_sites_zone(self) -> None:
        delivery = Delivery(day=date(2026, 6, 1), until=time(14, 30))
        assert delivery.at(BERLIN) == datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
        assert delivery.at(ZoneInfo("Asia/Tokyo")) == datetime(2026, 6, 1, 5, 30, tzinfo=UTC)

    def test_a_day_without_a_window_ends_at_midnight(self) -> None:
        assert Delivery(day=date(2026, 6, 1)).at(BERLIN) == datetime(2026, 6, 1, 21, 59, 59, tzinfo=UTC)

    def test_an_instant_wins_over_a_day(self) -> None:
        assert Delivery(instant=NOON, day=date(2020, 1, 1)).at(BERLIN) == NOON

    def test_no_date_is_no_delivery(self) -> None:
        assert Delivery().at(BERLIN) is None

    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 6, 1), 24), (date(2026, 10, 25), 25)]
    )
    def test_days_on_which_clocks_change_are_shorter_or_longer(self, day: date, hours: int) -> None:
        end, before = Delivery(day=day).at(BERLIN), Delivery(day=day - timedelta(days=1)).at(BERLIN)
        assert end is not None
        assert before is not None
        assert end - before == timedelta(hours=hours)

    def test_a_time_that_clocks_skip_is_the_instant_they_show_afterwards(self) -> None:
        skipped = Delivery(day=date(2026, 3, 29), until=time(2, 30)).at(BERLIN)
        assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    def test_a_time_that_clocks_show_twice_is_the_first(self) -> None:
        assert Delivery(day=date(2026, 10, 25), until=time(2, 30)).at(BERLIN) == datetime(
            2026, 10, 25, 0, 30, tzinfo=UTC
        )


class TestSelection:
    def test_an_order_is_due_once_the_threshold_is_over_and_not_a_second_before(self) -> None:
        order = an_order(delivery=delivered(NOON))
        assert not SETTINGS.select(order, BERLIN, NOON + timedelta(hours=24, seconds=-1))
        assert SETTINGS.select(order, BERLIN, NOON + timedelta(hours=24))

    def test_a_threshold_is_counted_in_hours_that_pass_and_not_on_clocks(self) -> None:
        order = an_order(delivery=Delivery(day=date(2026, 3, 28), until=time(12, 0)))
        due = datetime(2026, 3, 29, 11, 0, tzinfo=UTC)  # 13:00 in Berlin: an hour was skipped
        assert not SETTINGS.select(order, BERLIN, due - timedelta(seconds=1))
        assert SETTINGS.select(order, BERLIN, due)

    def test_the_same_order_is_due_at_another_time_in_another_zone(self) -> None:
        order = an_order(delivery=Delivery(day=date(2026, 11, 23), until=time(14, 0)))
        assert not SETTINGS.select(order, BERLIN, NOON)
        assert SETTINGS.select(order, ZoneInfo("Asia/Tokyo"), NOON)

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "SHIPPED"},
            {"extended_status": "7"},
            {"extended_status": "5"},
            {"extended_status": ""},
            {"delivery": Delivery()},
            {"mark": InvoiceMark("INV0", "")},
        ],
        ids=str,
    )
    def test_what_does_not_fit_is_not_due(self, changes: dict[str, Any]) -> None:
        assert SETTINGS.select(an_order(), BERLIN, NOON)
        assert not SETTINGS.select(an_order(**changes), BERLIN, NOON)

    def test_extended_statuses_are_compared_as_text(self) -> None:
        assert SETTINGS.select(an_order(extended_status="05"), BERLIN, NOON)

    def test_an_empty_list_filters_nothing(self) -> None:
        assert UNFILTERED.select(an_order(status="SHIPPED", extended_status=""), BERLIN, NOON)

    @pytest.mark.parametrize("status", ["DECLINED", "IN_CHECKOUT"])
    def test_what_nobody_has_to_pay_for_is_never_due(self, status: str) -> None:
        assert not UNFILTERED.select(an_order(status=status), BERLIN, NOON)


class TestInvoiceable:
    @pytest.mark.parametrize("status", ["CREATED", "CONFIRMED", "SHIPPED", "COMPLETED"])
    def test_accepted_orders_may_be_invoiced(self, status: str) -> None:
        an_order(status=status).require_invoiceable()

    @pytest.mark.parametrize("status", ["DECLINED", "IN_CHECKOUT"])
    def test_declined_orders_and_those_in_checkout_may_not(self, status: str) -> None:
        with pytest.raises(OrderNotInvoiceable, match=status):
            an_order(status=status).require_invoiceable()

    def test_a_split_order_may_not_and_its_parts_are_named(self) -> None:
        with pytest.raises(OrderNotInvoiceable, match="EON1-1, EON1-2"):
            an_order(order_type="MASTER_ORDER", sub_orders=("EON1-1", "EON1-2")).require_invoiceable()

    def test_a_master_that_was_not_split_and_the_parts_of_one_that_was_may(self) -> None:
        an_order(order_type="MASTER_ORDER").require_invoiceable()
        an_order(order_type="SUB_ORDER").require_invoiceable()

    def test_an_order_with_an_invoice_says_which_before_anything_else(self) -> None:
        with pytest.raises(AlreadyInvoiced) as raised:
            an_order(status="DECLINED", mark=InvoiceMark("INV7", "https://example.com/7")).require_invoiceable()
        assert (raised.value.number, raised.value.document) == ("INV7", "https://example.com/7")


def test_a_seller_lacks_only_what_neither_says() -> None:
    tenant, site = Seller(name="Ours", city="Ulm"), Seller(name="Theirs", street="Ring 5")
    assert tenant.over(site) == Seller(name="Ours", city="Ulm", street="Ring 5")

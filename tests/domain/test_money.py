"""Coins: none is gained or lost where nobody looks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvoiceIncomplete, UnknownCurrency
from domain.money import Currency, apportion, total

EUR = Currency.of("EUR")
JPY = Currency.of("JPY")
KWD = Currency.of("KWD")

currencies = st.sampled_from([EUR, JPY, KWD])
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=6)
several = st.lists(amounts, max_size=60)


@pytest.mark.parametrize(
    ("code", "digits", "coin"), [("EUR", 2, "0.01"), ("JPY", 0, "1"), ("KWD", 3, "0.001"), ("CHF", 2, "0.01")]
)
def test_a_currency_knows_its_smallest_coin(code: str, digits: int, coin: str) -> None:
    currency = Currency.of(code)
    assert (currency.digits, currency.coin, str(currency)) == (digits, Decimal(coin), code)


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "€"])
def test_what_is_no_currency_is_named(code: str) -> None:
    with pytest.raises(UnknownCurrency) as raised:
        Currency.of(code)
    assert isinstance(raised.value, InvoiceIncomplete)
    assert (raised.value.field, raised.value.reason) == ("currency", "INVOICE_INCOMPLETE")
    assert repr(code) in raised.value.message


@pytest.mark.parametrize(
    ("currency", "amount", "rounded"),
    [
        (EUR, "0.005", "0.01"),
        (EUR, "0.00499999", "0.00"),
        (EUR, "-0.005", "-0.01"),
        (EUR, "-0.004", "0.00"),
        (EUR, "2.675", "2.68"),
        (EUR, "18.525", "18.53"),
        (JPY, "1234.5", "1235"),
        (KWD, "1.2345", "1.235"),
        (KWD, "7", "7.000"),
    ],
)
def test_halves_go_away_from_zero(currency: Currency, amount: str, rounded: str) -> None:
    assert str(currency.round(Decimal(amount))) == rounded


@pytest.mark.parametrize(
    ("currency", "amount", "whole"), [(EUR, "23.799", "23.79"), (EUR, "23.8", "23.80"), (JPY, "1234.9", "1234")]
)
def test_whole_coins_are_never_more_than_there_is(currency: Currency, amount: str, whole: str) -> None:
    assert str(currency.whole(Decimal(amount))) == whole


@given(currencies, amounts)
def test_rounding_moves_an_amount_by_half_a_coin_at_most(currency: Currency, amount: Decimal) -> None:
    rounded = currency.round(amount)
    assert abs(rounded - amount) <= currency.coin / 2
    assert currency.round(rounded) == rounded
    assert -currency.round(-amount) == rounded


def test_nothing_to_add_is_zero() -> None:
    assert total([]) == 0


@given(currencies, several)
def test_apportioned_amounts_add_up_to_the_rounded_sum(currency: Currency, parts: list[Decimal]) -> None:
    assert total(apportion(parts, currency)) == currency.round(total(parts))


@given(currencies, several)
def test_no_amount_is_moved_by_a_whole_coin(currency: Currency, parts: list[Decimal]) -> None:
    for part, coins in zip(parts, apportion(parts, currency), strict=True):
        assert abs(coins - part) < currency.coin
        assert currency.round(coins) == coins


@given(currencies, st.lists(st.integers(-(10**6), 10**6), max_size=60))
def test_whole_coins_stay_as_they_are(currency: Currency, counted: list[int]) -> None:
    parts = tuple(count * currency.coin for count in counted)
    assert apportion(parts, currency) == parts


@pytest.mark.parametrize(
    ("parts", "coins"),
    [
        ("0.333 0.333 0.334", "0.33 0.33 0.34"),
        ("0.334 0.333 0.333", "0.34 0.33 0.33"),
        ("0.005 0.005 0.005", "0.00 0.01 0.01"),
        ("1.004 1.004 1.004", "1.01 1.00 1.00"),
        ("-1.004 -1.004 -1.004", "-1.01 -1.00 -1.00"),
        ("0 1.004 1.004 1.004", "0.00 1.01 1.00 1.00"),
    ],
)
def test_the_missing_coin_goes_to_who_lost_most_and_the_first_of_equals(parts: str, coins: str) -> None:
    assert [str(c) for c in apportion([Decimal(p) for p in parts.split()], EUR)] == coins.split()

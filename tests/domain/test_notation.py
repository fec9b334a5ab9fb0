"""How figures, money and days are written: as CLDR has it, which Babel applies too, only more slowly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.localedata import locale_identifiers
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.money import Currency
from domain.wording.languages import LANGUAGES, words_of
from domain.wording.notation import Notation, notation_of

LOCALES = [words.locale for words in LANGUAGES.values()]
EURO, DOLLAR, FRANC, YEN, ZLOTY = map(Currency.of, ("EUR", "USD", "CHF", "JPY", "PLN"))

amounts = st.decimals(min_value=-(10**10), max_value=10**10, places=2)
spoken_in = pytest.mark.parametrize("locale", LOCALES)


def regions() -> list[str]:
    """Every region of our languages that has figures in thousands."""
    codes = (code for code in locale_identifiers() if code.split("_")[0] in LANGUAGES)
    return [code for code in codes if words_of(code).locale == code]


def as_babel(written: str) -> str:
    """What differs on purpose: a real minus, and a space between letters and figures."""
    return written.replace("\u2212", "-").replace("\u00a0", "")


def is_grouped(notation: Notation, value: Decimal) -> bool:
    """Babel groups four digits everywhere; some languages do not."""
    return not (notation.ungrouped and 1000 <= abs(value) < 10000)


@spoken_in
@settings(max_examples=40)
@given(value=amounts, digits=st.integers(0, 6))
def test_a_number_is_written_as_babel_writes_it(locale: str, value: Decimal, digits: int) -> None:
    notation = notation_of(locale)
    if is_grouped(notation, round(value, digits)) and (round(value, digits) or value >= 0):
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        written = format_decimal(value, pattern, locale=locale)
        assert notation.number(value, digits).replace("\u2212", "-") == written


@spoken_in
@settings(max_examples=40)
@given(value=amounts, currency=st.sampled_from([EURO, DOLLAR, FRANC, YEN, ZLOTY, Currency.of("GBP")]))
def test_money_is_written_as_babel_writes_it(locale: str, value: Decimal, currency: Currency) -> None:
    value, notation = currency.round(value), notation_of(locale)
    if is_grouped(notation, value):
        written = format_currency(value, currency.code, locale=locale)
        assert as_babel(notation.money(value, currency)) == as_babel(written)


@spoken_in
@settings(max_examples=40)
@given(percent=st.decimals(min_value=0, max_value=100, places=2))
def test_a_rate_is_written_as_babel_writes_it(locale: str, percent: Decimal) -> None:
    written = format_percent(percent / 100, locale=locale, decimal_quantization=False)
    words = next(words for words in LANGUAGES.values() if words.locale == locale)
    assert words.rate(percent) == written


@given(locale=st.sampled_from(regions()), day=st.dates(min_value=date(2000, 1, 1)))
def test_a_day_is_written_as_babel_writes_it(locale: str, day: date) -> None:
    assert notation_of(locale).date(day) == format_date(day, "long", locale=locale)


@given(locale=st.sampled_from(regions()), value=amounts)
def test_every_region_writes_figures_as_babel_does(locale: str, value: Decimal) -> None:
    """But that Babel loses an apostrophe between groups, as it takes it for a quotation mark."""
    notation = notation_of(locale)
    if notation.group != "'" and is_grouped(notation, value):
        written = format_currency(value, "EUR", locale=locale)
        assert as_babel(notation.money(value, EURO)) == as_babel(written)


@pytest.mark.parametrize(
    ("locale", "four", "five"),
    [
        ("es", "1234,50", "12.345,00"),
        ("it", "1234,50", "12.345,00"),
        ("pl", "1234,50", "12\u00a0345,00"),
        ("es_ES", "1234,50", "12.345,00"),
        ("es_MX", "1,234.50", "12,345.00"),
        ("de", "1.234,50", "12.345,00"),
        ("el", "1.234,50", "12.345,00"),
        ("nl", "1.234,50", "12.345,00"),
        ("fr", "1\u202f234,50", "12\u202f345,00"),
        ("fr_CH", "1'234.50", "12'345.00"),
        ("de_CH", "1'234.50", "12'345.00"),
    ],
)
def test_four_digits_are_grouped_where_the_language_wants_it(locale: str, four: str, five: str) -> None:
    notation = notation_of(locale)
    assert notation.number(Decimal("1234.5"), 2) == four
    assert notation.number(Decimal(12345), 2) == five


@pytest.mark.parametrize(
    ("locale", "currency", "written"),
    [
        ("en_001", EURO, "€1,234.50"),
        ("en_001", FRANC, "CHF\u00a01,234.50"),
        ("en_001", YEN, "JP¥1,234"),
        ("en_US", DOLLAR, "$1,234.50"),
        ("de", EURO, "1.234,50\u00a0€"),
        ("de_AT", EURO, "€\u00a01.234,50"),
        ("de_CH", FRANC, "CHF\u00a01'234.50"),
        ("nl", EURO, "€\u00a01.234,50"),
        ("pl", ZLOTY, "1234,50\u00a0zł"),
    ],
)
def test_a_currency_stands_where_the_language_wants_it(locale: str, currency: Currency, written: str) -> None:
    assert notation_of(locale).money(Decimal("1234.50") if currency.digits else Decimal(1234), currency) == written


def test_a_minus_stands_where_the_language_wants_it() -> None:
    assert [notation_of(locale).money(Decimal(-5), EURO) for locale in ("en_001", "de", "nl")] == [
        "\u2212€5.00",
        "\u22125,00\u00a0€",
        "€\u00a0\u22125,00",
    ]


@spoken_in
@pytest.mark.parametrize("currency", [EURO, DOLLAR, FRANC, YEN])
def test_an_amount_never_breaks(locale: str, currency: Currency) -> None:
    written = notation_of(locale).money(Decimal(-1234567), currency)
    assert " " not in written
    assert "-" not in written


@spoken_in
def test_what_is_no_country_has_no_name(locale: str) -> None:
    countries = notation_of(locale).countries
    assert not {"EU", "UN", "ZZ", "XA", "XB", "001"} & countries.keys()
    assert {"AT", "DE", "GR", "JP", "US", "XK"} <= countries.keys()


def test_a_locale_nobody_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(UnknownLocaleError):
        notation_of("xx")


def test_only_the_locales_that_are_used_are_read() -> None:
    notation_of.cache_clear()
    words_of("de_AT").coins(Decimal(1), EURO)
    assert notation_of.cache_info().currsize == 1


def test_all_languages_run_as_babel_says() -> None:
    assert [notation_of(locale).direction for locale in LOCALES] == [
        Locale.parse(locale).text_direction for locale in LOCALES
    ]

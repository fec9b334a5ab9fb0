"""How numbers and dates are written."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from adapters.pdf.words import ENGLISH, GERMAN, LANGUAGES, Words, words_of
from domain.money import Currency


@pytest.mark.parametrize(
    ("amount", "currency", "english", "german"),
    [
        ("0", "EUR", "0.00", "0,00"),
        ("1234567.5", "EUR", "1,234,567.50", "1.234.567,50"),
        ("-1234.00", "EUR", "\u22121,234.00", "\u22121.234,00"),
        ("1234", "JPY", "1,234", "1.234"),
        ("1.5", "KWD", "1.500", "1,500"),
    ],
)
def test_amounts(amount: str, currency: str, english: str, german: str) -> None:
    assert ENGLISH.coins(Decimal(amount), Currency.of(currency)) == english
    assert GERMAN.coins(Decimal(amount), Currency.of(currency)) == german


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [
        ("10", "EUR", "10.00"),
        ("8.403361344538", "EUR", "8.403361"),
        ("0.005", "EUR", "0.005"),
        ("10.000000000000001", "EUR", "10.00"),
        ("1E+3", "EUR", "1,000.00"),
        ("150.5", "JPY", "150.5"),
        ("0", "JPY", "0"),
    ],
)
def test_unit_prices_have_as_many_digits_as_they_need(price: str, currency: str, written: str) -> None:
    assert ENGLISH.price(Decimal(price), Currency.of(currency)) == written


@pytest.mark.parametrize(
    ("value", "written"), [("2", "2"), ("2.000", "2"), ("1E+2", "100"), ("0.25", "0.25"), ("12000", "12,000")]
)
def test_quantities_have_as_many_digits_as_they_have(value: str, written: str) -> None:
    assert ENGLISH.number(Decimal(value)) == written


def test_rates() -> None:
    assert ENGLISH.rate(Decimal("5.50")) == "5.5%"
    assert GERMAN.rate(Decimal("5.50")) == "5,5\u00a0%"


def test_days() -> None:
    assert ENGLISH.date(date(2026, 3, 5)) == "5 March 2026"
    assert GERMAN.date(date(2026, 3, 5)) == "05.03.2026"


def test_countries_have_names_or_keep_their_code() -> None:
    assert (ENGLISH.country("AT"), GERMAN.country("AT")) == ("Austria", "Österreich")
    assert GERMAN.country("GB") == "Vereinigtes Königreich"
    assert ENGLISH.country("ZZ") == "ZZ"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", GERMAN),
        ("de_AT", GERMAN),
        ("DE-ch", GERMAN),
        ("en", ENGLISH),
        ("", ENGLISH),
        ("fr", ENGLISH),
        ("default", ENGLISH),
    ],
)
def test_a_language_is_recognised_by_its_code(language: str, words: Words) -> None:
    assert words_of(language) is words


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_no_language_lacks_a_word(words: Words) -> None:
    assert all(getattr(words, field.name) for field in fields(words))

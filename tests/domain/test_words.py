"""How numbers and dates are written."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from domain.invoice import VatGroup
from domain.money import Currency
from domain.vat import EXEMPTIONS, Exemption, Vat, VatCategory
from domain.wording.languages import ENGLISH, FRENCH, GERMAN, LANGUAGES, words_of
from domain.wording.words import Words


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
    assert GERMAN.rate(Decimal("5.50")) == FRENCH.rate(Decimal("5.50")) == "5,5\u00a0%"


@pytest.mark.parametrize(
    ("category", "rate", "written"),
    [
        ("S", "19", "19%"),
        ("Z", "0", "0%"),
        ("AE", "0", "AE 0%"),
        ("K", "0", "K 0%"),
        ("E", "0", "E 0%"),
        ("O", "0", "O"),
    ],
)
def test_a_price_tells_how_it_is_taxed(category: str, rate: str, written: str) -> None:
    assert ENGLISH.taxed(Vat(VatCategory(category), Decimal(rate))) == written


def a_group(category: VatCategory, reason: Exemption | None) -> VatGroup:
    return VatGroup(Vat(category, Decimal(0)), Decimal(100), Decimal(0), reason)


@pytest.mark.parametrize("words", LANGUAGES.values())
@pytest.mark.parametrize("category", EXEMPTIONS)
def test_the_usual_reasons_for_no_vat_are_said_in_the_language(words: Words, category: VatCategory) -> None:
    said = words.exemption(a_group(category, EXEMPTIONS[category]))
    assert said == words.untaxed[category]
    assert words.exemption(a_group(category, Exemption(code="VATEX-EU-F"))) == f"{said} (VATEX-EU-F)"


def test_the_reason_for_reverse_charge_is_worded_as_each_law_has_it() -> None:
    reverse = VatCategory.REVERSE_CHARGE
    group = a_group(reverse, EXEMPTIONS[reverse])
    assert [words.exemption(group) for words in (ENGLISH, GERMAN, FRENCH)] == [
        "Reverse charge",
        "Steuerschuldnerschaft des Leistungsempfängers",
        "Autoliquidation",
    ]


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_a_tenants_own_reason_is_said_as_it_is(words: Words) -> None:
    own = Exemption("VATEX-EU-132", "Steuerfrei nach § 4 Nr. 21 UStG")
    assert words.exemption(a_group(VatCategory.EXEMPT, own)) == "Steuerfrei nach § 4 Nr. 21 UStG"


def test_where_there_is_vat_no_reason_is_given() -> None:
    assert ENGLISH.exemption(a_group(VatCategory.ZERO, None)) == ""


def test_days() -> None:
    assert ENGLISH.date(date(2026, 3, 5)) == "5 March 2026"
    assert FRENCH.date(date(2026, 8, 15)) == "15 août 2026"
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
        ("fr_BE", FRENCH),
        ("xx", ENGLISH),
        ("default", ENGLISH),
    ],
)
def test_a_language_is_recognised_by_its_code(language: str, words: Words) -> None:
    assert words_of(language) is words


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_no_language_lacks_a_word(words: Words) -> None:
    assert all(getattr(words, field.name) for field in fields(words))
    assert set(words.untaxed) == set(VatCategory) - {VatCategory.STANDARD, VatCategory.ZERO}
    assert set(words.countries) == set(ENGLISH.countries)

"""How numbers and dates are written."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from domain.invoice import VatGroup
from domain.money import Currency
from domain.vat import EXEMPTIONS, Exemption, Vat, VatCategory
from domain.wording.languages import ENGLISH, FRENCH, GERMAN, GREEK, LANGUAGES, POLISH, SPANISH, language_of, words_of
from domain.wording.words import MailWords, Words

VOCATIVE = (POLISH, GREEK)
"""Languages that would have to bend a name to greet by it."""


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
    """Directive 2006/112/EC, art. 226 no. 11a, in each language's own text."""
    reverse = VatCategory.REVERSE_CHARGE
    group = a_group(reverse, EXEMPTIONS[reverse])
    assert {code: words.exemption(group) for code, words in LANGUAGES.items()} == {
        "en": "Reverse charge",
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
        "fr": "Autoliquidation",
        "es": "Inversión del sujeto pasivo",
        "it": "Inversione contabile",
        "nl": "Btw verlegd",
        "pl": "Odwrotne obciążenie",
        "el": "Αντίστροφη επιβάρυνση",
    }


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_a_tenants_own_reason_is_said_as_it_is(words: Words) -> None:
    own = Exemption("VATEX-EU-132", "Steuerfrei nach § 4 Nr. 21 UStG")
    assert words.exemption(a_group(VatCategory.EXEMPT, own)) == "Steuerfrei nach § 4 Nr. 21 UStG"


def test_where_there_is_vat_no_reason_is_given() -> None:
    assert ENGLISH.exemption(a_group(VatCategory.ZERO, None)) == ""


def test_days() -> None:
    day = date(2026, 3, 5)
    assert {code: words.date(day) for code, words in LANGUAGES.items()} == {
        "en": "5 March 2026",
        "de": "5. März 2026",
        "fr": "5 mars 2026",
        "es": "5 de marzo de 2026",
        "it": "5 marzo 2026",
        "nl": "5 maart 2026",
        "pl": "5 marca 2026",
        "el": "5 Μαρτίου 2026",
    }
    assert words_of("en_US").date(day) == "March 5, 2026"


def test_countries_have_names_or_keep_their_code() -> None:
    assert (ENGLISH.country("AT"), GERMAN.country("AT")) == ("Austria", "Österreich")
    assert GERMAN.country("GB") == "Vereinigtes Königreich"
    assert ENGLISH.country("ZZ") == "ZZ"


def test_a_letter_goes_to_a_country_in_capital_letters() -> None:
    assert GERMAN.destination("AT") == "ÖSTERREICH"
    assert POLISH.destination("PL") == "POLSKA"
    assert GREEK.destination("GR") == "ΕΛΛΑΔΑ"
    assert SPANISH.destination("ES") == "ESPAÑA"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", GERMAN),
        ("DE", GERMAN),
        ("de_XX", GERMAN),
        ("de-1996", GERMAN),
        ("en", ENGLISH),
        ("", ENGLISH),
        ("xx", ENGLISH),
        ("xx_DE", ENGLISH),
        ("default", ENGLISH),
        ("en_IN", ENGLISH),
        ("en_US_POSIX", ENGLISH),
        ("../de", ENGLISH),
        ("de_../AT", GERMAN),
    ],
)
def test_a_language_is_recognised_by_its_code(language: str, words: Words) -> None:
    assert words_of(language) is words


@pytest.mark.parametrize("language", ["de_AT", "DE-at", "de-AT", " de_at "])
def test_a_region_has_its_languages_words_and_a_notation_of_its_own(language: str) -> None:
    assert words_of(language) == replace(GERMAN, locale="de_AT")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (("fr", "de"), "fr"),
        (("fr_CH", "de"), "fr_CH"),
        (("", "de"), "de"),
        (("sv_SE", "de"), "de"),
        (("sv", "cs"), "en"),
        (("", ""), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_has_words_is_spoken(wanted: tuple[str, ...], language: str) -> None:
    assert language_of(*wanted) == language


def placeholders(words: Words | MailWords) -> dict[str, list[str]]:
    """What differs from case to case, in each text."""
    texts = {field.name: getattr(words, field.name) for field in fields(words)}
    return {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in texts.items() if isinstance(text, str)}


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_no_language_lacks_a_word(words: Words) -> None:
    assert all(getattr(words, field.name) for field in fields(words))
    assert all(getattr(words.mail, field.name) for field in fields(words.mail))
    assert set(words.untaxed) == set(VatCategory) - {VatCategory.STANDARD, VatCategory.ZERO}


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_every_language_says_the_same_of_each_case(words: Words) -> None:
    theirs = placeholders(words.mail)
    if words in VOCATIVE:
        assert theirs["greeting"] == []
        theirs["greeting"] = ["name"]
    assert theirs == placeholders(ENGLISH.mail)
    assert placeholders(words) == placeholders(ENGLISH)


@pytest.mark.parametrize("words", LANGUAGES.values())
def test_no_line_breaks_between_an_amount_and_its_currency(words: Words) -> None:
    sentences = (words.overpaid, words.please_pay, words.refund)
    assert all("{amount}\u00a0{currency}" in sentence for sentence in sentences)


# Payment methods


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("de", "credit_card", "Kreditkarte"),
        ("el", "CREDIT_CARD", "πιστωτική κάρτα"),
        ("pl", "cash-on-delivery", "za pobraniem"),
        ("fr", "gift_card_2", "gift card 2"),
    ],
)
def test_a_payment_method_has_a_name_or_its_code(language: str, code: str, name: str) -> None:
    assert words_of(language).method(code) == name


def test_every_language_names_the_same_payment_methods() -> None:
    assert {frozenset(words.method_names) for words in LANGUAGES.values()} == {frozenset(ENGLISH.method_names)}

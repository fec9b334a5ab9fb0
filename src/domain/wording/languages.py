"""The languages that documents and mails are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from babel.localedata import locale_identifiers

from domain.wording.dutch import DUTCH
from domain.wording.english import ENGLISH
from domain.wording.french import FRENCH
from domain.wording.german import GERMAN
from domain.wording.greek import GREEK
from domain.wording.italian import ITALIAN
from domain.wording.polish import POLISH
from domain.wording.spanish import SPANISH
from domain.wording.words import Words

LANGUAGES: Mapping[str, Words] = {
    words.language: words for words in (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, DUTCH, POLISH, GREEK)
}

_UNLIKE = frozenset({"en_IN", "en_US_POSIX"})
"""Where figures are not grouped by threes."""


def words_of(language: str) -> Words:
    """The words of this language (`de`, `de_AT`, `DE-at`), in its region's notation; English where there are none."""
    code, region = _parts(language)
    locale = f"{code}_{region}"
    if code not in LANGUAGES:
        return ENGLISH
    return _regional(locale) if region and locale in _regions() else LANGUAGES[code]


def language_of(*wanted: str) -> str:
    """The first of these languages that there are words in, else English."""
    return next((language for language in wanted if _parts(language)[0] in LANGUAGES), ENGLISH.language)


def _parts(language: str) -> tuple[str, str]:
    """Language and region, as BCP 47 writes them, whatever separates them."""
    code, _, rest = language.strip().replace("-", "_").partition("_")
    return code.lower(), rest.upper()


@cache
def _regional(locale: str) -> Words:
    return replace(LANGUAGES[locale.partition("_")[0]], locale=locale)


@cache
def _regions() -> frozenset[str]:
    """The locales of a language in a region, of which we can write figures as they do."""
    return frozenset(locale_identifiers()) - _UNLIKE

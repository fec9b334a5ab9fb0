"""How numbers, money, days and countries are written, by locale. The knowledge is CLDR's, and comes with Babel.

Babel's own formatting costs tens of microseconds a number, of which a document has thousands. So each locale is read
once, and what it says is applied here; `tests/domain/test_notation.py` holds the one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern

from domain.money import Currency

MINUS = "\u2212"
NO_BREAK = "\u00a0"

_SPARING = frozenset("es es_EA es_ES es_GQ es_IC es_PH it it_CH it_IT it_SM it_VA pl pl_PL".split())
"""Where four digits are not grouped: CLDR's minimumGroupingDigits is 2 there. Babel leaves that out."""
_LONGEST_UNGROUPED = len("1,234")
_NO_COUNTRIES = frozenset("EU EZ QO UN XA XB ZZ".split())
"""What CLDR has among the countries and is none."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How one locale writes what is not words. `direction` is `ltr` or `rtl`, `percent` what follows a rate.

    Nothing that belongs to one amount has a place in it where a line may break.
    """

    locale: str
    direction: str
    point: str
    group: str
    ungrouped: int
    percent: str
    day: str
    months: Mapping[int, str]
    countries: Mapping[str, str]
    symbols: Mapping[str, str]
    above: str
    below: str

    def number(self, value: Decimal, digits: int) -> str:
        """A number with so many decimals: 1,234.50."""
        sign = MINUS if value < 0 else ""
        return sign + self._unsigned(value, digits)

    def money(self, amount: Decimal, currency: Currency) -> str:
        """An amount with its currency, in front or behind and as a sign or a code: €1,234.50; 1.234,50 CHF."""
        pattern = self.below if amount < 0 else self.above
        before, after = _symbols(self.symbols.get(currency.code, currency.code), pattern)
        return f"{before}{self._unsigned(amount, currency.digits)}{after}"

    def date(self, day: date) -> str:
        """A day, its month by name: 5 March 2026."""
        return self.day % {"d": day.day, "dd": f"{day.day:02}", "MMMM": self.months[day.month], "y": day.year}

    def _unsigned(self, value: Decimal, digits: int) -> str:
        whole, _, fraction = f"{abs(value):,.{digits}f}".partition(".")
        group = "" if len(whole) <= self.ungrouped else self.group
        return f"{whole.replace(',', group)}{self.point if fraction else ''}{fraction}"


@cache
def notation_of(locale: str) -> Notation:
    """What CLDR says of this locale (`de`, `de_AT`), which has to be one that Babel knows.

    There is one set of separators, that for money where it differs: nearly all figures on an invoice are amounts.
    """
    knows = Locale.parse(locale)
    separators = knows.number_symbols["latn"]
    money: NumberPattern = knows.currency_formats["standard"]
    return Notation(
        locale=locale,
        direction=knows.text_direction,
        point=separators.get("currencyDecimal", separators["decimal"]),
        group=separators.get("currencyGroup", separators["group"]),
        ungrouped=_LONGEST_UNGROUPED if locale in _SPARING else 0,
        percent=knows.percent_formats[None].suffix[0],
        day=knows.date_formats["long"].format,
        months=dict(knows.months["format"]["wide"]),
        countries={
            code: name for code, name in knows.territories.items() if len(code) == 2 and code not in _NO_COUNTRIES
        },
        symbols=dict(knows.currency_symbols),
        above=_money_pattern(money, 0),
        below=_money_pattern(money, 1),
    )


def _money_pattern(money: NumberPattern, below: int) -> str:
    """Where sign and currency stand around an amount, such as `-¤#`."""
    return f"{money.prefix[below]}#{money.suffix[below]}".replace("-", MINUS)


@cache
def _symbols(symbol: str, pattern: str) -> tuple[str, str]:
    """What stands before and behind an amount. A letter keeps a distance to a figure (CLDR, currencySpacing)."""
    if symbol[-1].isalpha():
        pattern = pattern.replace("¤#", f"¤{NO_BREAK}#")
    if symbol[0].isalpha():
        pattern = pattern.replace("#¤", f"#{NO_BREAK}¤")
    before, _, after = pattern.replace("¤", symbol).partition("#")
    return before, after

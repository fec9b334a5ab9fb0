"""How XML says an amount, a day, a text: one way each."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.countries import KOSOVO

REPLACEMENT = "\ufffd"

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def number(value: Decimal) -> str:
    """The amount, quantity or rate in plain digits: no exponent, no sign before nothing."""
    return format(value, "f") if value else format(abs(value), "f")


def country_code(country: str) -> str:
    """The country's code in the lists of electronic invoices, where Kosovo has one of its own (BR-CL-14)."""
    return "1A" if country == KOSOVO else country


def clean(text: str) -> str:
    """The text with a visible replacement for every character that XML has no place for (XML 1.0, 2.2 Char)."""
    return _FORBIDDEN.sub(REPLACEMENT, text)

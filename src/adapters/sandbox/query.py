"""The platform's query language (`q`), as far as orders are searched with it.

    status:(CREATED,CONFIRMED) mixins.generalAttributes.extendedOrderStatus:70 created:>="2026-01-01"

A space between terms means AND; a list matches any of its values, parted by commas or OR; `<`, `<=`, `>`, `>=` compare
instants and numbers, in brackets also two joined by AND; `null` and `exists` ask whether there is a value. A field in a
list of documents has all their values; one that matches is enough. What is not understood is refused, never ignored.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.sandbox.answers import Json, Refused, invalid

Test = Callable[[list[Any]], bool]
"""Whether a field with these values is meant; it has none when there is no such field."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}

_VALUE = r'(?:"[^"]*"|[\w.:+@/-]+)'
_TERM = re.compile(rf"\s*(?P<field>[A-Za-z_][\w.-]*):(?P<value>\([^()]*\)|(?:[<>]=?)?{_VALUE})(?=\s|$)")
_PLAIN = re.compile(_VALUE)
_COMPARISON = re.compile(rf"\s*(?P<sign>[<>]=?)\s*(?P<bound>{_VALUE})\s*")
_SEPARATOR = re.compile(r"\s*,\s*|\s+OR\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """What is asked of one field: the names on the way to it, and the test."""

    path: tuple[str, ...]
    test: Test


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a document; without terms, nothing."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, text: str) -> Query:
        """The query in this text. Raises `Refused` where it is not understood."""
        terms, at = [], 0
        while text[at:].strip():
            match = _TERM.match(text, at)
            if match is None:
                raise _unsupported(text[at:])
            terms.append(Term(tuple(match["field"].split(".")), _test(match["value"])))
            at = match.end()
        return cls(tuple(terms))

    def matches(self, document: Json) -> bool:
        """Whether every term holds."""
        return all(term.test(values_at(document, term.path)) for term in self.terms)


def values_at(document: Any, path: tuple[str, ...]) -> list[Any]:
    """What lies at this path but for nulls; lists on the way are gone through, one at its end is opened."""
    for depth, name in enumerate(path):
        if not isinstance(document, dict):
            inside = document if isinstance(document, list) else []
            return [value for each in inside for value in values_at(each, path[depth:])]
        document = document.get(name)
    if isinstance(document, list):
        return [value for value in document if value is not None]
    return [] if document is None else [document]


def as_text(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _test(written: str) -> Test:
    if written == "null":
        return lambda values: all(value == "" for value in values)
    if written == "exists":
        return lambda values: any(value != "" for value in values)
    if written.startswith("("):
        return _bracketed(written[1:-1])
    if written[0] in "<>":
        return _compared([written])
    return _one_of([_plain(written)])


def _bracketed(inner: str) -> Test:
    if inner.lstrip()[:1] in {"<", ">"}:
        return _compared(inner.split(" AND "))
    return _one_of([_plain(value) for value in _SEPARATOR.split(inner.strip())])


def _one_of(wanted: list[str]) -> Test:
    """Numbers are equal by what they are worth, all else as it is written."""
    texts, numbers = frozenset(wanted), frozenset(map(_number, wanted)) - {None}

    def is_wanted(value: Any) -> bool:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value in numbers
        return as_text(value) in texts

    return lambda values: any(map(is_wanted, values))


def _compared(written: list[str]) -> Test:
    """Whether one value satisfies all the comparisons."""
    comparisons = [_comparison(each) for each in written]
    return lambda values: any(all(holds(value) for holds in comparisons) for value in values)


def _comparison(written: str) -> Callable[[Any], bool]:
    match = _COMPARISON.fullmatch(written)
    if match is None:
        raise _unsupported(written)
    bound = _plain(match["bound"])
    read = next((read for read in (_number, _instant) if read(bound) is not None), None)
    if read is None:
        raise _unsupported(written)
    limit, holds = read(bound), COMPARISONS[match["sign"]]

    def test(value: Any) -> bool:
        found = read(as_text(value))
        return found is not None and holds(found, limit)

    return test


def _plain(written: str) -> str:
    value = written.strip()
    if not _PLAIN.fullmatch(value):
        raise _unsupported(written)
    return value.strip('"')


def _instant(written: str) -> datetime | None:
    """An instant; a day begins at midnight UTC."""
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _number(written: str) -> Decimal | None:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unsupported(text: str) -> Refused:
    return invalid("q", f"The query cannot be understood at: {text.strip()[:80]!r}")

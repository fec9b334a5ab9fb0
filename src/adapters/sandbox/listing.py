"""Lists as the platform gives them: found, sorted, page by page, each document as far as it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeVar

from adapters.sandbox.answers import Json, invalid
from adapters.sandbox.query import Query, as_text, values_at

T = TypeVar("T")

Path = tuple[str, ...]
PARAMETERS = frozenset({"q", "sort", "pageNumber", "pageSize", "fields"})
LARGEST_NUMBER = 10**6


@dataclass(frozen=True, slots=True)
class Pages:
    """How a service cuts its lists: how large a page is if nobody says, and at most."""

    size: int
    largest: int = LARGEST_NUMBER - 1


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents are wanted, in which order, which page of them, and which fields.

    `key` is alike for the pages of one list.
    """

    key: tuple[str, str]
    query: Query
    sort: tuple[tuple[Path, bool], ...]
    number: int
    size: int
    fields: Json

    @classmethod
    def of(cls, params: Mapping[str, str], q: str, pages: Pages) -> Listing:
        """The listing that these parameters ask for. Raises `Refused` for one that is not known or cannot be."""
        unknown = sorted(set(params) - PARAMETERS)
        if unknown:
            raise invalid(unknown[0], "is not known")
        sort = params.get("sort", "")
        return cls(
            key=(q, sort),
            query=Query.of(q),
            sort=tuple(_direction(key) for key in sort.split(",") if key),
            number=_positive(params, "pageNumber", 1, LARGEST_NUMBER - 1),
            size=_positive(params, "pageSize", pages.size, pages.largest),
            fields=_fields(params.get("fields", "")),
        )

    def found(self, things: Iterable[T], document_of: Callable[[T], Json]) -> list[T]:
        """All the things that are wanted, on whatever page."""
        found = [thing for thing in things if self.query.matches(document_of(thing))]
        for path, descending in reversed(self.sort):
            ranks = [(_rank(path, document_of(thing)), thing) for thing in found]
            ranks.sort(key=itemgetter(0), reverse=descending)
            found = [thing for _, thing in ranks]
        return found

    def on_page(self, found: Sequence[T]) -> Sequence[T]:
        """Of all that was found, what is on the page."""
        start = (self.number - 1) * self.size
        return found[start : start + self.size]

    def cut(self, document: Json) -> Json:
        """The document with no more fields than were asked for."""
        return _cut(document, self.fields) or {} if self.fields else document


def _fields(told: str) -> Json:
    """The fields as a tree of their names; one that ends is wanted whole."""
    tree: Json = {}
    for path in sorted((_path(field) for field in told.split(",") if field.strip()), key=len, reverse=True):
        branch = tree
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
        branch[path[-1]] = {}
    return tree


def _cut(value: Any, fields: Json) -> Any:
    """What the fields leave of the value, None when it is nothing; of documents in a list, of each."""
    if not fields:
        return value
    if isinstance(value, list):
        return [cut for each in value if (cut := _cut(each, fields)) is not None]
    if not isinstance(value, dict):
        return None
    cuts = {name: _cut(value.get(name), inside) for name, inside in fields.items()}
    return {name: cut for name, cut in cuts.items() if cut is not None} or None


def _rank(path: Path, document: Json) -> tuple[int, Any]:
    """Numbers first, by what they are worth; then texts; then what has no value."""
    values = values_at(document, path)
    if not values:
        return 2, ""
    if isinstance(values[0], int | Decimal) and not isinstance(values[0], bool):
        return 0, values[0]
    return 1, as_text(values[0])


def _path(field: str) -> Path:
    return tuple(field.strip().split("."))


def _direction(key: str) -> tuple[Path, bool]:
    field, _, direction = key.strip().partition(":")
    if not field or direction.lower() not in {"", "asc", "desc"}:
        raise invalid("sort", f"Cannot sort by {key[:80]!r}")
    return _path(field), direction.lower() == "desc"


def _positive(params: Mapping[str, str], name: str, default: int, largest: int) -> int:
    told = params.get(name, str(default))
    if not (told.isascii() and told.isdigit() and 0 < int(told[:9]) <= largest):
        raise invalid(name, "must be a positive number" if largest > 99 else f"must be between 1 and {largest}")
    return int(told)

"""Lists as the platform gives them: sorted, page by page, each document as far as it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.sandbox.answers import Json, Refused
from adapters.sandbox.query import Query, as_text, value_at

PAGE_SIZE = 16
"""Of orders, where the caller does not say (`order.yaml`, pageSize)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents are wanted, in which order, which page of them, and which fields."""

    query: Query
    sort: tuple[tuple[str, bool], ...]
    number: int
    size: int
    fields: tuple[str, ...]

    @classmethod
    def of(cls, params: Mapping[str, str], q: str) -> Listing:
        """The listing that these parameters ask for. Raises `Refused` for one that is not known or cannot be."""
        unknown = set(params) - {"q", "sort", "pageNumber", "pageSize", "fields"}
        if unknown:
            raise Refused(400, f"Unknown parameters: {', '.join(sorted(unknown))}", kind="validation_violation")
        return cls(
            query=Query.of(q),
            sort=tuple(_direction(key) for key in params.get("sort", "").split(",") if key),
            number=_positive(params, "pageNumber", 1),
            size=_positive(params, "pageSize", PAGE_SIZE),
            fields=tuple(field.strip() for field in params.get("fields", "").split(",") if field.strip()),
        )

    def page(self, documents: Iterable[Json]) -> tuple[list[Json], int]:
        """The page, and how many documents there are on all pages."""
        found = [document for document in documents if self.query.matches(document)]
        for field, descending in reversed(self.sort):
            found.sort(key=partial(_rank, field), reverse=descending)
        start = (self.number - 1) * self.size
        return [self._cut(document) for document in found[start : start + self.size]], len(found)

    def _cut(self, document: Json) -> Json:
        if not self.fields:
            return document
        cut: Json = {}
        for field in self.fields:
            value = value_at(document, field)
            if value is not None:
                _put(cut, field.split("."), value)
        return cut


def _put(document: Json, path: list[str], value: Any) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _rank(field: str, document: Json) -> tuple[bool, str]:
    value = value_at(document, field)
    return value is None, as_text(value)


def _direction(key: str) -> tuple[str, bool]:
    field, _, direction = key.strip().partition(":")
    if not field or direction not in {"", "asc", "desc"}:
        raise Refused(400, f"Cannot sort by {key[:80]!r}", kind="validation_violation")
    return field, direction == "desc"


def _positive(params: Mapping[str, str], name: str, default: int) -> int:
    told = params.get(name, str(default))
    if not (told.isascii() and told.isdigit() and 0 < int(told) < 10**6):
        raise Refused(400, f"{name} must be a positive number", kind="validation_violation")
    return int(told)

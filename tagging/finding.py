"""What is wrong with a document's tags, said so that one can act on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, on which page (counted from 1, None for the document), with which element by its path."""

    page: int | None
    path: str
    what: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.page and f"page {self.page}", self.path) if part)
        return f"{where or 'the document'}: {self.what}"

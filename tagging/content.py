"""What a page shows, operator by operator, where, and in which marked content (ISO 32000-1, 8, 9 and 14.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pikepdf
from pikepdf import Matrix

from tagging.fonts import Font

Fonts = dict[tuple[int, int], Font]
"""The fonts of a document by the number of their object."""

_PAINTING = ("S", "s", "f", "F", "f*", "B", "B*", "b", "b*")


class Kind(Enum):
    """What an operator draws."""

    TEXT = "text"
    PICTURE = "picture"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one operator draws, from where on; `mark` is the number of its marked content (MCID), if it has one.

    Lengths are in points from the lower left corner.
    """

    kind: Kind
    text: str
    x: float
    y: float
    mark: int | None
    is_artifact: bool

    @property
    def what(self) -> str:
        """It, as one would call it."""
        return f"the text {self.text.strip()!r}" if self.kind is Kind.TEXT else f"a {self.kind.value}"


@dataclass(slots=True)
class _Marked:
    """Marked content that has begun. `spoken` is what stands for its text, until that has been said."""

    mark: int | None
    is_artifact: bool
    spoken: str | None


class Content:
    """What a page shows, in the order in which it is drawn, and the numbers of its marked content as each begins.

    `is_balanced` says that all marked content ends, and nothing that did not begin.
    """

    def __init__(self, page: pikepdf.Page, fonts: Fonts) -> None:
        self.shown: list[Shown] = []
        self.marks: list[int] = []
        self.is_balanced = True
        self._resources = page.get("/Resources", pikepdf.Dictionary())
        self._fonts = fonts
        self._open: list[_Marked] = []
        self._read(page)

    def _read(self, page: pikepdf.Page) -> None:
        self._matrix, self._saved = Matrix(), list[Matrix]()
        self._line = self._text = Matrix()
        self._leading = 0.0
        self._font = Font(1, {})
        operators = self._operators()
        for operands, operator in pikepdf.parse_content_stream(page):
            if act := operators.get(str(operator)):
                act(*operands)
        self.is_balanced &= not self._open

    def _operators(self) -> dict[str, Callable[..., None]]:
        painting = dict.fromkeys(_PAINTING, lambda: self._show(Kind.PATH, self._matrix))
        pictures = dict.fromkeys(("Do", "sh", "INLINE IMAGE"), lambda _: self._show(Kind.PICTURE, self._matrix))
        return painting | pictures | self._state() | self._texts() | self._marking()

    def _state(self) -> dict[str, Callable[..., None]]:
        return {"q": lambda: self._saved.append(self._matrix), "Q": self._restore, "cm": self._transform}

    def _texts(self) -> dict[str, Callable[..., None]]:
        return {
            "BT": lambda: self._place(Matrix()),
            "Tf": self._choose,
            "TL": lambda leading: setattr(self, "_leading", float(leading)),
            "Tm": lambda *numbers: self._place(Matrix(*map(float, numbers))),
            "Td": self._move,
            "TD": self._lead,
            "T*": self._next,
            "Tj": self._write,
            "TJ": lambda parts: self._write(*parts),
            "'": lambda text: (self._next(), self._write(text)),
            '"': lambda _, __, text: (self._next(), self._write(text)),
        }

    def _marking(self) -> dict[str, Callable[..., None]]:
        return {"BMC": self._begin, "BDC": self._begin, "EMC": self._end}

    def _restore(self) -> None:
        self._matrix = self._saved.pop()

    def _transform(self, *numbers: Any) -> None:
        self._matrix = Matrix(*map(float, numbers)) @ self._matrix

    def _choose(self, name: pikepdf.Name, _: Any) -> None:
        entry = self._resources.Font[name]
        if entry.objgen not in self._fonts:
            self._fonts[entry.objgen] = Font.of(entry)
        self._font = self._fonts[entry.objgen]

    def _place(self, matrix: Matrix) -> None:
        self._line = matrix

    def _move(self, x: Any, y: Any) -> None:
        self._line = Matrix(1, 0, 0, 1, float(x), float(y)) @ self._line

    def _lead(self, x: Any, y: Any) -> None:
        self._leading = -float(y)
        self._move(x, y)

    def _next(self) -> None:
        self._move(0, -self._leading)

    def _write(self, *parts: Any) -> None:
        codes = b"".join([bytes(part) for part in parts if isinstance(part, pikepdf.String)])
        self._show(Kind.TEXT, self._line @ self._matrix, self._font.text(codes))

    def _show(self, kind: Kind, matrix: Matrix, text: str = "") -> None:
        mark = next((part.mark for part in reversed(self._open) if part.mark is not None), None)
        is_artifact = any(part.is_artifact for part in self._open)
        self.shown.append(Shown(kind, self._spoken(text), matrix.e, matrix.f, mark, is_artifact))

    def _spoken(self, text: str) -> str:
        """The text, or once what stands for all of it."""
        for part in self._open:
            if part.spoken is not None:
                text, part.spoken = part.spoken, ""
        return text

    def _begin(self, tag: pikepdf.Name, properties: Any = None) -> None:
        if isinstance(properties, pikepdf.Name):
            properties = self._resources.Properties[properties]
        entries = {} if properties is None else properties
        spoken = entries.get("/ActualText")
        spoken = None if spoken is None else str(spoken)
        mark = entries.get("/MCID")
        self.marks += [] if mark is None else [mark]
        self._open.append(_Marked(mark, tag == "/Artifact", spoken))

    def _end(self) -> None:
        self.is_balanced &= bool(self._open)
        del self._open[-1:]

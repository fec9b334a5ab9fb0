"""A page as it is drawn: the content stream (ISO 32000-1, 7.8.2 and 14.6), and which glyphs a document shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from math import cos, radians, sin

from adapters.pdf.accent import Accent
from adapters.pdf.borb import styles
from adapters.pdf.borb.faces import Face, Word
from adapters.pdf.borb.layout import Block, Figure, Rule, Run
from adapters.pdf.borb.structure import Element
from adapters.pdf.borb.styles import MM, PAGE_HEIGHT, PAGE_WIDTH, Style
from adapters.pdf.borb.text import line as letters

HAIRLINE, STRONG = 0.5, 1.2
HAIRLINE_GREY = 0.8
_MARK_SIZE, _MARK_WIDTH, _MARK_GREY = 40, 270 * MM, 0.92
"""Points at most, as wide as a page from corner to corner, less its margins."""
_MARK_SLOPE = cos(radians(52)), sin(radians(52))

_PAGINATION = "/Artifact<</Type/Pagination>>BDC"
_LAYOUT = "/Artifact<</Type/Layout>>BDC"
_END = "EMC"


class Glyphs:
    """Which glyphs a document shows of each face, besides those that are always embedded, and what they stand for.

    `replaced` are the characters for which it shows a replacement.
    """

    def __init__(self) -> None:
        self.shown: dict[Face, set[int]] = defaultdict(set)
        self.spelled: dict[Face, dict[int, str]] = defaultdict(dict)
        self.replaced: set[str] = set()

    def note(self, words: Iterable[Word]) -> None:
        """Takes in the glyphs of these words."""
        for word in words:
            self.shown[word.face] |= word.glyphs
            self.spelled[word.face].update(word.spelled)
            self.replaced.update(word.replaced)


class Sheet:
    """One page. Everything is placed from its top left corner, y downwards, in points.

    `marked` collects the numbers of the structure elements of the page's marked content; strong rules get the accent.
    """

    def __init__(self, index: int, marked: list[int], glyphs: Glyphs, accent: Accent) -> None:
        self._index = index
        self._marked = marked
        self._glyphs = glyphs
        self._accent = accent
        self._text: list[str] = []
        self._figures: list[str] = []
        self._background: list[str] = []
        self._rules: dict[bool, list[str]] = {False: [], True: []}
        self._style: Style | None = None
        self._height, self._height_written = -1.0, ""

    def place(self, block: Block, y: float) -> float:
        """Draws the block with its top at y; gives where it ends."""
        top = PAGE_HEIGHT - y
        for element, runs in block.marks:
            self._text.append(self._opened(element) if element else _PAGINATION)
            self._write(runs, top)
            self._text.append(_END)
        for rule in block.rules:
            self._rule(rule, top)
        for figure in block.figures:
            self._draw(figure, top)
        return y + block.height

    def mark(self, text: str) -> None:
        """Writes across the page, in the background, what it is."""
        line = letters(text, styles.TITLE)
        scale = min(_MARK_SIZE / styles.TITLE.size, _MARK_WIDTH / line.width)
        across, up = (scale * part for part in _MARK_SLOPE)
        x, y = PAGE_WIDTH / 2 - line.width / 2 * across, PAGE_HEIGHT / 2 - line.width / 2 * up
        self._glyphs.note(line.special)
        switch = f"/{line.style.face.called} {line.style.size:g} Tf {_MARK_GREY:g} g"
        place = f"{across:.3f} {up:.3f} {-up:.3f} {across:.3f} {x:.2f} {y:.2f} Tm"
        self._background = [_LAYOUT, "BT", switch, f"{place}[{line.shown}]TJ", "ET", _END]

    def content(self) -> bytes:
        """The content stream: what is behind all, rules, then text, then figures."""
        hair, strong = self._rules[False], self._rules[True]
        rules = [_LAYOUT, f"{HAIRLINE_GREY} G {HAIRLINE} w", *hair, f"{self._accent.stroke} {STRONG} w", *strong, _END]
        drawn = rules if hair or strong else ()
        return "\n".join((*self._background, *drawn, "BT", *self._text, "ET", *self._figures)).encode("ascii")

    def _write(self, runs: Iterable[Run], top: float) -> None:
        """Text at its place; formatting a number is the dearest part of it, so it is not done twice."""
        write = self._text.append
        for x, base, (shown, _, style, special) in runs:
            if style is not self._style:
                self._style = style
                write(_switch(style))
            if special:
                self._glyphs.note(special)
            y = top - base
            if y != self._height:
                self._height, self._height_written = y, f"{y:.2f}"
            write(f"1 0 0 1 {_points(x)} {self._height_written} Tm[{shown}]TJ")

    def _opened(self, element: Element) -> str:
        """What begins marked content of this element."""
        number = len(self._marked)
        self._marked.append(element.number)
        element.show(self._index, number)
        return _beginning(element.tag, number)

    def _rule(self, rule: Rule, top: float) -> None:
        y = top - rule.y
        self._rules[rule.is_strong].append(f"{rule.x:.2f} {y:.2f} m {rule.x + rule.width:.2f} {y:.2f} l S")

    def _draw(self, figure: Figure, top: float) -> None:
        x, y, (across, up) = figure.x, top - figure.y, figure.scale
        box = f"{x:.2f} {y:.2f} {x + figure.width:.2f} {y + figure.height:.2f}"
        figure.element.attributes += f"/A<</O/Layout/Placement/Block/BBox[{box}]>>"
        place = f"q {across:.4f} 0 0 {up:.4f} {x:.2f} {y:.2f} cm"
        self._figures.append(f"{self._opened(figure.element)} {place} {figure.drawing} Q {_END}")


@cache
def _switch(style: Style) -> str:
    """What begins text in this style."""
    return f"/{style.face.called} {style.size:g} Tf {style.grey:g} g"


@lru_cache(4_096)
def _points(length: float) -> str:
    return f"{length:.2f}"


@lru_cache(4_096)
def _beginning(tag: str, number: int) -> str:
    return f"/{tag}<</MCID {number}>>BDC"

"""A page as it is drawn: the content stream (ISO 32000-1, 7.8.2), and which glyphs a document shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from adapters.pdf.borb.faces import Face
from adapters.pdf.borb.layout import Block, Rule, Run
from adapters.pdf.borb.serialiser import number
from adapters.pdf.borb.styles import PAGE_HEIGHT, Style

LOGO = "Logo"
HAIRLINE, HAIRLINE_GREY = 0.5, 0.78


class Glyphs:
    """Which glyphs a document shows of each face, besides those that are always embedded, and what they stand for.

    `replaced` are the characters for which it shows a replacement.
    """

    def __init__(self) -> None:
        self.shown: dict[Face, set[int]] = defaultdict(set)
        self.spelled: dict[Face, dict[int, str]] = defaultdict(dict)
        self.replaced: set[str] = set()

    def note(self, runs: Iterable[Run]) -> None:
        """Takes in the glyphs of these runs."""
        for _, _, line in runs:
            for word in line.special:
                self.shown[word.face] |= word.glyphs
                self.spelled[word.face].update(word.spelled)
                self.replaced.update(word.replaced)


class Sheet:
    """One page. Everything is placed from its top left corner, y downwards, in points."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._runs: list[str] = []
        self._rules: list[str] = []
        self._pictures: list[str] = []
        self._style: Style | None = None

    def place(self, block: Block, y: float) -> float:
        """Draws the block with its top at y; gives where it ends."""
        self._glyphs.note(block.runs)
        for run in block.runs:
            self._text(run, y)
        for rule in block.rules:
            self._rule(rule, y)
        return y + block.height

    def logo(self, x: float, y: float, width: float, height: float) -> None:
        """Draws the logo with its top left corner there."""
        place = " ".join(map(number, (width, 0, 0, height, x, PAGE_HEIGHT - y - height)))
        self._pictures.append(f"q {place} cm/{LOGO} Do Q")

    def content(self) -> bytes:
        """The content stream: pictures, then hairlines, then text."""
        rules = [f"{HAIRLINE_GREY} G {HAIRLINE} w", *self._rules]
        return "\n".join((*self._pictures, *rules, "BT", *self._runs, "ET")).encode("ascii")

    def _text(self, run: Run, top: float) -> None:
        x, y, line = run
        if line.style is not self._style:
            self._style = line.style
            self._runs.append(f"/{line.style.face.called} {line.style.size:g} Tf {line.style.grey:g} g")
        self._runs.append(f"1 0 0 1 {x:.2f} {PAGE_HEIGHT - top - y:.2f} Tm[{line.shown}]TJ")

    def _rule(self, rule: Rule, top: float) -> None:
        x, y, width = rule
        height = PAGE_HEIGHT - top - y
        self._rules.append(f"{x:.2f} {height:.2f} m {x + width:.2f} {height:.2f} l S")

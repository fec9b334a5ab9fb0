"""The code that a banking app reads and fills the transfer from (EPC069-12), drawn as rectangles."""

from __future__ import annotations

from itertools import groupby

import segno

from adapters.pdf.borb import styles
from adapters.pdf.borb.layout import Block, Figure, column
from adapters.pdf.borb.structure import Structure, alternative
from adapters.pdf.borb.styles import MM
from adapters.pdf.borb.text import lines
from adapters.pdf.content import Content

_MASK = 3
"""Any is allowed; to try all eight takes three times as long."""

NAME = "GiroCode"


def giro_code(content: Content, left: float, size: float, structure: Structure) -> Block:
    """The code, and what it is called. Raises nothing: the text of every transfer fits."""
    rows = segno.make_qr(content.giro, error="m", mask=_MASK, encoding="utf-8", boost_error=False).matrix
    module = size / len(rows)
    element = structure.add("Figure", attributes=alternative(f"{NAME}: {content.settlement}"))
    figure = Figure(element, left, size, size, size, (module, module), _rectangles(rows))
    runs, _ = column(lines(NAME, styles.SMALL, 30 * MM), left + size + 3 * MM)
    return Block(size, ((structure.add("P"), runs),), figures=(figure,))


def _rectangles(rows: tuple[bytearray, ...]) -> str:
    """A rectangle for each run of dark modules, from the lower left corner."""
    parts = ["0 g"]
    for y, row in enumerate(reversed(rows)):
        x = 0
        for is_dark, run in groupby(row):
            width = len([*run])
            if is_dark:
                parts.append(f"{x} {y} {width} 1 re")
            x += width
    return " ".join((*parts, "f"))

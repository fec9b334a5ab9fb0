"""Blocks: text and hairlines that stay together, stacked and broken over pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.pdf.borb.text import Line

_EPSILON = 1e-6

Run = tuple[float, float, Line]
"""A line of text at x from the page's left edge, its base line at y from the top of its block."""

Rule = tuple[float, float, float]
"""A hairline from x at y of the block, this wide."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is never torn apart. Lengths are in points, y grows downwards."""

    height: float
    runs: tuple[Run, ...] = ()
    rules: tuple[Rule, ...] = ()


def column(lines: Iterable[Line], x: float, y: float = 0.0) -> tuple[tuple[Run, ...], float]:
    """The lines one below the other, starting at the left edge x; and where they end."""
    runs = []
    for line in lines:
        runs.append((x, y + line.style.rise, line))
        y += line.style.leading
    return tuple(runs), y


def flush_right(line: Line, x: float, y: float = 0.0) -> Run:
    """The line such that it ends at x."""
    return x - line.width, y + line.style.rise, line


def stacked(blocks: Iterable[Block]) -> Block:
    """The blocks one below the other, as one that is never torn apart."""
    runs: list[Run] = []
    rules: list[Rule] = []
    y = 0.0
    for block in blocks:
        runs += [(x, y + dy, line) for x, dy, line in block.runs]
        rules += [(x, y + dy, width) for x, dy, width in block.rules]
        y += block.height
    return Block(y, tuple(runs), tuple(rules))


def broken(rows: Sequence[float], closing: Sequence[float], *, first: float, rest: float, carry: float) -> list[int]:
    """How many of the rows, and then of the closing, each page takes; all are given by their heights.

    `first` and `rest` are the heights that the first page and each later one have to offer. A page that ends before the
    last row keeps `carry` free for its subtotal. The closing stays in one piece and with the last row, unless it is
    taller than a page.
    """
    heights = [*rows, *closing]
    last = len(rows) - 1
    pages, left = [0], first
    for index, height in enumerate(heights):
        together = sum(heights[last:]) if index == last else height
        wanted = min(together, rest) if index >= last else height + carry
        if wanted > left + _EPSILON and (pages[-1] or len(pages) == 1):
            pages.append(0)
            left = rest
        pages[-1] += 1
        left -= height
    return pages

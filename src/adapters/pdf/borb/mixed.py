"""Text of several faces or directions: what the document's own face lacks is set in others, all of it in order.

The text of a line is written in the order in which it is read. Where that is not from left to right, the pen moves to
where each part stands; letters from right to left are written as they stand from left to right, for so those who read
text out of PDFs expect them.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from adapters.pdf.bidi import directions, reordered
from adapters.pdf.borb.breaking import words
from adapters.pdf.borb.clusters import Cluster, clustered
from adapters.pdf.borb.faces import Face, Word, moved
from adapters.pdf.borb.fonts import Fonts
from adapters.pdf.borb.runs import runs

ELLIPSIS = "…"
MOST_CHARACTERS = 250
"""No line holds more, so longer texts are not shaped to see whether they fit."""

_LETTERS = (("ぁ-ヿ", "ja"), ("\uac00-\ud7a3", "ko"), ("\u2e80-\u9fff", "zh-hans"))
_LANGUAGES = tuple((re.compile(f"[{letters}]"), language) for letters, language in _LETTERS)
"""In which language ideographs are drawn: one and the same character looks different in each."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """A line of text in several faces: `width` in thousandths of the font size, `shown` as elements of a `TJ` array.

    Before them and after them the style's own face is set. `words` are what the line is made of; `ends_word` tells that
    the last of it does not go on in the next line.
    """

    width: float
    shown: str
    words: tuple[Word, ...]
    ends_word: bool

    def flush_right(self, width: float) -> Mixture:
        """The line at the right end of a space of this width."""
        return replace(self, width=width, shown=f"{round(self.width - width) or ''} {self.shown}")


@dataclass(frozen=True, slots=True)
class _Run:
    """Shaped text of one face and direction."""

    level: int
    word: Word


class Paragraph:
    """Text in words with single spaces between them, to be set in a face of its own where that has the characters."""

    def __init__(self, text: str, face: Face, size: float, fonts: Fonts) -> None:
        self._face, self._size = face, size
        self._language = next((language for letters, language in _LANGUAGES if letters.search(text)), "en")
        told = directions(text)
        self._base = told.base
        self._clusters = tuple(clustered(text, told, face, fonts))

    def line(self) -> Mixture:
        """All of it on one line."""
        return self._mixed(self._clusters)

    def lines(self, room: float, *, most: int | None = None) -> Sequence[Mixture]:
        """The lines of at most this width; of more than `most` the last ends with an ellipsis.

        Those of a paragraph from right to left begin at the right edge of the widest.
        """
        if len(self._clusters) <= MOST_CHARACTERS and (whole := self.line()).width <= room:
            return (whole,) if self._clusters else ()
        lines = tuple(self._fitted(room, most))
        widest = max(line.width for line in lines)
        return tuple(line.flush_right(widest) for line in lines) if self._base else lines

    def _fitted(self, room: float, most: int | None) -> Iterator[Mixture]:
        lines = list(self._broken(room))
        for number, (start, end) in enumerate(lines[:most], 1):
            if number == most and len(lines) > most:
                yield self._cut(self._clusters[start : lines[number][1]], room)
            else:
                ends_word = end == len(self._clusters) or self._clusters[end].text == " "
                yield self._mixed(self._clusters[start:end], ends_word=ends_word)

    def _broken(self, room: float) -> Iterator[tuple[int, int]]:
        """Where each line starts and ends among the clusters."""
        line_start = line_end = 0
        used = 0.0
        for start, end in self._pieces(room):
            width = self._width(line_end, end)
            if line_end > line_start and used + width > room:
                yield line_start, line_end
                line_start, used, width = start, 0.0, self._width(start, end)
            line_end, used = end, used + width
        if line_end > line_start:
            yield line_start, line_end

    def _pieces(self, room: float) -> Iterator[tuple[int, int]]:
        """What lines are made of, in pieces that are not wider than a line."""
        for word_start, end in words(self._clusters):
            start = word_start
            while end - start > MOST_CHARACTERS or (end - start > 1 and self._width(start, end) > room):
                part = self._fitting(start, min(end, start + MOST_CHARACTERS), room)
                yield start, part
                start = part
            yield start, end

    def _fitting(self, start: int, end: int, room: float) -> int:
        """Where a word that is wider than a line is torn: at least one cluster on."""
        return start + max(bisect(range(start + 1, end), room, key=lambda part: self._width(start, part)), 1)

    def _width(self, start: int, end: int) -> float:
        return sum(run.word.width for run in self._runs(self._clusters[start:end]))

    def _cut(self, clusters: Sequence[Cluster], room: float) -> Mixture:
        """As much of them as fits together with an ellipsis."""
        while (cut := self._mixed((*clusters, Cluster(ELLIPSIS, self._base, self._face)))).width > room and clusters:
            clusters = clusters[:-1]
        return cut

    def _mixed(self, clusters: Sequence[Cluster], *, ends_word: bool = True) -> Mixture:
        shaped = list(self._runs(clusters))
        order = reordered([run.level for run in shaped])
        ends = list(accumulate((shaped[index].word.width for index in order), initial=0.0))
        places = dict(zip(order, ends, strict=False))
        shown = "".join(self._written(shaped, places))
        return Mixture(ends[-1], shown, tuple(run.word for run in shaped), ends_word)

    def _written(self, shaped: Sequence[_Run], places: dict[int, float]) -> Iterator[str]:
        """The runs as they are read, each where it stands.

        In lines of two directions every run names its font: up to there readers take text as of one direction.
        """
        is_two_way = any(run.level for run in shaped)
        pen, face = 0.0, self._face
        for index, run in enumerate(shaped):
            move = round(places[index] - pen)
            yield f" {moved(move)}" if index else str(-move or "")
            if is_two_way or run.word.face is not face:
                face = run.word.face
                yield face.chosen(self._size)
            yield f" {run.word.shown}"
            pen += move + run.word.width
        if face is not self._face:
            yield self._face.chosen(self._size)

    def _runs(self, clusters: Sequence[Cluster]) -> Iterator[_Run]:
        """Shaped, in the order in which they are read."""
        return (self._shaped(face, run) for face, run in runs(clusters))

    def _shaped(self, face: Face, clusters: Sequence[Cluster]) -> _Run:
        text = "".join(cluster.text for cluster in clusters)
        word = face.run(text, backwards=clusters[0].is_backwards, language=self._language, size=self._size)
        replaced = "".join(cluster.replaced for cluster in clusters)
        return _Run(clusters[0].level, word._replace(replaced=replaced) if replaced else word)

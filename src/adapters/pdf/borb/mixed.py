"""Text of several faces or directions: what the document's own face lacks is set in others, all of it in order.

The text of a line is written in the order in which it is read. Where that is not from left to right, the pen moves to
where each part stands; letters from right to left are written as they stand from left to right, for so those who read
text out of PDFs expect them.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from unicodedata import bidirectional, category, east_asian_width, name, normalize

from adapters.pdf.borb.bidi import directions, reordered
from adapters.pdf.borb.faces import REPLACEMENT, Face, Word, is_unseen, moved
from adapters.pdf.borb.library import Library

ELLIPSIS = "…"
MOST_CHARACTERS = 250
"""No line holds more, so longer texts are not shaped to see whether they fit."""

_NOT_FIRST = frozenset(
    ",.:;!?%\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\uff05、。・…‥°℃ー々〻゛゜ゝゞヽヾ〜ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
"""What no line begins with, besides closing brackets and marks (UAX #14: CL, CP, NS, EX, IS, PO)."""

_LEADING, _FOLLOWING = frozenset("เแโใไເແໂໃໄ"), frozenset("ะาำๅๆฯະາຳໆຯ")
"""Thai and Lao vowels and signs that are letters of their own and stay with the consonant after or before them."""

_STRONG = frozenset(("L", "R", "AL", "EN", "AN"))
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
_LANGUAGES = ((re.compile("[ぁ-ヿ]"), "ja"), (_HANGUL, "ko"), (re.compile("[\u2e80-\u9fff]"), "zh-hans"))
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


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is never torn apart: a character with its marks. `replaced` is what it was where it is a replacement."""

    text: str
    level: int
    face: Face
    replaced: str = ""

    @property
    def is_backwards(self) -> bool:
        """Whether it runs from right to left."""
        return self.level % 2 == 1


@dataclass(frozen=True, slots=True)
class _Run:
    """Shaped text of one face and direction."""

    text: str
    level: int
    word: Word


class Paragraph:
    """Text in words with single spaces between them, to be set in a face of its own where that has the characters."""

    def __init__(self, text: str, face: Face, size: float, library: Library) -> None:
        self._face, self._size, self._library = face, size, library
        self._language = next((language for letters, language in _LANGUAGES if letters.search(text)), "en")
        told = directions(text)
        self._base = told.base
        self._native = self._native_face(text)
        self._clusters = tuple(self._clustered(text, told.levels))

    def line(self) -> Mixture:
        """All of it on one line."""
        return self._mixed(self._clusters)

    def lines(self, room: float, *, most: int | None = None) -> Iterator[Mixture]:
        """The lines of at most this width; of more than `most` the last ends with an ellipsis."""
        lines = list(self._broken(room))
        for number, (start, end) in enumerate(lines[:most], 1):
            if number == most and len(lines) > most:
                yield self._cut(self._clusters[start : lines[number][1]], room)
            else:
                ends_word = end == len(self._clusters) or self._clusters[end].text == " "
                yield self._mixed(self._clusters[start:end], ends_word=ends_word)

    # Characters and faces

    def _native_face(self, text: str) -> Face | None:
        """The face of the first letter from right to left: what stands among such letters is set in it too."""
        letter = next((c for c in text if bidirectional(c) in {"R", "AL"} and not is_unseen(c)), None)
        return self._library.face_for(letter, self._face.weight) if letter else None

    def _clustered(self, text: str, levels: Sequence[int]) -> Iterator[Cluster]:
        starts = (n for n, character in enumerate(text) if not _extends(character) and text[n - 1 : n] not in _LEADING)
        for start, end in pairwise((0, *starts, len(text))):
            cluster = "".join(c for c in text[start:end] if category(c) != "Cc")
            if all(map(is_unseen, cluster)):
                continue
            if face := self._face_of(cluster, levels[start]):
                yield Cluster(cluster, levels[start], face)
            else:
                yield from (self._alone(c, levels[start]) for c in cluster if not is_unseen(c))

    def _alone(self, character: str, level: int) -> Cluster:
        face = self._face_of(character, level)
        return Cluster(character, level, face) if face else Cluster(REPLACEMENT, level, self._face, character)

    def _face_of(self, cluster: str, level: int) -> Face | None:
        """The first face that has all of the cluster, composed or not; shaping finds out which."""
        seen = "".join(c for c in cluster if not is_unseen(c))
        native = self._native if level % 2 else None
        for text in dict.fromkeys((normalize("NFC", seen), seen, normalize("NFD", seen))):
            for face in (native, self._face):
                if face and face.characters.issuperset(text):
                    return face
            if face := self._library.face_for(text, self._face.weight):
                return face
        return None

    # Lines

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
        for word_start, end in self._words():
            start = word_start
            while end - start > MOST_CHARACTERS or (end - start > 1 and self._width(start, end) > room):
                part = self._fitting(start, min(end, start + MOST_CHARACTERS), room)
                yield start, part
                start = part
            yield start, end

    def _fitting(self, start: int, end: int, room: float) -> int:
        """Where a word that is wider than a line is torn: at least one cluster on."""
        return start + max(bisect(range(start + 1, end), room, key=lambda part: self._width(start, part)), 1)

    def _words(self) -> Iterator[tuple[int, int]]:
        """What has no space in it, and no place where ideographs may part."""
        start = 0
        for end in range(1, len(self._clusters) + 1):
            before = self._clusters[end - 1].text
            after = self._clusters[end].text if end < len(self._clusters) else " "
            if before == " ":
                start = end
            elif after == " " or _may_part(before, after):
                yield start, end
                start = end

    def _width(self, start: int, end: int) -> float:
        return sum(run.word.width for run in self._runs(self._clusters[start:end]))

    def _cut(self, clusters: Sequence[Cluster], room: float) -> Mixture:
        """As much of them as fits together with an ellipsis."""
        while (cut := self._mixed((*clusters, Cluster(ELLIPSIS, self._base, self._face)))).width > room and clusters:
            clusters = clusters[:-1]
        return cut

    # Runs

    def _mixed(self, clusters: Sequence[Cluster], *, ends_word: bool = True) -> Mixture:
        runs = list(self._runs(clusters))
        order = reordered([run.level for run in runs])
        ends = list(accumulate((runs[index].word.width for index in order), initial=0.0))
        places = dict(zip(order, ends, strict=False))
        return Mixture(ends[-1], "".join(self._written(runs, places)), tuple(run.word for run in runs), ends_word)

    def _written(self, runs: Sequence[_Run], places: dict[int, float]) -> Iterator[str]:
        """The runs as they are read, each where it stands.

        In lines of two directions every run names its font: up to there readers take text as of one direction.
        """
        is_two_way = any(run.level for run in runs)
        pen, face = 0.0, self._face
        for index, run in enumerate(runs):
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
        is_two_way = any(cluster.level for cluster in clusters)
        for _, group in groupby(clusters, key=lambda cluster: cluster.level):
            for part in _parts(list(group)) if is_two_way else [list(group)]:
                for face, run in _of_one_face(part):
                    yield self._shaped(face, run)

    def _shaped(self, face: Face, clusters: Sequence[Cluster]) -> _Run:
        text = "".join(cluster.text for cluster in clusters)
        word = face.run(text, backwards=clusters[0].is_backwards, language=self._language, size=self._size)
        replaced = "".join(cluster.replaced for cluster in clusters)
        return _Run(text, clusters[0].level, word._replace(replaced=replaced) if replaced else word)


def _extends(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return category(character)[0] == "M" or character in _FOLLOWING or is_unseen(character)


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between these two: beside an ideograph, unless an opening or closing mark forbids it."""
    if not (_is_ideographic(before) or _is_ideographic(after)):
        return False
    if category(before[0]) in {"Ps", "Pi"} or category(after[0]) in {"Pe", "Pf"}:
        return False
    return after[0] not in _NOT_FIRST


def _is_ideographic(cluster: str) -> bool:
    """Whether it is written without spaces. Korean has some, and words that stay whole."""
    return east_asian_width(cluster[0]) in {"W", "F"} and not _HANGUL.match(cluster)


def _parts(clusters: Sequence[Cluster]) -> Iterator[Sequence[Cluster]]:
    """Of a line of two directions: letters and numbers with all between; before and after them, piece by piece."""
    letters = [index for index, cluster in enumerate(clusters) if bidirectional(cluster.text[0]) in _STRONG]
    start, end = (letters[0], letters[-1] + 1) if letters else (0, 0)
    yield from ((cluster,) for cluster in clusters[:start])
    yield from (clusters[start:end],) if letters else ()
    yield from ((cluster,) for cluster in clusters[end:])


def _of_one_face(clusters: Sequence[Cluster]) -> Iterator[tuple[Face, Sequence[Cluster]]]:
    """Runs of one face and one script; what is no letter goes with the letters before it."""
    own = [_script(cluster.text[0]) for cluster in clusters]
    scripts: Iterator[str] = accumulate(own, lambda before, here: here or before)
    pairs = zip(scripts, clusters, strict=True)
    for (face, _), run in groupby(pairs, key=lambda pair: (pair[1].face, pair[0])):
        yield face, [cluster for _, cluster in run]


def _script(character: str) -> str:
    """The script of a letter, which the name of each begins with."""
    return name(character, "").partition(" ")[0] if category(character)[0] == "L" else ""

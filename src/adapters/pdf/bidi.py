"""Which way text runs: the Unicode Bidirectional Algorithm (UAX #9), for one paragraph.

Marks of direction (U+200E, U+200F, U+061C) count. Embeddings, overrides and isolates do not: no control character in
an order turns what stands on an invoice around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from unicodedata import bidirectional, normalize

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_BRACKETS = "()[]{}⁅⁆⁽⁾〈〉⟨⟩《》「」『』【】\u3014\u3015\uff08\uff09\uff3b\uff3d\uff5b\uff5d"
_CLOSING = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_MOST_OPEN_BRACKETS = 63
"""More, and the paragraph's brackets are not paired at all (BD16)."""

_IGNORED = frozenset("BN LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())
_NEUTRAL = frozenset("B S WS ON".split())
_NUMBERS = frozenset(("AN", "EN"))


@dataclass(frozen=True, slots=True)
class Directions:
    """How deep each character of a paragraph is embedded: left to right where even, right to left where odd.

    `base` is the paragraph's own level.
    """

    base: int
    levels: tuple[int, ...]


def is_one_way(text: str) -> bool:
    """Whether nothing in the text runs from right to left."""
    return _RIGHT_TO_LEFT.search(text) is None


def directions(text: str) -> Directions:
    """The levels of a paragraph, whose direction is that of its first strong character."""
    if is_one_way(text):
        return Directions(0, (0,) * len(text))
    classes = [bidirectional(character) or "L" for character in text]
    base = int(next((c for c in classes if c in {"L", "R", "AL"}), "L") != "L")
    resolved = _resolved(text, classes, "R" if base else "L")
    levels = [_level(c, base) for c in resolved]
    for index, kind in enumerate(classes):  # they are not there: X9 of the algorithm
        if kind in _IGNORED:
            levels[index] = levels[index - 1] if index else base
    return Directions(base, tuple(levels))


def reordered(levels: Sequence[int]) -> list[int]:
    """The positions of a line's parts from left to right, by their levels (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        for is_deep, run in groupby(order, key=lambda part: levels[part] >= level):
            end = start + len(list(run))
            if is_deep:
                order[start:end] = order[start:end][::-1]
            start = end
    return order


def _level(kind: str, base: int) -> int:
    """I1 and I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _resolved(text: str, classes: Sequence[str], embedding: str) -> list[str]:
    """Each character as L, R, EN or AN. What is ignored takes what it stands after."""
    kept = [index for index, kind in enumerate(classes) if kind not in _IGNORED]
    kinds = [classes[index] for index in kept]
    marks = [index for index, kind in enumerate(kinds) if kind == "NSM"]
    _weaken(kinds, embedding)
    _pair([text[index] for index in kept], kinds, embedding, frozenset(marks))
    _neutralise(kinds, embedding)
    result = [embedding] * len(classes)
    for index, kind in zip(kept, kinds, strict=True):
        result[index] = kind
    return result


def _weaken(kinds: list[str], embedding: str) -> None:
    """Numbers, and what belongs to them (W1 to W7)."""
    _each(kinds, embedding, lambda before, kind: before if kind == "NSM" else kind)
    _after_strong(kinds, embedding, {"AL": {"EN": "AN"}})
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and ((kind == "CS" and before in _NUMBERS) or (kind == "ES" and before == "EN")):
            kinds[index] = before
    for backwards in (False, True):
        steps = range(len(kinds) - 1, 0, -1) if backwards else range(1, len(kinds))
        for index in steps:
            number, terminator = (index, index - 1) if backwards else (index - 1, index)
            if kinds[number] == "EN" and kinds[terminator] == "ET":
                kinds[terminator] = "EN"
    kinds[:] = ["ON" if kind in {"ET", "ES", "CS"} else kind for kind in kinds]
    _after_strong(kinds, embedding, {"L": {"EN": "L"}})


def _each(kinds: list[str], before: str, becomes: Callable[[str, str], str]) -> None:
    """Changes each kind, knowing what became of the one before it."""
    for index, kind in enumerate(kinds):
        before = kinds[index] = becomes(before, kind)


def _after_strong(kinds: list[str], strong: str, changes: dict[str, dict[str, str]]) -> None:
    """Changes kinds by the last strong one before them."""
    for index, kind in enumerate(kinds):
        if kind in {"L", "R", "AL"}:
            strong = kind
        kinds[index] = changes.get(strong, {}).get(kind, kind)


def _pair(text: Sequence[str], kinds: list[str], embedding: str, marks: frozenset[int]) -> None:
    """Brackets go with what is in them, or else with what is before them (N0)."""
    for start, end in sorted(_pairs(text, kinds)):
        inside = {_strong(kind) for kind in kinds[start + 1 : end]}
        if embedding in inside:
            found = embedding
        elif inside & {"L", "R"}:
            before = next((s for s in map(_strong, reversed(kinds[:start])) if s), embedding)
            found = before if before in inside else embedding
        else:
            continue
        for bracket in (start, end):
            kinds[bracket] = found
            while (bracket := bracket + 1) in marks:
                kinds[bracket] = found


def _pairs(text: Sequence[str], kinds: Sequence[str]) -> Iterator[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for index, (character, kind) in enumerate(zip(text, kinds, strict=True)):
        if kind != "ON":
            continue
        bracket = normalize("NFC", character)
        if bracket in _CLOSING:
            if len(opened) == _MOST_OPEN_BRACKETS:
                return iter(())
            opened.append((_CLOSING[bracket], index))
        for depth in range(len(opened) - 1, -1, -1):
            if opened[depth][0] == bracket:
                pairs.append((opened[depth][1], index))
                del opened[depth:]
                break
    return iter(pairs)


def _strong(kind: str) -> str:
    """The direction that neutrals see: numbers count as running from right to left."""
    return "R" if kind in _NUMBERS else kind if kind in {"L", "R"} else ""


def _neutralise(kinds: list[str], embedding: str) -> None:
    """Neutrals between two of one direction take it, all others the paragraph's (N1, N2)."""
    before = embedding
    start = 0
    for is_neutral, run in groupby(list(kinds), key=_NEUTRAL.__contains__):
        end = start + len(list(run))
        if is_neutral:
            after = _strong(kinds[end]) if end < len(kinds) else embedding
            kinds[start:end] = [before if before == after else embedding] * (end - start)
        else:
            before = _strong(kinds[end - 1])
        start = end

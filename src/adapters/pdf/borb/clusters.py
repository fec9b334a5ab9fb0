"""Characters with their marks, each in a face that has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from unicodedata import bidirectional, category

from adapters.pdf.bidi import Directions
from adapters.pdf.borb.faces import REMEMBERED_CHARACTERS, REPLACEMENT, Face, is_unseen
from adapters.pdf.borb.fonts import Fonts

_LEADING, _FOLLOWING = frozenset("เแโใไເແໂໃໄ"), frozenset("ะาำๅๆฯະາຳໆຯ")
"""Thai and Lao vowels and signs that are letters of their own and stay with the consonant after or before them."""


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


def clustered(text: str, directions: Directions, face: Face, fonts: Fonts) -> Iterator[Cluster]:
    """The text in clusters, in the face if that has them. What nobody would see is left out."""
    native = _native(text, face, fonts)
    starts = (n for n, character in enumerate(text) if not _extends(character) and text[n - 1 : n] not in _LEADING)
    for start, end in pairwise((0, *starts, len(text))):
        if cluster := _kept(text[start:end]):
            level = directions.levels[start]
            yield from _set(cluster, level, (native, face) if level % 2 and native else (face,), fonts)


def _native(text: str, face: Face, fonts: Fonts) -> Face | None:
    """The face of the first letter from right to left: what stands among such letters is set in it too."""
    letter = next((c for c in text if bidirectional(c) in {"R", "AL"} and not is_unseen(c)), None)
    return fonts.face_of(letter, (face,)) if letter else None


def _set(cluster: str, level: int, faces: tuple[Face, ...], fonts: Fonts) -> Iterator[Cluster]:
    """In the first of these faces, or else of all, that has all of the cluster; else character by character."""
    if face := fonts.face_of(cluster, faces):
        yield Cluster(cluster, level, face)
    elif len(cluster) > 1:
        for character in cluster:
            yield from () if is_unseen(character) else _set(character, level, faces, fonts)
    else:
        yield Cluster(REPLACEMENT, level, faces[-1], cluster)


@lru_cache(REMEMBERED_CHARACTERS)
def _kept(cluster: str) -> str:
    """The cluster without control characters; nothing if nobody would see it."""
    return "" if all(map(is_unseen, cluster)) else "".join(c for c in cluster if category(c) != "Cc")


@lru_cache(REMEMBERED_CHARACTERS)
def _extends(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return category(character)[0] == "M" or character in _FOLLOWING or is_unseen(character)

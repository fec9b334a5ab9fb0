"""Lines in runs: each in one face, of one script, in one direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from unicodedata import bidirectional, category, name

from adapters.pdf.borb.clusters import Cluster
from adapters.pdf.borb.faces import REMEMBERED_CHARACTERS, Face

_STRONG = frozenset(("L", "R", "AL", "EN", "AN"))


def runs(clusters: Sequence[Cluster]) -> Iterator[tuple[Face, Sequence[Cluster]]]:
    """The runs of a line, in the order in which they are read."""
    is_two_way = any(cluster.level for cluster in clusters)
    for _, group in groupby(clusters, key=lambda cluster: cluster.level):
        for part in _parts(list(group)) if is_two_way else [list(group)]:
            yield from _of_one_face(part)


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


@lru_cache(REMEMBERED_CHARACTERS)
def _script(character: str) -> str:
    """The script of a letter, which the name of each begins with."""
    return name(character, "").partition(" ")[0] if category(character)[0] == "L" else ""

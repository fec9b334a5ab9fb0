"""Where lines may break in text of any script (after UAX #14)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

from adapters.pdf.borb.clusters import Cluster

_NOT_FIRST = frozenset(
    ",.:;!?%\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\uff05、。・…‥°℃ー々〻゛゜ゝゞヽヾ〜ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
"""What no line begins with, besides closing brackets and marks (UAX #14: CL, CP, NS, EX, IS, PO)."""

_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")


def words(clusters: Sequence[Cluster]) -> Iterator[tuple[int, int]]:
    """Where each piece starts and ends that has no space in it, and no place where ideographs may part."""
    start = 0
    for end in range(1, len(clusters) + 1):
        before, after = clusters[end - 1].text, clusters[end].text if end < len(clusters) else " "
        if before == " ":
            start = end
        elif after == " " or _may_part(before, after):
            yield start, end
            start = end


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

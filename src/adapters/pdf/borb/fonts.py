"""Faces for what the document's own cannot write: found in folders by the characters that they have."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from unicodedata import normalize

import uharfbuzz as hb

from adapters.pdf.borb.faces import REMEMBERED_CHARACTERS, Face, is_unseen

SUFFIXES = frozenset((".ttf", ".otf", ".ttc", ".otc"))
_RESTRICTED = 0x2
"""A font whose licence says so may not be embedded (OpenType: OS/2, fsType)."""

_LENGTHS = {"head": 54, "hhea": 36, "OS/2": 96}
"""The tables that embedding reads, and how long they are at least."""

_OUTLINES = frozenset(("glyf", "CFF "))


class Fonts:
    """The faces of folders, the earlier folders' first. A folder is read when the ones before it did not suffice.

    Of two faces of one name only the first is there.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._unread: Iterator[Path] = iter(folders)
        self._volumes: list[_Volume] = []
        self.face_of = lru_cache(REMEMBERED_CHARACTERS)(self._face_of)

    def add(self, folders: Iterable[Path]) -> None:
        """Looks in these folders too, after all others."""
        self._unread = chain(self._unread, folders)
        self.face_of.cache_clear()

    def _face_of(self, cluster: str, faces: tuple[Face, ...]) -> Face | None:
        """The first of these faces, or else of all, that has what is seen of the cluster, composed or not.

        Shaping finds out which. All have about the weight of the last of these.
        """
        seen = "".join(character for character in cluster if not is_unseen(character))
        for text in dict.fromkeys((normalize("NFC", seen), seen, normalize("NFD", seen))):
            own = next((face for face in faces if face.characters.issuperset(text)), None)
            if found := own or self.face_for(text, faces[-1].weight):
                return found
        return None

    def face_for(self, text: str, weight: int) -> Face | None:
        """The face that has all of the text; of its family the one whose weight is nearest. None: there is none."""
        while not (having := [volume for volume in self._volumes if volume.has(text)]):
            if not self._read_on():
                return None
        family = [volume for volume in having if volume.family == having[0].family]
        return min(family, key=lambda volume: abs(volume.weight_near(weight) - weight)).face(weight)

    def _read_on(self) -> bool:
        """Reads the next folder, if there is one."""
        folder = next(self._unread, None)
        if folder is None:
            return False
        names = {volume.name for volume in self._volumes}
        for volume in _volumes(folder):
            if volume.name not in names:
                names.add(volume.name)
                self._volumes.append(volume)
        return True


@dataclass(frozen=True, slots=True)
class _Volume:
    """A face in a file, of which only the names and the characters are read; a variable one has several weights."""

    outlines: hb.Face
    name: str
    family: str
    weights: tuple[int, int]
    made: dict[int, Face] = field(default_factory=dict)

    def has(self, text: str) -> bool:
        characters = self.outlines.unicodes
        return all(ord(character) in characters for character in text)

    def weight_near(self, weight: int) -> int:
        lightest, boldest = self.weights
        return min(max(weight, lightest), boldest)

    def face(self, weight: int) -> Face:
        near = self.weight_near(weight)
        if near not in self.made:
            is_variable = self.weights[0] < self.weights[1]
            called = f"{self.name}-{near}" if is_variable else self.name
            self.made[near] = Face(self.outlines, called, axes={"wght": near} if is_variable else {})
        return self.made[near]


def _volumes(folder: Path) -> Iterator[_Volume]:
    """What may be embedded of a folder and those in it, in the order of their names."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        blob = _content(path)
        for index in range(hb.Face(blob).count):
            outlines = hb.Face(blob, index)
            name = outlines.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)
            if name and _is_embeddable(outlines):
                yield _Volume(outlines, name, _family(outlines), _weights(outlines))


def _content(path: Path) -> hb.Blob:
    """What is in a file; nothing where it cannot be read."""
    try:
        return hb.Blob.from_file_path(str(path))
    except hb.HarfBuzzError:
        return hb.Blob(b"")


def _family(outlines: hb.Face) -> str:
    """What the face's weights have in common: the older of the two names may tell a weight too."""
    names = hb.OTNameIdPredefined
    family: str = outlines.get_name(names.TYPOGRAPHIC_FAMILY) or outlines.get_name(names.FONT_FAMILY)
    return family


def _is_embeddable(outlines: hb.Face) -> bool:
    if _OUTLINES.isdisjoint(outlines.table_tags):
        return False
    if any(len(outlines.reference_table(tag).data) < length for tag, length in _LENGTHS.items()):
        return False
    licence: int = struct.unpack_from(">H", outlines.reference_table("OS/2").data, 8)[0]
    return licence & 0xF != _RESTRICTED


def _weights(outlines: hb.Face) -> tuple[int, int]:
    """From the lightest to the boldest."""
    for axis in outlines.axis_infos:
        if axis.tag == "wght":
            return round(axis.min_value), round(axis.max_value)
    (weight,) = struct.unpack_from(">H", outlines.reference_table("OS/2").data, 4)
    return weight, weight

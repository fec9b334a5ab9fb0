"""What the document's colours mean: sRGB (IEC 61966-2-1), as the profile that an archived PDF has to carry.

The profile is written here, from the numbers of the standard, and not taken from anybody's file (ICC.1:2010, 7 to 10).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from adapters.pdf.borb.objects import compressed, name

NAME = "sRGB IEC61966-2.1"

_VERSION = 0x04200000
_WRITTEN = (2026, 1, 1, 0, 0, 0)
_WHITE = (0.9642, 1.0, 0.8249)
"""D50, to which everything below is adapted."""

_PRIMARIES = {
    b"rXYZ": (0.43606567, 0.22248840, 0.01391602),
    b"gXYZ": (0.38514709, 0.71687317, 0.09707642),
    b"bXYZ": (0.14306641, 0.06060791, 0.71409607),
}
_ADAPTATION = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
"""From D65, the white of sRGB, to D50 (Bradford)."""

_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""y = (a x + b) ^ g from d on, c x below it: g, a, b, c, d."""

_HEADER = struct.Struct(">I4xI4s4s4s6H4s28x12s48x")
_TAG = struct.Struct(">4sII")


def _srgb() -> bytes:
    """The profile."""
    curve = b"para" + struct.pack(">4xH2x", 3) + _fixed(_CURVE)
    elements = {
        b"desc": _text(NAME),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": _xyz(_WHITE),
        b"chad": b"sf32\0\0\0\0" + _fixed(_ADAPTATION),
        **{signature: _xyz(primary) for signature, primary in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, content = [struct.pack(">I", len(elements))], b""
    start = _HEADER.size + len(table[0]) + _TAG.size * len(elements)
    for signature, element in elements.items():
        table.append(_TAG.pack(signature, start + len(content), len(element)))
        content += element + b"\0" * (-len(element) % 4)
    size = start + len(content)
    header = _HEADER.pack(size, _VERSION, b"mntr", b"RGB ", b"XYZ ", *_WRITTEN, b"acsp", _fixed(_WHITE))
    return b"".join((header, *table, content))


def _fixed(values: Iterable[float]) -> bytes:
    """Numbers with sixteen bits behind the point."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: Iterable[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _text(text: str) -> bytes:
    """A text in one language."""
    content = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII2s2sII", 1, 12, b"en", b"US", len(content), 28) + content


SRGB = _srgb()

OUTPUT_INTENT = {
    name("Type"): name("OutputIntent"),
    name("S"): name("GTS_PDFA1"),
    name("OutputConditionIdentifier"): NAME,
    name("Info"): NAME,
    name("DestOutputProfile"): compressed(SRGB, N=3),
}
"""For the document catalog (ISO 19005-3, 6.2.3). Documents share it: it must not be changed."""

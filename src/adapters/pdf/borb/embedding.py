"""Faces in a file: a subset of the outlines, widths, and the way back from glyphs to text (ISO 32000-1, 9.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import groupby

import uharfbuzz as hb

from adapters.pdf.borb.faces import Face
from adapters.pdf.borb.objects import compressed, name

REMEMBERED_SUBSETS = 128
_RANGES_A_BLOCK = 100
"""A CMap may list no more in one block (Adobe Technical Note 5014)."""

_NEEDLESS = {int.from_bytes(tag) for tag in (b"GSUB", b"GPOS", b"GDEF", b"cmap", b"name", b"OS/2", b"post", b"gasp")}
_SYMBOLIC = 4
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


@lru_cache(REMEMBERED_SUBSETS)
def font_dictionary(face: Face, more: frozenset[int], spelled: tuple[tuple[int, str], ...]) -> Mapping[str, object]:
    """The Type0 font with the glyphs that are always embedded and these.

    Documents share the result: it must not be changed.
    """
    glyphs = sorted(face.always | more)
    base = name(f"{_tag(glyphs)}+{face.name}")
    told = {glyph: face.text_of.get(glyph, "") for glyph in glyphs} | dict(spelled)
    return {
        name("Type"): name("Font"),
        name("Subtype"): name("Type0"),
        name("BaseFont"): base,
        name("Encoding"): name("Identity-H"),
        name("DescendantFonts"): [_descendant(face, base, glyphs)],
        name("ToUnicode"): compressed(_to_unicode({face.codes[glyph]: text for glyph, text in told.items()})),
    }


def _tag(glyphs: list[int]) -> str:
    """Six letters that tell this subset from any other of the same face (9.6.4)."""
    digest = sha256(repr(glyphs).encode()).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])


def _descendant(face: Face, base: name, glyphs: list[int]) -> dict[name, object]:
    """The CID font. That of TrueType outlines says in so many words that its CIDs are glyph ids (9.7.4)."""
    return {
        name("Type"): name("Font"),
        name("Subtype"): name("CIDFontType0" if face.is_compact else "CIDFontType2"),
        name("BaseFont"): base,
        name("CIDSystemInfo"): {name("Registry"): "Adobe", name("Ordering"): "Identity", name("Supplement"): 0},
        **({} if face.is_compact else {name("CIDToGIDMap"): name("Identity")}),
        name("W"): list(_widths(face, glyphs)),
        name("FontDescriptor"): _descriptor(face, base, glyphs),
    }


def _widths(face: Face, glyphs: list[int]) -> Iterator[object]:
    """`first [width …]` for each run of codes without a gap."""
    coded = sorted((face.codes[glyph], round(face.widths[glyph])) for glyph in glyphs)
    for _, run in groupby(enumerate(coded), lambda pair: pair[1][0] - pair[0]):
        codes = [entry for _, entry in run]
        yield codes[0][0]
        yield [width for _, width in codes]


def _descriptor(face: Face, base: name, glyphs: list[int]) -> dict[name, object]:
    return {
        name("Type"): name("FontDescriptor"),
        name("FontName"): base,
        name("Flags"): _SYMBOLIC,
        name("FontBBox"): face.box,
        name("ItalicAngle"): 0,
        name("Ascent"): face.ascent,
        name("Descent"): face.descent,
        name("CapHeight"): face.cap_height,
        name("StemV"): 80 if face.weight < 600 else 120,
        **_program(face, glyphs),
    }


def _program(face: Face, glyphs: list[int]) -> dict[name, object]:
    """The outlines as PDF wants them: a TrueType file, or the CFF table alone (9.9)."""
    subset = _subset(face, glyphs)
    if not face.is_compact:
        content: bytes = subset.blob.data
        return {name("FontFile2"): compressed(content, Length1=len(content))}
    return {name("FontFile3"): compressed(subset.reference_table("CFF ").data, Subtype=name("CIDFontType0C"))}


def _subset(face: Face, glyphs: list[int]) -> hb.Face:
    """The face with these glyphs alone. They keep their ids, unless they have CIDs to be known by, which they keep."""
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.drop_table_tag_set.update(_NEEDLESS)
    wanted.flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NOTDEF_OUTLINE
    if isinstance(face.codes, range):
        wanted.flags |= hb.SubsetFlags.RETAIN_GIDS
    if face.axes:
        wanted.pin_all_axes_to_default(face.file)
    for axis, value in face.axes.items():
        wanted.pin_axis_location(face.file, axis, value)
    return hb.subset(face.file, wanted)


def _to_unicode(texts: Mapping[int, str]) -> bytes:
    """Which text each code stands for, so that what is read or copied out of the file is what was written into it."""
    lines = [f"<{c:04X}> <{text.encode('utf-16-be').hex().upper()}>" for c, text in sorted(texts.items()) if text]
    pages = [lines[i : i + _RANGES_A_BLOCK] for i in range(0, len(lines), _RANGES_A_BLOCK)]
    blocks = "\n".join("\n".join((f"{len(page)} beginbfchar", *page, "endbfchar")) for page in pages)
    return _CMAP.format(blocks=blocks).encode()

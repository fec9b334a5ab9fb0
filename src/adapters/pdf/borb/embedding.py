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
    """The Type0 font with the glyphs that are always embedded and these; codes are the face's own glyph ids.

    Documents share the result: it must not be changed.
    """
    glyphs = sorted(face.always | more)
    base = name(f"{_tag(glyphs)}+{face.name}")
    descendant = {
        name("Type"): name("Font"),
        name("Subtype"): name("CIDFontType2"),
        name("BaseFont"): base,
        name("CIDSystemInfo"): {name("Registry"): "Adobe", name("Ordering"): "Identity", name("Supplement"): 0},
        name("CIDToGIDMap"): name("Identity"),
        name("W"): list(_widths(face, glyphs)),
        name("FontDescriptor"): _descriptor(face, base, glyphs),
    }
    return {
        name("Type"): name("Font"),
        name("Subtype"): name("Type0"),
        name("BaseFont"): base,
        name("Encoding"): name("Identity-H"),
        name("DescendantFonts"): [descendant],
        name("ToUnicode"): compressed(_to_unicode({g: face.text_of.get(g, "") for g in glyphs} | dict(spelled))),
    }


def _tag(glyphs: list[int]) -> str:
    """Six letters that tell this subset from any other of the same face (9.6.4)."""
    digest = sha256(repr(glyphs).encode()).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])


def _widths(face: Face, glyphs: list[int]) -> Iterator[object]:
    """`first [width …]` for each run of glyph ids without a gap."""
    for _, run in groupby(enumerate(glyphs), lambda pair: pair[1] - pair[0]):
        ids = [glyph for _, glyph in run]
        yield ids[0]
        yield [round(face.widths[glyph]) for glyph in ids]


def _descriptor(face: Face, base: name, glyphs: list[int]) -> dict[name, object]:
    outlines = _subset(face, glyphs)
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
        name("FontFile2"): compressed(outlines, Length1=len(outlines)),
    }


def _subset(face: Face, glyphs: list[int]) -> bytes:
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.drop_table_tag_set.update(_NEEDLESS)
    wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NOTDEF_OUTLINE
    content: bytes = hb.subset(face.outlines, wanted).blob.data
    return content


def _to_unicode(texts: Mapping[int, str]) -> bytes:
    """Which text each glyph stands for, so that what is read or copied out of the file is what was written into it."""
    lines = [f"<{g:04X}> <{text.encode('utf-16-be').hex().upper()}>" for g, text in sorted(texts.items()) if text]
    pages = [lines[i : i + _RANGES_A_BLOCK] for i in range(0, len(lines), _RANGES_A_BLOCK)]
    blocks = "\n".join("\n".join((f"{len(page)} beginbfchar", *page, "endbfchar")) for page in pages)
    return _CMAP.format(blocks=blocks).encode()

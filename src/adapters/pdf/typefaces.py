"""Where the typefaces lie that documents are set in, and those for what these cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

TYPEFACE = Path(__file__).with_name("typeface")
"""The family that documents are set in."""

FONT_PACKAGES = (
    "noto_cjk_sans_otc",
    "fontpkg_noto_sans_thai",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_noto_sans_tamil",
    "fontpkg_noto_sans_telugu",
    "fontpkg_noto_sans_khmer",
)
"""Where the fonts of the extra `fonts` lie, if they are installed."""

BUNDLED = TYPEFACE / "scripts"


def installed() -> Iterator[Path]:
    """Where fonts are without being told: those that are bundled, then those of the packages that are installed."""
    yield BUNDLED
    for package in FONT_PACKAGES:
        spec = find_spec(package)
        yield from map(Path, (spec and spec.submodule_search_locations) or ())

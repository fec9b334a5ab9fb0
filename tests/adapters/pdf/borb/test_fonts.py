"""Where the characters are found that the document's own faces lack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.pdf.borb import styles
from adapters.pdf.borb.embedding import font_dictionary
from adapters.pdf.borb.faces import Face
from adapters.pdf.borb.fonts import Fonts
from adapters.pdf.typefaces import BUNDLED

FONTS = Path(__file__).parents[3] / "fonts"
REGULAR, SEMIBOLD = 400, 600


@pytest.fixture(scope="module")
def library() -> Fonts:
    return Fonts([BUNDLED, FONTS])


def found(library: Fonts, text: str, weight: int = REGULAR) -> Face:
    face = library.face_for(text, weight)
    assert face is not None
    return face


def coded(widths: list[Any]) -> set[int]:
    """The codes in `first [width …]` and so on."""
    pairs = zip(widths[::2], widths[1::2], strict=True)
    return {first + n for first, run in pairs for n in range(len(run))}


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("ש", "NotoSansHebrew"),
        ("م", "IBMPlexSansArabic"),
        ("王", "NotoSansCJK"),
        ("ถ", "NotoSansThai"),
        ("ꙮ", "Squares"),
    ],
)
def test_a_character_is_found_in_whichever_font_has_it(library: Fonts, character: str, name: str) -> None:
    assert found(library, character).called.startswith(name)


def test_what_nobody_has_is_not_found(library: Fonts) -> None:
    assert library.face_for("\U0001f600", REGULAR) is None
    assert library.face_for("ש王", REGULAR) is None


def test_the_weight_is_the_nearest_that_the_family_has(library: Fonts) -> None:
    assert [found(library, "ש", weight).weight for weight in (REGULAR, SEMIBOLD)] == [REGULAR, SEMIBOLD]
    assert found(library, "王", SEMIBOLD).weight == REGULAR


def test_a_variable_font_has_every_weight(library: Fonts) -> None:
    regular, semibold = (found(library, "ถ", weight) for weight in (REGULAR, SEMIBOLD))
    assert (regular.weight, semibold.weight) == (REGULAR, SEMIBOLD)
    assert regular.called != semibold.called
    assert regular.advance("ถ") < semibold.advance("ถ")


def test_no_folder_is_read_before_the_ones_before_it_fail() -> None:
    read: list[str] = []

    def folders() -> Iterator[Path]:
        for folder in (BUNDLED, FONTS):
            read.append(folder.name)
            yield folder

    library = Fonts(folders())
    assert read == []
    library.face_for("ש", REGULAR)
    assert read == [BUNDLED.name]
    library.face_for("王", REGULAR)
    assert read == [BUNDLED.name, FONTS.name]


def test_folders_that_are_added_come_last_and_count_for_what_was_not_found_before() -> None:
    library = Fonts([BUNDLED])
    assert library.face_of("王", (styles.REGULAR,)) is None
    library.add([FONTS])
    face = library.face_of("王", (styles.REGULAR,))
    assert face is not None
    assert face.called == "NotoSansCJKjp-Regular"


def test_what_is_no_font_or_may_not_be_embedded_is_left_alone(tmp_path: Path) -> None:
    squares = (FONTS / "Squares.otf").read_bytes()
    (tmp_path / "broken.ttf").write_bytes(squares[:99])
    (tmp_path / "none.otf").write_bytes(b"no font")
    licence = squares.index(b"OS/2")
    table = int.from_bytes(squares[licence + 8 : licence + 12])
    (tmp_path / "restricted.otf").write_bytes(squares[: table + 8] + b"\0\2" + squares[table + 10 :])
    assert Fonts([tmp_path]).face_for("ꙮ", REGULAR) is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good.OTF").write_bytes(squares)
    assert found(Fonts([tmp_path, FONTS]), "ꙮ").called == "Squares-Regular"


def test_ideographs_are_drawn_as_their_language_wants_them(library: Fonts) -> None:
    face = found(library, "骨")
    drawn = {
        language: face.run("骨", backwards=False, language=language, size=9).shown for language in ("ja", "zh-hans")
    }
    assert drawn["ja"] != drawn["zh-hans"]


@pytest.mark.parametrize("character", ["王", "ꙮ", "ถ", "ש"])
def test_the_code_of_a_glyph_is_what_its_font_in_the_file_calls_it(library: Fonts, character: str) -> None:
    """CIDs where the outlines have them, which are other numbers than the ids in a subset; ids everywhere else."""
    face = found(library, character)
    glyph = face.glyph(character)
    assert face.run(character, backwards=False, language="en", size=9).shown == f"<{face.codes[glyph]:04X}>"
    assert (face.codes[glyph] == glyph) is (character != "王")
    descendant = font_dictionary(face, frozenset([glyph]), ())["DescendantFonts"][0]  # type: ignore[index] - as built
    assert face.codes[glyph] in coded(descendant["W"])
    assert ("FontFile3" in descendant["FontDescriptor"]) is (character in "王ꙮ")

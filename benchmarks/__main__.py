"""Runs every benchmark, prints what came out and writes it to results.json beside this file.

`python -m benchmarks [NAME...]` runs only those named; then nothing is written.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.measured import Measured, report, table

BENCHMARKS = ("journal", "pdf", "einvoice", "mail", "orders", "fairness")
RESULTS = Path(__file__).with_name("results.json")


def main(chosen: list[str]) -> None:
    console, results = Console(), list[Measured]()
    for name in chosen or BENCHMARKS:
        with console.status(f"measuring: {name}"):
            results += importlib.import_module(f"benchmarks.{name}").measure()
    console.print(table(results))
    if not chosen:
        RESULTS.write_text(json.dumps(report(results), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

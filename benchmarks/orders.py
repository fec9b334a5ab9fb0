"""How many orders a second go through all five steps: the demo, with the sandbox platform on the same machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measured import Measured

ORDERS = 1000
PACE = re.compile(r"(?P<rate>[\d.]+) orders/s, with at most (?P<memory>\d+) MiB")


def measure() -> list[Measured]:
    with TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark-") as folder:
        command = [sys.executable, "-m", "app.cli", "demo", "--orders", str(ORDERS), "--out", f"{folder}/demo"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pace = PACE.search(told)
    assert pace, told
    return [
        Measured("orders", f"orders of {ORDERS} through all five steps", float(pace["rate"]), "orders/s", target=60),
        Measured(
            "orders-memory",
            "memory of service and render workers at most",
            float(pace["memory"]),
            "MiB (PSS)",
            target=334,
            less_is_better=True,
        ),
    ]

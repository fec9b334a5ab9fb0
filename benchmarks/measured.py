"""What a benchmark found out, and how it is told."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from operator import ge, le
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Measured:
    """One figure: `value` of a `unit`; its `ratio` to what the peer called `against` did in the same run.

    `target` is what the value must at least be, or at most where `less_is_better`; None where nothing is promised.
    """

    id: str
    what: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    target: float | None = None
    less_is_better: bool = False

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return (le if self.less_is_better else ge)(self.value, self.target)

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        del told["less_is_better"]
        return told | {"met": self.met}


def report(results: Sequence[Measured]) -> dict[str, Any]:
    """All of it for machines."""
    return {
        "machine": f"{os.cpu_count()} x {platform.machine()}, {million_additions():.0f} ms for a million additions",
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "results": [result.as_json() for result in results],
    }


def table(results: Sequence[Measured]) -> Table:
    """All of it for people."""
    drawn = Table(box=None, pad_edge=False)
    for heading in ("What", "Value", "Target", "Against"):
        drawn.add_column(heading, justify="right" if heading in {"Value", "Target"} else "left")
    for result in results:
        bound = "" if result.target is None else f"{'≤' if result.less_is_better else '≥'} {result.target:,g}"
        mark = {None: "", True: " ✓", False: " ✗"}[result.met]
        peer = f"{result.ratio:.1f} x {result.against}" if result.ratio is not None else ""
        drawn.add_row(
            result.what,
            f"{result.value:,.3g} {result.unit}" if result.value < 100 else f"{result.value:,.0f} {result.unit}",
            bound + mark,
            peer,
        )
    return drawn


def million_additions() -> float:
    """CPU milliseconds: how fast this machine is at Python."""
    began, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - began) * 1000

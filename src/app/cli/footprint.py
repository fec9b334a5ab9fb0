"""How much memory a process and its children take, shared pages counted in parts (PSS). Linux tells; others don't."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

EVERY_SECONDS = 0.5


@dataclass(slots=True)
class Footprint:
    """The largest one seen: bytes, and how many processes had them. Zero where the system does not tell."""

    peak: int = 0
    processes: int = 0

    @classmethod
    @asynccontextmanager
    async def watched(cls, pid: int) -> AsyncIterator[Footprint]:
        """The footprint of the process and all below it, while the context lasts."""
        footprint = cls()
        watching = asyncio.create_task(footprint._watch(pid))
        try:
            yield footprint
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, pid: int) -> None:
        while True:
            sizes = [size for process in family(pid) if (size := proportional_size(process))]
            if sum(sizes) > self.peak:
                self.peak, self.processes = sum(sizes), len(sizes)
            await asyncio.sleep(EVERY_SECONDS)


def family(pid: int) -> Iterator[int]:
    """The process, its children, and theirs."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                yield from family(int(child))


def proportional_size(pid: int) -> int:
    """Bytes; 0 when the process is gone, or nobody tells."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0

"""How far the numbers have got: a count that never goes back, also in a later process if it is kept in a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

_counts = msgspec.json.Decoder(dict[str, int])


class Counters:
    """Counts by name. With a file, each count is in it before anyone hears of it; without, they begin at nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._counts = Counter(_counts.decode(file.read_bytes()) if file is not None and file.exists() else {})

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def advance(self, name: str) -> None:
        """Counts one more."""
        self._counts[name] += 1
        if self._file is not None:
            aside = self._file.with_name(f"{self._file.name}.new")
            aside.write_bytes(msgspec.json.encode(self._counts))
            aside.replace(self._file)

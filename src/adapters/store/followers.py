"""Who waits for which job: woken by a commit, never by looking again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.store.standings import JobKey
from domain.job import Version


@dataclass(slots=True)
class Watch:
    """A job's next change, and how many wait for it. `version` is the one it brings."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    version: Version | None = None


class Followers:
    """One event per job that is waited for, however many wait; none for all other jobs."""

    def __init__(self) -> None:
        self._watched: dict[JobKey, Watch] = {}

    def __len__(self) -> int:
        return len(self._watched)

    @contextmanager
    def watching(self, key: JobKey) -> Iterator[Watch]:
        """From now on no change of the job is missed."""
        watch = self._watched.setdefault(key, Watch())
        watch.waiting += 1
        try:
            yield watch
        finally:
            watch.waiting -= 1
            if not watch.waiting and self._watched.get(key) is watch:
                del self._watched[key]

    def tell(self, changed: Mapping[JobKey, Version]) -> None:
        """Wakes whoever waits for one of these jobs."""
        for key, version in changed.items():
            watch = self._watched.pop(key, None)
            if watch is not None:
                watch.version = version
                watch.changed.set()

"""What calls have changed in the sandbox's world, in order: the truth that tests compare with."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from adapters.sandbox.answers import encode


@dataclass(slots=True)
class Trail:
    """Effects as JSON, a fraction of what they would take as objects, and the `seq` of each."""

    seqs: array[int] = field(default_factory=lambda: array("Q"))
    lines: list[bytes] = field(default_factory=list)


class EffectLog:
    """Effects in ascending `seq`, which goes on even when the log is emptied: a cursor never misses one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seq = 0
        self._all = Trail()
        self._by_tenant: defaultdict[str, Trail] = defaultdict(Trail)

    def add(self, tenant: str, kind: str, **facts: object) -> None:
        """Writes down that this has happened."""
        self._seq += 1
        line = encode(
            {"seq": self._seq, "time": self._clock().isoformat(), "tenant": tenant, "kind": kind, **facts},
        )
        for trail in (self._all, self._by_tenant[tenant]):
            trail.seqs.append(self._seq)
            trail.lines.append(line)

    def after(self, seq: int, tenant: str = "") -> list[bytes]:
        """The effects behind this one as JSON, of one tenant or of all."""
        trail = self._by_tenant.get(tenant, Trail()) if tenant else self._all
        return trail.lines[bisect_right(trail.seqs, seq) :]

    def clear(self) -> None:
        """Forgets the effects so far."""
        self._all = Trail()
        self._by_tenant.clear()

"""What calls have changed in the sandbox's world, in order: the truth that tests compare with."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from adapters.sandbox.answers import Json


class EffectLog:
    """Effects in ascending `seq`, which goes on even when the log is emptied: a cursor never misses one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seq = 0
        self._all: list[Json] = []
        self._by_tenant: defaultdict[str, list[Json]] = defaultdict(list)

    def add(self, tenant: str, kind: str, **facts: object) -> None:
        """Writes down that this has happened."""
        self._seq += 1
        effect = {"seq": self._seq, "time": self._clock().isoformat(), "tenant": tenant, "kind": kind, **facts}
        self._all.append(effect)
        self._by_tenant[tenant].append(effect)

    def after(self, seq: int, tenant: str = "") -> list[Json]:
        """The effects behind this one, of one tenant or of all."""
        kept = self._by_tenant.get(tenant, []) if tenant else self._all
        return kept[bisect_right(kept, seq, key=lambda effect: effect["seq"]) :]

    def clear(self) -> None:
        """Forgets the effects so far."""
        self._all.clear()
        self._by_tenant.clear()

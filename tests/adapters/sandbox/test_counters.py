"""Numbers that outlive the sandbox, for a service that remembers which ones it was given."""

from __future__ import annotations

from pathlib import Path

from adapters.sandbox.counters import Counters


def test_counts_kept_in_a_file_go_on_where_they_were(tmp_path: Path) -> None:
    before = Counters(tmp_path / "counts")
    before.advance("acme")
    before.advance("acme")
    before.advance("globex")
    after = Counters(tmp_path / "counts")
    assert (after["acme"], after["globex"], after["other"]) == (2, 1, 0)


def test_without_a_file_they_begin_at_nothing() -> None:
    counters = Counters()
    counters.advance("acme")
    assert (counters["acme"], Counters()["acme"]) == (1, 0)

"""Any history that callers, crashes, trouble and time can write, on records in memory."""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test

from fakes.histories import Histories, played


def test_whatever_happens_every_order_ends_and_is_done_once() -> None:
    run_state_machine_as_test(Histories, settings=played(80))

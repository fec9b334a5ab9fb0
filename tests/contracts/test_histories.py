"""Any history that callers, crashes, trouble and time can write, on records in a database."""

from __future__ import annotations

import sqlite3
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest
from hypothesis.stateful import run_state_machine_as_test

from adapters.store import Store
from fakes.clock import FakeClock
from fakes.histories import Histories, played


class RecordedHistories(Histories):
    """The same, with jobs and journal in SQLite: each history in a copy of an empty database."""

    empty: Path

    def __init__(self) -> None:
        super().__init__()
        self.opened = AsyncExitStack()
        self.database = Path(self.opened.enter_context(TemporaryDirectory())) / "invoicing.db"
        copy(self.empty, self.database)
        self.run(self.records_are_opened())

    async def records_are_opened(self) -> None:
        service, url = self.service, f"sqlite:///{self.database}"
        store = await self.opened.enter_async_context(Store.opened(url, clock=service.clock))
        service.jobs, service.journal = store.jobs, store.journal
        has = replace(service.invoicing.has, jobs=store.jobs, journal=store.journal)
        service.invoicing = replace(service.invoicing, has=has)

    def draws(self) -> tuple[set[str], int]:
        with closing(sqlite3.connect(self.database)) as database:
            draws = database.execute("SELECT number, outcome FROM draws").fetchall()
        lost = sum(outcome in (None, "POSSIBLY_BURNT") for _, outcome in draws)
        return {number for number, _ in draws if number}, lost

    def close(self) -> None:
        self.run(self.opened.aclose())
        super().close()


@pytest.fixture(autouse=True)
async def _an_empty_database(tmp_path: Path) -> None:
    RecordedHistories.empty = tmp_path / "invoicing.db"
    async with Store.opened(f"sqlite:///{RecordedHistories.empty}", clock=FakeClock()):
        pass


def test_whatever_happens_the_records_tell_of_every_order_once() -> None:
    run_state_machine_as_test(RecordedHistories, settings=played(8))

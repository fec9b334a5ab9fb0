"""The most telling cells of the crash matrix, on SQLite, and whether the documentation shows all of them."""

from __future__ import annotations

from pathlib import Path

from chaos.effects import CAPTURE, ISSUE, MAIL, MARK, NUMBER
from chaos.matrix import CELLS, TOO_LATE, Cell, Event
from chaos.plays import Play
from chaos.stages import SQLITE, Stage, Station
from chaos.tables import DOCUMENT, rewritten

TELLING = tuple(
    cell
    for cell in CELLS
    if cell.effect in {CAPTURE, NUMBER, ISSUE, MARK, MAIL}
    and cell.event in {Event.KILLED_DURING, Event.KILLED_DONE, Event.KILLED_AFTER, Event.LOST_ANSWER}
    and not cell.kills_commit
)


async def test_whatever_goes_wrong_where_money_numbers_and_mails_move_everything_is_done_once(tmp_path: Path) -> None:
    async with Stage.set(Station(SQLITE), tmp_path, [cell.tenant for cell in TELLING]) as stage:
        play = Play(stage, TELLING, patience="3s")
        await play.at_once()
    assert play.report == ""


def test_the_documentation_shows_every_cell_as_done_once_or_impossible() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == rewritten(document, {})


def test_a_cell_that_went_wrong_is_shown_with_what_went_wrong() -> None:
    document = rewritten(DOCUMENT.read_text(encoding="utf-8"), {Cell(CAPTURE, Event.ERROR): "charged twice"})
    assert document.count("| **✗** charged twice |") == 1


def test_a_cell_that_exists_has_one_trouble() -> None:
    assert all([bool(cell.obstacle), bool(cell.fault), cell in TOO_LATE].count(True) == 1 for cell in CELLS)

"""The whole crash matrix, on both databases; its table is written anew. `make chaos` runs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos.matrix import AT_ONCE, CELLS, ONE_BY_ONE, TOO_LATE, WITH_MEDIA, Cell
from chaos.plays import Play
from chaos.stages import POSTGRESQL, SQLITE, Stage, Station
from chaos.tables import DOCUMENT, rewritten

STATIONS = (Station(SQLITE), Station(POSTGRESQL), Station(POSTGRESQL, takes_over=True))
at_every_station = pytest.mark.parametrize("station", STATIONS, ids=str)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was played, and what went wrong by cell."""

    played: set[tuple[Station, Cell]] = field(default_factory=set)
    problems: dict[Cell, str] = field(default_factory=dict)

    def hear(self, play: Play) -> None:
        """Takes in what came of a play."""
        station = play.stage.station
        self.played.update((station, cell) for cell in play.cells)
        self.problems.update({cell: f"{station}: {problem}" for cell, problem in play.problems.items()})

    @property
    def is_whole(self) -> bool:
        """Whether every cell was played at every station."""
        return len(self.played) == len(STATIONS) * len(CELLS)


@pytest.fixture(scope="module")
def verdict() -> Iterator[Verdict]:
    """What all plays come to; it is written down if none is missing."""
    heard = Verdict()
    yield heard
    if heard.is_whole:
        shown = rewritten(DOCUMENT.read_text(encoding="utf-8"), heard.problems)
        DOCUMENT.write_text(shown, encoding="utf-8")


@at_every_station
async def test_whatever_goes_wrong_with_whichever_effect_everything_is_done_once(
    station: Station, tmp_path: Path, verdict: Verdict
) -> None:
    async with Stage.set(station, tmp_path, tenants_of(AT_ONCE)) as stage:
        play = Play(stage, AT_ONCE)
        await play.at_once()
    verdict.hear(play)
    assert play.report == ""


@at_every_station
async def test_whatever_goes_wrong_with_an_archive_at_the_platform_everything_is_done_once(
    station: Station, tmp_path: Path, verdict: Verdict
) -> None:
    async with Stage.set(station, tmp_path, tenants_of(WITH_MEDIA), archive="platform:") as stage:
        play = Play(stage, WITH_MEDIA)
        await play.at_once()
    verdict.hear(play)
    assert play.report == ""


@at_every_station
async def test_what_is_done_when_nobody_waits_for_it_any_more_is_not_done_again(
    station: Station, tmp_path: Path, verdict: Verdict
) -> None:
    async with Stage.set(station, tmp_path, tenants_of(TOO_LATE), archive="platform:") as stage:
        play = Play(stage, TOO_LATE)
        await play.too_late()
    verdict.hear(play)
    assert play.report == ""


@pytest.mark.timeout(300)
@at_every_station
async def test_killed_while_it_commits_the_service_has_done_all_of_it_or_nothing(
    station: Station, tmp_path: Path, verdict: Verdict
) -> None:
    async with Stage.set(station, tmp_path, tenants_of(ONE_BY_ONE)) as stage:
        play = Play(stage, ONE_BY_ONE)
        await play.one_by_one()
    verdict.hear(play)
    assert play.report == ""


def tenants_of(cells: Sequence[Cell]) -> list[str]:
    return [cell.tenant for cell in cells]

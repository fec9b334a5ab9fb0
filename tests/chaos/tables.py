"""The table in `docs/crash-matrix.md`. There are no times in it: the same result, the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chaos.effects import EFFECTS, Effect
from chaos.matrix import EVERY_CELL, Cell, Event

DOCUMENT = Path(__file__).parents[2] / "docs" / "crash-matrix.md"
BEGIN, END = "<!-- make chaos writes from here -->", "<!-- to here -->"

Problems = Mapping[Cell, str]


def rewritten(document: str, problems: Problems) -> str:
    """The document with the table of this result in it."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_table(problems)}\n{END}{after}"


def _table(problems: Problems) -> str:
    """Done once, or what went wrong, cell by cell; remarks and reasons below."""
    notes = list(dict.fromkeys(note for cell in EVERY_CELL if (note := cell.impossible or cell.remark)))
    titles = ["step", "effect", *(event.title for event in Event)]
    rows = [[_step(effect), effect.what, *_marks(effect, problems, notes)] for effect in EFFECTS]
    lines = [titles, ["---"] * len(titles), *rows]
    listed = [f"{number}. {note[0].upper()}{note[1:]}." for number, note in enumerate(notes, 1)]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", *listed, ""])


def _step(effect: Effect) -> str:
    first = next(other for other in EFFECTS if other.step is effect.step)
    return effect.step.name if effect is first else ""


def _marks(effect: Effect, problems: Problems, notes: list[str]) -> list[str]:
    cells = [Cell(effect, event) for event in Event]
    return [_mark(cell, problems.get(cell, ""), notes) for cell in cells]


def _mark(cell: Cell, problem: str, notes: list[str]) -> str:
    note = cell.impossible or cell.remark
    sign = "n/a" if cell.impossible else "**✗** " + problem if problem else "✓"
    return f"{sign} ({notes.index(note) + 1})" if note else sign

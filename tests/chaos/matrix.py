"""The crash matrix: every effect of the five steps, and every way in which it can go wrong.

`CELLS` are the cells that exist. What cannot happen has a reason instead (`impossible`), and what happens but is not
ours to prevent has a remark.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chaos.effects import ASKING, CAPTURE, EFFECTS, ELSEWHERE, MAIL, NUMBER, PICTURE, READING, Effect

GET_AGAIN = 2
"""aiohttp repeats a GET once whose connection was lost."""


class Event(Enum):
    """What goes wrong: how it is called, and its letter."""

    KILLED_BEFORE = ("kill -9 before", "a")
    KILLED_DURING = ("kill -9 during, not done", "b")
    KILLED_DONE = ("kill -9 during, done", "c")
    KILLED_AFTER = ("kill -9 after", "d")
    NO_ANSWER = ("no answer, not done", "e")
    LOST_ANSWER = ("answer lost, done", "f")
    LATE = ("late answer", "g")
    DONE_LATE = ("done late, caller gone", "k")
    TWICE = ("twice", "h")
    ERROR = ("error", "i")
    GARBAGE = ("garbage", "j")

    def __init__(self, title: str, letter: str) -> None:
        self.title = title
        self.letter = letter

    @property
    def kills(self) -> bool:
        """Whether the service dies of it."""
        return self.name.startswith("KILLED")


NO_FAR_SIDE = "a call within the process: nobody can answer late, twice or in riddles"
ONE_INSTANT = "a commit, and the name of a file, is there or not: what comes after it is the next column"
NOBODY_WAITS = "a mail that is taken when the caller has gone is one whose answer was lost"
READS = "reading changes nothing: late or never is the same"
DRAWS = "drawing changes nothing outside its process: there are only before and after"
GATEWAY_DOUBLES = (
    "the gateway was asked once and captured twice: no caller can prevent that. The order is finished by the first; "
    "the audit counts the second as the gateway's"
)
COUNTER_DOUBLES = (
    "the counter was asked once and gave two numbers away: no caller can prevent that. One is on the document, the "
    "other a gap that only the platform can explain"
)
MAIL_PATIENCE = "a mail server may take its time (RFC 5321, 4.5.3.2): the late answer is waited for and heard"


@dataclass(frozen=True, slots=True)
class Cell:
    """An effect and what goes wrong with it. Each is a tenant of its own, so that none strikes another."""

    effect: Effect
    event: Event

    def __str__(self) -> str:
        return f"{self.effect.step.name}, {self.effect.what}, {self.event.title}"

    @property
    def tenant(self) -> str:
        """The name of its tenant."""
        return f"cell{EFFECTS.index(self.effect):02}{self.event.letter}"

    @property
    def kills_commit(self) -> bool:
        """Whether the service is killed while it commits, and does nothing else meanwhile."""
        return self.effect.is_stored and self.event is Event.KILLED_DURING

    @property
    def obstacle(self) -> tuple[str, str, int] | None:
        """What must be in the way of the service, if not the far side misbehaves: see `chaos.obstructed`."""
        call, nth = self.effect.call, self.effect.nth
        match self.event:
            case Event.KILLED_BEFORE:
                return "stop", f"before {call}", nth
            case Event.KILLED_AFTER:
                return "stop", f"after {call}", nth
            case Event.KILLED_DURING if self.effect.is_local:
                return "stop", f"during {call}", nth
            case Event.ERROR if self.effect.is_local:
                return "fail", f"before {call}", nth
            case Event.LOST_ANSWER if self.effect.is_local:
                return "fail", f"after {call}", nth
        return None

    @property
    def fault(self) -> dict[str, object]:
        """How the far side misbehaves, as the sandbox is told; nothing if it does not know."""
        service, operation = self.effect.where
        lost = self.event in {Event.NO_ANSWER, Event.LOST_ANSWER}
        times = GET_AGAIN if lost and operation == "get" else 1
        told = {"service": service, "operation": operation, "tenant": self.tenant, "times": times}
        return {} if self.obstacle or self.event is Event.DONE_LATE else told | self._kind

    @property
    def _kind(self) -> dict[str, object]:
        if self.event is Event.LATE and self.effect is MAIL:
            return {"kind": "slow", "delay_ms": 1000}
        kinds = {
            Event.KILLED_DURING: "hold_before",
            Event.KILLED_DONE: "hold_after",
            Event.NO_ANSWER: "drop_before",
            Event.LOST_ANSWER: "drop_after",
            Event.LATE: "hold_after",
            Event.TWICE: "twice",
            Event.ERROR: "error",
            Event.GARBAGE: "garbage",
        }
        return {"kind": kinds[self.event]}

    @property
    def impossible(self) -> str:
        """Why the cell cannot exist; empty where it can."""
        if not self.effect.is_local:
            return self._never_late if self.event is Event.DONE_LATE else ""
        if self.event in {Event.NO_ANSWER, Event.LATE, Event.DONE_LATE, Event.TWICE, Event.GARBAGE}:
            return NO_FAR_SIDE
        if self.effect is PICTURE and self.event in {Event.KILLED_DURING, Event.KILLED_DONE}:
            return DRAWS
        return ONE_INSTANT if self.event is Event.KILLED_DONE else ""

    @property
    def _never_late(self) -> str:
        if self.effect is MAIL:
            return NOBODY_WAITS
        return READS if self.effect in {READING, ASKING} else ""

    @property
    def remark(self) -> str:
        """What is done otherwise than once, or otherwise than one may think; empty in all but a few cells."""
        remarks = {
            (CAPTURE, Event.TWICE): GATEWAY_DOUBLES,
            (NUMBER, Event.TWICE): COUNTER_DOUBLES,
            (MAIL, Event.LATE): MAIL_PATIENCE,
        }
        return remarks.get((self.effect, self.event), "")


EVERY_CELL = tuple(Cell(effect, event) for effect in EFFECTS for event in Event)
CELLS = tuple(cell for cell in EVERY_CELL if not cell.impossible)
ONE_BY_ONE = tuple(cell for cell in CELLS if cell.kills_commit)
WITH_MEDIA = tuple(cell for cell in CELLS if cell.effect is ELSEWHERE and cell.event is not Event.DONE_LATE)
TOO_LATE = tuple(cell for cell in CELLS if cell.event is Event.DONE_LATE)
AT_ONCE = tuple(cell for cell in CELLS if cell not in {*ONE_BY_ONE, *WITH_MEDIA, *TOO_LATE})

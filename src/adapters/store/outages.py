"""What an operator learns when the database is at fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outage:
    """Trouble of the database or its disk, not of what was asked; `remedy` says what mends it.

    Time may mend everything but damage.
    """

    remedy: str
    is_damage: bool = False


DAMAGED = Outage("it is damaged: stop every process and restore it, see docs/operations.md", is_damage=True)

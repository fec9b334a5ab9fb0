"""Reading beside the writer: one thread with one connection; every read sees the last commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.database import Held, outage, unavailable
from adapters.store.errands import Errand, Errands
from adapters.store.health import Health

T = TypeVar("T")


@dataclass(slots=True)
class Question(Errand):
    """Something to read."""

    ask: Callable[[Connection], Any]


class Reader:
    """Answers questions off the event loop. `health` hears of those that fail for the database's sake."""

    def __init__(self, engine: Engine, health: Health) -> None:
        self._health = health
        self._held = Held(engine)
        self._errands = Errands("store-reader", self._answer_all, end=self._held.release)

    async def read(self, question: Callable[[Connection], T]) -> T:
        """What the question finds. Raises `StoreUnavailable`."""
        found: T = await self._errands.run(Question(question))
        return found

    async def close(self) -> None:
        """Lets what is being read finish."""
        await self._errands.close()

    def _answer_all(self, questions: list[Question]) -> None:
        for question in questions:
            try:
                question.outcome = question.ask(self._held.connection())
            except SQLAlchemyError as error:
                self._held.release()
                question.error = told = unavailable(error, self._held.name)
                if outage(error) is not None:
                    self._health.failed(told)
            except Exception as error:  # noqa: BLE001 - whatever it was belongs to the one who asked
                question.error = error

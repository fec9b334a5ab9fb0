"""Reading beside the writer: a few threads, each with its own connection; every read sees the last commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.store.database import READERS, unavailable

T = TypeVar("T")


class Reader:
    """Runs questions off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def read(self, question: Callable[[Connection], T]) -> T:
        """What the question finds. Raises `StoreUnavailable`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)

    async def close(self) -> None:
        """Lets what is being read finish."""
        await asyncio.to_thread(self._threads.shutdown)

    def _answer(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return question(connection)
        except SQLAlchemyError as error:
            raise unavailable(error) from error

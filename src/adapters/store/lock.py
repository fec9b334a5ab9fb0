"""One process runs the engine on a database, however many are started."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.store.database import VARIABLE, parsed_url
from adapters.store.sqlite import database_file
from domain.errors import Misconfigured


class EngineLock:
    """A lock on `<database>.engine`; the system frees it when the process dies, however it dies.

    The database itself stays open to others: they may read it, back it up, or write a job into it. Processes that
    are forked while the lock is held keep it alive; start workers with "spawn".
    """

    @classmethod
    @asynccontextmanager
    async def held(cls, url: str) -> AsyncIterator[None]:
        """Holds the lock of the database at this URL. Raises `Misconfigured`, naming the process that has it."""
        path = _lock_file(database_file(parsed_url(url), variable=VARIABLE))
        handle = _opened(path)
        try:
            _lock(handle, path)
            yield
        finally:
            os.close(handle)


def _lock_file(database: Path) -> Path:
    """The same file by whichever way the database is named."""
    real = database.resolve()
    return real.with_name(f"{real.name}.engine")


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Misconfigured(f"{VARIABLE}: the engine's lock {path} cannot be opened: {error.strerror}") from error


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
        raise Misconfigured(
            f"process {holder} runs the engine on this database already ({path}): stop it, or set "
            "INVOICING_ENGINE=none to only serve requests here"
        ) from error
    except OSError as error:
        raise Misconfigured(f"{VARIABLE}: the engine's lock {path} cannot be taken: {error.strerror}") from error
    os.truncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)

"""Mails as files in a folder, for whoever carries them on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote
from uuid import uuid4

from adapters.mail.message import message_of
from domain.errors import Misconfigured, Unavailable
from domain.mail import Greeting, Mail


class OutboxMailer:
    """`domain.ports.Mailer` into a folder: `<message id>.eml`, the same mail always the same file."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    async def open(self) -> None:
        """Makes the folder, and tries it out: a mail must not be the first to find that it cannot be used.

        Raises `OSError`.
        """
        await asyncio.to_thread(_try_out, self._folder)

    async def greet(self) -> Greeting:
        """Looks whether the folder is there, or can be made. Raises `Misconfigured`."""
        if not await asyncio.to_thread(_takes_files, self._folder):
            raise Misconfigured(f"no mail can be written into the folder {self._folder}")
        told = f"mails are only written into the folder {self._folder}: no customer gets one"
        return Greeting(told, reaches_customers=False)

    async def send(self, mail: Mail) -> None:
        """Writes the mail; when it returns, it is on the disk. Raises `MailRefused`, `Misconfigured`, `Unavailable`."""
        message = message_of(mail, self._clock())
        try:
            await asyncio.to_thread(_write, self._folder, f"{quote(mail.id, safe='@')}.eml", message)
        except OSError as error:
            raise _unwritable(error) from error


def _unwritable(error: OSError) -> Unavailable:
    return Unavailable(f"the outbox cannot be written: {error.strerror or type(error).__name__}", reason="EMAIL_FAILED")


def _try_out(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder):
        pass


def _takes_files(folder: Path) -> bool:
    """Whether files can be written into the folder, or into one that has to be made. Nothing is."""
    nearest = next(each for each in (folder, *folder.absolute().parents) if os.access(each, os.F_OK))
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _write(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all: written aside, forced to the disk, then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{uuid4().hex}.part"
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(folder / name)
    finally:
        aside.unlink(missing_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

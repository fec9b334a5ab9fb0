"""Fetching documents so that what arrives is what was issued."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, suppress
from hashlib import sha256
from pathlib import Path

from app.cli.client import Client
from app.cli.refusals import Refused
from domain.document import Rendition
from invoicing.v1.invoices_pb2 import DocumentHeader

TRIES = 6
PAUSE = 0.5


async def fetch(client: Client, number: str, rendition: Rendition = Rendition.PDF) -> tuple[DocumentHeader, bytes]:
    """The invoice's document, proven by its size and SHA-256. A broken connection is taken up where it broke.

    Raises `Refused`, also when the service sends other bytes than it announced.
    """
    arrived = _Arrival(number, rendition)
    for attempt in range(1, TRIES + 1):
        try:
            await arrived.go_on(client)
            break
        except Refused as refused:
            if not refused.passing or not arrived.begun or attempt == TRIES:
                raise
            await asyncio.sleep(PAUSE)
    arrived.require_whole()
    return arrived.header, bytes(arrived.content)


def keep(content: bytes, target: Path) -> None:
    """Writes the file aside and moves it into place: nobody ever sees half of it."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()


class _Arrival:
    """A document as far as it has come."""

    def __init__(self, number: str, rendition: Rendition) -> None:
        self.number = number
        self.rendition = rendition
        self.header = DocumentHeader()
        self.content = bytearray()

    @property
    def begun(self) -> bool:
        return bool(self.header.size)

    async def go_on(self, client: Client) -> None:
        """Takes what is missing."""
        async with aclosing(client.document(self.number, self.rendition, offset=len(self.content))) as parts:
            async for part in parts:
                if part.HasField("header"):
                    self._announce(part.header)
                self.content += part.data
                if len(self.content) > self.header.size:
                    raise _not_as_announced(self.number, f"more than {self.header.size:,} bytes")

    def require_whole(self) -> None:
        """Raises `Refused` unless these are the bytes that were announced."""
        if len(self.content) != self.header.size:
            raise _not_as_announced(self.number, f"{len(self.content):,} bytes instead of {self.header.size:,}")
        if sha256(self.content).hexdigest() != self.header.sha256:
            raise _not_as_announced(self.number, "bytes with another SHA-256")

    def _announce(self, header: DocumentHeader) -> None:
        if self.begun and header.sha256 != self.header.sha256:
            raise _not_as_announced(self.number, "another document when asked to go on")
        self.header = header


def _not_as_announced(number: str, what: str) -> Refused:
    message = f"the service sent {what} for invoice {number}: nothing was kept"
    return Refused(message, reason="DOCUMENT_DAMAGED", code="DATA_LOSS")

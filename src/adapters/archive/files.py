"""Documents as files in a folder, one folder a tenant, kept for ever."""

from __future__ import annotations

import asyncio
import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from domain.errors import Misconfigured, Unavailable, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId

LONGEST_NAME = 180
_TENANT = re.compile(r"[a-z][a-z0-9]{2,15}")
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class FileArchive:
    """`domain.ports.Archive` in a folder: `<tenant>/<number>.pdf`. What is there is never written again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Makes the folder, and tries it out. Raises `OSError`."""
        _make_folder(self._folder)
        with TemporaryFile(dir=self._folder):
            pass

    async def put(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        """Keeps the document unless one is kept under this number already; gives the bytes that are kept.

        Durable when it returns, and never half visible. Raises `Unavailable`.
        """
        try:
            return await asyncio.to_thread(_put, self._path(tenant, number), content)
        except OSError as error:
            raise _unavailable(error) from error

    async def get(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document's bytes. Raises `UnknownInvoice`, `Unavailable`."""
        try:
            return await asyncio.to_thread(self._path(tenant, number).read_bytes)
        except FileNotFoundError as error:
            raise UnknownInvoice(number) from error
        except OSError as error:
            raise _unavailable(error) from error

    def _path(self, tenant: TenantId, number: InvoiceNumber) -> Path:
        if not _TENANT.fullmatch(tenant):
            raise Misconfigured(f"{tenant[:40]!r} is no tenant's name")
        return self._folder / tenant / f"{file_name(number)}.pdf"


def file_name(number: str) -> str:
    """The number as a file name: numbers that differ get names that differ, even where case is ignored.

    Upper case, digits, - and _ stay; all else becomes the hexadecimal of its UTF-8 bytes. Names too long for a file
    system end with their SHA-256 instead.
    """
    name = "".join(c if c in _SAFE else "".join(f"%{b:02X}" for b in c.encode()) for c in number)
    return name if len(name) <= LONGEST_NAME else f"{name[:60]}~{sha256(number.encode()).hexdigest()}"


def _put(path: Path, content: bytes) -> bytes:
    """Written aside and forced to the disk, then linked to its name, which fails if the name is taken."""
    _make_folder(path.parent)
    aside = path.parent / f".{uuid4().hex}.part"
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        content = path.read_bytes()
    finally:
        aside.unlink(missing_ok=True)
    _sync(path.parent)
    return content


def _make_folder(folder: Path) -> None:
    """The folder and what lies above it, each durable in the one above."""
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _sync(new.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(f"the archive cannot be used: {error.strerror or type(error).__name__}")

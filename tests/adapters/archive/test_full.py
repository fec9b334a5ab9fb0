"""A disk that fills up while a document is written: nothing of it is seen, and it is kept once there is room."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.archive.files import FileArchive
from domain.errors import Unavailable, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId

ACME, NUMBER = TenantId("acme"), InvoiceNumber("INV-1")
DOCUMENT = b"%PDF" * 5_000


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """No file can be written beyond so many bytes: what a quota does, and nearly what a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("most", [0, len(DOCUMENT) - 1])
async def test_half_a_document_is_never_kept(tmp_path: Path, most: int) -> None:
    archive = FileArchive(tmp_path)
    with room_for(most), pytest.raises(Unavailable, match="the archive cannot be used: File too large"):
        await archive.put(ACME, NUMBER, DOCUMENT)
    assert list((tmp_path / ACME).iterdir()) == []
    with pytest.raises(UnknownInvoice):
        await archive.get(ACME, NUMBER)
    assert await archive.put(ACME, NUMBER, DOCUMENT) == DOCUMENT
    assert await archive.get(ACME, NUMBER) == DOCUMENT

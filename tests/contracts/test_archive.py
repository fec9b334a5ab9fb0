"""What `domain.ports.Archive` promises, asked of the fake, of the folder and of the platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.archive import archive_of
from domain.errors import UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId
from domain.ports import Archive
from fakes.documents import FakeArchive
from fakes.worlds import a_platform, a_sandbox

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
NUMBER = InvoiceNumber("INV-1")


@pytest.fixture(params=["fake", "files", "platform"])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    if request.param == "fake":
        yield FakeArchive()
    elif request.param == "files":
        yield archive_of(f"file:{tmp_path}/archive", lambda _: FakeArchive())
    else:
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(a_sandbox())
            tenants = {t: await stack.enter_async_context(a_platform(sandbox.url, t)) for t in (ACME, GLOBEX)}
            yield archive_of("platform:", lambda tenant: tenants[tenant].archive)


async def test_what_was_put_is_given(archive: Archive) -> None:
    assert await archive.put(ACME, NUMBER, b"content") == b"content"
    assert await archive.get(ACME, NUMBER) == b"content"


async def test_what_is_there_wins_and_is_what_everyone_gets(archive: Archive) -> None:
    await archive.put(ACME, NUMBER, b"first")
    assert await archive.put(ACME, NUMBER, b"second") == b"first"
    assert await archive.get(ACME, NUMBER) == b"first"


async def test_of_many_puts_at_once_one_wins(archive: Archive) -> None:
    kept = await asyncio.gather(*(archive.put(ACME, NUMBER, bytes([n]) * 9999) for n in range(20)))
    assert len(set(kept)) == 1
    assert await archive.get(ACME, NUMBER) == kept[0]


async def test_tenants_with_the_same_number_keep_their_own_documents(archive: Archive) -> None:
    await archive.put(ACME, NUMBER, b"of acme")
    assert await archive.put(GLOBEX, NUMBER, b"of globex") == b"of globex"
    assert await archive.get(ACME, NUMBER) == b"of acme"


@pytest.mark.parametrize(
    "number", ["../../x", "/etc/passwd", "a b", "ü", ".", "..", "inv\n1", "x" * 900, "\u02fa", "CON", "%2F"]
)
async def test_any_number_can_be_kept_and_none_meets_another(archive: Archive, number: str) -> None:
    await archive.put(ACME, NUMBER, b"another")
    assert await archive.put(ACME, InvoiceNumber(number), b"content") == b"content"
    assert await archive.get(ACME, InvoiceNumber(number)) == b"content"


async def test_numbers_that_differ_only_in_case_are_two(archive: Archive) -> None:
    await archive.put(ACME, InvoiceNumber("inv-1"), b"small")
    assert await archive.put(ACME, InvoiceNumber("INV-1"), b"large") == b"large"


async def test_an_empty_document_is_a_document(archive: Archive) -> None:
    await archive.put(ACME, NUMBER, b"")
    assert await archive.put(ACME, NUMBER, b"late") == b""


async def test_a_document_that_is_not_there_is_unknown(archive: Archive) -> None:
    with pytest.raises(UnknownInvoice) as raised:
        await archive.get(ACME, NUMBER)
    assert raised.value.name == NUMBER

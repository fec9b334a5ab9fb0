"""Documents as files: names that cannot meet or escape, and puts that are whole or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.archive import archive_of
from adapters.archive.files import FileArchive, file_name
from domain.errors import Misconfigured, Unavailable
from domain.invoice import InvoiceNumber
from domain.order import TenantId
from fakes.documents import FakeArchive

ACME = TenantId("acme")
NUMBER = InvoiceNumber("INV-1")


def files_in(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]


numbers = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@given(numbers, numbers)
def test_numbers_that_differ_get_names_that_differ_even_where_case_is_ignored(one: str, other: str) -> None:
    assert (file_name(one).casefold() == file_name(other).casefold()) == (one == other)


@pytest.mark.parametrize(("one", "other"), [("/A", "\u02fa"), ("inv-1", "INV-1"), ("%2F", "/"), ("A" * 300, "A" * 301)])
def test_numbers_that_look_alike_get_names_that_differ(one: str, other: str) -> None:
    assert file_name(one).casefold() != file_name(other).casefold()


@given(numbers)
def test_a_name_is_safe_in_any_folder(number: str) -> None:
    name = file_name(number)
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789-_%~")
    assert 0 < len(name) <= 200


async def test_a_document_lies_in_its_tenants_folder_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    await FileArchive(tmp_path / "new" / "archive").put(ACME, NUMBER, b"content")
    assert files_in(tmp_path) == [Path("new/archive/acme/INV-1.pdf")]


async def test_a_half_written_file_is_never_a_document(tmp_path: Path) -> None:
    archive = FileArchive(tmp_path)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / ".deadbeef.part").write_bytes(b"hal")
    assert await archive.put(ACME, NUMBER, b"whole") == b"whole"


@pytest.mark.parametrize("tenant", ["", ".", "..", "../acme", "a/b", "ACME", "ac"])
async def test_a_tenant_that_is_none_reaches_no_folder(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(Misconfigured):
        await FileArchive(tmp_path / "archive").put(TenantId(tenant), NUMBER, b"content")
    assert files_in(tmp_path) == []


async def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    archive = FileArchive(tmp_path / "file")
    with pytest.raises(Unavailable):
        await archive.put(ACME, NUMBER, b"content")
    with pytest.raises(Unavailable):
        await archive.get(ACME, NUMBER)


async def test_of_many_puts_at_once_one_wins_and_all_get_its_bytes(tmp_path: Path) -> None:
    archives = [FileArchive(tmp_path) for _ in range(8)]
    kept = await asyncio.gather(*(archive.put(ACME, NUMBER, bytes([n]) * 5000) for n, archive in enumerate(archives)))
    assert len(set(kept)) == 1
    assert await archives[0].get(ACME, NUMBER) == kept[0]


@pytest.mark.parametrize("url", ["", "file:", "s3://bucket", "archive", "platform:x"])
def test_an_archive_url_that_is_none_is_the_operators_matter(url: str) -> None:
    with pytest.raises(Misconfigured, match="archive URL"):
        archive_of(url, lambda _: FakeArchive())

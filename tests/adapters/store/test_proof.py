"""Whoever changes a row, or a byte, behind the service's back is found out, and what he changed is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.store.database import Database
from adapters.store.health import Health
from adapters.store.ledger import SqlLedger
from adapters.store.reader import Reader
from domain.gaps import Gap
from domain.invoice import InvoiceNumber
from domain.verification import Mismatch
from fakes.books import LOCAL, Books, books_in
from fakes.stores import ACME, GLOBEX

FOURTH = "RE-2026-0004"


@pytest.fixture(params=["sqlite", "postgresql"])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Books]:
    """Ten invoices of a local series, and some of other series and another tenant."""
    async with books_in(request.param, tmp_path) as opened:
        await opened.issue("INV1", "INV2")
        await opened.issue_local(10)
        await opened.issue_local(3, tenant=GLOBEX)
        yield opened


ROW = "WHERE tenant = 'acme' AND number = 'RE-2026-0004'"
NONE = "0" * 64


def sql(statement: str) -> str:
    """The statement, with what it says of the fourth invoice's row."""
    statement = statement.replace("ITS-CONTENT", "document = (SELECT id FROM documents ITS-ROW)")
    return statement.replace("ITS-ROW", ROW).replace("NO-HASH", NONE)


def rewritten(books: Books, before: str, after: str) -> str:
    """The content of the fourth invoice with this change, as the database writes bytes."""
    words, kind = ("CAST(content AS TEXT)", "CAST(NEW AS BLOB)")
    if "postgresql" in books.url:
        words, kind = ("convert_from(content, 'UTF8')", "convert_to(NEW, 'UTF8')")
    value = kind.replace("NEW", f"replace({words}, '{before}', '{after}')")
    return sql("UPDATE contents SET content = VALUE WHERE ITS-CONTENT").replace("VALUE", value)


FORGERIES = {
    "a gross": ("UPDATE documents SET gross = '9.00' ITS-ROW", "says gross '9.00', its content '23.80'"),
    "an amount no number": ("UPDATE documents SET net = 'a lot' ITS-ROW", "its document row is missing, or cannot"),
    "a date": ("UPDATE documents SET issue_date = '2026-01-01' ITS-ROW", "says issue_date '2026-01-01', its content"),
    "an order": ("UPDATE documents SET order_id = 'EON9' ITS-ROW", "says order_id 'EON9', its content 'EON-L4'"),
    "a buyer": ("UPDATE documents SET buyer_name = 'Nobody' ITS-ROW", "says buyer_name 'Nobody'"),
    "a series": ("UPDATE documents SET series = 'mine' ITS-ROW", "says series 'mine', its content 'local:RE-2026-'"),
    "a hash": ("UPDATE ledger SET hash = 'NO-HASH' ITS-ROW", "the hash is not that of the row"),
    "a content hash": ("UPDATE ledger SET content_hash = 'NO-HASH' ITS-ROW", "the hash is not that of the row"),
    "a link": ("UPDATE ledger SET previous = 'NO-HASH' ITS-ROW", "it is not chained to RE-2026-0003"),
    "no content": ("DELETE FROM contents WHERE ITS-CONTENT", "its content is missing"),
    "no document": ("DELETE FROM documents ITS-ROW", "its document row is missing, or cannot be read"),
    "no row in the ledger": ("DELETE FROM ledger ITS-ROW", "it has no row in the ledger"),
    "another size": ("UPDATE documents SET size = 7 ITS-ROW", "its bytes in the archive were changed: 22 instead of 7"),
    "other bytes": ("UPDATE documents SET sha256 = 'NO-HASH' ITS-ROW", "its bytes in the archive were changed: SHA-"),
}


async def test_what_nobody_changed_is_proven(books: Books) -> None:
    proof = await books.proof()
    head = [kept.hash async for kept in books.ledger.entries(ACME, LOCAL, after=9, upto=10)]
    assert (proof.ok, proof.gaps, proof.mismatches) == (True, (), ())
    assert (proof.series, proof.first, proof.last) == (LOCAL, "RE-2026-0001", "RE-2026-0010")
    assert (proof.issued, proof.checked, [proof.head_hash]) == (10, 10, head)


@pytest.mark.parametrize(("statement", "what"), FORGERIES.values(), ids=FORGERIES.keys())
async def test_one_row_that_was_changed_is_named(books: Books, statement: str, what: str) -> None:
    books.forge(sql(statement))
    proof = await books.proof()
    assert not proof.ok
    assert any(found.number == FOURTH and what in found.what for found in proof.mismatches), proof.mismatches
    assert {found.number for found in proof.mismatches} <= {FOURTH, "RE-2026-0005", ""}


@pytest.mark.parametrize(("before", "after"), [("Example GmbH", "Sample GmbH"), ('{"number"', "")])
async def test_one_word_that_was_changed_in_a_content_is_named(books: Books, before: str, after: str) -> None:
    books.forge(rewritten(books, before, after))
    proof = await books.proof()
    assert not proof.ok
    assert proof.mismatches == (Mismatch(FOURTH, "its content was changed: the SHA-256 is not the one in the ledger"),)


async def test_one_byte_that_was_changed_in_the_archive_is_named(books: Books) -> None:
    kept = books.archive.kept[ACME, InvoiceNumber(FOURTH)]
    books.archive.kept[ACME, InvoiceNumber(FOURTH)] = kept[:-1] + bytes([kept[-1] ^ 1])
    proof = await books.proof()
    ((number, what),) = ((found.number, found.what) for found in proof.mismatches)
    assert (number, what.startswith("its bytes in the archive were changed: SHA-256")) == (FOURTH, True)
    assert (proof.ok, proof.checked) == (False, 10)


async def test_bytes_that_are_gone_are_named(books: Books) -> None:
    del books.archive.kept[ACME, InvoiceNumber(FOURTH)]
    proof = await books.proof()
    assert proof.mismatches == (Mismatch(FOURTH, "its bytes are not in the archive"),)
    assert (proof.ok, proof.issued, proof.checked) == (False, 10, 9)


async def test_a_row_taken_out_of_the_middle_with_all_that_it_is_about_leaves_a_hole_and_a_gap(books: Books) -> None:
    whole = ("DELETE FROM contents WHERE ITS-CONTENT", "DELETE FROM ledger ITS-ROW", "DELETE FROM documents ITS-ROW")
    books.forge(*map(sql, whole))
    proof = await books.proof()
    assert proof.mismatches == (Mismatch("", "row 4 is missing from the ledger, before RE-2026-0005"),)
    assert proof.gaps == (Gap(FOURTH, "missing", explained=False),)
    assert (proof.ok, proof.issued) == (False, 9)


async def test_a_row_that_was_forged_with_its_hash_is_betrayed_by_the_one_behind_it(books: Books) -> None:
    (fourth,) = [kept.entry async for kept in books.ledger.entries(ACME, LOCAL, after=3, upto=4)]
    forged = replace(fourth, content_hash="f" * 64)
    statement = sql("UPDATE ledger SET content_hash = 'FORGED', hash = 'ITS-HASH' ITS-ROW")
    books.forge(statement.replace("FORGED", forged.content_hash).replace("ITS-HASH", forged.hash))
    found = {found.number: found.what for found in (await books.proof()).mismatches}
    assert found["RE-2026-0005"] == "it is not chained to RE-2026-0004, the row before it"
    assert found[FOURTH] == "its content was changed: the SHA-256 is not the one in the ledger"


async def test_an_end_that_was_cut_off_shows_in_the_head_and_in_what_was_allocated(books: Books) -> None:
    kept_elsewhere = (await books.proof()).head_hash
    books.forge(
        "DELETE FROM ledger WHERE tenant = 'acme' AND number >= 'RE-2026-0009'",
        "DELETE FROM contents WHERE document IN (SELECT id FROM documents WHERE tenant = 'acme' AND id > 10)",
        "DELETE FROM documents WHERE tenant = 'acme' AND number >= 'RE-2026-0009'",
    )
    proof = await books.proof()
    assert (proof.ok, proof.mismatches) == (False, ())
    assert proof.head_hash != kept_elsewhere
    assert proof.gaps == (
        Gap("RE-2026-0009..RE-2026-0010", "allocated, but the ledger ends before it", explained=False),
    )
    books.forge("UPDATE own_series SET next = 9 WHERE tenant = 'acme'")
    proof = await books.proof()
    assert (proof.ok, proof.gaps) == (True, ())
    assert proof.head_hash != kept_elsewhere, "what a forger cannot reach still betrays him"


async def test_a_first_row_that_was_forged_with_its_hash_does_not_begin_a_chain(books: Books) -> None:
    (first,) = [kept.entry async for kept in books.ledger.entries(ACME, LOCAL, after=0, upto=1)]
    forged = replace(first, previous="f" * 64)
    statement = "UPDATE ledger SET previous = 'FORGED', hash = 'ITS-HASH' WHERE tenant = 'acme' AND number = 'FIRST'"
    statement = statement.replace("FORGED", forged.previous).replace("ITS-HASH", forged.hash)
    books.forge(statement.replace("FIRST", first.number))
    what = Mismatch(first.number, "it is not the first of its chain, though it stands there")
    assert what in (await books.proof()).mismatches


async def test_the_proof_needs_nobody_who_writes(books: Books) -> None:
    database = Database.at(books.url)
    reader = Reader(database.reading, Health())
    books.ledger = SqlLedger(reader)
    try:
        assert (await books.proof()).ok
    finally:
        await reader.close()
        database.close()


async def test_a_ledger_that_was_emptied_is_no_proof(books: Books) -> None:
    books.forge("DELETE FROM ledger WHERE tenant = 'acme' AND series LIKE 'local:%'")
    proof = await books.proof()
    assert (proof.ok, proof.issued, proof.head_hash) == (False, 0, "")
    unchained = [Mismatch(f"RE-2026-{n:04}", "it has no row in the ledger") for n in range(1, 11)]
    emptied = Mismatch("", "the ledger is empty, though numbers below the count 11 were allocated")
    assert proof.mismatches == (*unchained, emptied)


async def test_what_was_changed_in_one_series_harms_the_proof_of_no_other(books: Books) -> None:
    books.forge("UPDATE documents SET gross = '9.00' WHERE number = 'INV1'", sql("DELETE FROM ledger ITS-ROW"))
    assert (await books.proof(tenant=GLOBEX)).ok
    assert {found.number for found in (await books.proof()).mismatches} == {"", FOURTH}


async def test_what_is_issued_while_it_is_verified_is_no_mismatch(books: Books) -> None:
    orders = [await books.records.an_order(f"EON-M{n}") for n in range(40)]

    async def issue() -> None:
        for order in orders:
            await books.archived(await books.allocate(order))

    issuing = asyncio.create_task(issue())
    proofs = []
    while not issuing.done():
        proofs.append(await books.proof())
    await issuing
    assert [proof for proof in proofs if not proof.ok] == []
    assert len({proof.issued for proof in proofs}) > 1, "documents were issued meanwhile"
    assert (await books.proof()).issued == 50

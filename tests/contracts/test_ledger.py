"""What `domain.ports.Ledger` promises, and `Journal.issue` of local series, asked of the fake and of the databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import AlreadyInvoiced, Misconfigured, SeriesExhausted, StaleJobOrder, UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.numbering import INVOICE_SERIES, DrawOutcome, Neighbours, NumberPattern, SeriesName
from domain.order import OrderId
from fakes.books import DAY, LOCAL, PATTERN, Books, books_in
from fakes.stores import ACME, GLOBEX, a_draft, refusal


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Books]:
    async with books_in(request.param, tmp_path) as opened:
        yield opened


# Local series


async def test_a_local_series_counts_from_its_start_without_a_gap(books: Books) -> None:
    pattern = replace(PATTERN, start=4711, start_year=2026)
    orders = [await books.records.an_order(f"EON{n}") for n in range(3)]
    issued = [await books.allocate(order, pattern=pattern) for order in orders]
    assert [document.number for document in issued] == ["RE-2026-4711", "RE-2026-4712", "RE-2026-4713"]
    assert {document.series for document in issued} == {"local:RE-2026-"}
    assert await books.ledger.following_count(ACME, LOCAL) == 4714


async def test_a_document_says_the_number_that_was_allocated(books: Books) -> None:
    document = await books.allocate(await books.records.an_order("EON1"))
    content = await books.records.journal.content(document)
    assert (content.number, content.series, content.draft) == ("RE-2026-0001", LOCAL, a_draft("EON1"))
    assert await books.records.journal.document_of(ACME, OrderId("EON1")) == document


async def test_of_many_at_once_each_gets_the_next_number(books: Books) -> None:
    orders = [await books.records.an_order(f"EON{n}") for n in range(40)]
    issued = await asyncio.gather(*map(books.allocate, orders))
    assert sorted(document.number for document in issued) == [f"RE-2026-{n:04}" for n in range(1, 41)]


async def test_what_is_refused_uses_no_number_up(books: Books) -> None:
    orders = [await books.records.an_order(f"EON{n}") for n in range(10)]
    for order in orders[::2]:
        await books.records.jobs.save(order)
    again = await books.records.an_order("EON1")
    attempts = [*map(books.allocate, orders), books.allocate(again)]
    outcomes = await asyncio.gather(*map(refusal, attempts))
    assert [type(outcome) for outcome in outcomes[:10:2]] == [StaleJobOrder] * 5
    assert isinstance(outcomes[-1], AlreadyInvoiced)
    numbers = [(await books.records.journal.document_of(ACME, order.order_id)).number for order in orders[1::2]]
    assert sorted(numbers) == [f"RE-2026-{n:04}" for n in range(1, 6)]
    assert await books.ledger.following_count(ACME, LOCAL) == 6


async def test_a_series_without_a_number_left_issues_nothing(books: Books) -> None:
    pattern = replace(PATTERN, digits=1, start=9, start_year=2026)
    await books.allocate(await books.records.an_order("EON1"), pattern=pattern)
    with pytest.raises(SeriesExhausted):
        await books.allocate(await books.records.an_order("EON2"), pattern=pattern)
    assert (await books.allocate(await books.records.an_order("EON2"))).number == "RE-2026-0010"


async def test_a_start_that_would_leave_a_gap_is_refused(books: Books) -> None:
    await books.allocate(await books.records.an_order("EON1"))
    with pytest.raises(Misconfigured, match="its start 3 would leave a gap"):
        await books.allocate(await books.records.an_order("EON2"), pattern=replace(PATTERN, start=3, start_year=2026))
    at_its_place = replace(PATTERN, start=2, start_year=2026)
    assert (await books.allocate(await books.records.an_order("EON2"), pattern=at_its_place)).number == "RE-2026-0002"


async def test_a_number_that_stands_on_a_document_already_is_told_with_prefix_and_start(books: Books) -> None:
    await books.issue("RE-2026-0001")
    order = await books.records.an_order("EON1")
    with pytest.raises(Misconfigured, match=r"RE-2026-0001 .* prefix 'RE-2026-' .* start"):
        await books.allocate(order)
    with pytest.raises(UnknownInvoice):
        await books.records.journal.document_of(ACME, order.order_id)
    assert await books.ledger.following_count(ACME, LOCAL) is None


async def test_each_year_has_a_series_of_its_own_or_one_count_goes_on_through_all(books: Books) -> None:
    new_year = date(2027, 1, 1)
    through = NumberPattern("GS-{year}-", digits=4)
    numbers = []
    for n, (pattern, day) in enumerate((p, d) for p in (PATTERN, through) for d in (DAY, new_year)):
        document = await books.allocate(await books.records.an_order(f"EON{n}"), day, pattern)
        numbers.append((document.series, document.number, document.issue_date))
    assert numbers == [
        ("local:RE-2026-", "RE-2026-0001", DAY),
        ("local:RE-2027-", "RE-2027-0001", new_year),
        ("local:GS-{year}-", "GS-2026-0001", DAY),
        ("local:GS-{year}-", "GS-2027-0002", new_year),
    ]


async def test_tenants_count_by_themselves(books: Books) -> None:
    for tenant in (ACME, GLOBEX):
        (document,) = await books.issue_local(1, tenant=tenant)
        assert document.number == "RE-2026-0001"


# What is read


async def test_the_series_are_those_that_issued_or_allocated(books: Books) -> None:
    assert await books.ledger.names(ACME) == ()
    await books.issue("INV1")
    await books.issue_local(1)
    await books.issue_local(1, tenant=GLOBEX)
    assert await books.ledger.names(ACME) == (INVOICE_SERIES, LOCAL)
    assert await books.ledger.names(GLOBEX) == (LOCAL,)


async def test_the_chain_is_read_in_its_order_with_all_that_is_kept(books: Books) -> None:
    documents = await books.issue_local(120)
    head = await books.ledger.head(ACME, LOCAL)
    kept = [kept async for kept in books.ledger.entries(ACME, LOCAL, after=0, upto=head)]
    assert [k.entry.position for k in kept] == [*range(1, 121)]
    assert [k.document for k in kept] == documents
    assert all(k.hash == k.entry.hash and k.content_hash == k.entry.content_hash for k in kept)
    assert kept[7].content == await books.records.journal.content(documents[7])
    assert [k.entry.position async for k in books.ledger.entries(ACME, LOCAL, after=3, upto=5)] == [4, 5]


async def test_a_series_that_nobody_knows_is_empty(books: Books) -> None:
    nobodys = SeriesName("nobody's")
    assert await books.ledger.head(ACME, nobodys) == 0
    assert await books.ledger.following_count(ACME, nobodys) is None
    assert [kept async for kept in books.ledger.entries(ACME, nobodys, after=0, upto=9)] == []
    assert [found async for found in books.ledger.unchained(ACME)] == []


async def test_draws_to_which_no_document_belongs_are_loose(books: Books) -> None:
    await books.draw_and_issue("INV1")
    await books.draw(DrawOutcome.NOTHING, order_id="EON-N")
    loose = [
        await books.draw(DrawOutcome.DRAWN, "INV2", order_id="EON-U"),
        await books.draw(DrawOutcome.POSSIBLY_BURNT, order_id="EON-B"),
        await books.draw(DrawOutcome.TAKEN, "INV1", order_id="EON-T"),
        await books.draw(None, order_id="EON-O"),
    ]
    found = [draw async for draw in books.ledger.loose_draws(ACME, INVOICE_SERIES)]
    assert [draw.id for draw in found] == [draw.id for draw in loose]
    assert [(draw.outcome, draw.number) for draw in found] == [
        (DrawOutcome.DRAWN, "INV2"),
        (DrawOutcome.POSSIBLY_BURNT, None),
        (DrawOutcome.TAKEN, "INV1"),
        (None, None),
    ]
    for tenant, series in ((GLOBEX, INVOICE_SERIES), (ACME, LOCAL)):
        assert [draw async for draw in books.ledger.loose_draws(tenant, series)] == []


async def test_around_a_draw_are_the_numbers_drawn_surely_before_and_surely_behind_it(books: Books) -> None:
    await books.draw_and_issue("INV1", "INV2")
    burnt = await books.draw(DrawOutcome.POSSIBLY_BURNT)
    await books.draw_and_issue("INV4", "INV5")
    around = await books.ledger.neighbours(burnt, apart=timedelta(seconds=20))
    assert around == Neighbours(before=("INV2", "INV1"), meanwhile=(), behind=("INV4", "INV5"))
    around = await books.ledger.neighbours(burnt, apart=timedelta(seconds=90))
    assert around == Neighbours(before=("INV1",), meanwhile=("INV2", "INV4"), behind=("INV5",))


async def test_a_number_is_asked_for_exactly(books: Books) -> None:
    (document,) = await books.issue_local(1)
    assert await books.records.journal.document(ACME, InvoiceNumber("RE-2026-0001")) == document

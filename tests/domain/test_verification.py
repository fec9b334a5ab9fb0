"""The proof of a series: which one is meant, what explains its gaps, what is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain import verification
from domain.errors import InvalidArgument, PlatformDenied, Unavailable, UnknownSeries, UnknownTenant
from domain.gaps import Gap
from domain.invoice import InvoiceNumber
from domain.numbering import INVOICE_SERIES, DrawOutcome, LocalNumbers, NumberPattern, SeriesName
from domain.order import TenantId
from domain.verification import Mismatch, Proof, chosen
from fakes.books import DAY, LOCAL, PATTERN, Books, books_in
from fakes.service import ACME, FakeService

OTHERS = "drawn by others, or unexplained"


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    async with books_in("fake", tmp_path) as opened:
        yield opened


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def at(books: Books, ago: int) -> str:
    """The minute so many minutes ago, as explanations tell it."""
    return f"{books.records.clock.now - timedelta(minutes=ago):%Y-%m-%d %H:%M:%S} UTC"


# Which series


def test_the_series_meant_is_the_one_that_is_named_or_the_only_one() -> None:
    one, two = SeriesName("one"), SeriesName("two")
    assert chosen("", {one}) == chosen("one", {one, two}) == one


def test_of_several_one_has_to_be_named() -> None:
    with pytest.raises(InvalidArgument, match="series is empty, and there are several: one, two"):
        chosen("", {SeriesName("two"), SeriesName("one")})


@pytest.mark.parametrize(("known", "there_are"), [({"one", "two"}, "one, two"), (set(), "none yet")])
def test_a_series_that_is_not_there_is_refused_with_those_that_are(known: set[SeriesName], there_are: str) -> None:
    with pytest.raises(UnknownSeries, match=f"there is no series 'three'; there are: {there_are}"):
        chosen("three", known)


async def test_a_tenant_of_the_platforms_numbers_has_their_series_from_the_beginning(service: FakeService) -> None:
    proof = await service.invoicing.verify_series(ACME, "")
    assert (proof, proof.ok) == (Proof(INVOICE_SERIES), True)


async def test_the_only_series_of_a_tenant_with_its_own_numbers_need_not_be_named(service: FakeService) -> None:
    service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], local=LocalNumbers(PATTERN))
    with pytest.raises(UnknownSeries):
        await service.invoicing.verify_series(ACME, "")
    await service.an_invoice("EON1")
    assert (await service.invoicing.verify_series(ACME, "")).series == LOCAL


async def test_a_tenant_that_is_not_served_has_no_proof(service: FakeService) -> None:
    with pytest.raises(UnknownTenant):
        await service.invoicing.verify_series(TenantId("initech"), "")


# Gaps


async def test_what_was_issued_one_after_the_other_has_no_gap(books: Books) -> None:
    await books.draw_and_issue("INV8", "INV9", "INV10")
    proof = await books.proof(INVOICE_SERIES)
    assert (proof.first, proof.last, proof.issued, proof.checked) == ("INV8", "INV10", 3, 3)
    assert (proof.ok, proof.gaps, proof.mismatches) == (True, (), ())


async def test_documents_may_be_issued_crosswise(books: Books) -> None:
    await books.issue("INV2", "INV4", "INV1", "INV3")
    proof = await books.proof(INVOICE_SERIES)
    assert (proof.first, proof.last, proof.gaps) == ("INV1", "INV4", ())


async def test_a_number_drawn_and_not_used_yet_is_told_with_its_order_and_job(books: Books) -> None:
    await books.draw_and_issue("INV1")
    draw = await books.draw(DrawOutcome.DRAWN, "INV2", order_id="EON7")
    await books.draw_and_issue("INV3")
    proof = await books.proof(INVOICE_SERIES)
    why = f"drawn for order EON7 in job {draw.job_id} at {at(books, 1)}, and not used yet"
    assert proof.gaps == (Gap("INV2", why, explained=True),)
    assert proof.ok


async def test_a_lost_answer_explains_one_missing_number_between_its_neighbours_in_time(books: Books) -> None:
    await books.draw_and_issue("INV1", "INV3")
    burnt = await books.draw(DrawOutcome.POSSIBLY_BURNT)
    await books.draw_and_issue("INV6")
    proof = await books.proof(INVOICE_SERIES)
    told = f"for order EON-D in job {burnt.job_id} at {at(books, 1)}, whose answer was lost"
    assert proof.gaps == (
        Gap("INV2", OTHERS, explained=False),
        Gap("INV4", f"possibly burnt by a draw {told}", explained=True),
        Gap("INV5", OTHERS, explained=False),
    )
    assert proof.ok, "the platform's series promise no more"


async def test_a_draw_that_broke_off_explains_what_a_lost_answer_does(books: Books) -> None:
    await books.draw_and_issue("INV1")
    await books.draw(None)
    await books.draw_and_issue("INV3")
    (gap,) = (await books.proof(INVOICE_SERIES)).gaps
    assert (gap.number, gap.explained) == ("INV2", True)
    assert "under way or broke off" in gap.explanation


async def test_a_lost_answer_that_burnt_nothing_is_no_gap(books: Books) -> None:
    await books.draw_and_issue("INV1")
    await books.draw(DrawOutcome.POSSIBLY_BURNT)
    await books.draw_and_issue("INV2")
    assert (await books.proof(INVOICE_SERIES)).gaps == ()


async def test_a_number_that_was_handed_out_twice_is_told(books: Books) -> None:
    await books.draw_and_issue("INV1")
    await books.draw(DrawOutcome.TAKEN, "INV1", order_id="EON7")
    (gap,) = (await books.proof(INVOICE_SERIES)).gaps
    assert (gap.number, gap.explained) == ("INV1", True)
    assert gap.explanation.startswith("handed out once more for order EON7 in job ")


async def test_a_number_used_while_it_is_verified_is_missing_nowhere(books: Books) -> None:
    """INV2 was drawn in time, but is issued only once the chain has been read."""
    await books.draw_and_issue("INV1", "INV3")
    await books.draw(DrawOutcome.DRAWN, "INV2", order_id="EON-INV2")
    get, loose_draws = books.archive.get, books.ledger.loose_draws

    async def issue_meanwhile(tenant: TenantId, number: InvoiceNumber) -> bytes:
        if number == "INV3":
            await books.issue("INV2")
        return await get(tenant, number)

    books.archive.get = issue_meanwhile
    proof = await books.proof(INVOICE_SERIES)
    assert (proof.ok, proof.issued, proof.gaps) == (True, 2, ())
    assert [draw async for draw in loose_draws(ACME, INVOICE_SERIES)] == []


async def test_a_series_that_promises_no_gap_is_not_proven_with_one(books: Books) -> None:
    await books.issue_local(3)
    del books.records.journal.chains[ACME, LOCAL][1]
    proof = await books.proof()
    assert not proof.ok
    assert Mismatch("RE-2026-0002", "it has no row in the ledger") in proof.mismatches


# Documents


async def test_a_document_that_is_not_drawn_yet_is_no_mismatch(books: Books) -> None:
    await books.issue_local(2)
    await books.allocate(await books.records.an_order("EON9"))
    proof = await books.proof()
    assert (proof.ok, proof.issued, proof.checked) == (True, 3, 2)


async def test_a_document_that_cannot_be_read_now_is_not_proven(books: Books) -> None:
    await books.issue_local(2)
    books.archive.trouble.strikes_before(Unavailable("the archive cannot be used: Input/output error"))
    proof = await books.proof()
    why = "its bytes could not be read: the archive cannot be used: Input/output error"
    assert proof.mismatches == (Mismatch("RE-2026-0001", why),)
    assert (proof.ok, proof.checked) == (False, 1)


async def test_an_archive_that_refuses_us_is_no_finding_about_documents(books: Books) -> None:
    await books.issue_local(1)
    books.archive.trouble.strikes_before(PlatformDenied("no scope"))
    with pytest.raises(PlatformDenied):
        await books.proof()


async def test_what_is_too_much_to_be_told_is_counted(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MOST_TOLD", 2)
    await books.issue_local(5)
    books.archive.kept.clear()
    await books.issue("INV1", "INV3", "INV5", "INV7", "INV9")
    local, platforms = await books.proof(), await books.proof(INVOICE_SERIES)
    assert [found.number for found in local.mismatches] == ["RE-2026-0001", "RE-2026-0002", ""]
    assert local.mismatches[-1].what == "and 3 more"
    assert [gap.number for gap in platforms.gaps] == ["INV2", "INV4", "INV6 and on"]
    assert (platforms.gaps[-1].explanation, platforms.gaps[-1].explained) == ("and 2 gaps more", False)


async def test_one_count_through_all_years_is_one_series(books: Books) -> None:
    through = NumberPattern("GS-{year}-", digits=4)
    for n, day in enumerate((DAY, DAY, DAY.replace(year=2027))):
        await books.archived(await books.allocate(await books.records.an_order(f"EON{n}"), day, through))
    proof = await books.proof(SeriesName("local:GS-{year}-"))
    assert (proof.ok, proof.first, proof.last) == (True, "GS-2026-0001", "GS-2027-0003")

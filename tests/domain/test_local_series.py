"""Orders of a tenant whose numbers this service allocates: without draws, without gaps, whatever dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.document import DocumentFilter
from domain.errors import Misconfigured, SeriesExhausted, StoreUnavailable
from domain.invoice import InvoiceNumber
from domain.job import OrderState, Step
from domain.numbering import LocalNumbers, NumberPattern, SeriesName, is_gap_free
from domain.order import InvoiceMark, OrderId
from fakes.moments import At, Killed, Moment, Passing, watched
from fakes.service import ACME, FakeService

PATTERN = NumberPattern("RE-{year}-", digits=4, yearly=True)
DAY = date(2026, 11, 24)


def numbered(pattern: NumberPattern = PATTERN, **sites: NumberPattern) -> FakeService:
    """A service whose tenant acme has its own numbers."""
    service = FakeService()
    use(service, pattern, **sites)
    return service


def use(service: FakeService, pattern: NumberPattern, **sites: NumberPattern) -> None:
    """From now on acme's numbers look so."""
    service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], local=LocalNumbers(pattern, sites))


@pytest.fixture
def service() -> FakeService:
    return numbered()


async def numbers(service: FakeService) -> list[InvoiceNumber]:
    """Of all documents, the oldest first."""
    documents = await service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=100)
    return [document.number for document in documents][::-1]


# How they look


@pytest.mark.parametrize(
    ("pattern", "name", "number"),
    [
        (NumberPattern("RE-{year}-", digits=4, yearly=True), "local:RE-2026-", "RE-2026-0001"),
        (NumberPattern("{year}", digits=5, yearly=True), "local:2026", "202600001"),
        (NumberPattern("GS/{year}/", digits=2), "local:GS/{year}/", "GS/2026/01"),
        (NumberPattern("", digits=6, start=10_000), "local:", "010000"),
        (NumberPattern("A", digits=3, start=7, yearly=True, start_year=2026), "local:A", "A007"),
        (NumberPattern("A", digits=3, start=7, yearly=True, start_year=2025), "local:A", "A001"),
    ],
)
def test_a_pattern_gives_each_day_its_series_and_first_number(pattern: NumberPattern, name: str, number: str) -> None:
    series = pattern.on(DAY)
    assert (series.name, series.allocated(None)[1], is_gap_free(series.name)) == (name, number, True)


def test_a_site_has_its_own_numbers_or_those_of_all() -> None:
    own = NumberPattern("UK-", digits=3)
    numbers = LocalNumbers(PATTERN, {"uk": own})
    assert (numbers.series("uk", DAY), numbers.series("main", DAY)) == (own.on(DAY), PATTERN.on(DAY))


def test_digits_that_are_used_up_and_a_start_that_would_skip_are_refused() -> None:
    series = NumberPattern("A-", digits=2, start=50).on(DAY)
    assert series.allocated(99) == (99, "A-99")
    with pytest.raises(SeriesExhausted, match="local:A- has used up its 2 digits"):
        series.allocated(100)
    with pytest.raises(Misconfigured, match="local:A- goes on with 49: its start 50 would leave a gap"):
        series.allocated(49)


def test_the_platforms_series_promise_no_more_than_unique_numbers() -> None:
    assert not is_gap_free(SeriesName("invoiceNoSequence"))


# How orders get them


async def test_an_order_gets_the_next_number_and_nothing_is_drawn_for_it(service: FakeService) -> None:
    for order_id in ("EON1", "EON2"):
        await service.an_invoice(order_id)
    assert await numbers(service) == ["RE-2026-0001", "RE-2026-0002"]
    assert (service.sequences.asked, service.journal.draws) == ([], {})
    document = await service.invoicing.invoice_of(ACME, OrderId("EON2"))
    assert document.series == "local:RE-2026-"
    assert service.renderer.rendered[-1].number == "RE-2026-0002"
    mark = service.orders.kept[OrderId("EON2")].mark
    assert mark == InvoiceMark("RE-2026-0002", service.links.permanent(ACME, document.number))


async def test_the_year_is_that_of_the_issue_date_by_the_sellers_calendar(service: FakeService) -> None:
    service.clock.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    await service.an_invoice("EON1")
    document = await service.invoicing.invoice_of(ACME, OrderId("EON1"))
    assert (document.number, document.issue_date) == ("RE-2027-0001", date(2027, 1, 1)), "it is 0:30 in Berlin"


async def test_a_site_with_its_own_numbers_gets_those() -> None:
    service = numbered(PATTERN, main=NumberPattern("DE-", digits=3))
    await service.an_invoice("EON1")
    assert await numbers(service) == ["DE-001"]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (replace(PATTERN, start=5, start_year=2026), "NOT_CONFIGURED"),
        (replace(PATTERN, digits=1), "SERIES_EXHAUSTED"),
    ],
)
async def test_a_series_that_cannot_go_on_is_found_before_money_moves(pattern: NumberPattern, reason: str) -> None:
    service = numbered(replace(PATTERN, digits=1))
    for n in range(9 if reason == "SERIES_EXHAUSTED" else 1):
        await service.an_invoice(f"EON{n}")
    use(service, pattern)
    charged = len(service.payments.captured)
    job = await service.an_invoice("EON-LATE")
    order = await service.order(job, "EON-LATE")
    assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.RECALCULATION, reason)
    assert order.retryable
    assert len(service.payments.captured) == charged


async def test_a_series_that_would_give_a_number_again_is_found_before_money_moves(service: FakeService) -> None:
    """A database that was restored counts from where it was; the archive, which was not, has what was issued since."""
    lost = numbered()
    await lost.an_invoice("LOST")
    service.archive.kept |= lost.archive.kept
    job = await service.an_invoice("EON1")
    order = await service.order(job, "EON1")
    assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.RECALCULATION, "NOT_CONFIGURED")
    assert "the archive holds RE-2026-0001 already" in order.message
    assert (order.retryable, service.payments.captured, await numbers(service)) == (True, [], [])


async def test_an_order_with_a_number_drawn_before_gets_a_local_one_and_the_draw_stays_explained() -> None:
    service = FakeService()
    await service.a_job("EON1")

    async def dies_with_its_number(moment: Moment) -> None:
        if moment == Moment("journal", "issue", after=False):
            raise Killed

    assert await died(service, dies_with_its_number)
    use(service, PATTERN)
    await service.work()
    assert await numbers(service) == ["RE-2026-0001"]
    assert [draw.number for draw in service.journal.draws.values()] == ["INV1"]


async def test_a_commit_whose_answer_was_lost_has_issued_one_document(service: FakeService) -> None:
    job = await service.a_job("EON1")
    (order,) = await service.jobs.due(service.clock(), each=1, busy=())

    async def loses(moment: Moment) -> None:
        if moment == Moment("journal", "issue", after=True):
            raise StoreUnavailable("the connection was lost while committing")

    with pytest.raises(StoreUnavailable):
        await watched(service, loses).run(order)
    await service.work()
    assert await numbers(service) == ["RE-2026-0001"]
    assert (await service.order(job, "EON1")).state is OrderState.SUCCESS


async def test_whenever_the_process_dies_no_number_is_lost_and_none_comes_twice() -> None:
    moment = 0
    while True:
        service = numbered()
        await service.a_job("EON1", "EON2")
        dies = At(moment, _die)
        was_killed = await died(service, dies)
        await service.work_to_the_end()
        assert await numbers(service) == ["RE-2026-0001", "RE-2026-0002"], dies.passed[-1]
        assert (await service.invoicing.verify_series(ACME, "")).ok
        if not was_killed:
            return
        moment += 1


async def _die(moment: Moment) -> None:
    raise Killed(str(moment))


async def died(service: FakeService, passing: Passing) -> bool:
    """Whether the process died while it worked on the orders that are due."""
    try:
        for order in await service.jobs.due(service.clock(), each=10, busy=()):
            await watched(service, passing).run(order)
    except Killed:
        return True
    return False

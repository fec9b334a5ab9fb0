"""An invoice is taken back once, and its money given back once, whatever dies, gets lost or comes late on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.document import DocumentFilter
from domain.errors import InDoubt, InvoicingError, StoreUnavailable, Unavailable
from domain.job import JobOrder, JobRequest, JobType, OrderState, Step
from domain.numbering import DrawOutcome
from domain.order import OrderId
from fakes.moments import At, Killed, Moment, watched
from fakes.orders import a_payment, an_order
from fakes.service import ACME, FakeService

EON1 = OrderId("EON1")
GIFT = a_payment("GIFT", authorized=Decimal("10.00"))
CARD = a_payment("CARD", authorized=Decimal("50.00"))


async def a_correction() -> tuple[FakeService, JobOrder]:
    """An order that was paid by a gift card and a credit card, and the correction that is to give both back."""
    service = FakeService()
    service.add(an_order("EON1", payments=(GIFT, CARD)))
    await a_job(service)
    return service, await service.correct(refund=True)


async def a_job(service: FakeService) -> None:
    """The order, invoiced."""
    request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("EON1",), request_id="", dry_run=False)
    await service.invoicing.create_job(request)
    await service.work_to_the_end()


async def require_done_once(service: FakeService, correction: JobOrder) -> None:
    """One credit note, one number or an explained one, each capture given back once, no mark, one mail more."""
    (order,) = await service.jobs.changes(ACME, correction.job_id, after=0, limit=1)
    assert (order.state, order.step, order.reason) == (OrderState.SUCCESS, Step.EMAIL, "")
    returned = [(transaction, str(amount)) for transaction, amount, _ in service.payments.returned]
    assert returned == [("t-GIFT", "10.00"), ("t-CARD", "13.80")]
    note, invoice = await service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=10)
    assert (note.number, note.cancels, invoice.cancelled_by) == (order.number, "INV1", note.number)
    assert note.is_intact(service.archive.kept[ACME, note.number])
    shown = service.orders.kept[EON1]
    assert shown.credit_note is not None
    assert (shown.mark, shown.credit_note.number) == (None, note.number)
    assert [payment.refunded for payment in service.orders.kept[EON1].payments] == [Decimal("10.00"), Decimal("13.80")]
    assert len(set(service.mailer.ids)) == 2
    assert not service.defects
    await require_explained_numbers(service)


async def require_explained_numbers(service: FakeService) -> None:
    """Every number is in the journal, or may be what an unanswered draw burnt; and nothing was changed."""
    draws = service.journal.draws.values()
    silent = set(service.sequences.drawn) - {draw.number for draw in draws}
    assert len(silent) <= len([draw for draw in draws if draw.outcome in {None, DrawOutcome.POSSIBLY_BURNT}])
    proof = await service.invoicing.verify_series(ACME, "")
    assert (proof.ok, proof.issued) == (True, 2)


async def moments() -> list[Moment]:
    """Every moment of a correction that meets no trouble."""
    service, correction = await a_correction()
    at = At(-1, _nothing)
    await watched(service, at).run(correction)
    await require_done_once(service, correction)
    return at.passed


async def _nothing(moment: Moment) -> None: ...


MOMENTS = asyncio.run(moments())


def at_moments(numbers: Iterable[int]) -> pytest.MarkDecorator:
    """Runs the test at each of these moments."""
    named = [pytest.param(number, id=str(MOMENTS[number]).replace(" ", "-")) for number in numbers]
    return pytest.mark.parametrize("number", named)


every_moment = at_moments(range(len(MOMENTS)))


def loss_of(moment: Moment) -> InvoicingError:
    """What an adapter makes of a call that is not answered."""
    if moment.port in {"jobs", "journal"}:
        return StoreUnavailable("the disk is full")
    if moment.after and moment.call == "refund":
        return InDoubt("no answer")
    if moment.after and moment.call == "draw":
        return InDoubt("no answer", reason="PLATFORM_UNAVAILABLE")
    return Unavailable("away")


@every_moment
async def test_whenever_the_process_dies_everything_is_done_once(number: int) -> None:
    async def dies(moment: Moment) -> None:
        raise Killed

    service, correction = await a_correction()
    with pytest.raises(Killed):
        await watched(service, At(number, dies)).run(correction)
    await service.work_to_the_end()
    await require_done_once(service, correction)


@every_moment
async def test_whichever_answer_is_lost_everything_is_done_once(number: int) -> None:
    async def fails(moment: Moment) -> None:
        raise loss_of(moment)

    service, correction = await a_correction()
    with suppress(StoreUnavailable):
        await watched(service, At(number, fails)).run(correction)
    await service.work_to_the_end()
    await require_done_once(service, correction)


# All but one: a worker frozen between its last look at the clock and the wire could be stopped by the gateway only.
@at_moments(number for number, moment in enumerate(MOMENTS) if str(moment) != "before payments.refund")
async def test_a_worker_that_comes_an_hour_late_does_no_harm(number: int) -> None:
    service, correction = await a_correction()
    late, opened = await held(service, correction, number)
    service.clock.advance(timedelta(hours=1))
    await service.work_to_the_end()
    opened.set()
    await late
    await service.work_to_the_end()
    await require_done_once(service, correction)


@at_moments(number for number, moment in enumerate(MOMENTS) if moment.call in {"cancel_mark", "mark_refunds"})
async def test_a_worker_that_comes_after_the_order_was_invoiced_again_leaves_it_alone(number: int) -> None:
    service, correction = await a_correction()
    late, opened = await held(service, correction, number)
    await service.work_to_the_end()
    await a_job(service)
    before = service.orders.kept[EON1]
    opened.set()
    await late
    assert before.mark is not None
    assert service.orders.kept[EON1] == before


async def held(service: FakeService, correction: JobOrder, number: int) -> tuple[asyncio.Task[JobOrder], asyncio.Event]:
    """A worker that has come as far as this moment, and what lets it go on."""
    reached, opened = asyncio.Event(), asyncio.Event()

    async def waits(moment: Moment) -> None:
        reached.set()
        await opened.wait()

    task = asyncio.create_task(watched(service, At(number, waits)).run(correction))
    await reached.wait()
    return task, opened


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_worker_of_the_invoice_that_comes_late_does_not_mark_it_again(when: str) -> None:
    service, reached, opened = FakeService(), asyncio.Event(), asyncio.Event()

    async def waits(moment: Moment) -> None:
        if str(moment) == f"{when} orders.mark":
            reached.set()
            await opened.wait()

    job = await service.a_job("EON1")
    late = asyncio.create_task(watched(service, waits).run(await service.order(job, "EON1")))
    await reached.wait()
    await service.work_to_the_end()
    await service.cancelled()
    opened.set()
    await late
    assert service.orders.kept[EON1].mark is None

"""Everything is done once, whatever dies, gets lost or comes late on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.document import DocumentFilter
from domain.errors import (
    InDoubt,
    InvoicingError,
    MailRefused,
    PaymentRefused,
    PlatformDenied,
    StoreUnavailable,
    Unavailable,
)
from domain.job import Job, JobOrder, JobRequest, JobState, JobType, OrderState, Step
from domain.numbering import DrawOutcome
from domain.order import InvoiceMark, OrderId, TransactionId
from fakes.moments import At, Killed, Moment, Passing, watched
from fakes.orders import a_payment, an_order
from fakes.service import ACME, FakeService

EON1 = OrderId("EON1")
GIFT = a_payment("GIFT", authorized=Decimal("10.00"))
CARD = a_payment("CARD", authorized=Decimal("50.00"))
LOST_DRAW = InDoubt("no answer", reason="PLATFORM_UNAVAILABLE")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


async def a_paid_twice_job(service: FakeService) -> Job:
    """A job of an order that is paid by a gift card, as far as it goes, and a credit card."""
    service.add(an_order("EON1", payments=(GIFT, CARD)))
    return await a_job(service)


async def a_job(service: FakeService) -> Job:
    """A job of the order as the platform has it."""
    request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("EON1",), request_id="", dry_run=False)
    return await service.invoicing.create_job(request)


def captures(service: FakeService) -> list[tuple[str, str]]:
    return [(transaction, str(amount)) for transaction, amount, _ in service.payments.captured]


async def require_done_once(service: FakeService, job: Job) -> None:
    """One charge of the whole, one document, one number or an explained one, one mark, one mail."""
    order = await service.order(job, "EON1")
    assert (order.state, order.step, order.reason) == (OrderState.SUCCESS, Step.EMAIL, "")
    assert captures(service) == [("t-GIFT", "10.00"), ("t-CARD", "13.80")]
    assert order.captured == Decimal("23.80")
    (document,) = await service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=10)
    assert (document.number, document.prepaid, document.due) == (order.number, Decimal("23.80"), Decimal("0.00"))
    assert document.is_intact(service.archive.kept[ACME, document.number])
    assert len(service.archive.kept) == 1
    mark = service.orders.kept[EON1].mark
    assert mark == InvoiceMark(document.number, service.links.permanent(ACME, document.number))
    assert len(service.orders.marks) == 1
    assert len(set(service.mailer.ids)) == 1
    assert not service.defects
    require_explained_numbers(service)


def require_explained_numbers(service: FakeService) -> None:
    """Every number is in the journal, or may be what an unanswered draw burnt."""
    draws = service.journal.draws.values()
    silent = set(service.sequences.drawn) - {draw.number for draw in draws}
    lost = [draw for draw in draws if draw.outcome in (None, DrawOutcome.POSSIBLY_BURNT)]
    assert len(silent) <= len(lost)


async def moments() -> list[Moment]:
    """Every moment of an order that meets no trouble."""
    service, at = FakeService(), At(-1, _nothing)
    job = await a_paid_twice_job(service)
    await watched(service, at).run(await service.order(job, "EON1"))
    await require_done_once(service, job)
    return at.passed


async def _nothing(moment: Moment) -> None: ...


MOMENTS = asyncio.run(moments())


def at_moments(numbers: Iterable[int]) -> pytest.MarkDecorator:
    """Runs the test at each of these moments."""
    named = [pytest.param(number, id=str(MOMENTS[number]).replace(" ", "-")) for number in numbers]
    return pytest.mark.parametrize("number", named)


every_moment = at_moments(range(len(MOMENTS)))


class TestCrashes:
    @every_moment
    async def test_whenever_the_process_dies_everything_is_done_once(self, service: FakeService, number: int) -> None:
        async def dies(moment: Moment) -> None:
            raise Killed

        job = await a_paid_twice_job(service)
        with pytest.raises(Killed):
            await watched(service, At(number, dies)).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        await require_done_once(service, job)

    @every_moment
    async def test_dying_twice_at_the_same_moment_does_no_harm_either(self, service: FakeService, number: int) -> None:
        async def dies(moment: Moment) -> None:
            if moment == MOMENTS[number]:
                raise Killed

        job = await a_paid_twice_job(service)
        for _ in range(2):
            with suppress(Killed):
                await watched(service, dies).run(await service.order(job, "EON1"))
            service.clock.advance(timedelta(minutes=2))
        await service.work_to_the_end()
        await require_done_once(service, job)

    @every_moment
    async def test_whichever_answer_is_lost_everything_is_done_once(self, service: FakeService, number: int) -> None:
        async def fails(moment: Moment) -> None:
            raise loss_of(moment)

        job = await a_paid_twice_job(service)
        with suppress(StoreUnavailable):
            await watched(service, At(number, fails)).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        await require_done_once(service, job)


def loss_of(moment: Moment) -> InvoicingError:
    """What an adapter makes of a call that is not answered."""
    if moment.port in {"jobs", "journal"}:
        return StoreUnavailable("the disk is full")
    if moment.after and moment.call == "capture":
        return InDoubt("no answer")
    if moment.after and moment.call == "draw":
        return LOST_DRAW
    return Unavailable("away")


class Gate:
    """Holds a worker up until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, moment: Moment) -> None:
        self.reached.set()
        await self.opened.wait()


class TestTwoWorkers:
    async def held(self, service: FakeService, job: Job, passing: Passing, gate: Gate) -> asyncio.Task[JobOrder]:
        """A worker that has come as far as the gate."""
        order = await service.order(job, "EON1")
        task = asyncio.create_task(watched(service, passing).run(order))
        await gate.reached.wait()
        return task

    @every_moment
    async def test_of_two_workers_one_does_everything(self, service: FakeService, number: int) -> None:
        job, gate = await a_paid_twice_job(service), Gate()
        late = await self.held(service, job, At(number, gate), gate)
        await service.work()
        gate.opened.set()
        await late
        await service.work_to_the_end()
        await require_done_once(service, job)

    # All but one: a worker frozen between its last look at the clock and the wire could be stopped by the gateway only.
    @at_moments(number for number, moment in enumerate(MOMENTS) if str(moment) != "before payments.capture")
    async def test_a_worker_that_comes_an_hour_late_does_no_harm(self, service: FakeService, number: int) -> None:
        job, gate = await a_paid_twice_job(service), Gate()
        late = await self.held(service, job, At(number, gate), gate)
        service.clock.advance(timedelta(hours=1))
        await service.work_to_the_end()
        gate.opened.set()
        await late
        await service.work_to_the_end()
        await require_done_once(service, job)

    async def test_what_the_gateway_knew_before_the_deadline_proves_nothing_after_it(
        self, service: FakeService
    ) -> None:
        job, sending, reading = await a_paid_twice_job(service), Gate(), Gate()

        async def sends_and_dies(moment: Moment) -> None:
            if str(moment) == "before payments.capture":
                await sending(moment)
            if str(moment) == "after payments.capture":
                raise Killed

        async def reads(moment: Moment) -> None:
            if str(moment) == "after payments.transaction":
                await reading(moment)

        first = await self.held(service, job, sends_and_dies, sending)
        second = await self.held(service, job, reads, reading)
        sending.opened.set()
        with pytest.raises(Killed):
            await first
        service.clock.advance(timedelta(hours=1))
        reading.opened.set()
        await second
        await service.work_to_the_end()
        await require_done_once(service, job)


class TestStopping:
    @every_moment
    async def test_whenever_the_job_is_stopped_an_order_is_untouched_or_done_once(
        self, service: FakeService, number: int
    ) -> None:
        async def stops(moment: Moment) -> None:
            await service.invoicing.cancel_job(ACME, job.id)

        job = await a_paid_twice_job(service)
        await watched(service, At(number, stops)).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        order, ended = await service.order(job, "EON1"), await service.invoicing.job(ACME, job.id)
        if order.state is not OrderState.CANCELLED:
            await require_done_once(service, job)
            return
        assert (ended.state, order.captured, order.number) == (JobState.CANCELLED, None, None)
        assert not any([service.payments.captured, service.orders.marks, service.mailer.sent, service.archive.kept])
        require_explained_numbers(service)
        await self.require_next_job_does_it(service)

    @pytest.mark.parametrize("outcome", [OrderState.CANCELLED, OrderState.SUCCESS])
    async def test_until_the_capture_is_intended_it_can_be_stopped_and_no_longer(
        self, service: FakeService, outcome: OrderState
    ) -> None:
        when = "before" if outcome is OrderState.CANCELLED else "after"

        async def stops(moment: Moment) -> None:
            if str(moment) == f"{when} journal.intend_capture":
                await service.invoicing.cancel_job(ACME, job.id)

        job = await a_paid_twice_job(service)
        await watched(service, stops).run(await service.order(job, "EON1"))
        assert (await service.order(job, "EON1")).state is outcome

    @pytest.mark.parametrize("outcome", [OrderState.CANCELLED, OrderState.SUCCESS])
    async def test_an_order_without_a_card_can_be_stopped_until_its_document_is_issued(
        self, service: FakeService, outcome: OrderState
    ) -> None:
        when = "before" if outcome is OrderState.CANCELLED else "after"

        async def stops(moment: Moment) -> None:
            if str(moment) == f"{when} journal.issue":
                await service.invoicing.cancel_job(ACME, job.id)

        service.add(an_order("EON1", payments=()))
        job = await a_job(service)
        await watched(service, stops).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).state is outcome
        require_explained_numbers(service)
        if outcome is OrderState.CANCELLED:
            later = await a_job(service)
            await service.work_to_the_end()
            assert (await service.order(later, "EON1")).number == "INV1", "the number that was drawn is used"
            assert len(service.sequences.drawn) == 1

    async def require_next_job_does_it(self, service: FakeService) -> None:
        job = await a_job(service)
        await service.work_to_the_end()
        await require_done_once(service, job)


OURS_OR_OPTIONAL = {"jobs", "journal", "customers"}
CALLS = [moment for moment in dict.fromkeys(MOMENTS) if moment.port not in OURS_OR_OPTIONAL and not moment.after]
"""The first moments of every call to the world outside without which there is no invoice."""


class TestTakingUp:
    @pytest.mark.parametrize("struck", CALLS, ids=lambda moment: str(moment).replace(" ", "-"))
    @pytest.mark.parametrize("error", [PlatformDenied("no scope"), PaymentRefused("no")], ids=repr)
    async def test_wherever_an_order_failed_it_goes_on_and_is_done_once(
        self, service: FakeService, struck: Moment, error: InvoicingError
    ) -> None:
        async def fails(moment: Moment) -> None:
            if moment == struck:
                raise error

        whole, job = service.invoicing, await a_paid_twice_job(service)
        service.invoicing = watched(service, fails)
        await service.work_to_the_end()
        failed = await service.order(job, "EON1")
        assert (failed.ended, failed.retryable) == (True, True)
        service.invoicing = whole
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work_to_the_end()
        await require_done_once(service, job)

    async def test_a_retry_of_a_mail_sends_the_mail_and_nothing_else(self, service: FakeService) -> None:
        service.mailer.trouble.strikes_before(MailRefused("the mailbox is full"))
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.reason, service.mailer.sent) == (OrderState.SUCCESS, "EMAIL_FAILED", [])
        going = await service.invoicing.retry_job(ACME, job.id, (EON1,))
        assert going.state is JobState.IN_PROGRESS
        await service.work_to_the_end()
        await require_done_once(service, job)
        assert len(service.mailer.sent) == 1

    async def test_a_customer_who_gives_another_card_is_charged_on_that_one(self, service: FakeService) -> None:
        service.payments.declined |= {TransactionId("t-GIFT"), TransactionId("t-CARD")}
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).reason == "PAYMENT_REFUSED"
        service.add(an_order("EON1", payments=(a_payment("OTHER", authorized=Decimal("23.80")),)))
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.captured) == (OrderState.SUCCESS, Decimal("23.80"))
        assert captures(service) == [("t-OTHER", "23.80")]

    async def test_who_was_charged_in_part_pays_the_rest_and_no_more(self, service: FakeService) -> None:
        service.payments.declined.add(TransactionId("t-CARD"))
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).captured == Decimal("10.00")
        service.payments.declined.clear()
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work_to_the_end()
        await require_done_once(service, job)

    async def test_a_refused_order_that_turns_out_wrong_is_free_for_a_new_job(self, service: FakeService) -> None:
        service.payments.declined.add(TransactionId("t-GIFT"))
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        service.payments.declined.clear()
        service.add(an_order("EON1", currency="EURO"))
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.reason, order.retryable, order.holds_claim) == ("INVOICE_INCOMPLETE", False, False)
        second = await a_paid_twice_job(service)
        await service.work_to_the_end()
        await require_done_once(service, second)

    async def test_while_another_job_has_the_order_a_retry_is_told_which(self, service: FakeService) -> None:
        service.payments.trouble.strikes_before(PlatformDenied("no scope"))
        first = await a_paid_twice_job(service)
        await service.work()
        assert (await service.order(first, "EON1")).step is Step.CAPTURE
        service.orders.trouble.strikes_before(Unavailable("away", retry_after=timedelta(minutes=1)))
        second = await a_job(service)
        await service.work()
        await service.invoicing.retry_job(ACME, first.id, ())
        await service.work()
        order = await service.order(first, "EON1")
        assert (order.reason, order.retryable, second.id in order.message) == ("ORDER_IN_PROGRESS", False, True)
        await service.work_to_the_end()
        await require_done_once(service, second)

    @every_moment
    async def test_a_job_that_is_stopped_while_it_goes_on_again_is_untouched_or_done_once(
        self, service: FakeService, number: int
    ) -> None:
        async def stops(moment: Moment) -> None:
            await service.invoicing.cancel_job(ACME, job.id)

        service.payments.declined.add(TransactionId("t-GIFT"))
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        service.payments.declined.clear()
        await service.invoicing.retry_job(ACME, job.id, ())
        await watched(service, At(number, stops)).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        if (await service.order(job, "EON1")).state is not OrderState.CANCELLED:
            await require_done_once(service, job)
            return
        assert service.payments.captured == []
        second = await a_job(service)
        await service.work_to_the_end()
        await require_done_once(service, second)


class TestCaptures:
    async def test_a_lost_answer_is_waited_for_and_then_asked_for(self, service: FakeService) -> None:
        service.payments.trouble.strikes_after(InDoubt("no answer"))
        job = await a_paid_twice_job(service)
        await service.work()
        order, timing = await service.order(job, "EON1"), service.invoicing.has.timing
        assert (order.state, order.reason) == (OrderState.PENDING, "PAYMENT_OUTCOME_UNKNOWN")
        assert order.due == service.clock() + timing.patience + timing.settle
        await service.work_to_the_end()
        await require_done_once(service, job)

    async def test_a_capture_that_takes_too_long_to_get_on_its_way_is_not_sent(self, service: FakeService) -> None:

        async def slow(moment: Moment) -> None:
            if str(moment) == "after journal.intend_capture":
                service.clock.advance(timedelta(seconds=11))

        job = await a_paid_twice_job(service)
        await watched(service, slow).run(await service.order(job, "EON1"))
        assert captures(service) == []
        await service.work_to_the_end()
        await require_done_once(service, job)

"""Money that was taken twice: it is told at once, and the order gets its document all the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.capture import CaptureOutcome, Overcapture
from domain.errors import InDoubt
from domain.job import Job, JobRequest, JobType, OrderState
from domain.money import Currency
from domain.order import OrderId, TransactionId
from fakes.moments import Killed, Moment, watched
from fakes.orders import a_payment, an_order
from fakes.service import ACME, FakeService

EUR = Currency.of("EUR")
EON1 = OrderId("EON1")
CARD = TransactionId("t-EON1")
OWED, TWICE = Decimal("23.80"), Decimal("47.60")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def a_request(*others: str) -> JobRequest:
    return JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=(EON1, *others), request_id="", dry_run=False)


def told(job: Job) -> Overcapture:
    return Overcapture(ACME, job.id, EON1, CARD, "EUR", planned=OWED, captured=TWICE)


async def require_invoiced_as_paid(service: FakeService, job: Job) -> None:
    """The order has its document, which says that the total was paid, and no more."""
    order = await service.order(job, EON1)
    assert (order.state, order.reason, order.captured) == (OrderState.SUCCESS, "", OWED)
    document = await service.invoicing.invoice_of(ACME, EON1)
    assert (document.prepaid, document.due) == (OWED, Decimal("0.00"))
    assert len(service.mailer.sent) == 1


async def test_who_is_charged_once_alarms_nobody(service: FakeService) -> None:
    job = await service.an_invoice()
    await require_invoiced_as_paid(service, job)
    assert service.alarms == []


async def test_a_process_that_thaws_after_all_waiting_and_charges_again_says_so(service: FakeService) -> None:
    reached, thawed = asyncio.Event(), asyncio.Event()

    async def freezes(moment: Moment) -> None:
        if str(moment) == "before payments.capture":
            reached.set()
            await thawed.wait()

    job = await service.a_job(EON1)
    frozen = asyncio.create_task(watched(service, freezes).run(await service.order(job, EON1)))
    await reached.wait()
    service.clock.advance(timedelta(hours=1))
    await service.work_to_the_end()
    assert service.alarms == []
    thawed.set()
    await frozen
    assert service.alarms == [told(job)]
    outcomes = [attempt.outcome for attempt in service.journal.attempts.values()]
    assert outcomes == [CaptureOutcome.CAPTURED] * 2
    await require_invoiced_as_paid(service, job)


async def test_a_gateway_that_captured_twice_and_lost_its_answer_is_found_out(service: FakeService) -> None:
    service.payments.trouble.strikes_after(InDoubt("no answer"))
    job = await service.a_job(EON1)
    await service.work()
    await service.payments.capture(CARD, OWED, EUR)
    await service.work_to_the_end()
    assert service.alarms == [told(job)]
    assert len(service.payments.captured) == 2, "nothing was added to what was taken twice"
    await require_invoiced_as_paid(service, job)


async def test_a_gateway_that_captured_twice_is_found_out_when_it_is_read_again(service: FakeService) -> None:
    async def dies(moment: Moment) -> None:
        if str(moment) == "after journal.end_capture":
            raise Killed

    job = await service.a_job(EON1)
    with pytest.raises(Killed):
        await watched(service, dies).run(await service.order(job, EON1))
    await service.payments.capture(CARD, OWED, EUR)
    await service.work_to_the_end()
    assert service.alarms == [told(job)]
    await require_invoiced_as_paid(service, job)


async def test_what_was_given_back_may_be_taken_again_without_alarm(service: FakeService) -> None:
    async def dies(moment: Moment) -> None:
        if str(moment) == "after journal.end_capture":
            raise Killed

    job = await service.a_job(EON1)
    with pytest.raises(Killed):
        await watched(service, dies).run(await service.order(job, EON1))
    service.payments.refund(CARD, OWED)
    await service.work_to_the_end()
    assert len(service.payments.captured) == 2
    assert service.alarms == []
    await require_invoiced_as_paid(service, job)


class TestOtherIds:
    """A gateway that lists captures under other ids than those it answers: nothing is charged again."""

    async def crashed(self, service: FakeService, job: Job) -> None:
        """The order's worker dies when its capture is known; then the gateway has other names for what it lists."""

        async def dies(moment: Moment) -> None:
            if str(moment) == "after journal.end_capture":
                raise Killed

        with pytest.raises(Killed):
            await watched(service, dies).run(await service.order(job, EON1))
        captured = service.payments.captured
        captured[:] = [(of, amount, f"entry-{n}") for n, (of, amount, _) in enumerate(captured)]

    async def test_an_order_is_done_by_the_journals_word(self, service: FakeService) -> None:
        job = await service.a_job(EON1)
        await self.crashed(service, job)
        await service.work_to_the_end()
        assert len(service.payments.captured) == 1
        assert service.alarms == []
        await require_invoiced_as_paid(service, job)

    async def test_orders_that_share_a_transaction_are_in_doubt(self, service: FakeService) -> None:
        share = a_payment("MASTER", authorized=Decimal("50.00"))
        service.add(*(an_order(each, order_type="SUB_ORDER", payments=(share,)) for each in (EON1, "EON2")))
        job = await service.invoicing.create_job(a_request("EON2"))
        await self.crashed(service, job)
        await service.work_to_the_end()
        ends = [(await service.order(job, each)).reason for each in (EON1, "EON2")]
        assert ends == ["", "PAYMENT_OUTCOME_UNKNOWN"]
        assert len(service.payments.captured) == 1


class TestAuthorizations:
    """What the gateway authorised counts, whatever the order says of it."""

    async def test_more_than_the_gateway_authorised_is_not_asked_for(self, service: FakeService) -> None:
        job = await service.a_job(EON1)
        service.payments.authorize(CARD, "23.79")
        await service.work_to_the_end()
        order = await service.order(job, EON1)
        assert (order.state, order.reason) == (OrderState.FAILURE, "AMOUNT_EXCEEDS_AUTHORIZATION")
        assert (order.touched, order.holds_claim, service.journal.attempts) == (False, False, {})

    async def test_of_two_payments_none_is_captured_when_one_cannot_be(self, service: FakeService) -> None:
        gift, card = a_payment("GIFT", authorized=Decimal("10.00")), a_payment("CARD", authorized=Decimal("50.00"))
        service.add(an_order(EON1, payments=(gift, card)))
        service.payments.authorize("t-CARD", "1.00")
        job = await service.invoicing.create_job(a_request())
        await service.work_to_the_end()
        assert (await service.order(job, EON1)).reason == "AMOUNT_EXCEEDS_AUTHORIZATION"
        assert service.payments.captured == []

    async def test_of_a_shared_authorisation_the_last_gets_no_more_than_is_left(self, service: FakeService) -> None:
        share = a_payment("MASTER", authorized=Decimal("30.00"))
        service.add(*(an_order(each, order_type="SUB_ORDER", payments=(share,)) for each in (EON1, "EON2")))
        job = await service.invoicing.create_job(a_request("EON2"))
        await service.work_to_the_end()
        ends = [(await service.order(job, each)).reason for each in (EON1, "EON2")]
        assert sorted(ends) == ["", "AMOUNT_EXCEEDS_AUTHORIZATION"]
        assert len(service.payments.captured) == 1

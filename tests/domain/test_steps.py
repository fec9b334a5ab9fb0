"""What each of the five steps does, and how it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.capture import CaptureOutcome
from domain.errors import InDoubt, PlatformDenied, StoreUnavailable, Unavailable
from domain.invoice import InvoiceNumber
from domain.job import Job, JobRequest, JobType, OrderState, Step
from domain.money import Currency
from domain.numbering import DrawOutcome
from domain.order import InvoiceMark, OrderId, PaymentStatus, TransactionId
from fakes.documents import FakeXmlInvoices
from fakes.moments import Killed, Moment, watched
from fakes.orders import a_line, a_payment, an_order
from fakes.platform import FakeConfigurations, FakeSites
from fakes.service import ACME, FakeService

EUR = Currency.of("EUR")
EON1 = OrderId("EON1")
GIFT = a_payment("GIFT", authorized=Decimal("10.00"))
CARD = a_payment("CARD", authorized=Decimal("50.00"))
LOST_DRAW = InDoubt("no answer", reason="PLATFORM_UNAVAILABLE")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


async def a_job(service: FakeService, *order_ids: str, dry_run: bool = False) -> Job:
    """A job of orders that the platform has."""
    request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=order_ids, request_id="", dry_run=dry_run)
    return await service.invoicing.create_job(request)


async def a_paid_twice_job(service: FakeService) -> Job:
    """A job of an order that is paid by a gift card, as far as it goes, and a credit card."""
    service.add(an_order("EON1", payments=(GIFT, CARD)))
    return await a_job(service, "EON1")


def captures(service: FakeService) -> list[tuple[str, str]]:
    return [(transaction, str(amount)) for transaction, amount, _ in service.payments.captured]


class TestValidation:
    async def test_an_order_that_does_not_exist_fails_and_no_other_does(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        job = await a_job(service, "NOBODY", "EON1")
        await service.work()
        missing, other = await service.order(job, "NOBODY"), await service.order(job, "EON1")
        assert (missing.state, missing.reason, missing.retryable) == (OrderState.FAILURE, "ORDER_NOT_FOUND", False)
        assert other.state is OrderState.SUCCESS

    async def test_an_order_is_invoiced_once_and_a_second_job_is_told_the_number(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        second = await service.an_invoice("EON1")
        order = await service.order(second, "EON1")
        assert (order.reason, order.number, order.has_document) == ("ALREADY_INVOICED", "INV1", True)
        assert len(service.payments.captured) == len(service.sequences.drawn) == len(service.mailer.sent) == 1

    async def test_an_invoice_of_another_hand_is_told_with_where_it_lies(self, service: FakeService) -> None:
        service.add(an_order("EON1", mark=InvoiceMark("F9", "https://example.com/F9")))
        job = await a_job(service, "EON1")
        await service.work()
        order = await service.order(job, "EON1")
        assert (order.reason, order.number, order.link) == ("ALREADY_INVOICED", "F9", "https://example.com/F9")
        assert not order.has_document

    async def test_an_order_in_the_hands_of_another_job_is_left_alone(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        first = await a_job(service, "EON1")
        service.orders.trouble.strikes_before(Unavailable("away"))
        await service.work()
        second = await a_job(service, "EON1")
        await service.work()
        order = await service.order(second, "EON1")
        assert (order.reason, first.id in order.message, "wait" in order.message) == ("ORDER_IN_PROGRESS", True, True)

    async def test_an_order_that_failed_before_money_moved_is_free_for_the_next_job(self, service: FakeService) -> None:
        service.add(an_order("EON1", currency="EURO"))
        await a_job(service, "EON1")
        await service.work()
        service.add(an_order("EON1"))
        second = await a_job(service, "EON1")
        await service.work()
        assert (await service.order(second, "EON1")).state is OrderState.SUCCESS


class TestDryRuns:
    async def test_it_says_what_an_order_comes_to_and_changes_nothing(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        job = await a_job(service, "EON1", dry_run=True)
        await service.work()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.number) == (OrderState.SUCCESS, Step.RECALCULATION, None)
        assert order.amounts is not None
        assert order.amounts.gross == Decimal("23.80")
        effects = [service.payments.captured, service.sequences.drawn, service.orders.marks, service.mailer.sent]
        assert not any(effects)

    async def test_it_holds_no_order_that_a_real_job_wants(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        await a_job(service, "EON1", dry_run=True)
        service.orders.trouble.strikes_before(Unavailable("away"))
        await service.work()
        job = await a_job(service, "EON1")
        await service.work()
        assert (await service.order(job, "EON1")).state is OrderState.SUCCESS

    async def test_it_finds_what_a_real_job_would(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        service.add(an_order("EON2", payments=(a_payment("EON2", authorized=Decimal(1)),)))
        job = await a_job(service, "EON1", "EON2", dry_run=True)
        await service.work()
        reasons = [(await service.order(job, order_id)).reason for order_id in ("EON1", "EON2")]
        assert reasons == ["ALREADY_INVOICED", "AMOUNT_EXCEEDS_AUTHORIZATION"]

    async def test_it_tells_which_job_has_an_order(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        real = await a_job(service, "EON1")
        service.orders.trouble.strikes_before(Unavailable("away", retry_after=timedelta(minutes=1)))
        await service.work()
        job = await a_job(service, "EON1", dry_run=True)
        await service.work()
        order = await service.order(job, "EON1")
        assert (order.reason, real.id in order.message, order.retryable) == ("ORDER_IN_PROGRESS", True, False)

    async def test_it_keeps_nothing_that_could_be_gone_on_from(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        job = await a_job(service, "EON1", dry_run=True)
        await service.work()
        assert await service.jobs.draft(await service.order(job, "EON1")) is None

    async def test_one_that_failed_can_be_taken_up_and_still_changes_nothing(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        service.orders.trouble.strikes_before(PlatformDenied("no scope"))
        job = await a_job(service, "EON1", dry_run=True)
        await service.work()
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.touched) == (OrderState.SUCCESS, Step.RECALCULATION, False)
        assert not any([service.payments.captured, service.sequences.drawn, service.orders.marks, service.mailer.sent])


class TestCapture:
    async def test_a_card_that_is_declined_fails_the_order_and_draws_no_number(self, service: FakeService) -> None:
        service.payments.declined.add(_card("CARD"))
        job = await a_paid_twice_job(service)
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.CAPTURE, "PAYMENT_REFUSED")
        outcomes = [attempt.outcome for attempt in service.journal.attempts.values()]
        assert outcomes == [CaptureOutcome.CAPTURED, CaptureOutcome.REFUSED]
        assert (order.retryable, order.holds_claim, order.captured) == (True, True, Decimal("10.00"))
        assert service.sequences.drawn == []

    async def test_another_job_is_told_which_job_to_retry(self, service: FakeService) -> None:
        service.payments.declined.add(_card("CARD"))
        first = await a_paid_twice_job(service)
        await service.work_to_the_end()
        second = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(second, "EON1")
        assert (order.reason, first.id in order.message, "retry" in order.message) == ("ORDER_IN_PROGRESS", True, True)

    async def test_money_that_someone_else_took_stops_the_order(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        job = await a_job(service, "EON1")
        await service.payments.capture(_card("EON1"), Decimal("23.80"), EUR)
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.reason, order.retryable) == (OrderState.FAILURE, "PAYMENT_OUTCOME_UNKNOWN", True)
        assert len(service.payments.captured) == 1

    async def test_an_order_paid_elsewhere_asks_the_gateway_nothing(self, service: FakeService) -> None:
        by_invoice = a_payment(status=PaymentStatus.DEFERRED, method="invoice")
        service.orders.add(an_order("EON1", payments=(by_invoice,)))
        service.payments.trouble.strikes_before(PlatformDenied("nobody may ask"))
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.captured) == (OrderState.SUCCESS, None)
        assert (await service.invoicing.invoice_of(ACME, EON1)).due == Decimal("23.80")


class TestSharedTransactions:
    """Two sub-orders of 23.80 each, on one transaction of their master."""

    async def a_split_order(self, service: FakeService) -> Job:
        share = a_payment("MASTER", authorized=Decimal("47.60"))
        service.add(*(an_order(order_id, order_type="SUB_ORDER", payments=(share,)) for order_id in ("EON1", "EON2")))
        return await a_job(service, "EON1", "EON2")

    async def test_each_takes_its_own_share_once(self, service: FakeService) -> None:
        job = await self.a_split_order(service)
        await service.work_to_the_end()
        assert [(await service.order(job, i)).captured for i in ("EON1", "EON2")] == [Decimal("23.80")] * 2
        assert captures(service) == [("t-MASTER", "23.80")] * 2

    async def test_one_waits_while_the_capture_of_the_other_is_in_doubt(self, service: FakeService) -> None:
        service.payments.trouble.strikes_after(InDoubt("no answer"))
        job = await self.a_split_order(service)
        await service.work()
        assert [(await service.order(job, i)).reason for i in ("EON1", "EON2")] == ["PAYMENT_OUTCOME_UNKNOWN"] * 2
        assert len(service.payments.captured) == 1
        await service.work_to_the_end()
        assert captures(service) == [("t-MASTER", "23.80")] * 2
        assert [(await service.order(job, i)).state for i in ("EON1", "EON2")] == [OrderState.SUCCESS] * 2


class TestIssue:
    async def waiting_to_be_paid(self, service: FakeService) -> Job:
        """A job whose order is checked and waits for the gateway."""
        service.add(an_order("EON1"))
        service.payments.trouble.strikes_before(Unavailable("away"))
        job = await a_job(service, "EON1")
        await service.work()
        assert (await service.order(job, "EON1")).step is Step.CAPTURE
        return job

    async def test_a_number_drawn_before_a_crash_is_the_one_that_is_issued(self, service: FakeService) -> None:
        async def dies(moment: Moment) -> None:
            if str(moment) == "before journal.issue":
                raise Killed

        service.add(an_order("EON1"))
        job = await a_job(service, "EON1")
        with pytest.raises(Killed):
            await watched(service, dies).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).number == "INV1"
        assert service.sequences.drawn == ["INV1"]

    async def test_a_number_whose_answer_was_lost_is_listed_as_possibly_burnt(self, service: FakeService) -> None:
        service.sequences.trouble.strikes_after(LOST_DRAW)
        service.add(an_order("EON1"))
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).number == "INV2"
        assert [d.outcome for d in service.journal.draws.values()] == [DrawOutcome.POSSIBLY_BURNT, DrawOutcome.DRAWN]

    async def test_numbers_that_stand_on_other_documents_are_drawn_again_three_times(
        self, service: FakeService
    ) -> None:
        for n in range(3):
            await service.an_invoice(f"OLD{n}")
        service.sequences.drawn.clear()
        job = await service.an_invoice("EON1")
        assert (await service.order(job, "EON1")).number == "INV4"
        taken = [d.number for d in service.journal.draws.values() if d.outcome is DrawOutcome.TAKEN]
        assert taken == ["INV1", "INV2", "INV3"]

    async def test_a_platform_that_hands_out_taken_numbers_for_ever_is_not_configured(
        self, service: FakeService
    ) -> None:
        for n in range(4):
            await service.an_invoice(f"OLD{n}")
        service.sequences.drawn.clear()
        job = await service.an_invoice("EON1")
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.reason) == (OrderState.PENDING, Step.PDF, "NOT_CONFIGURED")
        assert len(service.sequences.drawn) == 4

    async def test_a_series_that_ran_out_is_waited_for_once_money_moved(self, service: FakeService) -> None:
        service.sequences.last = 0
        job = await service.an_invoice("EON1")
        order = await service.order(job, "EON1")
        assert (order.state, order.reason) == (OrderState.PENDING, "SERIES_EXHAUSTED")
        service.sequences.last = 1
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).number == "INV1"

    async def test_a_shop_that_is_gone_by_then_keeps_no_document_from_being_drawn(self, service: FakeService) -> None:
        job = await self.waiting_to_be_paid(service)
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], sites=FakeSites(sites=()))
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).state is OrderState.SUCCESS

    async def test_another_hand_that_was_faster_leaves_ours_its_number_and_mails_nothing(
        self, service: FakeService
    ) -> None:
        job = await self.waiting_to_be_paid(service)
        service.add(an_order("EON1", mark=InvoiceMark("F9", "https://example.com/F9")))
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.PDF, "ALREADY_INVOICED")
        assert (order.number, order.has_document, order.captured) == ("INV1", True, Decimal("23.80"))
        assert service.mailer.sent == []

    async def test_and_the_next_job_is_told_of_ours(self, service: FakeService) -> None:
        job = await self.waiting_to_be_paid(service)
        service.add(an_order("EON1", mark=InvoiceMark("F9", "https://example.com/F9")))
        await service.work_to_the_end()
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.reason, order.number, order.has_document) == ("ALREADY_INVOICED", "INV1", True)

    async def test_a_mark_that_cannot_be_written_is_a_failure_with_a_number(self, service: FakeService) -> None:
        service.orders.others = 10**6
        service.add(an_order("EON1"))
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.PDF, "PLATFORM_UNAVAILABLE")
        assert (order.number, order.retryable, order.holds_claim) == ("INV1", True, True)

    async def test_the_document_carries_the_structured_invoice(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        kept = service.archive.kept[ACME, InvoiceNumber("INV1")]
        (invoice,) = service.renderer.rendered
        assert service.renderer.xml_in(kept) == await FakeXmlInvoices().cii(invoice)

    async def test_bytes_in_the_archive_are_the_document_however_it_is_drawn_now(self, service: FakeService) -> None:
        before = FakeService()
        await before.an_invoice("EON1")
        xml = before.renderer.xml_in(before.archive.kept[ACME, InvoiceNumber("INV1")]) or b""
        service.add(an_order("EON1"))
        service.archive.kept[ACME, InvoiceNumber("INV1")] = earlier = b"%PDF-fake of another version\n" + xml
        await a_job(service, "EON1")
        await service.work_to_the_end()
        document, content = await service.invoicing.download(ACME, InvoiceNumber("INV1"))
        assert content == earlier == service.mailer.sent[0].attachment
        assert document.size == len(content)

    @pytest.mark.parametrize("holds", ["another invoice", "no invoice"])
    async def test_what_another_customer_got_under_the_number_is_sent_to_nobody(
        self, service: FakeService, holds: str
    ) -> None:
        """A database that was restored gives a number again; the archive was not, and has what it was given to."""
        lost = FakeService()
        await lost.an_invoice("LOST")
        known = lost.archive.kept[ACME, InvoiceNumber("INV1")]
        service.add(an_order("EON1"))
        service.archive.kept[ACME, InvoiceNumber("INV1")] = (
            known if holds == "another invoice" else b"%PDF of a stranger"
        )
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.PDF, "NOT_CONFIGURED")
        assert "the archive holds another document under INV1" in order.message
        assert (service.mailer.sent, order.retryable, order.holds_claim) == ([], True, True)

    async def test_the_ledger_chains_one_document_behind_the_other(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        await service.an_invoice("EON2")
        ((first, second),) = service.journal.chains.values()
        assert (first.position, second.position, second.previous) == (1, 2, first.hash)


class TestMail:
    async def test_it_brings_the_archived_document_to_the_customer(self, service: FakeService) -> None:
        await service.an_invoice("EON1")
        (mail,) = service.mailer.sent
        assert (mail.recipient, mail.sender) == ("zaneta@example.com", "shop@example.com")
        assert mail.attachment == service.archive.kept[ACME, InvoiceNumber("INV1")]

    async def test_a_lost_answer_sends_the_same_mail_again(self, service: FakeService) -> None:
        service.mailer.trouble.strikes_after(Unavailable("no answer"))
        await service.an_invoice("EON1")
        await service.work_to_the_end()
        first, second = service.mailer.sent
        assert first == second

    async def test_a_mail_known_to_be_taken_is_not_sent_again(self, service: FakeService) -> None:
        async def fails(moment: Moment) -> None:
            if str(moment) == "after journal.mailed":
                raise StoreUnavailable("the disk is full")

        service.add(an_order("EON1"))
        job = await a_job(service, "EON1")
        with pytest.raises(StoreUnavailable):
            await watched(service, fails).run(await service.order(job, "EON1"))
        await service.work_to_the_end()
        assert len(service.mailer.sent) == 1

    async def test_a_mailbox_that_is_none_leaves_the_invoice_a_success(self, service: FakeService) -> None:
        service.mailer.refused.add("zaneta@example.com")
        job = await service.an_invoice("EON1")
        order = await service.order(job, "EON1")
        assert (order.state, order.reason, order.retryable) == (OrderState.SUCCESS, "EMAIL_FAILED", True)
        assert order.has_document

    async def test_what_no_font_has_is_the_last_word_on_an_order_that_succeeded(self, service: FakeService) -> None:
        service.add(an_order("EON1", lines=(a_line(name={"": "Mug \U0001f600"}),)))
        service.mailer.trouble.strikes_before(Unavailable("away"))
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.reason, order.retryable) == (OrderState.SUCCESS, "", False)
        assert "1 character that no font has: U+1F600; add a font" in order.message

    async def test_an_order_that_succeeded_after_trouble_says_nothing_of_it(self, service: FakeService) -> None:
        service.add(an_order("EON1"))
        service.mailer.trouble.strikes_before(Unavailable("away"))
        job = await a_job(service, "EON1")
        await service.work_to_the_end()
        assert (await service.order(job, "EON1")).message == ""

    async def test_without_a_sender_it_says_where_to_set_one(self, service: FakeService) -> None:
        acme = service.tenants.kept[ACME]
        service.tenants.kept[ACME] = replace(acme, configurations=FakeConfigurations(sender=""))
        job = await service.an_invoice("EON1")
        order = await service.order(job, "EON1")
        assert order.reason == "EMAIL_FAILED"
        assert [where for where in ("cust.notification.email.from", "mail_sender") if where not in order.message] == []

    async def test_the_tenants_own_sender_comes_first(self, service: FakeService) -> None:
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], mail_sender="billing@example.com")
        await service.an_invoice("EON1")
        assert service.mailer.sent[0].sender == "billing@example.com"

    async def test_bytes_that_are_not_those_that_were_issued_are_sent_to_nobody(self, service: FakeService) -> None:
        service.mailer.trouble.strikes_before(Unavailable("away"))
        job = await service.an_invoice("EON1")
        service.archive.kept[ACME, InvoiceNumber("INV1")] = b"%PDF something else"
        await service.work_to_the_end()
        order = await service.order(job, "EON1")
        assert (order.state, order.reason) == (OrderState.SUCCESS, "EMAIL_FAILED")
        assert service.mailer.sent == []


def _card(order_id: str) -> TransactionId:
    return TransactionId(f"t-{order_id}")

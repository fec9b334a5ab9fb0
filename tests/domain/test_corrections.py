"""An invoice is taken back by a credit note, once; its order may then be invoiced again, and is charged rightly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.correction import CorrectionRequest, credit_note_of
from domain.document import Document, DocumentFilter
from domain.errors import (
    AlreadyInvoiced,
    CorrectionFailed,
    InDoubt,
    InvalidArgument,
    MailRefused,
    NotCancellable,
    OrderInProgress,
    PaymentRefused,
    PlatformDenied,
    RequestIdReused,
    SeriesExhausted,
    Unavailable,
    UnknownInvoice,
    UnknownJob,
)
from domain.invoice import Cancelled, DocumentType, InvoiceNumber
from domain.job import Job, JobOrder, JobRequest, JobState, JobType, OrderState, Step
from domain.numbering import INVOICE_SERIES, LocalNumbers, NumberPattern, SeriesName
from domain.order import Fee, InvoiceMark, OrderId, PaymentStatus, TransactionId
from domain.refund import RefundOutcome
from fakes.invoices import an_invoice
from fakes.moments import Killed, Moment, watched
from fakes.orders import BY_INVOICE, a_line_of, a_payment, a_price, an_order, an_order_of, summed
from fakes.service import ACME, GLOBEX, FakeService, a_correction

EON1 = OrderId("EON1")
T1 = TransactionId("t-EON1")
INV1, INV2, INV3 = (InvoiceNumber(f"INV{n}") for n in (1, 2, 3))
TOTAL = Decimal("23.80")
MOMENT = timedelta(milliseconds=20)


@pytest.fixture
async def service() -> FakeService:
    """With INV1 of EON1, which was charged."""
    service = FakeService()
    await service.an_invoice("EON1")
    return service


async def invoiced_again(service: FakeService) -> JobOrder:
    """The order in a new job, as far as it goes."""
    request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("EON1",), request_id="", dry_run=False)
    job: Job = await service.invoicing.create_job(request)
    await service.work_to_the_end()
    return await service.order(job, "EON1")


async def latest(service: FakeService, order: JobOrder) -> JobOrder:
    """The correction as it stands."""
    return (await service.jobs.changes(ACME, order.job_id, after=0, limit=1))[0]


async def struck(service: FakeService, order: JobOrder, when: str, error: BaseException) -> None:
    """A worker takes the order as far as it goes; at this moment something happens."""

    async def strikes(moment: Moment) -> None:
        if str(moment) == when:
            raise error

    with suppress(Killed):
        await watched(service, strikes).run(order)


async def announcing(service: FakeService) -> tuple[Document, Cancelled]:
    """INV2, the credit note, and what it says of the invoice and the money."""
    note = await service.invoicing.invoice(ACME, INV2)
    content = await service.journal.content(note)
    assert content.cancels is not None
    return note, content.cancels


def returned(service: FakeService) -> list[tuple[str, Decimal]]:
    return [(transaction, amount) for transaction, amount, _ in service.payments.returned]


class TestCreditNote:
    async def test_it_has_its_own_number_and_says_what_it_cancels(self, service: FakeService) -> None:
        note = await service.cancelled()
        content = await service.journal.content(note)
        assert (note.number, note.type, note.cancels) == (INV2, DocumentType.CREDIT_NOTE, INV1)
        assert content.cancels == Cancelled(
            INV1, (await service.invoicing.invoice(ACME, INV1)).issue_date, "wrong address"
        )
        assert note.is_intact(service.archive.kept[ACME, INV2])

    async def test_it_takes_back_line_by_line_and_group_by_group_what_the_invoice_asked_for(self) -> None:
        service = FakeService()
        goods, wrapping = a_price("20.00", "3.80"), Fee({}, a_price("1.40", "0.10", 7), a_price("2.80", "0.20", 7))
        line = a_line_of(goods, fees=(wrapping,), total_fee=wrapping.final, final=summed(goods, wrapping.final))
        service.add(an_order_of(line, shipping=Fee({}, a_price("2.45", "0.47"), a_price("4.90", "0.93"))))
        await invoiced_again(service)
        note = await service.cancelled()
        invoice = await service.journal.content(await service.invoicing.invoice(ACME, INV1))
        taken_back = await service.journal.content(note)
        for one, other in (
            (invoice.draft.lines, taken_back.draft.lines),
            (invoice.draft.charges, taken_back.draft.charges),
            (invoice.draft.allowances, taken_back.draft.allowances),
            (invoice.draft.vat_groups, taken_back.draft.vat_groups),
            (invoice.draft.totals, taken_back.draft.totals),
        ):
            assert one
            assert one == other
        assert (taken_back.prepaid, taken_back.draft.captures, taken_back.draft.paid_before) == (0, (), 0)

    async def test_it_announces_what_is_given_back_and_states_nothing_of_it_as_done(self, service: FakeService) -> None:
        service.payments.declined.add(T1)
        await service.correct(refund=True)
        await service.work_to_the_end()
        note, content = await announcing(service)
        assert (note.prepaid, note.due, content.refund) == (0, TOTAL, TOTAL)

    async def test_what_is_owed_is_the_sum_of_both_documents(self, service: FakeService) -> None:
        note = await service.cancelled(refund=True)
        invoice = await service.invoicing.invoice(ACME, INV1)
        assert invoice.due - note.due == -invoice.prepaid

    async def test_it_announces_no_money_that_this_service_did_not_take(self) -> None:
        service = FakeService()
        gift = replace(a_payment("GIFT"), status=PaymentStatus.PAID, paid=Decimal("10.00"), transaction_id=None)
        service.add(an_order("EON1", payments=(gift, a_payment("CARD", authorized=Decimal("50.00")))))
        await invoiced_again(service)
        await service.cancelled(refund=True)
        _, content = await announcing(service)
        assert content.refund == Decimal("13.80")
        assert returned(service) == [("t-CARD", Decimal("13.80"))]

    async def test_it_announces_no_money_that_is_back_already(self, service: FakeService) -> None:
        service.payments.refund_by_hand(T1, "3.80")
        await service.cancelled(refund=True)
        _, content = await announcing(service)
        assert content.refund == Decimal("20.00")

    async def test_it_announces_nothing_that_nobody_asked_for(self, service: FakeService) -> None:
        await service.cancelled()
        _, content = await announcing(service)
        assert content.refund == 0

    async def test_it_waits_for_a_gateway_that_cannot_say_what_is_there_to_be_given_back(
        self, service: FakeService
    ) -> None:
        service.payments.trouble.strikes_before(Unavailable("away"))
        correction = await service.correct(refund=True)
        await service.work()
        assert (await latest(service, correction)).reason == "PLATFORM_UNAVAILABLE"
        assert (await service.invoicing.invoice(ACME, INV1)).cancelled_by is None
        await service.work_to_the_end()
        assert (await announcing(service))[1].refund == TOTAL

    async def test_a_transaction_that_the_gateway_does_not_know_stops_it_before_anything_is_issued(
        self, service: FakeService
    ) -> None:
        service.payments.trouble.strikes_before(PaymentRefused("no such transaction"))
        correction = await service.correct(refund=True)
        await service.work_to_the_end()
        assert (await latest(service, correction)).reason == "PAYMENT_REFUSED"
        assert (await service.cancelled()).cancels == INV1

    def test_nothing_of_it_is_to_be_paid_within_days(self) -> None:
        invoice = an_invoice(paid=False, payment_days=14)
        note = credit_note_of(invoice, "", invoice.issue_date, refund=Decimal(0))
        assert invoice.due_date is not None
        assert (note.is_draft, note.due_date, note.due) == (True, None, invoice.draft.totals.gross)

    async def test_the_order_shows_no_invoice_any_more_but_which_one_was_cancelled(self, service: FakeService) -> None:
        note = await service.cancelled()
        assert service.orders.kept[EON1].mark is None
        assert service.orders.cancelled[EON1] == INV1
        assert service.orders.kept[EON1].credit_note == InvoiceMark(INV2, service.links.permanent(ACME, note.number))

    async def test_it_is_mailed_once_and_names_the_invoice(self, service: FakeService) -> None:
        await service.cancelled()
        first, second = service.mailer.sent
        assert first.id != second.id
        assert second.subject == "Credit note INV2 from Example"
        assert "This credit note cancels invoice INV1 of " in second.text
        assert "wrong address" in second.text
        assert second.attachment == service.archive.kept[ACME, INV2]

    async def test_an_order_that_is_gone_is_no_hindrance(self, service: FakeService) -> None:
        del service.orders.kept[EON1]
        await service.cancelled(refund=True)
        assert returned(service) == [("t-EON1", TOTAL)]

    async def test_the_mark_of_an_invoice_that_is_not_ours_stays(self, service: FakeService) -> None:
        theirs = InvoiceMark("THEIRS", "")
        service.orders.kept[EON1] = replace(service.orders.kept[EON1], mark=theirs)
        await service.cancelled()
        assert service.orders.kept[EON1].mark == theirs

    async def test_the_series_is_proven_with_it(self, service: FakeService) -> None:
        await service.cancelled()
        await invoiced_again(service)
        proof = await service.invoicing.verify_series(ACME, "")
        assert (proof.ok, proof.issued, proof.gaps, proof.last) == (True, 3, (), "INV3")

    async def test_a_local_series_numbers_it_in_the_commit_that_issues_it(self) -> None:
        service = FakeService()
        local = LocalNumbers(NumberPattern("RE-", digits=2))
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], local=local)
        await service.an_invoice("EON1")
        assert (await service.cancelled("RE-01")).number == "RE-02"

    async def test_credit_notes_may_have_a_local_series_of_their_own(self) -> None:
        service = FakeService()
        local, own = LocalNumbers(NumberPattern("RE-", digits=2)), LocalNumbers(NumberPattern("GS-", digits=2))
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], local=local, local_credit_notes=own)
        await service.an_invoice("EON1")
        note = await service.cancelled("RE-01")
        assert (note.number, note.series) == ("GS-01", "local:GS-")

    async def test_credit_notes_may_have_a_series_of_the_platforms_of_their_own(self, service: FakeService) -> None:
        own = SeriesName("creditNoteSequence")
        service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], credit_note_series=own)
        note = await service.cancelled()
        assert [series.name for series in service.sequences.asked] == [INVOICE_SERIES, own]
        assert note.series == own


class TestAsking:
    async def test_the_answer_is_the_credit_note_once_it_is_archived(self, service: FakeService) -> None:
        asked = asyncio.create_task(service.invoicing.cancel_invoice(a_correction()))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.work_to_the_end()
        note: Document = await asked
        assert (note.number, note.cancels, note.sha256 is not None) == (INV2, INV1, True)

    async def test_who_asks_again_with_the_same_key_gets_the_same_credit_note(self, service: FakeService) -> None:
        await service.correct(request_id="r1")
        await service.work_to_the_end()
        again = await service.invoicing.cancel_invoice(a_correction(request_id="r1"))
        assert again.number == INV2
        assert len(service.sequences.drawn) == 2

    @pytest.mark.parametrize("changes", [{"reason": "other"}, {"refund": True}])
    async def test_a_key_is_good_for_one_content(self, service: FakeService, changes: dict[str, bool]) -> None:
        await service.correct(request_id="r1")
        with pytest.raises(RequestIdReused):
            await service.correct(request_id="r1", **changes)

    async def test_a_key_of_a_job_is_none_of_a_correction_and_the_other_way_round(self, service: FakeService) -> None:
        request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=("E2",), request_id="job", dry_run=False)
        await service.invoicing.create_job(request)
        with pytest.raises(RequestIdReused):
            await service.correct(request_id="job")
        await service.correct(request_id="r1")
        with pytest.raises(RequestIdReused):
            await service.invoicing.create_job(replace(request, request_id="r1"))

    async def test_who_has_no_patience_is_told_to_ask_again_and_it_is_done_all_the_same(
        self, service: FakeService
    ) -> None:
        wanted = a_correction(request_id="r1")
        with pytest.raises(Unavailable, match="with the same request_id"):
            await service.invoicing.cancel_invoice(wanted, patience=MOMENT)
        await service.work_to_the_end()
        assert (await service.invoicing.cancel_invoice(wanted, patience=MOMENT)).number == INV2

    async def test_two_who_ask_for_the_same_get_one_credit_note(self, service: FakeService) -> None:
        first, second = await service.correct(), await service.correct()
        assert first == second

    async def test_a_cancelled_invoice_is_not_cancelled_again_and_its_credit_note_is_named(
        self, service: FakeService
    ) -> None:
        await service.cancelled()
        with pytest.raises(NotCancellable) as raised:
            await service.invoicing.cancel_invoice(a_correction())
        assert raised.value.credit_note == INV2

    async def test_a_credit_note_is_not_cancelled(self, service: FakeService) -> None:
        await service.cancelled()
        with pytest.raises(NotCancellable, match="is a credit note"):
            await service.invoicing.cancel_invoice(a_correction("INV2"))

    async def test_an_unknown_invoice_is_not_cancelled_nor_another_tenants(self, service: FakeService) -> None:
        for wanted in (a_correction("INV9"), replace(a_correction(), tenant=GLOBEX)):
            with pytest.raises(UnknownInvoice):
                await service.invoicing.cancel_invoice(wanted)

    async def test_an_order_in_another_jobs_hands_is_left_to_it(self) -> None:
        service = FakeService()
        service.mailer.trouble.strikes_before(Unavailable("away"))
        job = await service.an_invoice("EON1")
        with pytest.raises(OrderInProgress) as raised:
            await service.invoicing.cancel_invoice(a_correction())
        assert raised.value.job_id == job.id

    async def test_a_job_finds_the_order_in_the_hands_of_the_correction(self, service: FakeService) -> None:
        await service.correct()
        service.sequences.trouble.strikes_before(Unavailable("away"))
        await service.work()
        again = await service.a_job("EON1")
        await service.work()
        order = await service.order(again, "EON1")
        assert (order.reason, order.message) == (
            "ORDER_IN_PROGRESS",
            "the order's invoice INV1 is being cancelled; wait for that",
        )

    async def test_it_is_no_job_that_callers_know_of(self, service: FakeService) -> None:
        correction = await service.correct()
        jobs = await service.invoicing.list_jobs(ACME, (), before="", limit=10)
        assert [job.type for job in jobs] == [JobType.MANUAL]
        for call in (
            service.invoicing.job(ACME, correction.job_id),
            service.invoicing.cancel_job(ACME, correction.job_id),
            service.invoicing.retry_job(ACME, correction.job_id, ()),
            service.invoicing.list_orders(ACME, correction.job_id, (), after="", limit=1),
        ):
            with pytest.raises(UnknownJob):
                await call

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "x" * 501}, "reason"),
            ({"reason": "two\nlines"}, "reason"),
            ({"request_id": "x" * 129}, "request_id"),
        ],
    )
    def test_a_bad_argument_is_named(self, changes: dict[str, str], field: str) -> None:
        with pytest.raises(InvalidArgument) as raised:
            CorrectionRequest.of(
                **{"tenant": ACME, "number": INV1, "reason": "", "refund": False, "request_id": "", **changes}
            )
        assert raised.value.field == field


class TestFailing:
    async def test_who_is_told_why_it_failed_asks_again_once_that_is_mended(self, service: FakeService) -> None:
        service.sequences.last = 1
        correction = await service.correct()
        await service.work_to_the_end()
        failed = await latest(service, correction)
        assert (failed.state, failed.reason, failed.retryable) == (OrderState.FAILURE, "SERIES_EXHAUSTED", True)
        service.sequences.last = 2
        asked = asyncio.create_task(service.invoicing.cancel_invoice(a_correction()))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.work_to_the_end()
        assert (await asked).number == INV2
        assert (await latest(service, correction)).state is OrderState.SUCCESS, "it is the same one, taken up"

    async def test_a_failure_is_told_with_its_reason(self, service: FakeService) -> None:
        service.sequences.active = False
        asked = asyncio.create_task(service.invoicing.cancel_invoice(a_correction()))
        await service.jobs.until(lambda: service.jobs.waiting == 1)
        await service.work_to_the_end()
        with pytest.raises(CorrectionFailed, match="INV1 is not cancelled") as raised:
            await asked
        assert raised.value.reason == "NOT_CONFIGURED"
        assert (await service.invoicing.invoice(ACME, INV1)).cancelled_by is None

    async def test_what_failed_before_anything_was_issued_may_be_asked_for_otherwise(
        self, service: FakeService
    ) -> None:
        service.sequences.trouble.strikes_before(SeriesExhausted("none left"))
        await service.correct(reason="a slip")
        await service.work_to_the_end()
        assert (await service.cancelled(refund=True)).number == INV2

    async def test_one_that_failed_before_another_one_was_done_stays_as_it_ended(self, service: FakeService) -> None:
        service.sequences.trouble.strikes_before(SeriesExhausted("none left"))
        await service.correct(request_id="r1", refund=True)
        await service.work_to_the_end()
        await service.cancelled()
        with pytest.raises(NotCancellable):
            await service.correct(request_id="r1", refund=True)
        assert returned(service) == []

    async def test_trouble_is_outlasted(self, service: FakeService) -> None:
        service.orders.trouble.strikes_before(*[Unavailable("away")] * 20)
        await service.cancelled()
        assert service.orders.kept[EON1].mark is None

    async def test_an_archive_that_is_away_keeps_the_number(self, service: FakeService) -> None:
        service.archive.trouble.strikes_before(Unavailable("away"))
        assert (await service.cancelled()).number == INV2
        assert len(service.sequences.drawn) == 2

    async def test_a_mail_that_nobody_takes_leaves_the_credit_note_valid(self, service: FakeService) -> None:
        service.mailer.trouble.strikes_before(MailRefused("no such mailbox"))
        correction = await service.correct()
        await service.work_to_the_end()
        order = await latest(service, correction)
        assert (order.state, order.reason) == (OrderState.SUCCESS, "EMAIL_FAILED")
        assert (await service.invoicing.invoice(ACME, INV2)).mailed is None


class TestRefund:
    async def test_what_was_captured_is_given_back_once(self, service: FakeService) -> None:
        await service.cancelled(refund=True)
        assert service.payments.returned == [(T1, TOTAL, "capture-1")]
        (refund,) = await service.journal.refunds(ACME, T1)
        assert (refund.amount, refund.before, refund.outcome) == (TOTAL, 0, RefundOutcome.REFUNDED)

    async def test_without_being_asked_for_nothing_is_given_back(self, service: FakeService) -> None:
        await service.cancelled()
        assert returned(service) == []

    async def test_the_order_is_told_of_it(self, service: FakeService) -> None:
        await service.cancelled(refund=True)
        (payment,) = service.orders.kept[EON1].payments
        assert (payment.status, payment.paid, payment.refunded) == (PaymentStatus.PAID, 0, TOTAL)

    async def test_an_order_that_was_never_charged_gets_nothing_back(self) -> None:
        service = FakeService()
        service.add(an_order("EON1", payments=(BY_INVOICE,)))
        await invoiced_again(service)
        correction = await service.correct(refund=True)
        await service.work_to_the_end()
        assert (await latest(service, correction)).state is OrderState.SUCCESS
        assert returned(service) == []

    async def test_what_was_given_back_by_hand_is_not_given_back_again(self, service: FakeService) -> None:
        service.payments.refund_by_hand(T1, "3.80")
        await service.cancelled(refund=True)
        assert returned(service) == [("t-EON1", Decimal("20.00"))]

    @pytest.mark.parametrize("lost_after", [True, False], ids=["made", "not made"])
    async def test_a_lost_answer_is_not_asked_for_again_before_the_gateway_must_know(
        self, service: FakeService, lost_after: bool
    ) -> None:
        when = "after" if lost_after else "before"
        correction = await service.correct(refund=True)
        await struck(service, correction, f"{when} payments.refund", InDoubt("no answer"))
        waiting = await latest(service, correction)
        (refund,) = await service.journal.refunds(ACME, T1)
        assert (waiting.reason, waiting.touched) == ("PAYMENT_OUTCOME_UNKNOWN", True)
        assert waiting.due == refund.deadline + service.invoicing.has.timing.settle
        await service.work_to_the_end()
        assert (await latest(service, correction)).state is OrderState.SUCCESS
        assert returned(service) == [("t-EON1", TOTAL)]

    async def test_a_refusal_leaves_the_credit_note_valid_and_can_be_taken_up(self, service: FakeService) -> None:
        service.payments.declined.add(T1)
        correction = await service.correct(refund=True)
        await service.work_to_the_end()
        refused = await latest(service, correction)
        assert (refused.state, refused.step, refused.reason) == (OrderState.FAILURE, Step.CAPTURE, "PAYMENT_REFUSED")
        assert refused.retryable
        assert (await service.invoicing.invoice(ACME, INV1)).cancelled_by == INV2
        service.payments.declined.clear()
        assert (await service.invoicing.cancel_invoice(a_correction(refund=True))).number == INV2
        await service.work_to_the_end()
        assert (await latest(service, correction)).state is OrderState.SUCCESS
        assert returned(service) == [("t-EON1", TOTAL)]
        assert len(service.mailer.sent) == 2

    async def test_an_order_whose_money_stays_is_free_and_its_next_invoice_paid_by_it(
        self, service: FakeService
    ) -> None:
        service.payments.declined.add(T1)
        wanted = a_correction(refund=True, request_id="r1")
        await service.correct(refund=True, request_id="r1")
        await service.work_to_the_end()
        again = await invoiced_again(service)
        assert (again.state, again.number) == (OrderState.SUCCESS, INV3)
        assert (await service.invoicing.invoice(ACME, INV3)).prepaid == TOTAL
        service.payments.declined.clear()
        assert (await service.invoicing.cancel_invoice(wanted)).number == INV2
        await service.work_to_the_end()
        assert returned(service) == [], "the money pays the new invoice by now"

    async def test_a_refund_in_doubt_keeps_the_order_from_others(self, service: FakeService) -> None:
        correction = await service.correct(refund=True)
        await struck(service, correction, "after orders.cancel_mark", Killed())
        service.payments.trouble.strikes_before(*[Unavailable("away")] * 1000)
        await service.work_to_the_end()
        assert (await latest(service, correction)).reason == "PLATFORM_UNAVAILABLE"
        again = await invoiced_again(service)
        assert again.reason == "ORDER_IN_PROGRESS"
        assert "ask for that again" in again.message

    async def test_a_key_that_may_not_give_back_is_waited_for(self, service: FakeService) -> None:
        correction = await service.correct(refund=True)
        await struck(service, correction, "before payments.refund", PlatformDenied("no scope"))
        assert (await latest(service, correction)).reason == "PLATFORM_DENIED"
        await service.work_to_the_end()
        assert returned(service) == [("t-EON1", TOTAL)]

    async def test_of_a_shared_transaction_each_order_gets_back_what_it_paid(self) -> None:
        service, shared = FakeService(), TransactionId("t-SHARED")
        card = a_payment("SHARED", authorized=TOTAL * 2)
        service.add(an_order("LEFT", payments=(card,)), an_order("RIGHT", payments=(card,)))
        for name in ("LEFT", "RIGHT"):
            await service.invoicing.create_job(
                JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=(name,), request_id="", dry_run=False)
            )
            await service.work_to_the_end()
        await service.cancelled("INV1", refund=True)
        assert service.payments.returned == [(shared, TOTAL, "capture-1")]
        await service.cancelled("INV2", refund=True)
        assert service.payments.returned[1:] == [(shared, TOTAL, "capture-2")]

    async def test_a_refund_of_the_others_part_meanwhile_is_not_taken_for_ones_own(self) -> None:
        """LEFT's worker has read what the gateway gave back when RIGHT's refund is made, and loses its own answer."""
        service, reached, opened = FakeService(), asyncio.Event(), asyncio.Event()
        card = a_payment("SHARED", authorized=TOTAL * 2)
        service.add(an_order("LEFT", payments=(card,)), an_order("RIGHT", payments=(card,)))
        for name in ("LEFT", "RIGHT"):
            await service.invoicing.create_job(
                JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=(name,), request_id="", dry_run=False)
            )
            await service.work_to_the_end()

        async def waits(moment: Moment) -> None:
            if str(moment) == "after payments.transaction" and service.orders.kept[OrderId("LEFT")].credit_note:
                reached.set()
                await opened.wait()
            if str(moment) == "before payments.refund":
                raise InDoubt("no answer")

        left = await service.correct("INV1", refund=True)
        late = asyncio.create_task(watched(service, waits).run(left))
        await reached.wait()
        await service.invoicing.run(await service.correct("INV2", refund=True))
        opened.set()
        await late
        await service.work_to_the_end()
        assert [capture for _, _, capture in service.payments.returned] == ["capture-2", "capture-1"]


class TestInvoicingAgain:
    async def test_without_a_refund_the_new_invoice_is_paid_and_nothing_is_captured_again(
        self, service: FakeService
    ) -> None:
        await service.cancelled()
        again = await invoiced_again(service)
        document = await service.invoicing.invoice(ACME, INV3)
        assert (again.state, again.number) == (OrderState.SUCCESS, INV3)
        assert (document.prepaid, document.due) == (TOTAL, 0)
        assert len(service.payments.captured) == 1

    @pytest.mark.parametrize("written_back", [True, False])
    async def test_after_a_refund_the_new_invoice_is_to_be_paid_and_nothing_is_captured_again(
        self, service: FakeService, written_back: bool
    ) -> None:
        await service.cancelled(refund=True)
        if not written_back:
            service.orders.kept[EON1] = replace(service.orders.kept[EON1], payments=(a_payment(),))
        again = await invoiced_again(service)
        document = await service.invoicing.invoice(ACME, INV3)
        assert (again.state, again.number) == (OrderState.SUCCESS, INV3)
        assert (document.prepaid, document.due) == (0, TOTAL)
        assert len(service.payments.captured) == 1

    async def test_what_was_given_back_by_hand_is_to_be_paid(self, service: FakeService) -> None:
        await service.cancelled()
        service.payments.refund_by_hand(T1, "3.80")
        await invoiced_again(service)
        document = await service.invoicing.invoice(ACME, INV3)
        assert (document.prepaid, document.due) == (Decimal("20.00"), Decimal("3.80"))
        assert len(service.payments.captured) == 1

    async def test_a_new_card_is_charged_after_a_refund(self, service: FakeService) -> None:
        await service.cancelled(refund=True)
        old = service.orders.kept[EON1].payments
        service.add(replace(service.orders.kept[EON1], payments=(*old, a_payment("NEW"))))
        await invoiced_again(service)
        assert (await service.invoicing.invoice(ACME, INV3)).due == 0
        assert [transaction for transaction, _, _ in service.payments.captured] == [T1, "t-NEW"]

    async def test_the_order_shows_its_new_invoice(self, service: FakeService) -> None:
        await service.cancelled()
        await invoiced_again(service)
        mark = service.orders.kept[EON1].mark
        assert mark == InvoiceMark(INV3, service.links.permanent(ACME, INV3))
        assert (await service.invoicing.invoice_of(ACME, EON1)).number == INV3

    async def test_the_new_invoice_can_be_cancelled_and_the_money_given_back_then(self, service: FakeService) -> None:
        await service.cancelled()
        await invoiced_again(service)
        await service.cancelled("INV3", refund=True)
        assert returned(service) == [("t-EON1", TOTAL)]
        documents = await service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=10)
        assert [(d.number, d.cancels, d.cancelled_by) for d in reversed(documents)] == [
            ("INV1", None, "INV2"),
            ("INV2", "INV1", None),
            ("INV3", None, "INV4"),
            ("INV4", "INV3", None),
        ]

    async def test_a_mail_that_is_taken_up_late_brings_the_invoice_it_was_for(self) -> None:
        service = FakeService()
        service.mailer.trouble.strikes_before(MailRefused("the mailbox is full"))
        job = await service.an_invoice("EON1")
        await service.cancelled()
        await service.invoicing.retry_job(ACME, job.id, ())
        await service.work_to_the_end()
        assert [mail.attachment_name for mail in service.mailer.sent] == ["INV2.pdf", "INV1.pdf"]
        assert (await service.jobs.job(ACME, job.id)).state is JobState.DONE


class TestResend:
    async def test_the_same_bytes_go_out_in_a_mail_of_their_own(self, service: FakeService) -> None:
        issued = service.mailer.ids[0]
        sent = await service.invoicing.resend_invoice(ACME, INV1, "")
        assert sent != issued
        assert service.mailer.sent[1].attachment == service.mailer.sent[0].attachment
        assert service.mailer.sent[1].recipient == "zaneta@example.com"

    async def test_each_time_it_is_wanted_it_is_another_mail(self, service: FakeService) -> None:
        sent = {await service.invoicing.resend_invoice(ACME, INV1, "") for _ in range(3)}
        assert len(sent) == 3

    async def test_as_long_as_no_mail_was_taken_it_is_the_same(self, service: FakeService) -> None:
        for _ in range(2):
            service.mailer.trouble.strikes_after(Unavailable("the answer was lost"))
            with pytest.raises(Unavailable):
                await service.invoicing.resend_invoice(ACME, INV1, "")
        await service.invoicing.resend_invoice(ACME, INV1, "")
        assert len(set(service.mailer.ids[1:])) == 1

    async def test_it_goes_to_whom_it_is_wanted_to(self, service: FakeService) -> None:
        one = await service.invoicing.resend_invoice(ACME, INV1, "books@example.com")
        other = await service.invoicing.resend_invoice(ACME, INV1, "")
        assert (service.mailer.sent[1].recipient, one != other) == ("books@example.com", True)

    async def test_a_credit_note_can_be_sent_again_too(self, service: FakeService) -> None:
        await service.cancelled()
        await service.invoicing.resend_invoice(ACME, INV2, "")
        assert service.mailer.sent[-1].attachment == service.archive.kept[ACME, INV2]


class TestPreview:
    async def test_it_is_a_draft_without_a_number_and_changes_nothing(self) -> None:
        service = FakeService()
        service.add(an_order("EON1"))
        before = service.orders.kept[EON1]
        pdf = await service.invoicing.preview(ACME, EON1)
        (drawn,) = service.renderer.rendered
        assert pdf.startswith(b"%PDF")
        assert (drawn.is_draft, drawn.number, drawn.prepaid) == (True, "", TOTAL)
        assert not any([service.sequences.asked, service.payments.captured, service.mailer.sent, service.archive.kept])
        assert (service.orders.kept[EON1], service.journal.draws) == (before, {})

    async def test_an_order_that_is_invoiced_gets_no_other(self, service: FakeService) -> None:
        service.orders.kept[EON1] = replace(service.orders.kept[EON1], mark=None)
        with pytest.raises(AlreadyInvoiced, match="INV1"):
            await service.invoicing.preview(ACME, EON1)

    async def test_an_order_whose_invoice_was_cancelled_gets_one_again(self, service: FakeService) -> None:
        await service.cancelled(refund=True)
        await service.invoicing.preview(ACME, EON1)
        assert service.renderer.rendered[-1].due == TOTAL

    async def test_what_is_wrong_with_the_order_is_told(self) -> None:
        service = FakeService()
        service.add(an_order("EON1", payments=(a_payment(authorized=Decimal(0), status=PaymentStatus.FAILED),)))
        with pytest.raises(PaymentRefused):
            await service.invoicing.preview(ACME, EON1)

"""What RECALCULATION asks of the platform, and what is written back once the money is there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import OrderNotInvoiceable, PlatformDenied, Unavailable
from domain.job import Job, JobOrder, JobRequest, JobType, OrderState, Step
from domain.order import Customer, Order, PaymentStatus, Profile
from domain.wording.languages import words_of
from fakes.orders import a_line, a_payment, an_order
from fakes.platform import SITE, FakeSites
from fakes.service import ACME, FakeService

NO_EMAIL = Customer(id="c-1", name="Żaneta Ó Brien")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


async def done(service: FakeService, order: Order, *, dry_run: bool = False) -> JobOrder:
    """The order as it stands when a job of it is done."""
    service.add(order)
    request = JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=[order.id], request_id="", dry_run=dry_run)
    job: Job = await service.invoicing.create_job(request)
    await service.work_to_the_end()
    return await service.order(job, order.id)


def acme(service: FakeService, **changes: Any) -> None:
    """Sets something of the tenant."""
    service.tenants.kept[ACME] = replace(service.tenants.kept[ACME], **changes)


class TestRecipient:
    async def test_an_order_with_an_address_goes_there(self, service: FakeService) -> None:
        service.customers.profiles["c-1"] = Profile("known@example.com")
        await done(service, an_order())
        assert [mail.recipient for mail in service.mailer.sent] == ["zaneta@example.com"]

    async def test_an_order_without_one_goes_to_the_customer_as_he_is_known(self, service: FakeService) -> None:
        service.customers.profiles["c-1"] = Profile("known@example.com")
        order = await done(service, an_order(customer=NO_EMAIL))
        assert (order.state, service.customers.asked) == (OrderState.SUCCESS, ["c-1"])
        assert [mail.recipient for mail in service.mailer.sent] == ["known@example.com"]

    async def test_a_customer_of_whom_no_address_is_known_is_told_by_field(self, service: FakeService) -> None:
        order = await done(service, an_order(customer=NO_EMAIL))
        assert (order.state, order.step, order.reason) == (OrderState.FAILURE, Step.RECALCULATION, "INVOICE_INCOMPLETE")
        assert "customer.email" in order.message

    @pytest.mark.parametrize("customer_id", ["", "ANONYMOUS"])
    async def test_a_guest_is_not_asked_for(self, service: FakeService, customer_id: str) -> None:
        order = await done(service, an_order(customer=replace(NO_EMAIL, id=customer_id)))
        assert (order.reason, service.customers.asked) == ("INVOICE_INCOMPLETE", [])

    async def test_customers_that_may_not_be_read_are_the_operators_matter(self, service: FakeService) -> None:
        service.customers.trouble.strikes_before(PlatformDenied("it needs the scope customer.customer_read"))
        order = await done(service, an_order(customer=NO_EMAIL))
        assert (order.reason, order.retryable) == ("PLATFORM_DENIED", True)


class TestLanguage:
    """The customer's, then the tenant's or the site's, then English."""

    @staticmethod
    async def spoken(service: FakeService, order: Order | None = None) -> str:
        """The language of the order's document and mail."""
        await done(service, order or an_order())
        (invoice,) = service.renderer.rendered
        (mail,) = service.mailer.sent
        assert f'<html lang="{words_of(invoice.draft.language).language}"' in mail.html
        return invoice.draft.language

    @pytest.mark.parametrize(
        ("customers", "tenants", "sites", "language"),
        [
            ("fr_CH", "de", "it", "fr_CH"),
            ("sv_SE", "de", "it", "de"),
            ("", "de_AT", "it", "de_AT"),
            ("", "", "it", "it"),
            ("sv", "", "cs", "en"),
            ("", "", "", "en"),
            ("../../x", "", "el", "el"),
        ],
    )
    async def test_the_first_one_that_has_words_counts(
        self, service: FakeService, customers: str, tenants: str, sites: str, language: str
    ) -> None:
        service.customers.profiles["c-1"] = Profile(language=customers)
        acme(service, language=tenants, sites=FakeSites((replace(SITE, language=sites),)))
        assert await self.spoken(service) == language

    async def test_a_guest_is_written_to_in_the_shops(self, service: FakeService) -> None:
        acme(service, language="pl")
        customer = replace(an_order().customer, id="ANONYMOUS")
        assert await self.spoken(service, an_order(customer=customer)) == "pl"
        assert service.customers.asked == []

    async def test_it_is_asked_for_again_while_the_platform_cannot_tell(self, service: FakeService) -> None:
        service.customers.profiles["c-1"] = Profile(language="nl")
        service.customers.trouble.strikes_before(Unavailable("away"))
        assert await self.spoken(service) == "nl"

    async def test_a_key_that_may_not_read_customers_keeps_no_invoice_from_them(self, service: FakeService) -> None:
        service.customers.trouble.strikes_before(PlatformDenied("it needs the scope customer.customer_read"))
        acme(service, language="es")
        assert await self.spoken(service) == "es"


class TestDelivered:
    LESS = an_order(lines=(a_line(packed=1),))
    """Two mugs were ordered, one was packed."""

    async def test_what_was_ordered_is_billed_if_nobody_says_otherwise(self, service: FakeService) -> None:
        order = await done(service, self.LESS)
        assert service.orders.recalculated == []
        assert order.captured == Decimal("23.80")

    async def test_what_was_delivered_is_billed_where_the_tenant_wants_that(self, service: FakeService) -> None:
        acme(service, bills_delivered=True)
        order = await done(service, self.LESS)
        assert service.orders.recalculated == [("EON1", {"mug": 1})]
        assert order.captured == Decimal("11.90")

    @pytest.mark.parametrize("packed", [None, 2])
    async def test_what_was_delivered_as_ordered_asks_the_platform_nothing(
        self, service: FakeService, packed: int | None
    ) -> None:
        acme(service, bills_delivered=True)
        await done(service, an_order(lines=(a_line(packed=packed),)))
        assert service.orders.recalculated == []

    async def test_every_line_that_is_sold_by_the_piece_is_told(self, service: FakeService) -> None:
        weighed = a_line(id="tea", quantity=Decimal("1.5"), unit="kg", packed=1)
        lines = (a_line(packed=1), a_line(id="cup"), weighed, a_line(id=""))
        assert an_order(lines=lines).delivered() == {"mug": 1, "cup": 2}

    async def test_a_dry_run_changes_no_order(self, service: FakeService) -> None:
        acme(service, bills_delivered=True)
        order = await done(service, self.LESS, dry_run=True)
        assert (order.state, service.orders.recalculated) == (OrderState.SUCCESS, [])

    async def test_a_lost_answer_calculates_the_same_again(self, service: FakeService) -> None:
        acme(service, bills_delivered=True)
        service.orders.trouble.strikes_after(Unavailable("no answer"))
        order = await done(service, self.LESS)
        assert (order.state, order.captured) == (OrderState.SUCCESS, Decimal("11.90"))

    async def test_what_the_platform_does_not_calculate_is_not_charged(self, service: FakeService) -> None:
        acme(service, bills_delivered=True)
        service.orders.trouble.strikes_after(OrderNotInvoiceable("no such entry"))
        order = await done(service, self.LESS)
        assert (order.state, order.reason) == (OrderState.FAILURE, "ORDER_NOT_INVOICEABLE")
        assert service.payments.captured == []

    async def test_an_order_whose_capture_was_intended_is_never_calculated_anew(self, service: FakeService) -> None:
        acme(service, bills_delivered=True)
        service.add(self.LESS)
        job = await service.invoicing.create_job(
            JobRequest.of(tenant=ACME, type=JobType.MANUAL, order_ids=["EON1"], request_id="", dry_run=False)
        )
        order = await service.order(job, "EON1")
        await service.jobs.save(replace(order, step=Step.RECALCULATION, touched=True))
        await service.work()
        assert service.orders.recalculated == []


class TestWrittenBack:
    async def test_the_order_shows_what_was_captured(self, service: FakeService) -> None:
        card, gift = a_payment("CARD", authorized=Decimal(20)), a_payment("GIFT", authorized=Decimal(20))
        await done(service, an_order(payments=(card, gift)))
        paid = [(p.status, p.paid) for p in (await service.orders.order(an_order().id)).payments]
        assert paid == [(PaymentStatus.PAID, Decimal(20)), (PaymentStatus.PAID, Decimal("3.80"))]

    async def test_a_payment_that_was_not_needed_stays_as_it_is(self, service: FakeService) -> None:
        card, gift = a_payment("CARD"), a_payment("GIFT")
        await done(service, an_order(payments=(card, gift)))
        assert (await service.orders.order(an_order().id)).payments[1] == gift


class TestSeries:
    async def test_a_number_is_drawn_for_the_orders_site(self, service: FakeService) -> None:
        await done(service, an_order())
        assert [(s.name, s.site_code, s.key) for s in service.sequences.asked] == [("invoiceNoSequence", "main", "")]

    async def test_a_tenant_may_count_otherwise(self, service: FakeService) -> None:
        acme(service, series_site="de", sequence_key="2026", placeholders=(("__num__", ""),))
        await done(service, an_order())
        (series,) = service.sequences.asked
        assert (series.site_code, series.key, series.placeholders) == ("de", "2026", (("__num__", ""),))

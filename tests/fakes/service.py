"""The whole service on fakes: what servers are tested with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.capture import Overcapture
from domain.correction import CorrectionRequest
from domain.document import Document
from domain.errors import UnknownTenant
from domain.invoice import InvoiceNumber
from domain.invoicing import Invoicing, new_job_id
from domain.job import Job, JobId, JobOrder, JobRequest, JobType
from domain.links import Links
from domain.order import Order, OrderId, TenantId
from domain.ports import Tenant
from domain.work import Collaborators
from fakes.clock import FakeClock
from fakes.documents import FakeArchive, FakeMailer, FakeRenderer, FakeXmlInvoices
from fakes.ledger import FakeLedger
from fakes.orders import an_order
from fakes.platform import FakeConfigurations, FakeCustomers, FakeOrders, FakePayments, FakeSequences, FakeSites
from fakes.records import FakeJobs, FakeJournal

ACME = TenantId("acme")
GLOBEX = TenantId("globex")


class FakeTenants:
    """`domain.ports.Tenants`: acme and globex, each on a platform of its own."""

    def __init__(self) -> None:
        self.kept = {tenant: _a_tenant(tenant) for tenant in (ACME, GLOBEX)}

    def tenant(self, tenant: TenantId) -> Tenant:
        """The tenant."""
        if tenant not in self.kept:
            raise UnknownTenant(tenant)
        return self.kept[tenant]


class FakeService:
    """`invoicing` and all that is behind it. The platform of acme has the orders that are added."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.orders = FakeOrders()
        self.payments = FakePayments()
        self.sequences = FakeSequences()
        self.customers = FakeCustomers()
        self.tenants = FakeTenants()
        self.tenants.kept[ACME] = replace(
            _a_tenant(ACME),
            orders=self.orders,
            payments=self.payments,
            sequences=self.sequences,
            customers=self.customers,
        )
        self.jobs = FakeJobs(self.clock)
        self.journal = FakeJournal(self.jobs)
        self.archive = FakeArchive()
        self.links = Links("http://127.0.0.1:8080", b"k" * 32, timedelta(days=7))
        self.renderer = FakeRenderer()
        self.mailer = FakeMailer()
        self.defects: list[Exception] = []
        self.alarms: list[Overcapture] = []
        has = Collaborators(
            self.jobs,
            self.journal,
            FakeLedger(self.journal),
            FakeXmlInvoices(),
            self.renderer,
            self.archive,
            self.mailer,
            self.links.permanent,
            self.clock,
            self.alarms.append,
        )
        self.invoicing = Invoicing(self.tenants, has, self.links, self._report)

    def add(self, *orders: Order) -> None:
        """Orders that acme's platform has from now on, their cards authorised."""
        self.orders.add(*orders)
        for payment in (payment for order in orders for payment in order.payments):
            if payment.transaction_id:
                self.payments.authorize(payment.transaction_id, payment.authorized)

    async def a_job(self, *order_ids: str, tenant: TenantId = ACME) -> Job:
        """A job of these orders; the platform has them all."""
        self.add(*(an_order(order_id) for order_id in order_ids))
        return await self.invoicing.create_job(a_request(*order_ids, tenant=tenant))

    async def an_invoice(self, order_id: str = "EON1") -> Job:
        """A job of one order that has been invoiced."""
        job = await self.a_job(order_id)
        await self.work()
        return job

    async def correct(
        self, number: str = "INV1", *, reason: str = "wrong address", refund: bool = False, request_id: str = ""
    ) -> JobOrder:
        """The work on a correction, accepted and not begun."""
        now, wanted = self.clock(), a_correction(number, reason=reason, refund=refund, request_id=request_id)
        return await self.jobs.correct(new_job_id(now), wanted, now)

    async def cancelled(self, number: str = "INV1", *, refund: bool = False) -> Document:
        """The credit note that has cancelled an invoice."""
        await self.correct(number, refund=refund)
        await self.work_to_the_end()
        invoice = await self.invoicing.invoice(ACME, InvoiceNumber(number))
        assert invoice.cancelled_by is not None
        return await self.invoicing.invoice(ACME, invoice.cancelled_by)

    async def order(self, job: Job, order_id: str) -> JobOrder:
        """An order of the job as it stands."""
        every = await self.jobs.orders(job.tenant, JobId(job.id), (), after="", limit=10_000)
        return next(order for order in every if order.order_id == OrderId(order_id))

    async def work(self) -> None:
        """Takes every order that is due as far as it goes, as an engine does."""
        while due := await self.jobs.due(self.clock(), each=100, busy=()):
            for order in due:
                await self.invoicing.run(order)

    async def work_to_the_end(self) -> None:
        """Works, and lets time pass, until no order waits any more."""
        await self.work()
        while due := await self.jobs.next_due(self.clock()):
            self.clock.now = due
            await self.work()

    def _report(self, incident: str, struck: Job | JobOrder, defect: Exception) -> None:
        self.defects.append(defect)


def a_request(*order_ids: str, tenant: TenantId = ACME) -> JobRequest:
    """A manual job to ask for."""
    return JobRequest.of(tenant=tenant, type=JobType.MANUAL, order_ids=order_ids, request_id="", dry_run=False)


def a_correction(
    number: str = "INV1", *, reason: str = "wrong address", refund: bool = False, request_id: str = ""
) -> CorrectionRequest:
    """An invoice of acme to cancel."""
    return CorrectionRequest.of(
        tenant=ACME, number=InvoiceNumber(number), reason=reason, refund=refund, request_id=request_id
    )


def _a_tenant(tenant: TenantId) -> Tenant:
    return Tenant(
        id=tenant,
        orders=FakeOrders(),
        configurations=FakeConfigurations(),
        sequences=FakeSequences(),
        sites=FakeSites(),
        payments=FakePayments(),
        customers=FakeCustomers(),
    )

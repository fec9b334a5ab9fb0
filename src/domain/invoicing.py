"""The use cases: everything a server or an engine may ask of the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from zoneinfo import ZoneInfo

from domain import policy
from domain.correcting import CORRECTION_STEPS, archived_note, correction_of
from domain.correction import CorrectionRequest
from domain.document import Document, DocumentFilter, Rendition
from domain.errors import (
    Bug,
    CorrectionFailed,
    InvoicingError,
    Misconfigured,
    PlatformDenied,
    StaleJobOrder,
    StoreUnavailable,
    Unavailable,
    UnknownTenant,
)
from domain.invoice import Draft, InvoiceNumber
from domain.job import Job, JobId, JobOrder, JobRequest, JobState, OrderState, Step, Version
from domain.links import Links
from domain.mail import MailId
from domain.numbering import INVOICE_SERIES
from domain.order import OrderId, TenantId
from domain.policy import Done, Failed
from domain.ports import Tenant, Tenants
from domain.previewing import preview
from domain.resending import resend
from domain.steps import STEPS
from domain.verification import Proof, chosen, verified
from domain.work import Collaborators, Work, original

CHANGES_PAGE = 500
HEARTBEAT = timedelta(seconds=15)
PATIENCE = timedelta(seconds=25)
"""How long a caller waits for the credit note that he asked for: less than most callers wait for an answer."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One message to a follower: a job, an order, or None as a sign of life. `version` is how far the follower is."""

    version: Version
    event: Job | JobOrder | None


@dataclass(frozen=True, slots=True)
class Invoicing:
    """The service, whoever calls it. `report` gets every defect of ours: its incident id, and the work it struck."""

    tenants: Tenants
    has: Collaborators
    links: Links
    report: Callable[[str, Job | JobOrder, Exception], None]

    # Jobs, as callers see them

    async def create_job(self, request: JobRequest) -> Job:
        """Accepts a job; when this returns, it is durable and will be done.

        Raises `UnknownTenant`, `RequestIdReused`, `StoreUnavailable`.
        """
        self.tenants.tenant(request.tenant)
        now = self.has.clock()
        return await self.has.jobs.create(new_job_id(now), request, now)

    async def cancel_job(self, tenant: TenantId, job_id: JobId) -> Job:
        """Stops the orders of a job whose payment has not been touched; the others are finished.

        An ended job is given as it is. Raises `UnknownTenant`, `UnknownJob`, `StoreUnavailable`.
        """
        self.tenants.tenant(tenant)
        return await self.has.jobs.cancel(tenant, job_id, self.has.clock())

    async def retry_job(self, tenant: TenantId, job_id: JobId, order_ids: Sequence[OrderId]) -> Job:
        """Lets these orders of a job go on where they failed; all that are retryable when none is named.

        Raises `UnknownTenant`, `UnknownJob`, `UnknownOrder`, `NotRetryable`, `StoreUnavailable`.
        """
        self.tenants.tenant(tenant)
        return await self.has.jobs.retry(tenant, job_id, order_ids, self.has.clock())

    async def job(self, tenant: TenantId, job_id: JobId) -> Job:
        """A job. Raises `UnknownTenant`, `UnknownJob`."""
        self.tenants.tenant(tenant)
        return await self.has.jobs.job(tenant, job_id)

    async def list_jobs(
        self, tenant: TenantId, states: Sequence[JobState], *, before: str, limit: int
    ) -> tuple[Job, ...]:
        """A page of the tenant's jobs, newest first. Raises `UnknownTenant`."""
        self.tenants.tenant(tenant)
        return await self.has.jobs.jobs(tenant, states, before=before, limit=limit)

    async def list_orders(
        self, tenant: TenantId, job_id: JobId, states: Sequence[OrderState], *, after: str, limit: int
    ) -> tuple[JobOrder, ...]:
        """A page of a job's orders, by order id. Raises `UnknownTenant`, `UnknownJob`."""
        await self.job(tenant, job_id)
        return await self.has.jobs.orders(tenant, job_id, states, after=after, limit=limit)

    async def follow(
        self, tenant: TenantId, job_id: JobId, *, after: Version, job_only: bool, heartbeat: timedelta = HEARTBEAT
    ) -> AsyncGenerator[Followed, None]:
        """The job, its orders, then every change until it ends; the last message is the ended job.

        After `heartbeat` of silence comes a sign of life. A follower that goes on after the version of any message
        misses nothing. Raises `UnknownTenant`, `UnknownJob`.
        """
        cursor = after
        job = await self.job(tenant, job_id)
        yield Followed(cursor, job)
        spoken = self.has.clock()
        told = job
        while True:
            if not job_only:
                async for order in self._changes(job, cursor):
                    cursor = order.version
                    yield Followed(cursor, order)
                    spoken = self.has.clock()
            if job.state is not JobState.IN_PROGRESS:
                yield Followed(cursor, job)
                return
            if (job.state, job.counts) != (told.state, told.counts):
                yield Followed(cursor, job)
                told, spoken = job, self.has.clock()
            silence = self.has.clock() - spoken
            if silence >= heartbeat or not await self._news(job, heartbeat - silence):
                yield Followed(cursor, None)
                spoken = self.has.clock()
            job = await self.has.jobs.job(tenant, job_id)

    async def _news(self, job: Job, patience: timedelta) -> bool:
        return await self.has.jobs.wait(job.tenant, job.id, after=job.version, timeout=patience)

    async def _changes(self, job: Job, after: Version) -> AsyncIterator[JobOrder]:
        cursor = after
        while page := await self.has.jobs.changes(job.tenant, job.id, after=cursor, limit=CHANGES_PAGE):
            for order in page:
                yield order
            cursor = page[-1].version

    # Invoices, as callers see them

    async def invoice(self, tenant: TenantId, number: InvoiceNumber) -> Document:
        """The invoice with this number. Raises `UnknownTenant`, `UnknownInvoice`."""
        self.tenants.tenant(tenant)
        return await self.has.journal.document(tenant, number)

    async def invoice_of(self, tenant: TenantId, order_id: OrderId) -> Document:
        """The order's live invoice, else its latest. Raises `UnknownTenant`, `UnknownInvoice`."""
        self.tenants.tenant(tenant)
        return await self.has.journal.document_of(tenant, order_id)

    async def list_invoices(self, wanted: DocumentFilter, *, before: int, limit: int) -> tuple[Document, ...]:
        """A page of invoices, newest first. Raises `UnknownTenant`."""
        self.tenants.tenant(wanted.tenant)
        return await self.has.journal.documents(wanted, before=before, limit=limit)

    async def verify_series(self, tenant: TenantId, series: str) -> Proof:
        """Proves that every number of a series is explained and every document unchanged.

        `series` is its name, or empty for the tenant's only one. Raises `UnknownTenant`, `UnknownSeries`,
        `InvalidArgument` (there are several), `StoreUnavailable`.
        """
        platforms = () if self.tenants.tenant(tenant).local else (INVOICE_SERIES,)
        named = chosen(series, {*platforms, *await self.has.ledger.names(tenant)})
        return await verified(self.has.ledger, self.has.archive, tenant, named, patience=self.has.timing.patience)

    async def download(
        self, tenant: TenantId, number: InvoiceNumber, rendition: Rendition = Rendition.PDF
    ) -> tuple[Document, bytes]:
        """The document's bytes: the PDF proven to be that which was issued, the CII out of it, or the same as UBL.

        Raises `UnknownTenant`, `UnknownInvoice`, `Unavailable` (not drawn yet), `DocumentDamaged`.
        """
        document = await self.invoice(tenant, number)
        if document.sha256 is None:
            raise Unavailable(f"invoice {number} is being drawn", reason="UNAVAILABLE")
        return document, await self._rendered(document, rendition)

    async def _rendered(self, document: Document, rendition: Rendition) -> bytes:
        """UBL is written anew from what was issued. So is the CII for a PDF of before there was one inside."""
        if rendition is Rendition.UBL:
            return await self.has.xml.ubl(await self.has.journal.content(document))
        pdf = await original(document, self.has.archive)
        if rendition is Rendition.PDF:
            return pdf
        return self.has.pdf.xml_in(pdf) or await self.has.xml.cii(await self.has.journal.content(document))

    # Corrections, and other second thoughts

    async def cancel_invoice(self, wanted: CorrectionRequest, *, patience: timedelta = PATIENCE) -> Document:
        """The credit note that cancels an invoice, once it is issued and archived.

        What is accepted will be done, even if it takes longer than `patience`: then the same call, made again, gives
        what came of it. Raises `UnknownTenant`, `UnknownInvoice`, `NotCancellable`, `OrderInProgress`,
        `RequestIdReused`, `CorrectionFailed`, `Unavailable`.
        """
        self.tenants.tenant(wanted.tenant)
        now = self.has.clock()
        order = await self.has.jobs.correct(new_job_id(now), wanted, now)
        until = now + patience
        while (note := await archived_note(order, self.has.journal)) is None:
            if order.ended:
                raise CorrectionFailed(
                    f"invoice {correction_of(order).invoice} is not cancelled: {order.message}", reason=order.reason
                )
            left = until - self.has.clock()
            if not await self.has.jobs.wait(order.tenant, order.job_id, after=order.version, timeout=left):
                raise _not_yet(order)
            (order,) = await self.has.jobs.changes(order.tenant, order.job_id, after=0, limit=1)
        return note

    async def resend_invoice(self, tenant: TenantId, number: InvoiceNumber, recipient: str) -> MailId:
        """Sends a document in a new mail, to its own recipient if none is named; gives the mail's id.

        As long as a mail is not known to be taken, sending again is sending the same one. Raises `UnknownTenant`,
        `UnknownInvoice`, `Unavailable` (no mail was taken, or the document is not drawn yet), `MailRefused`,
        `Misconfigured`, `DocumentDamaged`.
        """
        document, pdf = await self.download(tenant, number)
        to = recipient or document.recipient
        return await resend(document, pdf, to, self.tenants.tenant(tenant), self.has)

    async def preview(self, tenant: TenantId, order_id: OrderId) -> bytes:
        """The document the order would get, as a draft without a number; nothing is changed anywhere.

        Raises `UnknownTenant`, `Unavailable`, and what stops an order in its first two steps.
        """
        return await preview(order_id, self.tenants.tenant(tenant), self.has)

    # Links

    def download_link(self, tenant: TenantId, number: InvoiceNumber) -> str:
        """A signed link to the document, good from now for a while."""
        return self.links.signed(tenant, number, self.has.clock())

    async def open_link(self, token: str) -> tuple[Document, bytes]:
        """The document a signed link leads to. Raises what `download` does; `UnknownInvoice` for a bad link."""
        tenant, number = self.links.opened(token, self.has.clock())
        return await self.download(tenant, number)

    # The work, as engines do it

    async def run(self, order: JobOrder) -> JobOrder:
        """Takes an order as far as it goes now, saving after every step. Another worker's order is left alone."""
        try:
            return await self._worked_on(order)
        except StaleJobOrder:
            return order  # what this worker learnt about the world is in the journal; the state is the other one's

    async def _worked_on(self, order: JobOrder) -> JobOrder:
        try:
            work = Work(order, self._tenant_at_work(order.tenant), self.has)
        except Misconfigured as error:
            return await self._saved(Failed(order, error))
        while not work.order.ended:
            outcome = await self._step(work)
            draft = work.draft if outcome.order.step is Step.RECALCULATION else None
            work.order = await self._saved(outcome, draft)
            if isinstance(outcome, Failed):
                self._report_defect(work.order, outcome.error)
                break
        return work.order

    async def _saved(self, outcome: Done | Failed, draft: Draft | None = None) -> JobOrder:
        order = policy.advance(outcome, self.has.clock())
        told = isinstance(outcome, Failed) and policy.is_told(outcome, order)
        return await self.has.jobs.save(order, draft, failed=told)

    async def _step(self, work: Work) -> Done | Failed:
        try:
            steps = STEPS if work.order.correction is None else CORRECTION_STEPS
            return Done(await steps[work.order.step](work))
        except (StaleJobOrder, StoreUnavailable):
            raise
        except InvoicingError as error:
            return Failed(work.order, error)
        except Exception as defect:  # noqa: BLE001 - a defect fails its order and no other, and is reported
            return Failed(work.order, _bug(defect))

    def _report_defect(self, struck: Job | JobOrder, error: InvoicingError) -> None:
        """Tells of a defect that counted: what a worker meets who came too late is none."""
        if isinstance(error, Bug) and isinstance(error.__cause__, Exception):
            self.report(error.incident, struck, error.__cause__)

    async def find_orders(self, job: Job) -> datetime | None:
        """Gives an automatic job its orders, or ends it when they cannot be found; when to try again, if so."""
        now = self.has.clock()
        try:
            found = await self._select(self._tenant_at_work(job.tenant), now)
        except InvoicingError as error:
            return await self._unfound(job, error, self.has.clock())
        except Exception as defect:  # noqa: BLE001 - a defect fails its job and no other, and is reported
            bug = _bug(defect)
            self._report_defect(job, bug)
            return await self._unfound(job, bug, self.has.clock())
        await self.has.jobs.add_orders(job, found, now)
        return None

    async def _unfound(self, job: Job, error: InvoicingError, now: datetime) -> datetime | None:
        again = policy.next_search(job, error, now)
        if again is None:
            await self.has.jobs.fail(job, error.reason, error.message, now)
        return again

    async def _select(self, tenant: Tenant, now: datetime) -> tuple[OrderId, ...]:
        """All ids before the first order is touched: touching one would shift the platform's pages."""
        settings = await tenant.configurations.invoice_settings()
        found: dict[OrderId, None] = {}
        async for order in tenant.orders.search(settings, now=now):
            if settings.select(order, await _zone(tenant, order.site_code), now):
                found[order.id] = None
        return tuple(found)

    def _tenant_at_work(self, tenant: TenantId) -> Tenant:
        try:
            return self.tenants.tenant(tenant)
        except UnknownTenant as error:
            raise Misconfigured(f"{error.message} any more; configure it again to finish its orders") from error


def _bug(defect: Exception) -> Bug:
    bug = Bug(token_hex(6))
    bug.__cause__ = defect
    return bug


async def _zone(tenant: Tenant, site_code: str) -> ZoneInfo:
    """The site's zone. An order of a site that cannot be had is taken by UTC: it will fail by itself, and no other."""
    try:
        return (await tenant.sites.site(site_code)).time_zone
    except PlatformDenied:
        raise
    except Misconfigured:
        return ZoneInfo("UTC")


def new_job_id(now: datetime) -> JobId:
    """An id nobody can guess; later jobs sort behind earlier ones."""
    return JobId(f"{int(now.timestamp() * 1000):012x}{token_hex(8)}")


def _not_yet(order: JobOrder) -> Unavailable:
    why = f" ({order.message})" if order.message else ""
    return Unavailable(
        f"invoice {correction_of(order).invoice} will be cancelled, but that takes longer than usual{why}: "
        "ask again, with the same request_id if there was one",
        reason="UNAVAILABLE",
    )

"""What the domain asks of the outside. These docstrings are law: the contract tests hold adapters and fakes to them.

Every port of the platform belongs to one tenant, so no call can reach another one's data.
Each call is tried once; who tries again, and when, is decided in `domain.policy` alone. All of them raise
`Unavailable` when time may mend it, and `Misconfigured` (`PlatformDenied` for credentials and scopes) when an operator
must.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from domain.capture import CaptureAttempt, CaptureOutcome, Transaction
from domain.correction import CorrectionRequest
from domain.document import Document, DocumentFilter, Drawing
from domain.drafting import Terms
from domain.invoice import DocumentType, Draft, Invoice, InvoiceNumber, PlannedCapture
from domain.job import Job, JobId, JobOrder, JobRequest, JobState, OrderState
from domain.ledger import Kept
from domain.mail import Greeting, Mail, MailId
from domain.money import Currency
from domain.numbering import (
    INVOICE_SERIES,
    Draw,
    DrawOutcome,
    LocalNumbers,
    LocalSeries,
    Neighbours,
    NumberSchema,
    Series,
    SeriesName,
    Unnumbered,
)
from domain.order import InvoiceMark, InvoiceSettings, Order, OrderId, Profile, Seller, Site, TenantId, TransactionId
from domain.refund import RefundAttempt, RefundOutcome

# The platform


class Orders(Protocol):
    """The tenant's orders. Contract: tests/contracts/test_orders.py."""

    async def order(self, order_id: OrderId) -> Order:
        """The order as it is now. Raises `OrderNotFound`; `InvoiceIncomplete` when it cannot be read as an order."""

    def search(self, settings: InvoiceSettings, *, now: datetime) -> AsyncIterator[Order]:
        """Every order the platform thinks due, page by page; the caller checks each again. Lines may be left out."""

    async def recalculate(self, order_id: OrderId, delivered: Mapping[str, int]) -> None:
        """Lets the platform calculate the order anew for what was delivered, in pieces by the id of the line.

        The quantities are absolute, so the same again changes nothing. Raises `OrderNotFound`, `OrderNotInvoiceable`
        (the platform does not calculate it so), `Conflict` (changed by others meanwhile).
        """

    async def mark(self, order_id: OrderId, mark: InvoiceMark, captured: Sequence[PlannedCapture] = ()) -> None:
        """Writes the invoice into the order (`mixins.invoice`); again with the same mark changes nothing.

        With it go the payments of the order that were `captured`, if they are still as they were authorised; that they
        cannot be written harms nothing. Everything else in the order stays. An invoice that the order says is cancelled
        is not written into it any more. Raises `OrderNotFound`, `AlreadyInvoiced` (another mark is there), `Conflict`
        (changed by others twice in a row).
        """

    async def cancel_mark(self, order_id: OrderId, cancelled: InvoiceNumber, credit_note: InvoiceMark) -> None:
        """Takes the mark of a cancelled invoice away, and writes which one it was and what cancelled it; once.

        The mark of any other invoice stays, and then nothing is written. Raises `OrderNotFound`, `Conflict` (changed by
        others twice in a row).
        """

    async def mark_refunds(self, order_id: OrderId, refunded: Sequence[PlannedCapture]) -> None:
        """Writes what was given back into the payments of the order, if they are still as they were captured.

        That they cannot be written harms nothing. Raises `OrderNotFound`.
        """


class Configurations(Protocol):
    """The tenant's configuration. Contract: tests/contracts/test_configurations.py."""

    async def invoice_settings(self) -> InvoiceSettings:
        """Which orders an automatic job takes. Raises `Misconfigured` when missing or unreadable, naming the key."""

    async def mail_sender(self) -> str:
        """The address invoices are sent from; empty when none is configured."""


class Sequences(Protocol):
    """Where invoice numbers come from. Contract: tests/contracts/test_sequences.py."""

    async def draw(self, series: Series) -> InvoiceNumber:
        """The series' next number, never handed out again.

        Raises `SeriesExhausted`, `Misconfigured` (no active series), `Unavailable` (nothing was drawn),
        `InDoubt` (a number may be burnt: the ledger must say so).
        """


class Sites(Protocol):
    """The tenant's shops. Contract: tests/contracts/test_sites.py."""

    async def site(self, code: str) -> Site:
        """The site with its seller, at most a few minutes old. Raises `Misconfigured` when there is none."""

    async def logo(self, site: Site) -> bytes | None:
        """The site's logo as PNG or JPEG; None when there is none or it cannot be had, which harms nothing."""


class Payments(Protocol):
    """The tenant's payment gateway, which knows no idempotency key. Contract: tests/contracts/test_payments.py."""

    async def transaction(self, transaction_id: TransactionId) -> Transaction:
        """What the gateway knows of a transaction. Raises `PaymentRefused` when there is none."""

    async def capture(self, transaction_id: TransactionId, amount: Decimal, currency: Currency) -> str:
        """Captures the amount and gives the gateway's capture id. Never asked twice for the same attempt.

        Raises `PaymentRefused` (nothing was captured), `Unavailable` (the request never left), `InDoubt` (sent, and
        no outcome known: timeouts, lost connections, 5xx, unreadable answers).
        """

    async def refund(
        self, transaction_id: TransactionId, amount: Decimal, currency: Currency, *, capture_id: str | None
    ) -> None:
        """Gives the amount of a capture back. Never asked twice for the same attempt.

        Raises `PaymentRefused` (nothing was given back), `Unavailable` (the request never left), `InDoubt` (as above).
        """


class Customers(Protocol):
    """The tenant's customers. Contract: tests/contracts/test_customers.py."""

    async def profile(self, customer_id: str) -> Profile:
        """How the customer wants to be written to; an empty profile when nobody knows him.

        Raises `Unavailable` and `PlatformDenied`.
        """


class Preparations(Protocol):
    """What a tenant needs at the platform before its first invoice. Contract: tests/contracts/test_preparations.py.

    What writes may be done again: it makes what is missing and replaces what is there, and nothing else.
    """

    async def lacking_scopes(self) -> Mapping[str, str]:
        """The scopes that the tenant's key lacks, and what invoicing would do with each."""

    async def schemas(self, series: SeriesName) -> tuple[NumberSchema, ...]:
        """How the numbers of this series may be made."""

    async def sites(self) -> tuple[str, ...]:
        """The codes of the active sites, the default site's first."""

    async def read_transactions(self) -> None:
        """Tries whether payment transactions can be read."""

    async def configured(self, key: str) -> bool:
        """Whether the tenant's configuration has this key."""

    async def write_settings(self, settings: InvoiceSettings) -> None:
        """Which orders an automatic job takes from now on."""

    async def write_sender(self, address: str) -> None:
        """The address invoices are sent from by now."""

    async def create_schema(self, series: SeriesName, prefix: str) -> str:
        """A new schema of numbers with this prefix, not active yet; gives its id."""

    async def activate_schema(self, schema_id: str) -> None:
        """The numbers of its series come from this schema from now on."""

    async def write_logo(self, site_code: str, url: str) -> None:
        """The site's logo lies here from now on."""

    async def write_seller(self, site_code: str, seller: Seller) -> None:
        """Who sells at the site, as far as the seller says it; the rest stays."""


class Mailer(Protocol):
    """Takes mails to customers. Contract: tests/contracts/test_mailer.py."""

    async def greet(self) -> Greeting:
        """Where mails go, once that is known to take them: greeted and logged in to, sent nothing, nothing made there.

        Raises `Misconfigured` (an operator must act), `Unavailable`.
        """

    async def send(self, mail: Mail) -> None:
        """Hands the mail over; when it returns, someone else has made it durable.

        Raises `MailRefused` (this mail will never be taken), `Unavailable` (later perhaps; also when the answer was
        lost: the same Message-ID makes sending again harmless).
        """


# Documents


class StructuredInvoices(Protocol):
    """Invoices as EN 16931 XML, pure: the same invoice is always the same bytes, in UTF-8.

    They pass the official schemas and rules. Contract: tests/contracts/test_structured_invoices.py.
    """

    async def cii(self, invoice: Invoice) -> bytes:
        """The invoice as UN/CEFACT Cross Industry Invoice, profile EN 16931: what is inside our PDFs."""

    async def ubl(self, invoice: Invoice) -> bytes:
        """The invoice, or the credit note, as UBL 2.1, saying which rules of XRechnung or Peppol it keeps, if some."""

    def is_of(self, content: bytes, invoice: Invoice) -> bool:
        """Whether a CII, of whichever version of this service, is of this invoice: by number, order, day and total."""


class PdfRenderer(Protocol):
    """Draws documents. Contract: tests/contracts/test_pdf.py."""

    async def render(self, invoice: Invoice, logo: bytes | None, xml: bytes) -> Drawing:
        """The document as PDF/A-3 with the structured invoice in it (Factur-X): same invoice, logo and XML, same bytes.

        A logo that is no picture is left out; a draft has no XML to carry. A character that no font has is shown as
        U+FFFD, and told. Raises `RenderFailed`.
        """

    def xml_in(self, document: bytes) -> bytes | None:
        """The structured invoice that such a document carries, byte for byte; None where it carries none."""


class Archive(Protocol):
    """Keeps documents as bytes, for ever. Contract: tests/contracts/test_archive.py."""

    async def put(self, tenant: TenantId, number: InvoiceNumber, content: bytes) -> bytes:
        """Keeps the document unless one is kept under this number already; gives the bytes that are kept.

        Durable when it returns, and never half visible. Raises `Unavailable`.
        """

    async def get(self, tenant: TenantId, number: InvoiceNumber) -> bytes:
        """The document's bytes. Raises `UnknownInvoice`, `Unavailable`."""


# Our own records


class Jobs(Protocol):
    """Jobs and their orders, durable. Contract: tests/contracts/test_jobs.py.

    What a write method returns is on the disk. Versions of a job become visible in ascending order. The work on a
    correction is a job of one order, of which `cancel`, `retry`, `job` and `jobs` know nothing.
    """

    async def create(self, job_id: JobId, request: JobRequest, now: datetime) -> Job:
        """The new job; or the one that this request id and the same content made before. Raises `RequestIdReused`."""

    async def correct(self, job_id: JobId, wanted: CorrectionRequest, now: datetime) -> JobOrder:
        """The work on a new correction, which has the order from now on; or on the one that was asked for before.

        That is the one with this request id; else one for the same that has not been finished. One that failed is taken
        up again, unless the order got another invoice since. Raises `UnknownInvoice`, `NotCancellable`,
        `OrderInProgress` (another job has the order), `RequestIdReused`: then nothing is changed.
        """

    async def add_orders(self, job: Job, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Gives an automatic job the orders found for it, once; later calls change nothing."""

    async def fail(self, job: Job, reason: str, message: str, now: datetime) -> Job:
        """Ends a job whose orders could not be determined."""

    async def cancel(self, tenant: TenantId, job_id: JobId, now: datetime) -> Job:
        """Stops all of a job that `policy.cancelled` lets stop, at once; an ended job stays as it is.

        A stopped order is let go, and its worker's next word is refused as stale. A job whose orders are not found yet
        ends without any. Raises `UnknownJob`.
        """

    async def retry(self, tenant: TenantId, job_id: JobId, order_ids: Sequence[OrderId], now: datetime) -> Job:
        """Takes these orders of a job up again, or all that are retryable, at once, as `policy.taken_up` says.

        A job that failed to find its orders looks for them again. Nothing changes when none is named and none is
        retryable. Raises `UnknownJob`, `UnknownOrder`, `NotRetryable`: then nothing is changed.
        """

    async def job(self, tenant: TenantId, job_id: JobId) -> Job:
        """The job. Raises `UnknownJob`."""

    async def jobs(self, tenant: TenantId, states: Sequence[JobState], *, before: str, limit: int) -> tuple[Job, ...]:
        """A page of jobs, newest first; `before` is the last job id of the page before, or empty."""

    async def orders(
        self, tenant: TenantId, job_id: JobId, states: Sequence[OrderState], *, after: str, limit: int
    ) -> tuple[JobOrder, ...]:
        """A page of a job's orders by order id; `after` is the last order id of the page before, or empty."""

    async def changes(self, tenant: TenantId, job_id: JobId, *, after: int, limit: int) -> tuple[JobOrder, ...]:
        """Orders that changed after this version, in ascending version."""

    async def wait(self, tenant: TenantId, job_id: JobId, *, after: int, timeout: timedelta) -> bool:
        """Returns as soon as the job's version exceeds `after`: True; or when the time is over: False."""

    async def searching(self) -> tuple[Job, ...]:
        """Automatic jobs whose orders are not found yet. Raises `StoreUnavailable` while nothing can be written."""

    async def due(self, now: datetime, *, each: int, busy: Sequence[JobOrder]) -> tuple[JobOrder, ...]:
        """Orders that may be worked on now, at most `each` per tenant, the longest due first, none that is busy.

        Raises `StoreUnavailable` while nothing can be written: what would not be kept must not begin.
        """

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next waiting order becomes due; None when none waits."""

    async def news(self, *, timeout: timedelta) -> None:
        """Returns once work came in since the last call, or when time is over.

        That is: a job was made, got its orders, or was taken up again.
        """

    async def claim(self, order: JobOrder, now: datetime) -> None:
        """Takes the order for this job; in a dry run only looks.

        Raises `AlreadyInvoiced`, `OrderInProgress`; `StaleJobOrder` when the order is not the worker's any more.
        """

    async def save(self, order: JobOrder, draft: Draft | None = None, *, failed: bool = False) -> JobOrder:
        """Keeps the order's new state, and the draft if given; gives it back with its new revision and version.

        If a try has `failed`, what the order says of it stays known when the order says something else. Raises
        `StaleJobOrder` when another worker saved it meanwhile: then nothing is changed.
        """

    async def draft(self, order: JobOrder) -> Draft | None:
        """What RECALCULATION decided; None before it did."""


class Journal(Protocol):
    """Facts about the world that must never be forgotten. Contract: tests/contracts/test_journal.py.

    Outcomes are kept whoever holds the order by then; intents only while the order is the worker's.
    """

    async def captures(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[CaptureAttempt, ...]:
        """Every attempt on the transaction, whoever's order it was for, oldest first."""

    async def captures_of(self, tenant: TenantId, order_id: OrderId) -> tuple[CaptureAttempt, ...]:
        """Every attempt for the order, on whichever transaction, oldest first."""

    async def intend_capture(self, order: JobOrder, attempt: CaptureAttempt) -> JobOrder:
        """Keeps the intent and marks the order as touched.

        Raises `StaleJobOrder`, and `Conflict` while another attempt on the transaction is open.
        """

    async def end_capture(self, attempt: CaptureAttempt, outcome: CaptureOutcome, capture_id: str | None) -> Decimal:
        """Keeps what became of an attempt; the first word stays, but that a capture was made outweighs that it was not.

        That it was not is concluded, or an operator's word, where no answer came; that it was is seen. Gives what the
        attempt's order has captured of its transaction by now.
        """

    async def settle_captures(
        self, order: JobOrder, known: Sequence[CaptureAttempt], said: Sequence[CaptureAttempt]
    ) -> None:
        """Keeps what an operator `said` of a transaction: outcomes of attempts, and captures that had none.

        All of it is kept or nothing, and every word for ever, also one that another one corrects. `known` are all
        attempts on the transaction as the operator knew them, and `order` is whose captures he spoke of. Raises
        `Conflict` when the attempts are not so any more, `StaleJobOrder` when the order had ended and does no more.
        """

    async def refunds(self, tenant: TenantId, transaction_id: TransactionId) -> tuple[RefundAttempt, ...]:
        """Every attempt to give something of the transaction back, for whichever order, oldest first."""

    async def intend_refund(self, order: JobOrder, attempt: RefundAttempt, known: Sequence[RefundAttempt]) -> JobOrder:
        """Keeps the intent; it was decided on what was `known` of the transaction, read before the gateway was asked.

        Raises `StaleJobOrder`, and `Conflict` when the attempts on the transaction are not so any more, or one is open.
        """

    async def end_refund(self, attempt: RefundAttempt, outcome: RefundOutcome) -> None:
        """Keeps what became of an attempt; the first word stays, but that it was made outweighs that it was not."""

    async def intend_draw(self, order: JobOrder, draw: Draw) -> Draw:
        """Keeps the intent to draw a number; or gives an earlier draw whose number stands on no document yet.

        That is one for the same order, of the same series. Raises `StaleJobOrder`, `AlreadyInvoiced` (what the order is
        to get is there).
        """

    async def end_draw(self, draw: Draw, outcome: DrawOutcome, number: InvoiceNumber | None) -> None:
        """Keeps what became of a draw."""

    async def issue(self, order: JobOrder, invoice: Invoice | Unnumbered, now: datetime) -> Document:
        """Makes the invoice the order's only live one and chains it to its series.

        A credit note is never live; in the same commit the invoice that it cancels stops to be. A document without a
        number gets the next of its local series, and the series goes on, in the same commit: so what is not issued uses
        no number up. Raises `StaleJobOrder`, `AlreadyInvoiced` with the number of the document that is there already (a
        live invoice; the credit note), `NumberTaken`; for a local series `SeriesExhausted` and `Misconfigured` (its
        start, or its prefix, does not fit).
        """

    async def archived(self, document: Document, *, sha256: str, size: int, replaced: str = "") -> Document:
        """Keeps what the archive holds for the document, and what it shows replacements for; the first word stays."""

    async def document(self, tenant: TenantId, number: InvoiceNumber) -> Document:
        """The document with this number. Raises `UnknownInvoice`."""

    async def document_of(self, tenant: TenantId, order_id: OrderId) -> Document:
        """The order's live invoice, else its latest document. Raises `UnknownInvoice`."""

    async def documents(self, wanted: DocumentFilter, *, before: int, limit: int) -> tuple[Document, ...]:
        """A page of documents, newest first; `before` is the last `id` of the page before, or 0."""

    async def content(self, document: Document) -> Invoice:
        """What the document says, exactly as it was issued."""

    async def sent(self, tenant: TenantId, mail_id: MailId) -> bool:
        """Whether the mail is known to have been taken."""

    async def mailed(self, document: Document, mail_id: MailId, recipient: str, now: datetime) -> None:
        """Keeps that the mail was taken; the first time stays."""


class Ledger(Protocol):
    """What was issued and drawn, read for the proof of a series. Contract: tests/contracts/test_ledger.py.

    It is read in small pieces, so that other work goes on meanwhile, and needs nobody who writes.
    """

    async def names(self, tenant: TenantId) -> tuple[SeriesName, ...]:
        """The series that have a row in the ledger, or have allocated a number; by name."""

    async def following_count(self, tenant: TenantId, series: SeriesName) -> int | None:
        """The count that a local series allocates next; None if it allocated none yet, or is the platform's."""

    async def head(self, tenant: TenantId, series: SeriesName) -> int:
        """The last position of the series' chain; 0 if it has none."""

    def entries(self, tenant: TenantId, series: SeriesName, *, after: int, upto: int) -> AsyncIterator[Kept]:
        """The rows of the ledger behind one position and up to another, in their order, as they are kept."""

    def unchained(self, tenant: TenantId) -> AsyncIterator[tuple[SeriesName, InvoiceNumber]]:
        """The documents that no row of the ledger is about: their series and numbers, the oldest first."""

    def loose_draws(self, tenant: TenantId, series: SeriesName) -> AsyncIterator[Draw]:
        """The draws that may have used up a number, and to which no document of its own belongs; the oldest first."""

    async def neighbours(self, draw: Draw, *, apart: timedelta) -> Neighbours:
        """Numbers drawn for its series around the draw; what was asked so much apart is surely before or behind it."""


# Who is served


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant's own collaborators and preferences. Nothing in it can reach another tenant.

    Its `language` counts instead of that of its sites, if it is given. A tenant that `bills_delivered` has what was
    delivered on its invoices where that is not what was ordered. One with `local` numbers draws none at the platform.
    Credit notes are numbered like invoices, unless they have a series of their own.
    """

    id: TenantId
    orders: Orders
    configurations: Configurations
    sequences: Sequences
    sites: Sites
    payments: Payments
    customers: Customers
    seller: Seller = Seller()  # noqa: RUF009 - it is frozen
    placeholders: tuple[tuple[str, str], ...] = ()
    series_site: str = ""
    sequence_key: str = ""
    language: str = ""
    mail_sender: str = ""
    terms: Terms = Terms()  # noqa: RUF009 - it is frozen
    bills_delivered: bool = False
    local: LocalNumbers | None = None
    credit_note_series: SeriesName = INVOICE_SERIES
    local_credit_notes: LocalNumbers | None = None

    def local_series(self, site_code: str, day: date, kind: DocumentType = DocumentType.INVOICE) -> LocalSeries | None:
        """The series of our own that numbers what is issued for this site on this day; None if the platform does."""
        own = self.local_credit_notes if kind is DocumentType.CREDIT_NOTE else None
        numbers = own or self.local
        return numbers.series(site_code, day) if numbers else None

    def series(self, site_code: str, kind: DocumentType = DocumentType.INVOICE) -> Series:
        """Where this site's documents get their numbers; `series_site` counts instead of every site if given."""
        name = self.credit_note_series if kind is DocumentType.CREDIT_NOTE else INVOICE_SERIES
        return Series(name, self.series_site or site_code, self.placeholders, self.sequence_key)


class Tenants(Protocol):
    """The tenants this service is configured for."""

    def tenant(self, tenant: TenantId) -> Tenant:
        """Raises `UnknownTenant`."""

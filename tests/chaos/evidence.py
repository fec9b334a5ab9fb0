"""What is known of one tenant after the work, from four sides that know nothing of one another.

The sandbox's effects and orders, what the service answers, the bytes it keeps, and its journal of draws.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import create_engine, text

from domain.mail import file_name
from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2, jobs_pb2

PAGE = 1000
CENT = Decimal("0.01")

Sent = tuple[str, str]
"""A mail: its Message-ID, and the SHA-256 of its PDF."""


@dataclass(slots=True)
class Trail:
    """A tenant's effects, each reduced to what the audit asks; hear them all at once or piece by piece."""

    captures: defaultdict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    """By transaction."""
    refunds: defaultdict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    """By transaction."""
    payers: dict[str, str] = field(default_factory=dict)
    """The order that each captured transaction belongs to."""
    paid: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What was captured for each order, and not given back."""
    numbers: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Orders that were written to."""
    mails: defaultdict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    """By the name of the attached PDF."""
    last: int = 0

    def hear(self, effects: Iterable[dict[str, Any]]) -> Trail:
        """Takes these effects in; gives itself."""
        for effect in effects:
            self.last = effect["seq"]
            match effect["kind"]:
                case "capture":
                    self._moved(self.captures, effect, Decimal(effect["amount"]))
                case "refund":
                    self._moved(self.refunds, effect, -Decimal(effect["amount"]))
                case "number":
                    self.numbers.append(effect["number"])
                case "order_patched" | "order_recalculated":
                    self.changed.add(effect["order_id"])
                case "mail":
                    for pdf in effect["attachments"]:
                        self.mails[pdf["name"]].append((effect["message_id"], pdf["sha256"]))
        return self

    def _moved(self, moved: defaultdict[str, list[Decimal]], effect: dict[str, Any], amount: Decimal) -> None:
        moved[effect["transaction_id"]].append(amount)
        self.payers[effect["transaction_id"]] = effect["order_id"]
        self.paid[effect["order_id"]] += amount


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as the platform has it: what it comes to, and the invoice that is written into it."""

    total: Decimal
    mark: str

    @classmethod
    def of(cls, document: dict[str, Any]) -> Ordered:
        """What the order's document says."""
        total = Decimal(document["calculatedPrice"]["finalPrice"]["grossValue"]).quantize(CENT, ROUND_HALF_UP)
        return cls(total, str(document["mixins"].get("invoice", {}).get("invoiceNo", "")))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw as the service's journal tells it."""

    order_id: str
    outcome: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the audit compares."""

    trail: Trail
    orders: dict[str, Ordered]
    outcomes: defaultdict[str, list[jobs_pb2.JobOrder]]
    """By order id, one for every job that has it; dry runs are left out."""
    documents: tuple[invoices_pb2.Invoice, ...]
    archived: dict[str, str]
    """The SHA-256 of what the service serves, by number; of documents that are drawn."""
    draws: tuple[Drawn, ...]

    def mails(self, number: str) -> list[Sent]:
        """Every mail that was handed over with this document."""
        return self.trail.mails.get(f"{file_name(number)}.pdf", [])


async def gathered(
    service: Service, platform: Caller, order_ids: Iterable[str], *, database: str, trail: Trail
) -> Evidence:
    """The evidence about these orders of the service's tenant. `platform` needs no token, `database` is the URL."""
    documents = [document async for document in _documents(service)]
    return Evidence(
        trail=trail,
        orders=await _orders(service.tenant, platform, order_ids),
        outcomes=await _outcomes(service),
        documents=tuple(documents),
        archived={each.invoice_number: await _digest(service, each) for each in documents if each.pdf_sha256},
        draws=draws_in(database, service.tenant),
    )


async def _orders(tenant: str, platform: Caller, order_ids: Iterable[str]) -> dict[str, Ordered]:
    reader = await platform.as_holder_of(f"tenant={tenant}")
    found = {}
    for order_id in order_ids:
        status, document = await reader.get(f"/order-v2/{tenant}/salesorders/{order_id}")
        assert status == 200, document
        found[order_id] = Ordered.of(document)
    return found


async def _outcomes(service: Service) -> defaultdict[str, list[jobs_pb2.JobOrder]]:
    found: defaultdict[str, list[jobs_pb2.JobOrder]] = defaultdict(list)
    async for job in _jobs(service):
        if not job.dry_run:
            async for order in _orders_of(service, job):
                found[order.order_id].append(order)
    return found


async def _jobs(service: Service) -> AsyncIterator[jobs_pb2.Job]:
    request = jobs_pb2.ListJobsRequest(tenant=service.tenant, page_size=PAGE)
    while page := await service.jobs.ListJobs(request):
        for job in page.jobs:
            yield job
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def _orders_of(service: Service, job: jobs_pb2.Job) -> AsyncIterator[jobs_pb2.JobOrder]:
    request = jobs_pb2.ListJobOrdersRequest(tenant=service.tenant, job_id=job.job_id, page_size=PAGE)
    while page := await service.jobs.ListJobOrders(request):
        for order in page.orders:
            yield order
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def _documents(service: Service) -> AsyncIterator[invoices_pb2.Invoice]:
    request = invoices_pb2.ListInvoicesRequest(tenant=service.tenant, page_size=PAGE)
    while page := await service.invoices.ListInvoices(request):
        for document in page.invoices:
            yield document
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def _digest(service: Service, document: invoices_pb2.Invoice) -> str:
    _, content = await service.download(document.invoice_number)
    return sha256(content).hexdigest()


def draws_in(database: str, tenant: str) -> tuple[Drawn, ...]:
    """Every draw of the tenant, as the service's own database tells."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        query = text("SELECT order_id, outcome, number FROM draws WHERE tenant = :tenant")
        draws = tuple(Drawn(*row) for row in connection.execute(query, {"tenant": tenant}))
    engine.dispose()
    return draws

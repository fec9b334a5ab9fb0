"""Orders as the journal knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.capture import AttemptId, CaptureAttempt
from domain.document import Document, DocumentType
from domain.history import InJob, Issued, OrderHistory
from domain.invoice import InvoiceNumber
from domain.job import JobId, JobOrder, JobType
from domain.numbering import INVOICE_SERIES
from domain.order import OrderId, TenantId, TransactionId
from fakes.clock import NOON

ACME = TenantId("acme")
EON1 = OrderId("EON1")
JOB = JobId("job-1")
T1 = TransactionId("t1")
HOUR = timedelta(hours=1)


def an_attempt(amount: str = "10.00", **changes: Any) -> CaptureAttempt:
    """To capture an amount for EON1, an hour before noon; nobody knows what became of it."""
    made = CaptureAttempt(
        id=AttemptId("a1"),
        tenant=ACME,
        job_id=JOB,
        order_id=EON1,
        transaction_id=T1,
        amount=Decimal(amount),
        currency="EUR",
        intended=NOON - HOUR,
        deadline=NOON - HOUR + timedelta(seconds=20),
    )
    return replace(made, **changes)


def a_job_order(**changes: Any) -> JobOrder:
    """EON1 in its job."""
    return replace(JobOrder(tenant=ACME, job_id=JOB, order_id=EON1, dry_run=False), **changes)


def a_history(order: JobOrder | None = None, **changes: Any) -> OrderHistory:
    """EON1 in one job, made two hours before noon."""
    in_job = InJob(JobType.MANUAL, NOON - 2 * HOUR, order or a_job_order())
    return replace(OrderHistory(ACME, EON1, jobs=(in_job,)), **changes)


def issued(number: str = "INV7", position: int = 3) -> Issued:
    """The invoice of EON1, issued at noon."""
    document = Document(
        id=1,
        tenant=ACME,
        number=InvoiceNumber(number),
        series=INVOICE_SERIES,
        type=DocumentType.INVOICE,
        order_id=EON1,
        job_id=JOB,
        issue_date=NOON.date(),
        currency="EUR",
        net=Decimal("20.00"),
        tax=Decimal("3.80"),
        rounding=Decimal("0.00"),
        gross=Decimal("23.80"),
        prepaid=Decimal("23.80"),
        due=Decimal("0.00"),
        buyer_name="Żaneta Łaska",
        recipient="zaneta@example.com",
        created=NOON,
    )
    return Issued(document, position)

"""Jobs and their orders: what a caller starts, follows and reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from operator import attrgetter
from typing import NewType

from domain.errors import InvalidArgument
from domain.invoice import InvoiceNumber
from domain.order import OrderId, TenantId

JobId = NewType("JobId", str)
RequestId = NewType("RequestId", str)
Version = NewType("Version", int)

MAX_ORDERS = 10_000
MAX_ORDER_ID = 128
MAX_REQUEST_ID = 128


class JobType(StrEnum):
    """How the orders of a job are found."""

    MANUAL = "MANUAL"
    AUTOMATIC = "AUTOMATIC"
    CORRECTION = "CORRECTION"
    """Not found at all: it cancels one invoice, and is no job that callers know of."""


class JobState(StrEnum):
    """Where a job stands."""

    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class OrderState(StrEnum):
    """Where an order of a job stands."""

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"


class Step(IntEnum):
    """The five steps, in their order."""

    VALIDATION = 1
    RECALCULATION = 2
    CAPTURE = 3
    PDF = 4
    EMAIL = 5


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders of a job stand where."""

    pending: int = 0
    success: int = 0
    failure: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All orders of the job."""
        return self.pending + self.success + self.failure + self.cancelled


@dataclass(frozen=True, slots=True)
class Job:
    """A job without its orders. `version` grows with every change of the job or of one of its orders."""

    tenant: TenantId
    id: JobId
    type: JobType
    state: JobState
    version: Version
    counts: OrderCounts
    dry_run: bool
    request_id: RequestId
    created: datetime
    updated: datetime
    ended: datetime | None = None
    found: bool = True
    """Whether its orders are known yet; an automatic job has to look for them first."""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order comes to: gross = net + tax + rounding."""

    currency: str
    net: Decimal
    tax: Decimal
    rounding: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be taken back: an invoice, why, and whether what was captured is given back."""

    invoice: InvoiceNumber
    remark: str = ""
    refund: bool = False


@dataclass(frozen=True, slots=True)
class JobOrder:
    """One order of a job: where it stands, and what is known of it.

    One with a `correction` is to get no invoice: its invoice is to be taken back.

    `attempt` counts the tries at `step`; `since` is when the first of them ended; `due` is when the next may start.
    `touched` says that a capture may have happened: from then on the order is finished, whatever the caller does.
    `revision` grows with every save; a save with an old one is refused.
    """

    tenant: TenantId
    job_id: JobId
    order_id: OrderId
    dry_run: bool
    state: OrderState = OrderState.PENDING
    step: Step = Step.VALIDATION
    attempt: int = 0
    since: datetime | None = None
    due: datetime | None = None
    reason: str = ""
    message: str = ""
    retryable: bool = False
    amounts: Amounts | None = None
    touched: bool = False
    captured: Decimal | None = None
    number: InvoiceNumber | None = None
    link: str = ""
    """Where an invoice lies that another hand made; our own documents are linked by their number."""
    correction: Correction | None = None
    updated: datetime | None = None
    version: Version = Version(0)
    revision: int = 0

    @property
    def ended(self) -> bool:
        """Nothing more will happen to it unless someone asks."""
        return self.state is not OrderState.PENDING

    @property
    def has_document(self) -> bool:
        """Whether our archive holds the document with `number`."""
        if self.number is None or self.link:
            return False
        return self.step > Step.PDF or self.reason == "ALREADY_INVOICED"

    @property
    def begun(self) -> bool:
        """Whether this job began something irrevocable: a capture, or a document."""
        return self.touched or (self.number is not None and self.step >= Step.PDF)

    @property
    def holds_claim(self) -> bool:
        """Whether no other job may touch the order: while in work, and while a failure waits to be taken up again.

        An order that failed for good with a number (someone else's invoice was written into it) is let go: its
        document protects it, and other jobs learn that it is invoiced. So is one whose money the gateway will not give
        back: nothing is in doubt, and its next invoice says what is paid.
        """
        refused = self.correction is not None and self.reason == "PAYMENT_REFUSED"
        unfinished = self.begun and (self.retryable or self.number is None) and not refused
        return not self.dry_run and (not self.ended or (self.state is OrderState.FAILURE and unfinished))

    def but(self, **changes: object) -> JobOrder:
        """Another that differs so; for where it happens so often that `replace` would be felt."""
        return _made(*map(changes.get, _NAMES, _ALL(self)))

    def saved(self, version: Version, updated: datetime) -> JobOrder:
        """As it is once it was saved, under its next revision. Happens so often that `replace` would be felt."""
        return _made(*_SAYING(self), updated, version, self.revision + 1)

    @property
    def needs_draft(self) -> bool:
        """Whether it may yet go on from what RECALCULATION decided."""
        return not self.ended or (self.state is OrderState.FAILURE and (self.retryable or self.begun))


_NAMES = tuple(field.name for field in fields(JobOrder))
_ALL = attrgetter(*_NAMES)
_SAYING = attrgetter(*_NAMES[:-3])
"""All of an order but `updated`, `version` and `revision`."""
_made: Callable[..., JobOrder] = JobOrder


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a caller asks for: checked, duplicates taken once, in the order given."""

    tenant: TenantId
    type: JobType
    order_ids: tuple[OrderId, ...] = ()
    request_id: RequestId = RequestId("")
    dry_run: bool = False

    @classmethod
    def of(
        cls,
        *,
        tenant: TenantId,
        type: JobType,  # noqa: A002 - the field's own name
        order_ids: tuple[str, ...],
        request_id: str,
        dry_run: bool,
    ) -> JobRequest:
        """The request, if its shape is right. Raises `InvalidArgument` naming the field."""
        known_by = require_request_id(request_id)
        ids = manual_ids(order_ids) if type is JobType.MANUAL else ()
        return cls(tenant, type, ids, known_by, dry_run)


def require_request_id(request_id: str) -> RequestId:
    """The caller's key, or none. Raises `InvalidArgument`."""
    if len(request_id) > MAX_REQUEST_ID:
        raise InvalidArgument("request_id", f"has {len(request_id)} characters; at most {MAX_REQUEST_ID}")
    if not request_id.isprintable():
        raise InvalidArgument("request_id", "has control characters")
    return RequestId(request_id)


def manual_ids(order_ids: tuple[str, ...]) -> tuple[OrderId, ...]:
    """The ids, each once. Raises `InvalidArgument` for none, too many, or one that is no order id."""
    if not order_ids:
        raise InvalidArgument("order_ids", "is empty; a MANUAL job names 1 to 10,000 orders")
    if len(order_ids) > MAX_ORDERS:
        raise InvalidArgument("order_ids", f"has {len(order_ids):,} ids; at most {MAX_ORDERS:,} in one job")
    for index, order_id in enumerate(order_ids):
        require_order_id(f"order_ids[{index}]", order_id)
    return tuple(OrderId(order_id) for order_id in dict.fromkeys(order_ids))


def require_order_id(field: str, order_id: str) -> OrderId:
    """The id, if it can be one: it goes into paths and file names. Raises `InvalidArgument`."""
    if not order_id:
        raise InvalidArgument(field, "is empty")
    if len(order_id) > MAX_ORDER_ID:
        raise InvalidArgument(field, f"has {len(order_id)} characters; an order id has at most {MAX_ORDER_ID}")
    if not all(c.isalnum() or c in "-_.:~@" for c in order_id) or not order_id.isascii() or set(order_id) <= {"."}:
        raise InvalidArgument(field, "may hold only letters, digits and - _ . : ~ @")
    return OrderId(order_id)

"""What can go wrong, by who can mend it.

    InvoicingError
    ├── Rejected        the caller must change something
    ├── Unavailable     time may mend it
    ├── Conflict        read again, decide again
    ├── Misconfigured   an operator must act
    └── InDoubt         the world may have changed and we don't know: ask before acting again

Each carries `reason`, a stable word for machines, and its data as fields. Anything else that is raised is a bug.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice


class InvoicingError(Exception):
    """Something went wrong that someone can mend."""

    reason = "INTERNAL"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason


class Rejected(InvoicingError):
    """The caller must change something."""

    reason = "INVALID_ARGUMENT"


class Unavailable(InvoicingError):
    """Time may mend it. `retry_after` is how long to wait, when we were told."""

    reason = "PLATFORM_UNAVAILABLE"

    def __init__(self, message: str, *, reason: str | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(message, reason=reason)
        self.retry_after = retry_after


class Conflict(InvoicingError):
    """Someone else changed it first: read again, decide again."""

    reason = "CONFLICT"


class Misconfigured(InvoicingError):
    """An operator must act: credentials, scopes, settings."""

    reason = "NOT_CONFIGURED"


class InDoubt(InvoicingError):
    """The world may have changed and we don't know: ask before acting again, and not before `until`."""

    reason = "PAYMENT_OUTCOME_UNKNOWN"

    def __init__(self, message: str, *, reason: str | None = None, until: datetime | None = None) -> None:
        super().__init__(message, reason=reason)
        self.until = until


# The caller's arguments


class InvalidArgument(Rejected):
    """An argument has the wrong shape. `field` is its path in the request."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class Missing(Rejected):
    """What was named does not exist, or belongs to another tenant: the answer is the same."""

    kind = "thing"

    def __init__(self, name: str, message: str | None = None) -> None:
        super().__init__(message or f"{self.kind} {name!r} does not exist")
        self.name = name


class UnknownTenant(Missing):
    """No such tenant is configured here."""

    reason = "UNKNOWN_TENANT"
    kind = "tenant"

    def __init__(self, name: str) -> None:
        super().__init__(name, f"tenant {name!r} is not configured here")


class UnknownJob(Missing):
    """The tenant has no such job."""

    reason = "UNKNOWN_JOB"
    kind = "job"


class UnknownOrder(Missing):
    """The tenant has no such order."""

    reason = "UNKNOWN_ORDER"
    kind = "order"


class UnknownInvoice(Missing):
    """The tenant has no such invoice."""

    reason = "UNKNOWN_INVOICE"
    kind = "invoice"


class UnknownSeries(Missing):
    """The tenant has no such series of numbers."""

    reason = "UNKNOWN_SERIES"
    kind = "series"


class RequestIdReused(Rejected):
    """The request id belongs to a job with other content, or to the cancellation of the invoice `corrects`."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, request_id: str, job_id: str, *, corrects: str | None = None) -> None:
        first = f"to cancel invoice {corrects}" if corrects else f"for job {job_id}"
        super().__init__(f"request_id {request_id!r} was used {first}, with other content; take a new one")
        self.request_id = request_id
        self.job_id = job_id
        self.corrects = corrects


class NotRetryable(Rejected):
    """These orders did not fail, or need a new job: nothing was taken up again. `why` says it of each, by its id."""

    reason = "NOT_RETRYABLE"

    def __init__(self, why: Mapping[str, str]) -> None:
        told = "; ".join(f"{order_id} {what}" for order_id, what in islice(why.items(), 3))
        super().__init__(f"{told}; and {len(why) - 3:,} more" if len(why) > 3 else told)
        self.order_ids = tuple(why)


class NotCancellable(Rejected):
    """The document cannot be taken back: `credit_note` has done so already, or it is a credit note itself."""

    reason = "NOT_CANCELLABLE"

    def __init__(self, number: str, credit_note: str = "") -> None:
        why = f"is cancelled already: {credit_note} is its credit note" if credit_note else "is a credit note"
        super().__init__(f"{number} {why}")
        self.number = number
        self.credit_note = credit_note


class CorrectionFailed(Rejected):
    """A correction could not be finished, for a reason of orders; asked for again, it goes on where it failed."""

    reason = "INTERNAL"


# What is wrong with an order


class OrderRejected(Rejected):
    """The order cannot be invoiced as it is; a new job is needed once that has changed."""

    reason = "ORDER_NOT_INVOICEABLE"


class OrderNotFound(OrderRejected):
    """The platform has no such order."""

    reason = "ORDER_NOT_FOUND"


class OrderNotInvoiceable(OrderRejected):
    """The order's state forbids an invoice: declined, in checkout, a master order with sub-orders."""

    reason = "ORDER_NOT_INVOICEABLE"


class AlreadyInvoiced(OrderRejected):
    """The order has an invoice: `number`, and `document` where it lies."""

    reason = "ALREADY_INVOICED"

    def __init__(self, number: str, document: str = "") -> None:
        super().__init__(f"the order is invoiced already: {number}")
        self.number = number
        self.document = document


class OrderInProgress(OrderRejected):
    """Another job has the order in work, or must finish it."""

    reason = "ORDER_IN_PROGRESS"

    def __init__(self, job_id: str, *, must_retry: bool, corrects: str | None = None) -> None:
        super().__init__(_who_has_it(job_id, must_retry=must_retry, corrects=corrects))
        self.job_id = job_id


def _who_has_it(job_id: str, *, must_retry: bool, corrects: str | None) -> str:
    if corrects:
        advice = "ask for that again, unchanged, to finish it" if must_retry else "wait for that"
        return f"the order's invoice {corrects} is being cancelled; {advice}"
    advice = "retry that job to finish it" if must_retry else "wait for that job"
    return f"job {job_id} has this order; {advice}"


class TotalsMismatch(OrderRejected):
    """The order's figures do not add up, beyond what rounding explains."""

    reason = "TOTALS_MISMATCH"


class InvoiceIncomplete(OrderRejected):
    """A lawful invoice needs a field that is missing or unusable. `field` says which, where to set it."""

    reason = "INVOICE_INCOMPLETE"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field


class UnknownCurrency(InvoiceIncomplete):
    """The code is not one of ISO 4217."""

    def __init__(self, code: str) -> None:
        super().__init__("currency", f"{code!r} is not an ISO 4217 code (BT-5): correct the order")


# Money


class AmountExceedsAuthorization(OrderRejected):
    """More is owed than was authorised; nothing was captured."""

    reason = "AMOUNT_EXCEEDS_AUTHORIZATION"


class PaymentRefused(Rejected):
    """The gateway said no; nothing was captured, or given back."""

    reason = "PAYMENT_REFUSED"


# Numbers and documents


class SeriesExhausted(Misconfigured):
    """The series has no number left."""

    reason = "SERIES_EXHAUSTED"


class NumberTaken(Conflict):
    """The number stands on another document already."""

    reason = "NOT_CONFIGURED"

    def __init__(self, number: str) -> None:
        super().__init__(f"number {number} is on another document already")
        self.number = number


class RenderFailed(InvoicingError):
    """The document could not be drawn."""

    reason = "RENDER_FAILED"


class DocumentDamaged(InvoicingError):
    """The archive holds other bytes than were issued: someone must look before anyone gets them."""


class Bug(InvoicingError):
    """A defect of ours. `incident` is where the log tells more."""

    def __init__(self, incident: str) -> None:
        super().__init__(f"internal error; the log tells more under incident {incident}")
        self.incident = incident


class PlatformDenied(Misconfigured):
    """The platform refuses our credentials or scopes."""

    reason = "PLATFORM_DENIED"


class MailRefused(Rejected):
    """The mail server will never take this mail; trying again is useless."""

    reason = "EMAIL_FAILED"


# Our own state


class StaleJobOrder(Conflict):
    """Another worker moved this order on; what this one decided is dropped."""


class StoreUnavailable(Unavailable):
    """The database cannot be written or read right now."""

    reason = "UNAVAILABLE"


class StoreDamaged(StoreUnavailable):
    """The database lost what it held: nothing is written into it any more before someone has restored it."""


class Postponed(Unavailable):
    """A call to the platform was not made, for it was not its turn within its time: that is no attempt."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message, retry_after=retry_after)


class Draining(Unavailable):
    """The server is stopping; another replica, or this one soon, goes on."""

    reason = "DRAINING"

"""Invoice numbers: where they come from, and the ledger that explains each one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NewType

from domain.invoice import InvoiceNumber
from domain.job import JobId
from domain.order import OrderId, TenantId

SeriesName = NewType("SeriesName", str)
DrawId = NewType("DrawId", str)

INVOICE_SERIES = SeriesName("invoiceNoSequence")
"""The series of invoices at the platform (`sequential-id.yaml`, schemaType)."""

GENESIS = "0" * 64
"""What stands before the first entry of a chain."""

MAX_DRAWS_OF_A_TAKEN_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Series:
    """A sequence of invoice numbers. All but the name is what the platform's counter asks for.

    `site_code` tells it country and time, `placeholders` fill the texts of its schema, and `key` chooses a counter of
    its own within the schema (`sequential-id.yaml`, sequenceKey).
    """

    name: SeriesName
    site_code: str
    placeholders: tuple[tuple[str, str], ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class NumberSchema:
    """How the platform's counter makes numbers of a type; of each type one is active.

    `wanted` are the placeholders that have to be given with each call. `left` is how many numbers it has still.
    """

    id: str
    name: str
    active: bool
    prefix: str
    wanted: tuple[str, ...]
    left: int


class DrawOutcome(StrEnum):
    """What became of a request for a number."""

    DRAWN = "DRAWN"
    NOTHING = "NOTHING"
    """The source said so: no number was used up."""
    POSSIBLY_BURNT = "POSSIBLY_BURNT"
    """The answer was lost: a number may be used up that stands on no document."""
    TAKEN = "TAKEN"
    """The source handed out a number that stands on a document already."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A request for a number, journalled before it is made and again when it is answered."""

    id: DrawId
    tenant: TenantId
    series: SeriesName
    order_id: OrderId
    job_id: JobId
    asked: datetime
    outcome: DrawOutcome | None = None
    number: InvoiceNumber | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One issued document in the chain of its series. Position, not number, is the chain's order."""

    tenant: TenantId
    series: SeriesName
    position: int
    number: InvoiceNumber
    content_hash: str
    previous: str

    @property
    def hash(self) -> str:
        """Lower-case hexadecimal SHA-256 over the entry and the one before it."""
        fields = (self.tenant, self.series, str(self.position), self.number, self.content_hash, self.previous)
        return sha256("\n".join(fields).encode()).hexdigest()

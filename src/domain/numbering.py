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

GENESIS = "0" * 64
"""What stands before the first entry of a chain."""

MAX_DRAWS_OF_A_TAKEN_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Series:
    """A sequence of invoice numbers. `site_code` and `placeholders` are what the platform's counter asks for."""

    name: SeriesName
    site_code: str
    placeholders: tuple[tuple[str, str], ...] = ()


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

"""Invoice numbers: where they come from, and the ledger that explains each one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NewType

from domain.errors import Misconfigured, SeriesExhausted
from domain.invoice import Draft, Invoice, InvoiceNumber
from domain.job import JobId
from domain.order import OrderId, TenantId

SeriesName = NewType("SeriesName", str)
DrawId = NewType("DrawId", str)

INVOICE_SERIES = SeriesName("invoiceNoSequence")
"""The series of invoices at the platform (`sequential-id.yaml`, schemaType)."""

LOCAL = "local:"
"""How the names of series begin whose numbers this service allocates; the rest is what their numbers begin with."""

YEAR = "{year}"
"""In the prefix of a pattern: the year of the issue date."""

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
class LocalSeries:
    """A series without gaps: its next number is allocated in the very commit that issues the document.

    Its numbers are `stem` and a count of so many `digits`; the first count is `start`.
    """

    name: SeriesName
    stem: str
    digits: int
    start: int

    def allocated(self, following: int | None) -> tuple[int, InvoiceNumber]:
        """The next count, and its number; `following` is the count that is kept as such, None if the series is new.

        Raises `SeriesExhausted`, and `Misconfigured` where `start` would skip numbers.
        """
        count = self.start if following is None else following
        if count < self.start:
            raise Misconfigured(
                f"series {self.name} goes on with {count}: its start {self.start} would leave a gap; take the start "
                f"away, or begin another series with another prefix"
            )
        if count >= 10**self.digits:
            raise SeriesExhausted(f"series {self.name} has used up its {self.digits} digits: give it more")
        return count, InvoiceNumber(f"{self.stem}{count:0{self.digits}}")

    def clash(self, number: InvoiceNumber) -> Misconfigured:
        """What is wrong when the next number stands on a document of another series."""
        return Misconfigured(
            f"number {number} stands on a document of another series: change the prefix {self.stem!r} of series "
            f"{self.name}, or begin it with a start behind that number"
        )


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """How the numbers of a local series look: a prefix, in which `{year}` may stand, and a count of so many digits.

    A `yearly` count restarts with each year; then `start` counts in `start_year` alone.
    """

    prefix: str
    digits: int = 6
    start: int = 1
    yearly: bool = False
    start_year: int = 0

    def on(self, day: date) -> LocalSeries:
        """The series of what is issued on this day."""
        stem = self.prefix.replace(YEAR, f"{day.year:04}")
        start = self.start if not self.yearly or day.year == self.start_year else 1
        return LocalSeries(SeriesName(LOCAL + (stem if self.yearly else self.prefix)), stem, self.digits, start)


@dataclass(frozen=True, slots=True)
class LocalNumbers:
    """The patterns of a tenant whose numbers this service allocates: one for all sites but those with their own."""

    pattern: NumberPattern
    sites: Mapping[str, NumberPattern] = field(default_factory=dict)

    def series(self, site_code: str, day: date) -> LocalSeries:
        """The series of what is issued for this site on this day, by the seller's calendar."""
        return self.sites.get(site_code, self.pattern).on(day)


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """An invoice but for its number, which its series allocates in the commit that issues it."""

    series: LocalSeries
    issue_date: date
    prepaid: Decimal
    draft: Draft

    def numbered(self, number: InvoiceNumber) -> Invoice:
        """The invoice under this number."""
        return Invoice(number, self.series.name, self.issue_date, self.prepaid, self.draft)


def is_gap_free(series: SeriesName) -> bool:
    """Whether the series promises to have no gap."""
    return series.startswith(LOCAL)


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
class Neighbours:
    """Numbers drawn around a draw: surely before it, at about the same time, surely behind it; the nearest of each."""

    before: tuple[InvoiceNumber, ...]
    meanwhile: tuple[InvoiceNumber, ...]
    behind: tuple[InvoiceNumber, ...]


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

"""Issued documents: what is known of each without opening it, and how they are listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from domain.errors import DocumentDamaged, InvalidArgument
from domain.invoice import DocumentType, InvoiceNumber
from domain.job import JobId
from domain.numbering import SeriesName
from domain.order import OrderId, TenantId

LISTED = 5
"""How many characters a sentence names."""


class Rendition(StrEnum):
    """As what a document is handed out."""

    PDF = "pdf"
    CII = "cii"
    UBL = "ubl"

    @property
    def ending(self) -> str:
        """How the name of such a file ends."""
        return ".pdf" if self is Rendition.PDF else f"-{self.value}.xml"


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bytes of a document. `replaced` are the characters that no font had, each once, the lowest first."""

    content: bytes
    replaced: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An issued document. It never changes; where it lies, when it was mailed and what cancelled it is learnt later."""

    id: int
    tenant: TenantId
    number: InvoiceNumber
    series: SeriesName
    type: DocumentType
    order_id: OrderId
    job_id: JobId
    issue_date: date
    currency: str
    net: Decimal
    tax: Decimal
    rounding: Decimal
    gross: Decimal
    prepaid: Decimal
    due: Decimal
    buyer_name: str
    recipient: str
    created: datetime
    sha256: str | None = None
    size: int | None = None
    mailed: datetime | None = None
    cancels: InvoiceNumber | None = None
    cancelled_by: InvoiceNumber | None = None
    replaced: str = ""
    """The characters for which it shows a replacement, as `Drawing` has them."""

    @property
    def warning(self) -> str:
        """What someone should know who looks at how the document came to be; empty when there is nothing."""
        if not self.replaced:
            return ""
        listed = ", ".join(f"U+{ord(character):04X}" for character in self.replaced[:LISTED])
        more = ", …" if len(self.replaced) > LISTED else ""
        characters = "1 character" if len(self.replaced) == 1 else f"{len(self.replaced)} characters"
        return (
            f"the document shows a replacement for {characters} that no font has: {listed}{more}; "
            "add a font with all of them to INVOICING_FONT_DIRS"
        )

    def is_intact(self, content: bytes) -> bool:
        """Whether these are the bytes that were archived."""
        return self.sha256 == sha256(content).hexdigest()

    def require_intact(self, content: bytes) -> bytes:
        """The bytes, if they are those that were archived. Raises `DocumentDamaged`."""
        if not self.is_intact(content):
            raise DocumentDamaged(f"the archived bytes of invoice {self.number} are not those that were issued")
        return content


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are wanted; filters combine, empty ones filter nothing."""

    tenant: TenantId
    order_id: str = ""
    job_id: str = ""
    issued_from: date | None = None
    issued_to: date | None = None


def parse_day(field: str, text: str) -> date | None:
    """The day, or None for no text. Raises `InvalidArgument` naming the field."""
    if not text:
        return None
    problem = InvalidArgument(field, f"is {text[:40]!r}, not a date as YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise problem from None
    if day.isoformat() != text:
        raise problem
    return day

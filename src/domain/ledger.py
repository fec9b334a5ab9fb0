"""The ledger as it is kept, and what shows that someone changed it, a document or what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from domain.document import Document
from domain.invoice import Invoice
from domain.numbering import GENESIS, LedgerEntry


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the ledger, and all that is kept of its document. Nothing here is trusted.

    `hash` is the entry's as it was written; `content_hash` is that of the bytes of the content as they are now. What is
    missing, or cannot be read any more, is None.
    """

    entry: LedgerEntry
    hash: str
    content_hash: str | None
    document: Document | None
    content: Invoice | None


def broken_chain(kept: Kept, before: Kept | None) -> Iterator[str]:
    """What is wrong with the row and its place behind the row before it; a hole before it is told apart."""
    if kept.entry.hash != kept.hash:
        yield "its ledger row was changed: the hash is not that of the row"
    if before is None and kept.entry.position == 1 and kept.entry.previous != GENESIS:
        yield "it is not the first of its chain, though it stands there"
    if before is not None and kept.entry.position == before.entry.position + 1 and kept.entry.previous != before.hash:
        yield f"it is not chained to {before.entry.number}, the row before it"


def hole_before(kept: Kept, before: Kept | None) -> str:
    """Which rows are missing between the two; empty when none is."""
    first, last = (before.entry.position + 1 if before else 1), kept.entry.position - 1
    if first > last:
        return ""
    missing = f"row {first} is" if first == last else f"rows {first} to {last} are"
    return f"{missing} missing from the ledger, before {kept.entry.number}"


def changed_records(kept: Kept) -> Iterator[str]:
    """How the document's row and its content differ from what was issued."""
    if kept.document is None:
        yield "its document row is missing, or cannot be read"
    if kept.content_hash is None:
        yield "its content is missing"
    elif kept.content_hash != kept.entry.content_hash:
        yield "its content was changed: the SHA-256 is not the one in the ledger"
    elif kept.content is None:
        yield "its content cannot be read"
    elif kept.document is not None:
        yield from differences(kept.document, kept.content)


def differences(document: Document, content: Invoice) -> Iterator[str]:
    """Where the document's row says something else than its content."""
    for name, said in _said(content).items():
        found = getattr(document, name)
        if found != said:
            yield f"its document row says {name} {str(found)[:80]!r}, its content {str(said)[:80]!r}"


def _said(content: Invoice) -> dict[str, object]:
    """What the document's row repeats of the content."""
    draft, totals = content.draft, content.draft.totals
    return {
        "number": content.number,
        "series": content.series,
        "order_id": draft.order_id,
        "issue_date": content.issue_date,
        "currency": draft.currency.code,
        "net": totals.net,
        "tax": totals.tax,
        "rounding": totals.rounding,
        "gross": totals.gross,
        "prepaid": content.prepaid,
        "due": content.due,
        "buyer_name": draft.buyer.name,
        "recipient": draft.recipient,
    }


def changed_bytes(document: Document, content: bytes) -> str:
    """How the archived bytes differ from those that were archived; empty when they do not."""
    if len(content) != document.size:
        return f"its bytes in the archive were changed: {len(content):,} instead of {document.size or 0:,}"
    if not document.is_intact(content):
        return f"its bytes in the archive were changed: SHA-256 {sha256(content).hexdigest()}, not {document.sha256}"
    return ""

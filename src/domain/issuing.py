"""Issuing a document: a number that stands on no other, the document in the ledger, its bytes in the archive."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from uuid import uuid4

from domain.document import Document
from domain.errors import AlreadyInvoiced, InDoubt, Misconfigured, NumberTaken, Unavailable, UnknownInvoice
from domain.invoice import Draft, Invoice, InvoiceNumber
from domain.numbering import MAX_DRAWS_OF_A_TAKEN_NUMBER, Draw, DrawId, DrawOutcome, LocalSeries, Unnumbered
from domain.work import Work


async def require_number(work: Work, draft: Draft) -> None:
    """Raises what would keep a local series from numbering the invoice: that is known before money moves.

    So is a series whose next number stands on a document already: its database was restored, and is older than that.
    """
    series = work.tenant.local_series(draft.site_code, draft.issue_date(work.has.clock()))
    if series is None:
        return
    number = await _following(work, series)
    if await _is_archived(work, number) and await _following(work, series) == number:
        raise Misconfigured(
            f"the archive holds {number} already, which series {series.name} would give next: the database is older "
            "than the archive; raise the series behind all that was given (operations: restoring)"
        )


async def _following(work: Work, series: LocalSeries) -> InvoiceNumber:
    """The number that the series gives next."""
    _, number = series.allocated(await work.has.ledger.following_count(work.order.tenant, series.name))
    return number


async def _is_archived(work: Work, number: InvoiceNumber) -> bool:
    try:
        await work.has.archive.get(work.order.tenant, number)
    except UnknownInvoice:
        return False
    return True


def invoice_of(work: Work, draft: Draft, prepaid: Decimal) -> Invoice:
    """The invoice over a draft, if it is issued now; it has no number yet."""
    return Invoice(InvoiceNumber(""), "", draft.issue_date(work.has.clock()), prepaid, draft)


async def issued(work: Work, wanted: Invoice) -> Document:
    """The order's document, archived: the one that is there, or a new one under the next number of its series."""
    series = work.tenant.local_series(wanted.draft.site_code, wanted.issue_date, wanted.type)
    try:
        if series is None:
            document = await _issued_under_drawn_number(work, wanted)
        else:
            unnumbered = Unnumbered(series, wanted.issue_date, wanted.prepaid, wanted.draft, wanted.cancels)
            document = await _issue(work, unnumbered)
    except AlreadyInvoiced as there:
        document = await work.has.journal.document(work.order.tenant, InvoiceNumber(there.number))
    return await archived(work, document)


async def archived(work: Work, document: Document) -> Document:
    """The order's document, once its bytes are kept for ever."""
    work.order, work.document = replace(work.order, number=document.number), document
    if document.sha256 is None:
        await _archive(work, document)
    return document


async def _issued_under_drawn_number(work: Work, wanted: Invoice) -> Document:
    """A new document under a number of the platform's that stands on no other."""
    for _ in range(1 + MAX_DRAWS_OF_A_TAKEN_NUMBER):
        draw = await _number(work, wanted)
        if draw.number is None:
            raise RuntimeError(f"draw {draw.id} has no number")
        try:
            return await _issue(work, replace(wanted, number=draw.number, series=draw.series))
        except NumberTaken:
            await work.has.journal.end_draw(draw, DrawOutcome.TAKEN, draw.number)
    raise Misconfigured("the platform keeps handing out numbers that stand on documents already: check its schema")


async def _issue(work: Work, invoice: Invoice | Unnumbered) -> Document:
    document = await work.has.journal.issue(work.order, invoice, work.has.clock())
    work.invoice = invoice.numbered(document.number) if isinstance(invoice, Unnumbered) else invoice
    return document


async def _number(work: Work, wanted: Invoice) -> Draw:
    """A number for the order: one that was drawn before a crash, or a new one, journalled before and after.

    Raises `AlreadyInvoiced` when the order has its document.
    """
    order, journal = work.order, work.has.journal
    series = work.tenant.series(wanted.draft.site_code, wanted.type)
    intent = Draw(DrawId(uuid4().hex), order.tenant, series.name, order.order_id, order.job_id, work.has.clock())
    draw = await journal.intend_draw(order, intent)
    if draw.number is not None:
        return draw
    try:
        number = await work.tenant.sequences.draw(series)
    except InDoubt:
        await journal.end_draw(draw, DrawOutcome.POSSIBLY_BURNT, None)
        raise
    except (Unavailable, Misconfigured):
        await journal.end_draw(draw, DrawOutcome.NOTHING, None)
        raise
    await journal.end_draw(draw, DrawOutcome.DRAWN, number)
    return replace(draw, outcome=DrawOutcome.DRAWN, number=number)


async def _archive(work: Work, document: Document) -> None:
    """Draws the document and keeps it for ever. Bytes of it that are in the archive already are the document."""
    invoice = await work.content()
    logo = await work.tenant.sites.logo(invoice.draft.site)
    drawn = await work.has.pdf.render(invoice, logo, await work.has.xml.cii(invoice))
    kept = await work.has.archive.put(document.tenant, document.number, drawn.content)
    if kept != drawn.content:
        _require_of(work, kept, invoice)
    work.pdf = kept
    digest = sha256(kept).hexdigest()
    work.document = await work.has.journal.archived(
        document, sha256=digest, size=len(work.pdf), replaced=drawn.replaced
    )


def _require_of(work: Work, kept: bytes, invoice: Invoice) -> None:
    """Raises `Misconfigured` for bytes of another document; another version may have drawn this one before a crash."""
    xml = work.has.pdf.xml_in(kept)
    if xml is None or not work.has.xml.is_of(xml, invoice):
        raise Misconfigured(
            f"the archive holds another document under {invoice.number}: the number was given before, to a document "
            "that this database does not know (operations: restoring)"
        )

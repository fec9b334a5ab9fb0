"""The mail that brings an invoice, or a credit note, to whoever is to get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from string import ascii_letters, digits
from typing import NewType

from domain.addresses import address_in
from domain.errors import InvalidArgument
from domain.invoice import Invoice
from domain.order import TenantId

MailId = NewType("MailId", str)

ISSUED = "issued"
"""The purpose of the mail that follows the issue of an invoice."""

LANGUAGE = "en"
"""In which mails are written."""

_SAFE = frozenset(f"{ascii_letters}{digits}-_")
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how words are spelt in Persian and in the scripts of India."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with one PDF, its words once as plain text and once as HTML.

    `id` is its Message-ID without angle brackets: the same mail, however often it is sent. `reply_to` may be empty.
    """

    id: MailId
    tenant: TenantId
    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    attachment_name: str
    attachment: bytes


def mail_id(tenant: TenantId, number: str, recipient: str, purpose: str) -> MailId:
    """The Message-ID of the mail with this document to this recipient for this purpose, always the same."""
    digest = sha256("\n".join((tenant, number, recipient, purpose)).encode()).hexdigest()
    return MailId(f"{digest[:40]}@invoicing.{tenant}")


def resent(time: int) -> str:
    """The purpose of the mail in which someone wants a document to be sent again, for the so many-th time."""
    return f"resent {time}"


def require_address(field: str, text: str) -> str:
    """The text, if it can be a mail address. Raises `InvalidArgument`."""
    if address_in(text) is None:
        raise InvalidArgument(field, f"is {text[:80]!r}, which is no mail address")
    return text


def invoice_mail(
    tenant: TenantId, invoice: Invoice, *, sender: str, pdf: bytes, recipient: str = "", purpose: str = ISSUED
) -> Mail:
    """The mail that brings a document to whoever is to get it: the invoice's own recipient, if no other is named."""
    draft = invoice.draft
    to = recipient or draft.recipient
    shop = one_line(draft.brand or draft.seller.name)
    kind = "Invoice" if invoice.cancels is None else "Credit note"
    subject = f"{kind} {one_line(invoice.number)} from {shop}"
    words = _words(invoice)
    return Mail(
        id=mail_id(tenant, invoice.number, to, purpose),
        tenant=tenant,
        sender=sender,
        sender_name=shop,
        recipient=to,
        recipient_name=draft.buyer.name,
        reply_to=draft.seller.email,
        subject=subject,
        text="\n\n".join(words) + "\n",
        html=_page(subject, words),
        attachment_name=f"{file_name(invoice.number)}.pdf",
        attachment=pdf,
    )


def one_line(text: str) -> str:
    """Text from outside as one line: it begins no paragraph, and no header, of its own."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join(text.split())


def file_name(number: str) -> str:
    """The number as a name that is safe in any folder and header; names that differ stay different."""
    return "".join(chr(b) if chr(b) in _SAFE else f"%{b:02X}" for b in number.encode())


def _words(invoice: Invoice) -> tuple[str, ...]:
    """What the mail says, a paragraph each."""
    draft = invoice.draft
    return (f"Dear {one_line(draft.buyer.name)},", *_message(invoice), one_line(draft.seller.name))


def _message(invoice: Invoice) -> tuple[str, ...]:
    draft, cancels = invoice.draft, invoice.cancels
    number, order = one_line(invoice.number), one_line(draft.order_id)
    over = f"{number} over {draft.totals.gross} {draft.currency}"
    if cancels is not None:
        taken_back = f"Attached is credit note {over}. It cancels invoice {one_line(cancels.number)} of order {order}."
        return (taken_back, f"Reason: {one_line(cancels.reason)}") if cancels.reason else (taken_back,)
    paid = invoice.due <= 0
    return (
        f"thank you for your order {order}. Attached is invoice {over}.",
        "It is paid; thank you." if paid else f"Still to be paid: {invoice.due} {draft.currency}.",
    )


def _page(title: str, words: Sequence[str]) -> str:
    """The same words as HTML that reads well without styles and loads nothing from anywhere."""
    paragraphs = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in words)
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n"
        '<body style="margin:1.5em auto;max-width:36em;padding:0 1em;font-family:sans-serif;line-height:1.5">\n'
        f"{paragraphs}\n</body>\n</html>\n"
    )

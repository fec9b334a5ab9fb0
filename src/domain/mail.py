"""The mail that brings the invoice to the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from string import ascii_letters, digits
from typing import NewType

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


def invoice_mail(tenant: TenantId, invoice: Invoice, *, sender: str, pdf: bytes) -> Mail:
    """The mail that brings an invoice to whoever is to get it."""
    draft = invoice.draft
    shop = one_line(draft.brand or draft.seller.name)
    subject = f"Invoice {one_line(invoice.number)} from {shop}"
    words = _words(invoice)
    return Mail(
        id=mail_id(tenant, invoice.number, draft.recipient, ISSUED),
        tenant=tenant,
        sender=sender,
        sender_name=shop,
        recipient=draft.recipient,
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
    name, number, order = one_line(draft.buyer.name), one_line(invoice.number), one_line(draft.order_id)
    paid = invoice.due <= 0
    return (
        f"Dear {name},",
        f"thank you for your order {order}. Attached is invoice {number} over {draft.totals.gross} {draft.currency}.",
        "It is paid; thank you." if paid else f"Still to be paid: {invoice.due} {draft.currency}.",
        one_line(draft.seller.name),
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

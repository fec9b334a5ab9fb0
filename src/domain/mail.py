"""The mail that brings the invoice to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from string import ascii_letters, digits
from typing import NewType

from domain.invoice import Invoice
from domain.order import TenantId

MailId = NewType("MailId", str)

ISSUED = "issued"
"""The purpose of the mail that follows the issue of an invoice."""

_SAFE = frozenset(f"{ascii_letters}{digits}-_")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with one PDF. `id` is its Message-ID without angle brackets: the same mail, however often it is sent."""

    id: MailId
    tenant: TenantId
    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    attachment_name: str
    attachment: bytes


def mail_id(tenant: TenantId, number: str, recipient: str, purpose: str) -> MailId:
    """The Message-ID of the mail with this document to this recipient for this purpose, always the same."""
    digest = sha256("\n".join((tenant, number, recipient, purpose)).encode()).hexdigest()
    return MailId(f"{digest[:40]}@invoicing.{tenant}")


def invoice_mail(tenant: TenantId, invoice: Invoice, *, sender: str, pdf: bytes) -> Mail:
    """The mail that brings an invoice to whoever is to get it."""
    draft = invoice.draft
    shop = draft.brand or draft.seller.name
    gross = f"{draft.totals.gross} {draft.currency}"
    open_amount = f"{invoice.due} {draft.currency}"
    paid = "It is paid; thank you." if invoice.due <= 0 else f"Still to be paid: {open_amount}."
    return Mail(
        id=mail_id(tenant, invoice.number, draft.recipient, ISSUED),
        tenant=tenant,
        sender=sender,
        sender_name=shop,
        recipient=draft.recipient,
        recipient_name=draft.buyer.name,
        subject=f"Invoice {invoice.number} from {shop}",
        text=(
            f"Dear {draft.buyer.name},\n\n"
            f"thank you for your order {draft.order_id}. Attached is invoice {invoice.number} over {gross}.\n{paid}\n\n"
            f"{draft.seller.name}\n"
        ),
        attachment_name=f"{file_name(invoice.number)}.pdf",
        attachment=pdf,
    )


def file_name(number: str) -> str:
    """The number as a name that is safe in any folder and header; names that differ stay different."""
    return "".join(chr(b) if chr(b) in _SAFE else f"%{b:02X}" for b in number.encode())

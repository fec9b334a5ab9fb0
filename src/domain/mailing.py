"""The mail that brings an invoice, or a credit note, to whoever is to get it."""

from __future__ import annotations

from domain.invoice import Invoice, InvoiceNumber
from domain.letter import letter_of, letter_of_cancelled
from domain.mail import ISSUED, Mail, file_name, mail_id
from domain.order import TenantId
from domain.page import page_of


def invoice_mail(
    tenant: TenantId,
    invoice: Invoice,
    *,
    sender: str,
    pdf: bytes,
    recipient: str = "",
    purpose: str = ISSUED,
    cancelled_by: InvoiceNumber | None = None,
) -> Mail:
    """The mail that brings a document, in its language; to the invoice's own recipient, if no other is named.

    It says so when a credit note has taken the invoice back.
    """
    draft = invoice.draft
    letter = letter_of(invoice) if cancelled_by is None else letter_of_cancelled(invoice, cancelled_by)
    to = recipient or draft.recipient
    return Mail(
        id=mail_id(tenant, invoice.number, to, purpose),
        tenant=tenant,
        sender=sender,
        sender_name=letter.shop,
        recipient=to,
        recipient_name=draft.buyer.name,
        reply_to=draft.seller.email,
        subject=letter.subject,
        text=letter.text,
        html=page_of(letter),
        attachment_name=f"{file_name(invoice.number)}.pdf",
        attachment=pdf,
    )

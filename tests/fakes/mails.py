"""A mail to try things on: a valid one that takes changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.mail import Mail, MailId
from domain.order import TenantId


def a_mail(**changes: Any) -> Mail:
    """An invoice on its way to a customer, if nothing else is said."""
    mail = Mail(
        id=MailId("abc123@invoicing.acme"),
        tenant=TenantId("acme"),
        sender="shop@example.com",
        sender_name="Example Shop",
        recipient="zaneta@example.com",
        recipient_name="Zaneta Brien",
        reply_to="service@example.com",
        subject="Invoice INV1 from Example",
        text="Dear Żaneta,\n\nattached is invoice INV1.\n",
        html="<p>Dear Żaneta,</p>\n<p>attached is invoice INV1.</p>\n",
        attachment_name="INV1.pdf",
        attachment=b"%PDF-1.7 an invoice",
    )
    return replace(mail, **changes)

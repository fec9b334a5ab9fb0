"""A document in a mail of its own, because someone wants it once more."""

from __future__ import annotations

from domain.document import Document
from domain.mail import MailId, mail_id, resent
from domain.mailing import invoice_mail
from domain.ports import Journal, Tenant
from domain.steps import sender_of
from domain.work import Collaborators


async def resend(document: Document, pdf: bytes, recipient: str, tenant: Tenant, has: Collaborators) -> MailId:
    """Sends the document's bytes to the recipient; gives the mail's id.

    Its mail is the first one, counted for this document and recipient, that is not known to be taken: after trouble it
    is the same one again, after success another one. Raises `Unavailable` (none was taken), `MailRefused`,
    `Misconfigured`.
    """
    content, sender = await has.journal.content(document), await sender_of(tenant)
    purpose = await _first_unsent(document, recipient, has.journal)
    mail = invoice_mail(
        document.tenant,
        content,
        sender=sender,
        pdf=pdf,
        recipient=recipient,
        purpose=purpose,
        cancelled_by=document.cancelled_by,
    )
    await has.mailer.send(mail)
    await has.journal.mailed(document, mail.id, recipient, has.clock())
    return mail.id


async def _first_unsent(document: Document, recipient: str, journal: Journal) -> str:
    time = 1
    while await journal.sent(document.tenant, mail_id(document.tenant, document.number, recipient, resent(time))):
        time += 1
    return resent(time)

"""Who a mail is from and to, as addresses."""

from __future__ import annotations

from domain.addresses import address_in
from domain.errors import MailRefused, Misconfigured
from domain.mail import Mail


def sender_of(mail: Mail) -> str:
    """The sender's address. Raises `Misconfigured` when it is none."""
    address = address_in(mail.sender)
    if address is None:
        raise Misconfigured(
            f"the mail sender {mail.sender[:80]!r} is no address: correct the tenant's mail_sender where that is set, "
            "else the configuration cust.notification.email.from"
        )
    return address


def recipient_of(mail: Mail) -> str:
    """The recipient's address. Raises `MailRefused` when it is none."""
    address = address_in(mail.recipient)
    if address is None:
        raise MailRefused(f"the recipient {mail.recipient[:80]!r} is no mail address")
    return address

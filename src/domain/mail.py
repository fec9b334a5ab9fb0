"""Mails: what is sent to whom, and how one is told from another. What they say is in `domain.letter`."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from string import ascii_letters, digits
from typing import NewType

from domain.addresses import address_in
from domain.errors import InvalidArgument
from domain.order import TenantId

MailId = NewType("MailId", str)

ISSUED = "issued"
"""The purpose of the mail that follows the issue of an invoice."""

_SAFE = frozenset(f"{ascii_letters}{digits}-_")


@dataclass(frozen=True, slots=True)
class Greeting:
    """Where mails go, in words, and whether they go on to customers from there without anybody's help."""

    told: str
    reaches_customers: bool = True


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


def file_name(number: str) -> str:
    """The number as a name that is safe in any folder and header; names that differ stay different."""
    return "".join(chr(b) if chr(b) in _SAFE else f"%{b:02X}" for b in number.encode())

"""A mail on the wire, read back by the standard library."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import message_of
from domain.errors import MailRefused, Misconfigured
from domain.mail import Mail, MailId
from domain.order import TenantId
from fakes.clock import NOON
from fakes.mails import a_mail


def parsed(mail: Mail) -> EmailMessage:
    message = message_from_bytes(message_of(mail, NOON), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_says_who_to_whom_what_and_when() -> None:
    message = parsed(a_mail())
    assert message["From"] == "Example Shop <shop@example.com>"
    assert message["To"] == "Zaneta Brien <zaneta@example.com>"
    assert message["Subject"] == "Invoice INV1 from Example"
    assert message["Date"] == "Tue, 24 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == "<abc123@invoicing.acme>"
    assert message["X-Invoicing-Tenant"] == "acme"


def test_text_and_document_arrive_as_they_are() -> None:
    mail = a_mail(text="Dear Łukasz,\n\n.a dot\n= ü ß 漢字\n" + "long " * 100, attachment=bytes(range(256)) * 90)
    text, document = parsed(mail).iter_parts()
    assert text.get_content().replace("\r\n", "\n").rstrip() == mail.text.rstrip()
    assert document.get_content() == mail.attachment
    assert (document.get_content_type(), document.get_filename()) == ("application/pdf", "INV1.pdf")
    assert document.get_content_disposition() == "attachment"


def test_every_line_is_short_and_ends_with_crlf() -> None:
    raw = message_of(a_mail(subject="Überaus lang " * 20, text="x" * 5000, attachment=bytes(20_000)), NOON)
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert raw.isascii()


def test_the_same_mail_at_the_same_instant_is_the_same_bytes() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    assert message_of(a_mail(), NOON) == message_of(a_mail(), there)


NASTY = "x\r\nBcc: evil@example.com\r\n\r\n<b>body</b>\x00\x1b[31m\u2028Bcc: evil@example.com"


@pytest.mark.parametrize("field", ["sender_name", "recipient_name", "subject", "attachment_name"])
def test_text_from_outside_begins_no_header_of_its_own(field: str) -> None:
    message = parsed(replace(a_mail(), **{field: NASTY}))
    assert message["Bcc"] is None
    assert len(message.keys()) == len(parsed(a_mail()).keys())
    text, document = message.iter_parts()
    assert text.get_content() == parsed(a_mail()).get_payload(0).get_content()
    assert document["Bcc"] is None


def test_ids_from_outside_begin_no_header_of_their_own() -> None:
    message = parsed(a_mail(id=MailId("a@b>\r\nBcc: x@example.com"), tenant=TenantId("acme\r\nBcc: x@example.com")))
    assert message["Bcc"] is None


@given(st.text(max_size=200))
def test_any_text_comes_back_from_the_subject_as_one_line(subject: str) -> None:
    shown = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    assert parsed(a_mail(subject=subject))["Subject"] == shown


BAD_ADDRESSES = [
    "",
    "nobody",
    "a@",
    "@b",
    "a b@c.d",
    "a@b@c",
    "a@b\r\nRCPT TO:<x@y>",
    "<a@b>",
    "a@b,c@d",
    "a" * 65 + "@b.c",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_recipient_that_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(MailRefused) as raised:
        message_of(a_mail(recipient=address), NOON)
    assert raised.value.reason == "EMAIL_FAILED"


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_sender_that_is_no_address_is_the_operators_matter(address: str) -> None:
    with pytest.raises(Misconfigured, match=r"cust\.notification\.email\.from"):
        message_of(a_mail(sender=address), NOON)


def test_a_domain_beyond_ascii_is_written_so_that_any_server_takes_it() -> None:
    assert parsed(a_mail(recipient="joan@bücher.example"))["To"].addresses[0].addr_spec == "joan@xn--bcher-kva.example"

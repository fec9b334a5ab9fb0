"""A mail on the wire, read back by the standard library, which is told to be strict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.message import message_of
from domain.errors import MailRefused, Misconfigured
from domain.mail import Mail, MailId
from domain.mailing import invoice_mail
from domain.order import TenantId
from domain.text import one_line
from domain.wording.languages import LANGUAGES
from fakes.clock import NOON
from fakes.invoices import an_invoice
from fakes.mails import a_mail

STRICT = policy.default.clone(raise_on_defect=True)


def parsed(mail: Mail) -> EmailMessage:
    """The mail as a reader gets it, every header of every part without a defect."""
    message = message_from_bytes(message_of(mail, NOON), policy=STRICT)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert [value.defects for value in part.values()] == [()] * len(part.values())
    return message


def mailbox(mail: Mail, header: str) -> tuple[str, str]:
    """Name and address, by the older parser: the other puts a space between encoded words (against RFC 2047, 6.2)."""
    name, address = parseaddr(message_from_bytes(message_of(mail, NOON))[header])
    return str(make_header(decode_header(name))), address


def texts(message: EmailMessage) -> list[str]:
    """The words, as text and as HTML."""
    alternatives = message.get_payload(0)
    return [part.get_content().replace("\r\n", "\n") for part in alternatives.iter_parts()]


def test_a_mail_says_who_to_whom_what_and_when() -> None:
    message = parsed(a_mail())
    assert message["From"] == "Example Shop <shop@example.com>"
    assert message["Reply-To"] == "service@example.com"
    assert message["To"] == "Zaneta Brien <zaneta@example.com>"
    assert message["Subject"] == "Invoice INV1 from Example"
    assert message["Date"] == "Tue, 24 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == "<abc123@invoicing.acme>"
    assert message["X-Invoicing-Tenant"] == "acme"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"


def test_the_words_come_in_two_forms_and_the_document_beside_them() -> None:
    kinds = [part.get_content_type() for part in parsed(a_mail()).walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]


def test_words_and_document_arrive_as_they_are() -> None:
    text, html = "Dear Łukasz,\n\n.a dot\n..\n.\n= ü ß 漢字\n" + "long " * 100, "<p>Dear Łukasz</p>\n.\n<p>ü</p>"
    message = parsed(a_mail(text=text, html=html, attachment=bytes(range(256)) * 90))
    assert [part.rstrip() for part in texts(message)] == [text.rstrip(), html]
    document = message.get_payload(1)
    assert document.get_content() == bytes(range(256)) * 90
    assert (document.get_content_disposition(), document.get_filename()) == ("attachment", "INV1.pdf")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_in_any_language_arrives_as_it_was_said(language: str) -> None:
    invoice = an_invoice(paid=False, language=language, brand="Żółw & Ερμής")
    mail = invoice_mail(TenantId("acme"), invoice, sender="shop@example.com", pdf=b"%PDF")
    message = parsed(mail)
    assert message["Subject"] == mail.subject
    assert [part.rstrip() for part in texts(message)] == [mail.text.rstrip(), mail.html.rstrip()]


def test_whoever_cannot_be_answered_is_left_out() -> None:
    assert "Reply-To" not in parsed(a_mail(reply_to="call us"))


def test_every_line_is_short_and_ends_with_crlf() -> None:
    raw = message_of(
        a_mail(
            subject="Überaus lang " * 20,
            sender_name="Example & Söhne, " * 20,
            recipient_name="a" * 60,
            recipient=f"{'a' * 60}@example.com",
            attachment_name=f"{'ü' * 100}.pdf",
            text="x" * 5000,
            html="<p>" + "ü" * 5000,
            attachment=bytes(20_000),
        ),
        NOON,
    )
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert raw.isascii()


def test_the_same_mail_at_the_same_instant_is_the_same_bytes() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    assert message_of(a_mail(), NOON) == message_of(a_mail(), there)


# Whatever the names, the subject, the number and the addresses are

shown = st.text(max_size=120).map(one_line)
atoms = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=12)
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
addresses = st.builds(
    lambda local, domain: f"{'.'.join(local)}@{'.'.join(domain)}",
    st.lists(atoms, min_size=1, max_size=3),
    st.lists(labels, min_size=1, max_size=4),
)


@given(subject=shown, sender_name=shown, recipient_name=shown, file=shown, sender=addresses, recipient=addresses)
def test_whatever_the_names_are_the_mail_gives_them_back(
    subject: str, sender_name: str, recipient_name: str, file: str, sender: str, recipient: str
) -> None:
    mail = a_mail(
        subject=subject,
        sender_name=sender_name,
        recipient_name=recipient_name,
        attachment_name=file,
        sender=sender,
        recipient=recipient,
    )
    message = parsed(mail)
    assert message["Subject"] == subject
    assert mailbox(mail, "From") == (sender_name, sender)
    assert mailbox(mail, "To") == (recipient_name, recipient)
    assert message.get_payload(1).get_filename("") == file


@given(st.text(), st.text(), st.text(max_size=300), st.text(), st.text(), st.binary(max_size=500))
def test_whatever_the_text_is_the_bytes_obey_the_limits(
    text: str, html: str, name: str, subject: str, mail_id: str, attachment: bytes
) -> None:
    """RFC 5322, 2.1.1, and RFC 2045, 6.7 and 6.8: 7 bits, CRLF and nothing else ends lines, no line is too long."""
    mail = a_mail(
        id=MailId(mail_id),
        text=text,
        html=html,
        sender_name=name,
        subject=subject,
        attachment_name=name,
        attachment=attachment,
    )
    raw = message_of(mail, NOON)
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76 + 2
    assert message_from_bytes(raw, policy=policy.default).get_payload(1).get_content() == attachment


NASTY = "x\r\nBcc: evil@example.com\r\n\r\n<b>body</b>\x00\x1b[31m\u2028Bcc: evil@example.com"


@pytest.mark.parametrize("field", ["sender_name", "recipient_name", "reply_to", "subject", "attachment_name"])
def test_text_from_outside_begins_no_header_of_its_own(field: str) -> None:
    message = parsed(replace(a_mail(), **{field: NASTY}))
    assert [part["Bcc"] for part in message.walk()] == [None] * 5
    assert len(message.keys()) == len(parsed(a_mail()).keys()) - (field == "reply_to")
    assert texts(message) == texts(parsed(a_mail()))


def test_ids_from_outside_begin_no_header_of_their_own() -> None:
    mail = a_mail(id=MailId("a@b>\r\nBcc: x@example.com"), tenant=TenantId("acme\r\nBcc: x@example.com"))
    assert message_from_bytes(message_of(mail, NOON))["Bcc"] is None


def test_an_id_makes_no_line_longer_than_a_line_may_be() -> None:
    raw = message_of(a_mail(id=MailId("a" * 2000), tenant=TenantId("b" * 2000)), NOON)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_text_cannot_end_its_part() -> None:
    boundary = parsed(a_mail()).get_boundary()
    text = f"x\n--{boundary}\nContent-Type: text/html\n\n<b>evil</b>\n--{boundary}--\n"
    message = parsed(a_mail(text=text))
    assert texts(message)[0].rstrip() == text.rstrip()
    assert len(list(message.walk())) == 5


# Addresses

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
    "a\x85@b.c",
    "a\ud800@b.c",
    "a@b..c",
    "a@.b",
    "a@b.",
    f"{'a' * 65}@b.c",
    f"a@{'b' * 64}.c",
    f"a@{'ü' * 64}.c",
    f"a@{'.'.join(['b' * 60] * 5)}",
    f"{'a' * 64}@{'.'.join(['b' * 63] * 3)}",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_recipient_that_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(MailRefused) as raised:
        message_of(a_mail(recipient=address), NOON)
    assert raised.value.reason == "EMAIL_FAILED"


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_sender_that_is_no_address_is_the_operators_matter(address: str) -> None:
    with pytest.raises(Misconfigured, match=r"tenant's mail_sender .*cust\.notification\.email\.from"):
        message_of(a_mail(sender=address), NOON)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("joan@bücher.example", "joan@xn--bcher-kva.example"),
        ("joan@STRAẞE.example", "joan@xn--strae-oqa.example"),
        ("joan@例え.テスト", "joan@xn--r8jz45g.xn--zckzah"),
        ("a..b@example.com", '"a..b"@example.com'),
        ("a.@example.com", '"a."@example.com'),
    ],
)
def test_an_address_is_written_so_that_any_server_takes_it(written: str, sent: str) -> None:
    raw = message_of(a_mail(recipient=written, recipient_name=""), NOON)
    assert f"\r\nTo: <{sent}>\r\n".encode() in raw
    parsed(a_mail(recipient=written))


def test_only_a_local_part_beyond_ascii_makes_a_mail_that_is_not() -> None:
    raw = message_of(a_mail(recipient="żaneta@bücher.example"), NOON)
    assert "\r\nTo: Zaneta Brien <żaneta@xn--bcher-kva.example>\r\n".encode() in raw
    assert raw.replace("ż".encode(), b"").isascii()

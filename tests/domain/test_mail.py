"""The mail that brings the invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.invoice import Invoice, InvoiceNumber, draft_of
from domain.mail import ISSUED, Mail, file_name, invoice_mail, mail_id
from domain.order import TenantId
from fakes.orders import an_order
from fakes.platform import SELLER, SITE

ACME = TenantId("acme")


def mail_of(prepaid: str = "23.80") -> Mail:
    draft = draft_of(an_order(), SITE, SELLER)
    invoice = Invoice(InvoiceNumber("INV/1"), "s", date(2026, 11, 24), Decimal(prepaid), draft)
    return invoice_mail(ACME, invoice, sender="shop@example.com", pdf=b"%PDF")


def test_a_mail_is_the_same_for_the_same_document_recipient_and_purpose() -> None:
    same = mail_id(ACME, "INV1", "a@example.com", ISSUED)
    assert same == mail_id(ACME, "INV1", "a@example.com", ISSUED)
    others = {
        mail_id(TenantId("globex"), "INV1", "a@example.com", ISSUED),
        mail_id(ACME, "INV2", "a@example.com", ISSUED),
        mail_id(ACME, "INV1", "b@example.com", ISSUED),
        mail_id(ACME, "INV1", "a@example.com", "resent 1"),
    }
    assert len(others | {same}) == 5


def test_its_id_is_an_address_without_the_recipient_in_it() -> None:
    local, _, domain = mail_id(ACME, "INV1", "a@example.com", ISSUED).partition("@")
    assert (local.isalnum(), domain) == (True, "invoicing.acme")


def test_it_names_shop_number_order_and_amount() -> None:
    mail = mail_of()
    assert (mail.sender_name, mail.recipient, mail.subject) == (
        "Example",
        "zaneta@example.com",
        "Invoice INV/1 from Example",
    )
    assert "EON1" in mail.text
    assert "23.80 EUR" in mail.text
    assert (mail.attachment_name, mail.attachment) == ("INV%2F1.pdf", b"%PDF")


@pytest.mark.parametrize(
    ("prepaid", "said"),
    [("23.80", "It is paid"), ("30.00", "It is paid"), ("20.00", "Still to be paid: 3.80 EUR"), ("0", "23.80 EUR")],
)
def test_it_says_what_is_still_to_be_paid(prepaid: str, said: str) -> None:
    assert said in mail_of(prepaid).text


@given(st.text(max_size=30))
def test_a_number_becomes_a_name_that_is_safe_anywhere(number: str) -> None:
    name = file_name(number)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>|.;\r\n\0 ')


@given(st.text(max_size=8), st.text(max_size=8))
def test_numbers_that_differ_have_names_that_differ(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) is (one == other)


def test_numbers_that_spell_alike_have_names_that_differ() -> None:
    assert file_name("\x123") != file_name("\u0123")
    assert file_name("%41") != file_name("A")
    assert file_name("Č1") != file_name("Ž1")

"""The mail that brings the invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drafting import draft_of
from domain.invoice import Invoice, InvoiceNumber
from domain.mail import ISSUED, Mail, file_name, invoice_mail, mail_id, one_line
from domain.order import TenantId
from fakes.orders import an_order
from fakes.platform import SELLER, SITE

ACME = TenantId("acme")


def mail_of(prepaid: str = "23.80", *, buyer: str = "", brand: str = "") -> Mail:
    draft = draft_of(an_order(), SITE, SELLER)
    seller, buyer = replace(draft.seller, email="service@example.com"), buyer or draft.buyer.name
    draft = replace(draft, seller=seller, buyer=replace(draft.buyer, name=buyer), brand=brand or draft.brand)
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


class Page(HTMLParser):
    """A page as it is seen: tags with what they say of themselves, and the words of each paragraph."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: dict[str, list[str]] = {}
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        self.said.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self._in:
            self.said[self._in][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in = ""


NASTY = "Joan\r\n\r\nPay to IBAN <b>XX</b> <img src='https://evil.example/x.png'> & \"co\" \x00\x1b[31m\u202e{{x}}"


def test_it_can_be_answered_where_the_seller_reads() -> None:
    assert mail_of().reply_to == "service@example.com"


def test_its_page_says_what_its_text_says() -> None:
    for mail in (mail_of(), mail_of(buyer=NASTY, brand=NASTY)):
        page = Page(mail.html)
        assert page.said["p"] == mail.text.strip().split("\n\n")
        assert page.said["title"] == [mail.subject]


def test_its_page_has_a_language_and_a_title_and_loads_nothing() -> None:
    page = Page(mail_of().html)
    assert page.tags[0] == ("html", {"lang": "en"})
    assert {tag for tag, _ in page.tags} == {"html", "head", "meta", "title", "body", "p"}
    assert not {"src", "href", "background"} & {name for _, attributes in page.tags for name in attributes}
    assert "url(" not in mail_of().html


def test_text_from_outside_is_neither_a_tag_nor_a_paragraph_of_its_own() -> None:
    mail, usual = mail_of(buyer=NASTY, brand=NASTY), mail_of()
    assert [tag for tag, _ in Page(mail.html).tags] == [tag for tag, _ in Page(usual.html).tags]
    assert mail.text.count("\n") == usual.text.count("\n")
    assert mail.text.replace("\n", "").isprintable()


@given(st.text(max_size=40))
def test_a_text_on_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert one_line(line) == line


def test_on_one_line_words_keep_what_they_are_spelt_with() -> None:
    assert one_line("می\u200cشود  క్\u200dష") == "می\u200cشود క్\u200dష"


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

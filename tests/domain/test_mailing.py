"""The mail that brings a document: what it says, as text and as HTML, in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.correction import credit_note_of
from domain.invoice import Invoice, InvoiceNumber
from domain.mail import Mail
from domain.mailing import invoice_mail
from domain.order import TenantId
from domain.wording.languages import LANGUAGES
from fakes.invoices import an_invoice

ACME = TenantId("acme")
NASTY = "Joan\r\n\r\nPay to IBAN <b>XX</b> <img src='https://evil.example/x.png'> & \"co\" \x00\x1b[31m\u202e{{x}}{0}%s"

in_every_language = pytest.mark.parametrize("language", LANGUAGES)


def mail_of(invoice: Invoice) -> Mail:
    return invoice_mail(ACME, invoice, sender="shop@example.com", pdf=b"%PDF")


def a_mail(prepaid: str = "23.80", **changes: Any) -> Mail:
    """The mail with an invoice over 23.80 EUR, of which so much is paid."""
    return mail_of(replace(an_invoice(**changes), prepaid=Decimal(prepaid)))


def a_credit_note(*, refund: bool, reason: str = "", **changes: Any) -> Invoice:
    cancelled = an_invoice(number="INV-7", **changes)
    back = cancelled.prepaid if refund else Decimal(0)
    return replace(credit_note_of(cancelled, reason, date(2026, 12, 1), refund=back), number=InvoiceNumber("GS-1"))


class Page(HTMLParser):
    """A page as it is read: its tags with what they say of themselves, and the words of each."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.VOID:
            self.said[self.open[-1]][-1] += "\n" if tag == "br" else ""
            return
        self.open.append(tag)
        self.said.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.said[self.open[-1]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# What it says


def test_it_names_shop_number_order_day_and_amount() -> None:
    mail = a_mail()
    assert (mail.sender_name, mail.recipient, mail.subject) == (
        "Example",
        "zaneta@example.com",
        "Invoice INV-1 from Example",
    )
    for line in ("Invoice INV-1", "Order number: EON1", "Invoice date: 25 November 2026", "Total: €23.80"):
        assert f"\n{line}\n" in mail.text
    assert (mail.attachment_name, mail.attachment) == ("INV-1.pdf", b"%PDF")


def test_it_can_be_answered_where_the_seller_reads_and_says_so() -> None:
    mail = a_mail()
    assert mail.reply_to == "billing@example.com"
    assert "simply reply" in mail.text


def test_where_nobody_reads_no_answer_is_asked_for() -> None:
    invoice = an_invoice()
    silent = replace(invoice, draft=replace(invoice.draft, seller=replace(invoice.draft.seller, email="")))
    assert "reply" not in mail_of(silent).text


def test_of_a_company_the_person_is_greeted() -> None:
    invoice = an_invoice()
    buyer = replace(invoice.draft.buyer, name="Brien Ltd", contact="Joan Brien")
    assert mail_of(replace(invoice, draft=replace(invoice.draft, buyer=buyer))).text.startswith("Dear Joan Brien,\n")


def test_what_is_paid_needs_nothing_more() -> None:
    text = a_mail("23.80").text
    assert "is paid, so there is nothing left for you to do" in text
    assert not [word for word in ("Amount due", "Due date", "IBAN", "Please") if word in text]


def test_what_is_paid_in_part_is_reckoned() -> None:
    text = a_mail("10.00", payment_days=14).text
    for line in ("Due date: 9 December 2026", "Total: €23.80", "Paid: \u2212€10.00", "Amount due: €13.80"):
        assert f"\n{line}\n" in text
    assert "Please transfer €13.80 to this account" in text


def test_what_is_unpaid_is_to_be_paid_to_an_account_under_a_reference() -> None:
    text = a_mail("0.00").text
    for line in (
        "Due date: on receipt",
        "Amount due: €23.80",
        "Payee: Example GmbH",
        "IBAN: DE02 1203 0000 0000 2020 51",
        "BIC: BYLADEM1001",
        "Reference: INV-1",
    ):
        assert f"\n{line}\n" in text


def test_what_is_paid_on_delivery_is_not_asked_for_by_transfer() -> None:
    text = a_mail("0.00", payment_methods=("cash_on_delivery",)).text
    assert "Please pay €23.80 when your order is delivered." in text
    assert not [word for word in ("IBAN", "Due date") if word in text]


def test_without_an_account_one_is_only_asked_to_pay() -> None:
    invoice = an_invoice(paid=False)
    poor = replace(invoice, draft=replace(invoice.draft, seller=replace(invoice.draft.seller, iban="", bic="")))
    text = mail_of(poor).text
    assert "Please pay €23.80." in text
    assert "Payee" not in text


def test_what_was_paid_too_much_is_said() -> None:
    assert "and 6.20\u00a0EUR more than it comes to" in a_mail("30.00").text


def test_what_costs_nothing_is_not_called_paid() -> None:
    invoice = an_invoice()
    nothing = replace(invoice.draft.totals, gross=Decimal("0.00"))
    free = replace(invoice, prepaid=Decimal("0.00"), draft=replace(invoice.draft, totals=nothing))
    assert "There is nothing to pay." in mail_of(free).text


def test_a_credit_note_says_what_it_takes_back_why_and_what_is_given_back() -> None:
    mail = mail_of(a_credit_note(refund=True, reason="wrong address"))
    assert mail.subject == "Credit note GS-1 from Example"
    for words in (
        "Your credit note for order EON1 is attached as a PDF.",
        "This credit note cancels invoice INV-7 of 25 November 2026.",
        "Reason: wrong address",
        "We are refunding €23.80 to you.",
    ):
        assert f"\n{words}\n" in mail.text


def test_a_credit_note_without_a_refund_promises_none() -> None:
    text = mail_of(a_credit_note(refund=False)).text
    assert "There is nothing to pay." in text
    assert not [word for word in ("refund", "Reason", "IBAN", "Due") if word in text]


@in_every_language
def test_an_invoice_that_was_taken_back_is_not_asked_to_be_paid(language: str) -> None:
    invoice, words = an_invoice(number="INV-7", paid=False, language=language, payment_days=14), LANGUAGES[language]
    mail = invoice_mail(ACME, invoice, sender="a@example.com", pdf=b"%PDF-", cancelled_by=InvoiceNumber("GS-1"))
    assert words.mail.cancelled.format(invoice="INV-7", number="GS-1") in mail.text
    assert words.nothing_to_pay in mail.text
    assert not [told for told in ("IBAN", words.due_date, words.mail.due, words.mail.settled) if told in mail.text]


# In which language


@in_every_language
def test_it_speaks_the_language_of_its_document(language: str) -> None:
    words = LANGUAGES[language]
    mail = a_mail("0.00", language=language, payment_days=14)
    for said in (words.invoice, words.issued, words.mail.due, words.due_date, words.reference, words.mail.questions):
        assert said in mail.text
        assert said in unescape(mail.html)
    assert words.invoice in mail.subject
    assert Page(mail.html).tags[0] == ("html", {"lang": language, "dir": words.direction})


@in_every_language
def test_nothing_is_left_to_be_filled_in(language: str) -> None:
    mails = [a_mail(paid, language=language, payment_days=14) for paid in ("0.00", "10.00", "23.80", "30.00")]
    mails += [mail_of(a_credit_note(refund=refund, reason="x", language=language)) for refund in (True, False)]
    for mail in mails:
        assert not set("{}") & set(mail.subject + mail.text)


def test_a_french_label_keeps_a_distance_to_its_colon() -> None:
    assert "Numéro de commande\u00a0: EON1" in a_mail(language="fr").text


# As a page


@in_every_language
def test_its_page_says_what_its_text_says(language: str) -> None:
    for mail in (
        a_mail("10.00", language=language),
        mail_of(a_credit_note(refund=True, reason="x", language=language)),
    ):
        page, words = Page(mail.html), LANGUAGES[language]
        shop, *paragraphs = page.said["p"]
        rows = [
            f"{label}{words.mail.colon}{value}" for label, value in zip(page.said["th"], page.said["td"], strict=True)
        ]
        blocks = mail.text.strip().split("\n\n")
        assert shop == "Example"
        assert [block for block in blocks if block in paragraphs] == paragraphs
        assert [line for block in blocks if block not in paragraphs for line in block.split("\n")] == [
            *page.said["h1"],
            *rows,
        ]


def test_its_page_has_a_language_a_title_one_heading_and_loads_nothing() -> None:
    mail = a_mail("0.00")
    page = Page(mail.html)
    assert page.said["title"] == [mail.subject]
    assert page.said["h1"] == ["Invoice INV-1"]
    assert not {"img", "link", "script", "a", "iframe", "base", "form"} & {tag for tag, _ in page.tags}
    assert not {"src", "href", "background"} & {name for _, attributes in page.tags for name in attributes}
    assert not [word for word in ("url(", "@import", "http") if word in mail.html]


def test_every_row_of_its_page_has_a_heading_of_its_own() -> None:
    page = Page(a_mail("10.00").html)
    heads = [attributes for tag, attributes in page.tags if tag == "th"]
    assert heads == [{"scope": "row"}] * len(page.said["td"])
    assert len(page.said["tr"]) == len(heads)
    assert all(page.said["th"])
    assert all(page.said["td"])


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "paper"),
    [("#1b1b19", "#fff"), ("#52524e", "#fff"), ("#f2f2ef", "#1e1e1c"), ("#b9b9b3", "#1e1e1c")],
)
def test_its_colours_can_be_read_by_day_and_by_night(text: str, paper: str) -> None:
    html = a_mail().html
    assert f"color:{text}" in html
    assert f"background:{paper}" in html
    dark, light = sorted((luminance(text), luminance(paper)))
    assert (light + 0.05) / (dark + 0.05) >= 7


# Text from outside


def test_text_from_outside_is_neither_a_tag_nor_a_paragraph_nor_a_line_of_its_own() -> None:
    usual = an_invoice(paid=False, number="N")
    draft = usual.draft
    seller = replace(draft.seller, name=NASTY, street=NASTY, city=NASTY, bic=NASTY, vat_id=NASTY)
    nasty = replace(draft, brand=NASTY, seller=seller, order_id=NASTY, buyer=replace(draft.buyer, name=NASTY))
    mail, before = mail_of(replace(usual, number=InvoiceNumber(NASTY), draft=nasty)), mail_of(usual)
    assert [tag for tag, _ in Page(mail.html).tags] == [tag for tag, _ in Page(before.html).tags]
    assert mail.text.count("\n") == before.text.count("\n")
    assert mail.text.replace("\n", "").replace("\u00a0", "").isprintable()
    assert mail.subject.isprintable()
    assert mail.text.count("{{x}}{0}%s") == 12  # and nothing is filled into it: it is no template


def test_a_reason_from_outside_is_one_line() -> None:
    mail = mail_of(a_credit_note(refund=False, reason=NASTY))
    assert "<img" not in mail.html
    assert "\nReason: Joan Pay to IBAN" in mail.text

"""What is written to whoever gets a document: what it is about, what it comes to, and what happens next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.invoice import Invoice, InvoiceNumber, PaymentMeans
from domain.order import Seller
from domain.text import one_line
from domain.wording.languages import words_of
from domain.wording.words import Words, spaced_iban, town_of

Facts = tuple[tuple[str, str], ...]
"""What is so, each with its label."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in its parts, top down; every text is one line. What does not apply is empty.

    `sum` is what the document comes to, or what is left to pay; `account` is where that is to be paid to. `direction`
    is how the script of the `language` runs: `ltr` or `rtl`; `colon` stands between a label and what it tells.
    """

    language: str
    direction: str
    colon: str
    subject: str
    shop: str
    title: str
    greeting: str
    opening: tuple[str, ...]
    facts: Facts
    sum: tuple[str, str]
    next: str
    account: Facts
    questions: str
    regards: str
    imprint: str

    @property
    def text(self) -> str:
        """The letter as plain text."""
        parts = (
            self.greeting,
            *self.opening,
            f"{self.title}\n{self._listed((*self.facts, self.sum))}",
            self.next,
            self._listed(self.account),
            self.questions,
            f"{self.regards}\n{self.shop}",
            self.imprint,
        )
        return "\n\n".join(part for part in parts if part) + "\n"

    def _listed(self, facts: Facts) -> str:
        return "\n".join(f"{label}{self.colon}{value}" for label, value in facts)


def letter_of(invoice: Invoice) -> Letter:
    """What comes with this document, in its language."""
    draft, words = invoice.draft, words_of(invoice.draft.language)
    title, shop = one_line(words.title(invoice)), one_line(draft.brand) or one_line(draft.seller.name)
    amount = words.money(invoice.due if _is_due(invoice) else draft.totals.gross, draft.currency)
    return Letter(
        language=words.language,
        direction=words.direction,
        colon=words.mail.colon,
        subject=words.mail.subject.format(document=title, shop=shop),
        shop=shop,
        title=title,
        greeting=words.mail.greeting.format(name=one_line(draft.buyer.contact) or one_line(draft.buyer.name)),
        opening=tuple(_opening(invoice, words)),
        facts=tuple(_facts(invoice, words)),
        sum=(words.mail.due if _is_due(invoice) else words.mail.total, amount),
        next=_next(invoice, words, amount),
        account=tuple(_account(invoice, words)),
        questions=words.mail.questions if draft.seller.email else "",
        regards=words.mail.regards,
        imprint=_imprint(draft.seller, words),
    )


def letter_of_cancelled(invoice: Invoice, by: InvoiceNumber) -> Letter:
    """What comes with an invoice that is sent again though a credit note took it back: nobody is to pay it."""
    words, currency = words_of(invoice.draft.language), invoice.draft.currency
    letter = letter_of(replace(invoice, prepaid=invoice.draft.totals.gross))
    told = words.mail.cancelled.format(invoice=one_line(invoice.number), number=one_line(by))
    total = words.money(invoice.draft.totals.gross, currency)
    return replace(letter, opening=(told,), sum=(words.mail.total, total), next=words.nothing_to_pay)


def _is_due(invoice: Invoice) -> bool:
    return invoice.cancels is None and invoice.due > 0


def _opening(invoice: Invoice, words: Words) -> Iterator[str]:
    order, cancels = one_line(invoice.draft.order_id), invoice.cancels
    if cancels is None:
        yield words.mail.ordered.format(order=order)
        return
    number, day = one_line(cancels.number), words.date(cancels.issue_date)
    yield words.mail.corrected.format(order=order)
    yield words.cancels.format(number=number, date=day)
    if cancels.reason:
        yield words.reason.format(reason=one_line(cancels.reason))


def _facts(invoice: Invoice, words: Words) -> Iterator[tuple[str, str]]:
    draft = invoice.draft
    yield (words.credited if invoice.cancels else words.issued), words.date(invoice.issue_date)
    yield words.order, one_line(draft.order_id)
    if not _is_due(invoice):
        return
    if due_date := invoice.due_date:
        yield words.due_date, words.date(due_date)
    elif invoice.payment_means is not PaymentMeans.CASH:
        yield words.due_date, words.on_receipt
    if invoice.prepaid:
        yield words.mail.total, words.money(draft.totals.gross, draft.currency)
        yield words.prepaid, words.money(-invoice.prepaid, draft.currency)


def _next(invoice: Invoice, words: Words, amount: str) -> str:
    """What whoever reads it has to do with the amount due, or will get."""
    mail, currency, due = words.mail, invoice.draft.currency, invoice.due
    if invoice.cancels:
        return " ".join(_returned(invoice, words)) or words.nothing_to_pay
    if due < 0:
        return words.overpaid.format(amount=words.coins(-due, currency), currency=currency)
    if due == 0:
        return mail.settled if invoice.prepaid else words.nothing_to_pay
    if invoice.payment_means is PaymentMeans.CASH:
        return mail.on_delivery.format(amount=amount)
    return (mail.transfer if invoice.draft.seller.iban else mail.pay).format(amount=amount)


def _returned(invoice: Invoice, words: Words) -> Iterator[str]:
    """What of the captured money comes back with a credit note."""
    currency = invoice.draft.currency
    if invoice.cancels and invoice.cancels.refund:
        yield words.mail.refund.format(amount=words.money(invoice.cancels.refund, currency))
    if beyond := invoice.refund_beyond:
        yield words.beyond.format(amount=words.money(beyond, currency))


def _account(invoice: Invoice, words: Words) -> Iterator[tuple[str, str]]:
    """Where the amount due is to be transferred to, if it is."""
    seller = invoice.draft.seller
    if invoice.payment_means not in {PaymentMeans.CREDIT_TRANSFER, PaymentMeans.SEPA_CREDIT_TRANSFER}:
        return
    yield words.payee, one_line(seller.name)
    yield "IBAN", one_line(spaced_iban(seller.iban))
    if seller.bic:
        yield "BIC", one_line(seller.bic)
    yield words.reference, one_line(invoice.number)


def _imprint(seller: Seller, words: Words) -> str:
    """Who writes, and where from."""
    vat_id = f"{words.seller_vat_id} {seller.vat_id}" if seller.vat_id else ""
    parts = (seller.name, seller.street, town_of(seller), words.country(seller.country), vat_id)
    return one_line(" · ".join(part for part in parts if part))

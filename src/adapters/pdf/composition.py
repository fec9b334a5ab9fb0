"""From an invoice to what its document says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from adapters.pdf.content import Columns, Content, Fact, Item, Sum, Weight
from domain.invoice import AllowanceCharge, Draft, Invoice, InvoiceLine, Party, PaymentMeans, VatGroup
from domain.order import Seller
from domain.text import one_line, without_piles
from domain.wording.languages import words_of
from domain.wording.words import Words, spaced_iban, town_of

MOST_TRANSFERRED = Decimal("999999999.99")
"""Euros that one SEPA transfer may be over."""


MOST_ENTRIES = 15
"""Of an address."""


def content_of(invoice: Invoice) -> Content:
    """What this invoice, credit note or draft says, in its language."""
    draft, words = invoice.draft, words_of(invoice.draft.language)
    settlement, payment = _settlement(invoice, words)
    items = tuple(_items(draft, words))
    return Content(
        words=words,
        is_draft=invoice.is_draft,
        title=without_piles(words.title(invoice)),
        lead=_lead(invoice, words),
        about=tuple(_cancelled(invoice, words)),
        author=draft.seller.name,
        brand=without_piles(draft.brand if one_line(draft.brand) else draft.seller.name),
        sender=" · ".join(_entries(draft.seller.name, draft.seller.street, town_of(draft.seller))),
        address=tuple(_address(draft.buyer, draft.seller, words)),
        facts=tuple(_facts(invoice, words)),
        columns=_columns(items, draft, words),
        items=items,
        sums=tuple(_sums(invoice, words)),
        settlement=settlement,
        payment=payment,
        giro=_giro(invoice),
        foot=tuple(_foot(draft.seller, words)),
        page=words.page,
        carried=words.carried,
        draft=draft,
    )


# Above the table


def _address(party: Party, seller: Seller, words: Words) -> Iterator[str]:
    """Name, address and, abroad, the country; of one that is longer than any, what is in its midst is left out."""
    entries = [*map(without_piles, (party.name, *party.address))]
    yield from entries if len(entries) <= MOST_ENTRIES else (*entries[: MOST_ENTRIES - 3], "…", *entries[-2:])
    if party.country != seller.country:
        yield words.destination(party.country)


def _facts(invoice: Invoice, words: Words) -> Iterator[Fact]:
    """Dates and numbers that identify the invoice and what it is for, and where the goods went if not to the buyer."""
    draft = invoice.draft
    yield from _filled(
        (words.credited if invoice.cancels else words.issued, words.date(invoice.issue_date)),
        (words.order, draft.order_id),
        (words.ordered, words.date(draft.ordered) if draft.ordered else ""),
        (words.buyer_reference, draft.buyer.reference),
        (words.buyer_vat_id, draft.buyer.vat_id),
        (words.delivered, words.date(draft.delivered) if draft.delivered else ""),
    )
    there = draft.deliver_to
    if there is not None and _place(there) != _place(draft.buyer):
        yield Fact(words.deliver_to, tuple(_address(there, draft.seller, words)))


def _filled(*entries: tuple[str, str]) -> Iterator[Fact]:
    """Those in which there is something to be seen."""
    return (Fact(label, (without_piles(value),)) for label, value in entries if one_line(value))


def _place(party: Party) -> tuple[object, ...]:
    """Where a party is, whatever it is called there."""
    return party.street, party.extra, party.zip_code, party.city, party.state, party.country


def _lead(invoice: Invoice, words: Words) -> Fact:
    currency = invoice.draft.currency
    is_open = invoice.due > 0 and not invoice.cancels and not invoice.is_draft
    label, amount = (words.due, invoice.due) if is_open else (words.gross, invoice.draft.totals.gross)
    return Fact(label.format(currency=currency), (words.coins(amount, currency),))


def _cancelled(invoice: Invoice, words: Words) -> Iterator[str]:
    """Of a credit note which invoice it takes back, and why."""
    if invoice.cancels is None:
        return
    number, day, reason = invoice.cancels.number, invoice.cancels.issue_date, invoice.cancels.reason
    yield words.cancels.format(number=number, date=words.date(day))
    if reason:
        yield words.reason.format(reason=reason)


# The table


def _items(draft: Draft, words: Words) -> Iterator[Item]:
    """The lines, then the charges on the whole document and what is taken off them."""
    taxed = {group.vat: words.taxed(group.vat) for group in draft.vat_groups}
    quantities = {quantity: words.number(quantity) for quantity in {line.quantity for line in draft.lines}}
    for position, line in enumerate(draft.lines, 1):
        yield _line(position, line, draft, words, quantities[line.quantity], taxed[line.vat])
    for charge in draft.charges:
        yield _on_top(charge, charge.net, draft, words, taxed[charge.vat])
    for allowance in draft.allowances:
        yield _on_top(allowance, -allowance.net, draft, words, taxed[allowance.vat])


def _line(position: int, line: InvoiceLine, draft: Draft, words: Words, quantity: str, taxed: str) -> Item:
    currency = draft.currency
    return Item(
        position=str(position),
        name=without_piles(line.name),
        sku=without_piles(line.sku) if line.sku != line.name else "",
        quantity=quantity,
        unit=without_piles(line.unit),
        price=words.price(line.unit_net, currency),
        discount=words.coins(-line.allowance, currency) if line.allowance else "",
        vat=taxed,
        amount=words.coins(line.net, currency),
        net=line.net,
    )


def _on_top(of: AllowanceCharge, net: Decimal, draft: Draft, words: Words, taxed: str) -> Item:
    return Item("", without_piles(of.name), "", "", "", "", "", taxed, words.coins(net, draft.currency), net)


def _columns(items: Iterable[Item], draft: Draft, words: Words) -> Columns:
    return Columns(
        item=words.item,
        quantity=words.quantity,
        price=words.unit_price,
        discount=words.discount if any(item.discount for item in items) else "",
        vat=words.vat,
        amount=words.amount.format(currency=draft.currency),
    )


# Below the table


def _sums(invoice: Invoice, words: Words) -> Iterator[Sum]:
    """Net, VAT group by group, rounding where there is any, the total, and what of it is paid."""
    draft, currency = invoice.draft, invoice.draft.currency
    sums = draft.totals
    yield Sum(words.net, words.coins(sums.net, currency))
    for group in draft.vat_groups:
        label = words.tax.format(rate=words.taxed(group.vat), net=words.coins(group.net, currency))
        yield Sum(label, words.coins(group.tax, currency), reason=_reason(group, words))
    if sums.rounding:
        yield Sum(words.rounding, words.coins(sums.rounding, currency))
    yield Sum(words.gross.format(currency=currency), words.coins(sums.gross, currency), Weight.TOTAL)
    if invoice.prepaid and not invoice.cancels and not invoice.is_draft:
        yield Sum(words.prepaid, words.coins(-invoice.prepaid, currency))
        yield Sum(words.due.format(currency=currency), words.coins(invoice.due, currency), Weight.DUE)


def _reason(group: VatGroup, words: Words) -> str:
    """Why there is no VAT, under the letter that the table has for it (directive 2006/112/EC, art. 226 no. 11, 11a)."""
    reason = words.exemption(group)
    return f"{group.vat.category}: {reason}" if reason else ""


def _settlement(invoice: Invoice, words: Words) -> tuple[str, tuple[Fact, ...]]:
    """Whether the invoice is paid; if not, how much goes where, until when, under which reference."""
    sentence, amount, facts = _settled(invoice, words)
    currency = invoice.draft.currency
    told = sentence.format(amount=words.coins(amount, currency), currency=currency)
    if beyond := invoice.refund_beyond:
        told += " " + words.beyond.format(amount=f"{words.coins(beyond, currency)}\u00a0{currency}")
    return told, tuple(facts)


def _settled(invoice: Invoice, words: Words) -> tuple[str, Decimal, Iterator[Fact]]:
    """What there is to say of which amount, and its details.

    Nobody pays a credit note: it says what will come back. A draft says nothing of payments, for none was made.
    """
    due, methods = invoice.due, _filled((words.methods, ", ".join(map(words.method, invoice.draft.payment_methods))))
    if invoice.is_draft:
        return words.draft, due, methods
    if invoice.cancels:
        refund = invoice.cancels.refund
        return (words.refund if refund else words.nothing_to_pay), refund, _filled()
    if due <= 0:
        return (words.overpaid if due else words.paid), -due, methods
    if invoice.payment_means is PaymentMeans.CASH:
        return words.please_pay, due, methods
    return words.please_pay, due, _transfer(invoice, words)


def _transfer(invoice: Invoice, words: Words) -> Iterator[Fact]:
    seller = invoice.draft.seller
    return _filled(
        (words.due_date, words.date(invoice.due_date) if invoice.due_date else words.on_receipt),
        (words.payee, seller.name if seller.iban else ""),
        ("IBAN", spaced_iban(seller.iban)),
        ("BIC", seller.bic),
        (words.reference, invoice.number),
    )


def _giro(invoice: Invoice) -> str:
    """The transfer as an EPC QR code has it (EPC069-12, version 002); empty where there is none in euros to make."""
    if invoice.payment_means is not PaymentMeans.SEPA_CREDIT_TRANSFER or invoice.cancels or invoice.is_draft:
        return ""
    seller = invoice.draft.seller
    if invoice.due > MOST_TRANSFERRED:
        return ""
    to = (seller.bic, _bytes(seller.name, 70), seller.iban.replace(" ", ""), f"EUR{invoice.due:f}")
    return "\n".join(("BCD", "002", "1", "SCT", *to, "", "", _bytes(invoice.number, 140)))


def _bytes(text: str, most: int) -> str:
    """As much of the text as fits into so many bytes of UTF-8: the code has no room for more than 331 in all."""
    return one_line(text).encode("utf-8", "replace")[:most].decode(errors="ignore")


# The foot


def _foot(seller: Seller, words: Words) -> Iterator[tuple[str, ...]]:
    """Who the seller is, how to reach and how to pay him."""
    yield _entries(seller.name, seller.street, town_of(seller), words.country(seller.country))
    yield _entries(_identified(seller, words), seller.email, seller.phone)
    yield _entries(_labelled("IBAN", spaced_iban(seller.iban)), _labelled("BIC", seller.bic))


def _entries(*entries: str) -> tuple[str, ...]:
    return tuple(without_piles(entry) for entry in entries if one_line(entry))


def _identified(seller: Seller, words: Words) -> str:
    """What the tax office knows the seller by (directive 2006/112/EC, art. 226 no. 3)."""
    by_number = _labelled(words.seller_tax_number, seller.tax_number)
    return _labelled(words.seller_vat_id, seller.vat_id) or by_number


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""

"""What an invoice as EN 16931 XML costs, and to find before money moves whether it will be a valid one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from statistics import median

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.party import TaxRegistration
from drafthorse.models.tradelines import LineItem

from adapters.einvoice import cii, ubl
from benchmarks.measured import Measured
from benchmarks.pdf import EUR, SELLER, invoices
from domain.completeness import require_complete, require_lawful, require_positive
from domain.invoice import Invoice, InvoiceLine, Party
from domain.order import Address, Customer, Delivery, Order, OrderId, OrderLine, Price
from domain.vat import VatCategory

LINES = (5, 50, 500, 10_000)
TARGET = 1.0
"""Milliseconds at most, of a document of 5 lines."""
CHECKS = 2_000
CHECKS_TARGET = 0.2

ADDRESS = Address(name="Jörg Müller", street="Lange Straße 2", zip_code="10115", city="Berlin", country="DE")


def with_drafthorse(invoice: Invoice) -> bytes:
    """The core of the same document as a library for it writes it."""
    draft, document = invoice.draft, Document()
    document.context.guideline_parameter.id = "urn:cen.eu:en16931:2017"
    document.header.id = invoice.number
    document.header.type_code = invoice.type.value
    document.header.issue_date_time = invoice.issue_date
    agreement, settlement = document.trade.agreement, document.trade.settlement
    for party, told in ((agreement.seller, draft.seller), (agreement.buyer, draft.buyer)):
        party.name = told.name
        party.address.line_one, party.address.postcode = told.street, told.zip_code
        party.address.city_name, party.address.country_id = told.city, told.country
    agreement.seller.tax_registrations.add(TaxRegistration(id=("VA", draft.seller.vat_id)))
    for number, line in enumerate(draft.lines, 1):
        document.trade.items.add(_drafthorse_line(number, line))
    settlement.currency_code = draft.currency.code
    for group in draft.vat_groups:
        tax = ApplicableTradeTax()
        tax.calculated_amount, tax.basis_amount, tax.rate_applicable_percent = group.tax, group.net, group.vat.rate
        tax.type_code, tax.category_code = "VAT", group.vat.category.value
        settlement.trade_tax.add(tax)
    sums, totals = settlement.monetary_summation, draft.totals
    sums.line_total, sums.tax_basis_total, sums.tax_total = totals.lines, totals.net, (totals.tax, "EUR")
    sums.grand_total, sums.due_amount = totals.gross, invoice.due
    written: bytes = document.serialize(schema=None)
    return written


def _drafthorse_line(number: int, line: InvoiceLine) -> LineItem:
    item = LineItem()
    item.document.line_id = str(number)
    item.product.name, item.product.seller_assigned_id = line.name, line.sku
    item.agreement.net.amount, item.delivery.billed_quantity = line.unit_net, (line.quantity, "H87")
    tax = item.settlement.trade_tax
    tax.type_code, tax.category_code, tax.rate_applicable_percent = "VAT", line.vat.category.value, line.vat.rate
    item.settlement.monetary_summation.total_amount = line.net
    return item


def an_order(lines: int) -> Order:
    """An order of so many lines."""
    price = Price(Decimal(10), Decimal("11.90"), Decimal("1.90"), "STANDARD", Decimal(19))
    line = OrderLine("cup", "CUP-1", {"en": "Cup"}, Decimal(1), "", price, price, None, (), None, price)
    final = Price(*(amount * lines for amount in (price.net, price.gross, price.tax)))
    return Order(
        id=OrderId("EON1"),
        status="CREATED",
        extended_status="",
        order_type="",
        sub_orders=(),
        site_code="main",
        currency="EUR",
        created=None,
        customer=Customer("c-1", "Jörg Müller", email="joerg@example.com"),
        billing=ADDRESS,
        shipping=ADDRESS,
        lines=tuple(replace(line, id=f"cup-{n}") for n in range(lines)),
        payment_fees=(),
        shipping_fee=None,
        final=final,
        tax_lines=(final,),
        payments=(),
        delivery=Delivery(),
        mark=None,
    )


def milliseconds(write: Callable[[Invoice], bytes], lines: int) -> float:
    """CPU time for one document, no two alike."""
    times = []
    for invoice in invoices(lines, max(2500 // lines, 5)):
        began = time.process_time()
        write(invoice)
        times.append(time.process_time() - began)
    return median(times) * 1000


def checking(lines: int) -> float:
    """CPU-milliseconds to find that nothing is missing."""
    order, buyer = an_order(lines), Party("Jörg Müller", country="DE")
    began = time.process_time()
    for _ in range(CHECKS):
        require_complete(order, SELLER, EUR)
        require_positive(order)
        require_lawful({VatCategory.STANDARD}, SELLER, buyer, None)
    return (time.process_time() - began) / CHECKS * 1000


def writing(name: str, write: Callable[[Invoice], bytes], lines: int) -> Measured:
    value, what = milliseconds(write, lines), f"an invoice of {lines:,} lines as {name.upper()}"
    target = TARGET if lines == LINES[0] else None
    if write is not cii or lines > 500:
        return Measured(f"{name}-{lines}", what, value, "CPU-ms", target=target, less_is_better=True)
    ratio = milliseconds(with_drafthorse, lines) / value
    return Measured(f"{name}-{lines}", what, value, "CPU-ms", "drafthorse", ratio, target, less_is_better=True)


def measure() -> list[Measured]:
    milliseconds(cii, 5)
    written = [writing(name, write, lines) for name, write in (("cii", cii), ("ubl", ubl)) for lines in LINES]
    found, what = checking(5), "to check 5 lines for what the law and the rules want"
    return [*written, Measured("checks-5", what, found, "CPU-ms", target=CHECKS_TARGET, less_is_better=True)]

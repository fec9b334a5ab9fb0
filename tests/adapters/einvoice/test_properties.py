"""Whatever is sold, to whom and from where: the XML keeps the official rules and says what was charged, to the cent.

`make verify-xml` tries thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.einvoice import cii, ubl
from domain.invoice import Invoice
from domain.money import Currency
from domain.order import Address, Customer, Fee, Order, OrderLine, Price, Seller
from fakes.invoices import FULL_SELLER
from fakes.kinds import (
    AGENCY,
    AMERICAN_SELLER,
    AUSTRIAN,
    FRENCH,
    IN_30_DAYS,
    KYIV,
    LYON,
    SWISS_SELLER,
    TAXED_LOCALLY,
    WIEN,
    a_credit_note,
    an_invoice_of,
)
from fakes.official import EXAMPLES, broken_rules
from fakes.readings import Reading
from fakes.shops import RATES, shop_orders

HOME = Address(name="Żaneta Ó Brien", street="Lange Straße 2", zip_code="10115", city="Berlin", country="DE")
CITIZEN = Customer(id="c-1", name="Żaneta Ó Brien", email="zaneta@example.com")


@dataclass(frozen=True)
class Trade:
    """Who sells to whom, and what the prices without VAT are."""

    code: str = ""
    customer: Customer = CITIZEN
    billing: Address = HOME
    seller: Seller = FULL_SELLER
    rates: Sequence[str] = RATES


TRADES = {
    "at home": Trade(),
    "zero rated": Trade("ZERO"),
    "exempt": Trade("EXEMPT"),
    "reverse charge": Trade("REVERSE_CHARGE", AUSTRIAN, WIEN),
    "intra-community": Trade("", AUSTRIAN, WIEN),
    "to France": Trade("", FRENCH, LYON),
    "export": Trade("", CITIZEN, KYIV),
    "out of scope": Trade("GIFTS", AUSTRIAN, WIEN, FULL_SELLER, ("0",)),
    "an authority": Trade("ZERO", AGENCY),
    "from Switzerland": Trade("", CITIZEN, HOME, SWISS_SELLER),
    "from America": Trade("", CITIZEN, HOME, AMERICAN_SELLER),
    "without VAT id": Trade("EXEMPT", CITIZEN, HOME, TAXED_LOCALLY),
}


def coded(price: Price, code: str) -> Price:
    """The price with this tax code, if it has no VAT."""
    return price if price.rate else replace(price, tax_code=code)


def traded(order: Order, trade: Trade) -> Order:
    """The order as it would be in this trade."""

    def fee_of(fee: Fee) -> Fee:
        return replace(fee, final=coded(fee.final, trade.code), listed=fee.listed and coded(fee.listed, trade.code))

    def line_of(line: OrderLine) -> OrderLine:
        fees = tuple(map(fee_of, line.fees))
        discounted = coded(line.discounted, trade.code) if line.discounted else None
        return replace(line, price=coded(line.price, trade.code), discounted=discounted, fees=fees)

    return replace(
        order,
        customer=trade.customer,
        billing=trade.billing,
        lines=tuple(map(line_of, order.lines)),
        payment_fees=tuple(map(fee_of, order.payment_fees)),
        shipping_fee=order.shipping_fee and fee_of(order.shipping_fee),
    )


@st.composite
def invoices(draw: st.DrawFn, trade: Trade) -> Invoice:
    """Of an order that is not paid, or in part, or as it must be, or twice."""
    made = an_invoice_of(traded(draw(shop_orders(trade.rates)), trade), trade.seller, IN_30_DAYS)
    paid = draw(st.sampled_from(["0", "0.3", "1", "2"]))
    return replace(made, prepaid=made.draft.currency.round(made.draft.totals.gross * Decimal(paid)))


@pytest.mark.parametrize("trade", TRADES.values(), ids=TRADES)
@settings(max_examples=max(EXAMPLES // len(TRADES), 1), deadline=None, derandomize=True, database=None)
@given(st.data())
def test_whatever_is_sold_the_xml_is_right(trade: Trade, data: st.DataObject) -> None:
    invoice = data.draw(invoices(trade))
    document = data.draw(st.sampled_from([invoice, a_credit_note(invoice)]))
    for write in (cii, ubl):
        require_right(document, write)


def require_right(invoice: Invoice, write: Callable[[Invoice], bytes]) -> None:
    """The rules are kept, and the amounts are the invoice's own."""
    content = write(invoice)
    assert broken_rules(content) == []
    said, totals = Reading.of(content), invoice.draft.totals
    assert said.gross + said.rounding == totals.gross == said.prepaid + said.due
    assert (said.net, said.tax, said.due) == (totals.net, totals.tax, invoice.due)
    assert said.line_nets == [line.net for line in invoice.draft.lines]
    require_exact(said, invoice.draft.currency)


def require_exact(said: Reading, currency: Currency) -> None:
    """The official BR-CO-17 lets a whole unit pass: VAT is the rounded product, and sums are sums, to the coin."""
    for group in said.groups:
        assert group.tax == currency.round(group.net * group.rate / 100)
        assert group.net == sum((net for key, net in said.parts if key == group.key), Decimal(0))
    assert said.tax == sum((group.tax for group in said.groups), Decimal(0))
    assert said.net == sum((net for _, net in said.parts), Decimal(0))


@pytest.mark.parametrize("trade", TRADES.values(), ids=TRADES)
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_a_credit_note_and_its_invoice_come_to_nothing_line_by_line_and_rate_by_rate(
    trade: Trade, data: st.DataObject
) -> None:
    invoice = data.draw(invoices(trade))
    for write in (cii, ubl):
        charged, credited = Reading.of(write(invoice)), Reading.of(write(a_credit_note(invoice)))
        assert (charged.type, credited.type, credited.cancels) == ("380", "381", ("INV-1", date(2026, 11, 25)))
        assert (charged.line_nets, charged.parts, charged.groups) == (
            credited.line_nets,
            credited.parts,
            credited.groups,
        )
        assert charged.signed_gross + credited.signed_gross == 0
        assert charged.due - credited.due == -invoice.prepaid, "what the seller owes is what was paid"

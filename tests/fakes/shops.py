"""Whatever shops may sell, at whatever prices: strategies for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

from domain.money import Currency
from domain.order import Fee, Order, OrderLine, Price
from fakes.orders import a_line_of, an_order_of, summed

CURRENCIES = ("EUR", "JPY", "CHF")
RATES = ("0", "2.1", "5.5", "7", "19", "20", "25.5", "27")


@st.composite
def shop_prices(draw: st.DrawFn, digits: int, rates: Sequence[str] = RATES) -> Price:
    """A price as shops reckon: from the net or from the gross, the other rounded to so many digits."""
    digit, rate = Decimal(1).scaleb(-digits), Decimal(draw(st.sampled_from(rates)))
    amount = draw(st.integers(0, 10**6)) * digit
    if draw(st.booleans()):
        tax = (amount * rate / 100).quantize(digit, ROUND_HALF_UP)
        return Price(amount, amount + tax, tax, rate=rate)
    net = (amount * 100 / (100 + rate)).quantize(digit, ROUND_HALF_UP)
    return Price(net, amount, amount - net, rate=rate)


@st.composite
def dearer(draw: st.DrawFn, price: Price, digits: int) -> Price:
    """What the price may have been before discounts; a discount may also be nothing."""
    off = draw(st.integers(0, 10**4)) * Decimal(1).scaleb(-digits)
    return replace(price, net=price.net + off, gross=price.gross + off)


@st.composite
def shop_fees(draw: st.DrawFn, name: str, digits: int, rates: Sequence[str] = RATES) -> Fee:
    """A fee, discounted or not, or given away."""
    final = draw(shop_prices(digits, rates))
    listed = draw(st.none() | dearer(final, digits))
    if listed and draw(st.booleans()):
        nothing = Decimal(0).scaleb(-digits)
        final = Price(nothing, nothing, nothing, rate=draw(st.none() | st.just(final.rate)))
    return Fee({"": name}, final, listed)


@st.composite
def shop_lines(draw: st.DrawFn, digits: int, rates: Sequence[str] = RATES) -> OrderLine:
    """A line, with a fee or a discounted price or not."""
    goods = draw(shop_prices(digits, rates))
    listed = draw(st.none() | dearer(goods, digits))
    price, discounted = (listed, goods) if listed else (goods, None)
    fees = draw(st.lists(shop_fees("Fee", digits, rates), max_size=1))
    total_fee = fees[0].final if fees else None
    final = summed(goods, total_fee) if total_fee else goods
    return a_line_of(final, unit_price=price, price=price, discounted=discounted, fees=tuple(fees), total_fee=total_fee)


@st.composite
def shop_orders(draw: st.DrawFn, rates: Sequence[str] = RATES) -> Order:
    """An order that adds up, as far as the digits of its shop allow."""
    code = draw(st.sampled_from(CURRENCIES))
    digits = draw(st.integers(Currency.of(code).digits, 3))
    lines = draw(st.lists(shop_lines(digits, rates), min_size=1, max_size=12))
    fees = draw(st.lists(shop_fees("Card", digits, rates), max_size=2))
    shipping = draw(st.none() | shop_fees("Post", digits, rates))
    return an_order_of(*lines, fees=tuple(fees), shipping=shipping, currency=code)

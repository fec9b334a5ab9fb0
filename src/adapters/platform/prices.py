"""The platform's prices, digit by digit (`order.yaml`, price)."""

from __future__ import annotations

from decimal import Decimal

from adapters.platform.order_terms import unreadable
from adapters.platform.salesorder import PriceDocument
from domain.order import Price

MOST_DIGITS = 15
"""Before the point: more is no amount that anybody ordered for."""
MOST_DECIMALS = 30
"""After the point: the platform claims 15, double precision leaves a few more."""


def optional_price(document: PriceDocument | None, where: str) -> Price | None:
    """The price at this path, if there is one."""
    return price(document, where) if document is not None else None


def price(document: PriceDocument, where: str) -> Price:
    """The price at this path, exact. Raises `InvoiceIncomplete` naming what of it cannot be money."""
    rate = document.tax_rate
    return Price(
        net=exact(document.net_value, where, "netValue"),
        gross=exact(document.gross_value, where, "grossValue"),
        tax=exact(document.tax_value, where, "taxValue"),
        tax_code=document.tax_code,
        rate=None if rate is None else exact(rate, where, "taxRate"),
    )


def exact(number: Decimal, where: str, name: str) -> Decimal:
    """The number as it is. Raises `InvoiceIncomplete` unless it is one that money or goods can have."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise unreadable(f"{where}.{name}", "is not a number")
    if exponent < -MOST_DECIMALS or number.adjusted() >= MOST_DIGITS:
        raise unreadable(f"{where}.{name}", "is beyond all measure")
    return number

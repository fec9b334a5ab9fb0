"""Invoices to try things on: what the orders of `fakes.orders` become, and logos for them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.drafting import draft_of
from domain.invoice import Invoice, InvoiceNumber
from domain.money import Currency, total
from domain.order import Order, OrderLine, PaymentStatus, Price
from fakes.orders import a_line, a_payment, an_order
from fakes.platform import SELLER, SITE

FULL_SELLER = replace(SELLER, bic="BYLADEM1001", email="billing@example.com", phone="+49 30 123456")

XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<invoice/>'
"""Stands for a structured invoice, where it does not matter which."""


def an_invoice(order: Order | None = None, *, paid: bool = True, number: str = "INV-1", **changes: Any) -> Invoice:
    """The invoice of this order, paid if nothing else is said; changes are to its draft."""
    draft = replace(draft_of(order or an_order(), SITE, FULL_SELLER), **changes)
    prepaid = draft.totals.gross if paid else draft.currency.round(Decimal(0))
    return Invoice(InvoiceNumber(number), "invoiceNoSequence", date(2026, 11, 25), prepaid, draft)


def an_order_of(lines: Sequence[OrderLine], **changes: Any) -> Order:
    """An order whose sums are those of its lines, to be paid by invoice."""
    amounts = (total(getattr(line.final, kind) for line in lines) for kind in ("net", "gross", "tax"))
    final = Price(*amounts)
    payment = a_payment(method="invoice", status=PaymentStatus.DEFERRED, authorized=Decimal(0))
    return an_order(lines=tuple(lines), final=final, tax_lines=(final,), payments=(payment,), **changes)


def lines_of(
    count: int, *, name: str = "Mug", currency: str = "EUR", rate: int = 19, first: int = 1
) -> list[OrderLine]:
    """So many lines, each with a name, a SKU and an amount of its own."""
    return [_line(n, name, Currency.of(currency), rate) for n in range(first, first + count)]


def _line(n: int, name: str, currency: Currency, rate: int) -> OrderLine:
    unit, goods = _price(Decimal(100 + n), currency, rate), _price(2 * Decimal(100 + n), currency, rate)
    texts = {"": f"{name} {n}"}
    return a_line(id=f"l{n}", sku=f"SKU-{n}", name=texts, unit_price=unit, price=goods, final=goods)


def _price(net: Decimal, currency: Currency, rate: int) -> Price:
    net, tax = currency.round(net), currency.round(net * rate / 100)
    return Price(net, net + tax, tax, tax_code="ANY", rate=Decimal(rate))


def a_png(width: int = 8, height: int = 4) -> bytes:
    """A picture in one colour."""
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x20\x60\xa0" * width) * height
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )

"""How long it takes to draw an invoice, no two documents alike; and how many a pool of workers draws a second."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median

from adapters.pdf.renderer import draw
from adapters.pdf.workers import RenderPool
from domain.invoice import Draft, Invoice, InvoiceLine, InvoiceNumber, Party, Totals, Vat, VatCategory, VatGroup
from domain.money import Currency
from domain.order import OrderId, Seller

EUR, VAT = Currency.of("EUR"), Vat(VatCategory.STANDARD, Decimal(19))
SELLER = Seller("Example GmbH", "Ring 5", "10115", "Berlin", "DE", "DE123456789", "DE02120300000000202051")
LINES = (5, 50, 500)


@dataclass(frozen=True)
class Result:
    lines: int
    milliseconds: float
    kilobytes: float

    def __str__(self) -> str:
        return f"{self.lines:>8,}{self.milliseconds:>12.1f}{self.kilobytes:>12.0f}"


def invoices(lines: int, count: int) -> Iterator[Invoice]:
    """Invoices of so many lines, no name, SKU or price of which is in another."""
    for n in range(count):
        yield an_invoice(n, tuple(a_line(n * lines + index) for index in range(lines)))


def a_line(n: int) -> InvoiceLine:
    unit = EUR.round(Decimal(n % 9973 + 101) / 100)
    net = unit * 3
    name = f"Stoneware cup no. {n}, handmade, 0.25 l"
    return InvoiceLine(name, f"CUP-{n}", Decimal(3), "pcs", unit, net, EUR.round(Decimal(0)), net, VAT)


def an_invoice(n: int, lines: tuple[InvoiceLine, ...]) -> Invoice:
    net = sum((line.net for line in lines), Decimal(0))
    tax = EUR.round(net * VAT.rate / 100)
    draft = Draft(
        order_id=OrderId(f"EON{n}"),
        site_code="main",
        zone="Europe/Berlin",
        language="en",
        currency=EUR,
        seller=SELLER,
        brand="Example",
        logo_url="",
        buyer=Party(f"Jörg Müller {n}", (f"Lange Straße {n}", "10115 Berlin"), "DE", ""),
        recipient="joerg@example.com",
        ordered=date(2026, 11, 20),
        delivered=date(2026, 11, 21),
        lines=lines,
        charges=(),
        vat_groups=(VatGroup(VAT, net, tax),),
        totals=Totals(net, EUR.round(Decimal(0)), net, tax, EUR.round(Decimal(0)), net + tax),
        captures=(),
        paid_before=EUR.round(Decimal(0)),
        payment_methods=("credit_card",),
    )
    return Invoice(InvoiceNumber(f"INV-{n}"), "invoiceNoSequence", date(2026, 11, 25), net + tax, draft)


def alone(lines: int, count: int) -> Result:
    times, size = [], 0
    for invoice in invoices(lines, count):
        began = time.process_time()
        size = len(draw(invoice, None))
        times.append(time.process_time() - began)
    return Result(lines, median(times) * 1000, size / 1024)


async def pooled(lines: int, count: int, workers: int) -> float:
    """Documents a second."""
    waiting = list(invoices(lines, count))
    async with RenderPool.running(workers=workers) as pool:
        began = time.perf_counter()
        await asyncio.gather(*(pool.render(invoice, None) for invoice in waiting))
        return count / (time.perf_counter() - began)


def resident_megabytes() -> float:
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def main(documents: int) -> None:
    alone(5, 20)
    print(f"{'lines':>8}{'CPU-ms each':>12}{'KB':>12}")
    for lines in LINES:
        print(alone(lines, max(documents * 5 // lines, 10)))
    print(f"resident: {resident_megabytes():.0f} MB")
    workers = os.cpu_count() or 1
    rate = asyncio.run(pooled(5, documents, workers))
    print(f"{workers} worker processes draw {rate:,.0f} invoices of 5 lines a second")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=int, default=1_000)
    main(arguments.parse_args().documents)

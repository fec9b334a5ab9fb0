"""How long it takes to draw an invoice, its XML in it, no two documents alike; and how many a pool draws a second.

Its peers draw the same invoices in the same run: typst, with the same XML and tags, and reportlab, without either.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median

from adapters.einvoice import cii
from adapters.pdf import collector
from adapters.pdf.borb import renderer as borb
from adapters.pdf.typst import renderer as typst
from adapters.pdf.workers import RenderPool
from benchmarks import reportlab_invoice as reportlab
from benchmarks.measured import Measured
from domain.invoice import Draft, Invoice, InvoiceLine, InvoiceNumber, Party, Totals, VatGroup
from domain.money import Currency
from domain.order import OrderId, Seller
from domain.vat import Vat, VatCategory

EUR, VAT = Currency.of("EUR"), Vat(VatCategory.STANDARD, Decimal(19))
SELLER = Seller("Example GmbH", "Ring 5", "10115", "Berlin", "DE", "DE123456789", "DE02120300000000202051")
TARGETS = {5: 4.0, 50: 8.0, 500: 50.0, 10_000: 1000.0}
"""Milliseconds at most, by the number of lines."""

Drawer = Callable[[Invoice, bytes | None, bytes], object]

PEERS: dict[str, tuple[Drawer, float]] = {"typst": (typst.drawing, 3.0), "reportlab": (reportlab.draw, 2.5)}
"""How each draws, and how many times as long it shall take at least."""

MANY, MOST_GROWTH = 10_000, 20.0
"""Documents that one process draws, and megabytes that it may grow by meanwhile."""


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
        buyer=Party(f"Jörg Müller {n}", street=f"Lange Straße {n}", zip_code="10115", city="Berlin", country="DE"),
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


def milliseconds(draw: Drawer, lines: int, count: int) -> float:
    """CPU time for one document."""
    times = []
    for invoice in invoices(lines, count):
        xml = cii(invoice)
        began = time.process_time()
        draw(invoice, None, xml)
        collector.look()
        times.append(time.process_time() - began)
    return median(times) * 1000


async def pooled(lines: int, count: int, workers: int) -> float:
    """Documents a second."""
    waiting = [(invoice, cii(invoice)) for invoice in invoices(lines, count)]
    async with RenderPool.running(workers=workers) as pool:
        began = time.perf_counter()
        await asyncio.gather(*(pool.render(invoice, None, xml) for invoice, xml in waiting))
        return count / (time.perf_counter() - began)


def drawing(lines: int, target: float) -> Iterator[Measured]:
    """Ours, and then how many times as long each peer takes for the same."""
    count = max(2500 // lines, 5)
    value = milliseconds(borb.drawing, lines, count)
    what = f"a document of {lines:,} lines, its XML in it"
    yield Measured(f"pdf-{lines}", what, value, "CPU-ms", target=target, less_is_better=True)
    for peer, (draw, least) in PEERS.items():
        ratio = milliseconds(draw, lines, max(min(count, 50, 5000 // lines), 1)) / value
        yield Measured(f"pdf-{lines}-{peer}", f"the same, by {peer}", ratio, "times as long", peer, ratio, least)


def growth() -> float:
    """Megabytes that this process grows by from the first document on."""
    collector.rest()
    before = 0
    for invoice in invoices(5, MANY):
        borb.drawing(invoice, None, b"<invoice/>")
        collector.look()
        before = before or memory()
    return (memory() - before) / 1e6


def memory() -> int:
    """Bytes that this process has in memory now: what it had at most would count its parent's, from which it came."""
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * resource.getpagesize()


def grown() -> Measured:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        value = process.submit(growth).result()
    what = f"a process grows while it draws {MANY:,} documents of 5 lines"
    return Measured("pdf-memory", what, value, "MB", target=MOST_GROWTH, less_is_better=True)


def measure() -> list[Measured]:
    collector.rest()  # as in a worker
    for draw in (borb.drawing, *(draw for draw, _ in PEERS.values())):
        milliseconds(draw, 5, 20)
    alone = [measured for lines, target in TARGETS.items() for measured in drawing(lines, target)]
    workers = os.cpu_count() or 1
    rate = asyncio.run(pooled(5, 500, workers))
    pooled_rate = Measured("pdf-pool", f"documents of 5 lines from {workers} workers", rate, "documents/s")
    return [*alone, pooled_rate, grown()]

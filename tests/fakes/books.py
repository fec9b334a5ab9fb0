"""The books of a tenant to prove: documents issued and archived, in memory or in a database that someone may forge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from sqlalchemy import create_engine, text

from adapters.store import Store
from domain.document import Document
from domain.invoice import Invoice, InvoiceNumber
from domain.job import JobOrder
from domain.numbering import INVOICE_SERIES, Draw, DrawId, DrawOutcome, NumberPattern, SeriesName, Unnumbered
from domain.order import TenantId
from domain.ports import Ledger
from domain.verification import Proof, verified
from fakes.clock import FakeClock
from fakes.documents import FakeArchive
from fakes.ledger import FakeLedger
from fakes.postgresql import the_database
from fakes.records import FakeJobs, FakeJournal
from fakes.stores import ACME, Records, a_draft, an_invoice

PATTERN = NumberPattern("RE-{year}-", digits=4, yearly=True)
DAY = date(2026, 11, 25)
LOCAL = PATTERN.on(DAY).name
APART = timedelta(seconds=20)


@dataclass(slots=True)
class Books:
    """Jobs, journal, ledger and archive; `url` is where the database is, if there is one."""

    records: Records
    ledger: Ledger
    url: str = ""
    archive: FakeArchive = field(default_factory=FakeArchive)

    async def allocate(self, order: JobOrder, day: date = DAY, pattern: NumberPattern = PATTERN) -> Document:
        """Issues the order's invoice under the next number of a local series."""
        wanted = Unnumbered(pattern.on(day), day, Decimal("23.80"), a_draft(order.order_id))
        return await self.records.journal.issue(order, wanted, self.records.clock())

    async def issue_local(self, count: int, *, tenant: TenantId = ACME) -> list[Document]:
        """So many invoices of a local series, archived."""
        orders = [await self.records.an_order(f"EON-L{n}", tenant=tenant) for n in range(1, count + 1)]
        return [await self.archived(await self.allocate(order)) for order in orders]

    async def issue(self, *numbers: str) -> None:
        """Invoices under these numbers of the platform's, archived."""
        for number in numbers:
            order = await self.records.an_order(f"EON-{number}")
            invoice: Invoice = an_invoice(number, order_id=order.order_id)
            await self.archived(await self.records.journal.issue(order, invoice, self.records.clock()))

    async def archived(self, document: Document) -> Document:
        """The document with its bytes in the archive."""
        content = f"%PDF-fake {document.number}".encode()
        await self.archive.put(document.tenant, document.number, content)
        digest = sha256(content).hexdigest()
        return await self.records.journal.archived(document, sha256=digest, size=len(content))

    async def draw(self, outcome: DrawOutcome | None, number: str = "", *, order_id: str = "EON-D") -> Draw:
        """A draw that ended so; the clock goes on by a minute before it."""
        self.records.clock.now += timedelta(minutes=1)
        order = await self.records.an_order(order_id)
        drawn = InvoiceNumber(number) if number else None
        identity = DrawId(f"{order_id}-{self.records.clock.now:%H%M}")
        draw = Draw(identity, ACME, INVOICE_SERIES, order.order_id, order.job_id, self.records.clock())
        await self.records.journal.intend_draw(order, draw)
        if outcome is not None:
            await self.records.journal.end_draw(draw, outcome, drawn)
        return draw

    async def draw_and_issue(self, *numbers: str) -> None:
        """Invoices under numbers that were drawn for them, a minute between each two."""
        for number in numbers:
            await self.draw(DrawOutcome.DRAWN, number, order_id=f"EON-{number}")
            await self.issue(number)

    async def proof(self, series: SeriesName = LOCAL, tenant: TenantId = ACME) -> Proof:
        """What is found of the series."""
        return await verified(self.ledger, self.archive, tenant, series, patience=APART)

    def forge(self, *statements: str) -> None:
        """Changes the database behind the service's back, keys or not."""
        engine = create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                assert connection.execute(text(statement)).rowcount > 0, f"nothing is changed by {statement}"
        engine.dispose()


@asynccontextmanager
async def books_in(kind: str, folder: Path) -> AsyncIterator[Books]:
    """New and empty books: `fake` in memory, `sqlite` in a database in the folder, `postgresql` in a real server."""
    clock = FakeClock()
    if kind == "fake":
        jobs = FakeJobs(clock)
        journal = FakeJournal(jobs)
        yield Books(Records(jobs, journal, clock), FakeLedger(journal))
        return
    url = the_database() if kind == "postgresql" else f"sqlite:///{folder}/invoicing.db"
    async with Store.opened(url, clock=clock) as store:
        yield Books(Records(store.jobs, store.journal, clock), store.ledger, url)

"""The ledger explains every document, and what a document says is read for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError

from adapters.store import formats
from adapters.store.database import Database
from adapters.store.tables import contents, ledger
from domain.capture import AttemptId, CaptureAttempt
from domain.errors import Unavailable
from domain.job import JobOrder
from domain.numbering import GENESIS, LedgerEntry
from domain.order import TransactionId
from fakes.clock import FakeClock
from fakes.kinds import a_credit_note
from fakes.stores import ACME, GLOBEX, Records, a_draft, an_invoice, store_at

ISSUED_IN_FORMAT_1 = Path(__file__).with_name("invoice_format_1.json")
ISSUED_IN_FORMAT_2 = Path(__file__).with_name("invoice_format_2.json")
ISSUED_IN_FORMAT_3 = Path(__file__).with_name("invoice_format_3.json")

CHAIN = text("""
    SELECT l.tenant, l.series, l.position, l.number, l.content_hash, l.previous, l.hash, c.content
    FROM ledger l JOIN documents d ON d.tenant = l.tenant AND d.number = l.number JOIN contents c ON c.document = d.id
    WHERE l.tenant = :tenant AND l.series = :series ORDER BY l.position
""")


@pytest.fixture
async def records(either: str) -> AsyncIterator[Records]:
    async with store_at(either) as (_, opened):
        yield opened


@pytest.fixture
def database(either: str, records: Records) -> Iterator[Connection]:
    """Beside the store, and past all that it watches over."""
    with closing(Database.at(either)) as database, database.writing.connect() as connection:
        yield connection


async def test_every_document_is_chained_to_the_one_before_it_in_its_series(
    records: Records, database: Connection
) -> None:
    for n in (3, 1, 2):
        await records.issued(f"INV-{n}")
    await records.issued("B-1", series="other")
    await records.issued("INV-1", await records.an_order("EON-INV-1", tenant=GLOBEX))
    rows = chain(database, ACME, "invoiceNoSequence")
    entries = [LedgerEntry(*row[:6]) for row in rows]
    assert [(entry.position, entry.number) for entry in entries] == [(1, "INV-3"), (2, "INV-1"), (3, "INV-2")]
    assert entries[0].previous == GENESIS
    assert all(later.previous == earlier.hash for earlier, later in pairwise(entries))
    assert [row[6] for row in rows] == [entry.hash for entry in entries]
    assert [row[4] for row in rows] == [sha256(row[7]).hexdigest() for row in rows]
    for tenant, series in ((ACME, "other"), (GLOBEX, "invoiceNoSequence")):
        ((_, _, position, *_, previous, _, _),) = chain(database, tenant, series)
        assert (position, previous) == (1, GENESIS)


async def test_a_refused_document_leaves_no_place_in_the_ledger(records: Records, database: Connection) -> None:
    order = await records.an_order("EON-INV-1")
    await records.issued("INV-1", order)
    for number in ("INV-1", "INV-2"):
        with pytest.raises(Exception, match="INV-1"):
            await records.journal.issue(order, an_invoice(number), records.clock())
    for table in (ledger, contents):
        assert database.scalar(select(func.count()).select_from(table)) == 1


def chain(database: Connection, tenant: str, series: str) -> list[Any]:
    """The ledger of a series, with what each document says."""
    return [tuple(row) for row in database.execute(CHAIN, {"tenant": tenant, "series": series})]


FORBIDDEN = {
    "a second live invoice of an order": "UPDATE documents SET order_id = 'EON-INV-1'",
    "a number twice": "UPDATE documents SET number = 'INV-1'",
    "a place in a ledger twice": "UPDATE ledger SET position = 1",
    "a ledger entry without a document": "UPDATE ledger SET number = number || '?'",
    "an order in two jobs at once": "INSERT INTO claims SELECT tenant, 'EON-INV-1', job_id, 1 FROM claims",
    "two open captures": "UPDATE captures SET transaction_id = 't', outcome = NULL",
    "a request id twice": "UPDATE jobs SET request_id = 'r'",
}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_the_database_itself_forbids(records: Records, database: Connection, statement: str) -> None:
    for n in (1, 2):
        order = await records.an_order(f"EON-INV-{n}")
        await records.jobs.claim(order, records.clock())
        await records.journal.intend_capture(order, an_attempt(order, f"t-{n}"))
        await records.issued(f"INV-{n}", await records.an_order(f"EON-INV-{n}"))
    with pytest.raises(IntegrityError):
        database.execute(text(statement))


# What documents say


async def test_a_document_issued_in_an_older_format_says_what_it_said() -> None:
    invoice = formats.invoice(1, ISSUED_IN_FORMAT_1.read_bytes())
    assert (invoice.number, invoice.due, invoice.draft.totals.gross) == ("INV-1", 0, Decimal("23.80"))
    assert invoice.draft.lines[0].unit_net == Decimal("10.00")
    assert invoice.draft.ordered == date(2026, 11, 20)
    assert invoice.template_version == 1
    assert invoice.draft.buyer.address == ("Lange Straße 2", "10115 Berlin")


def test_a_document_issued_before_there_were_allowances_has_none() -> None:
    invoice = formats.invoice(2, ISSUED_IN_FORMAT_2.read_bytes())
    assert invoice == replace(an_invoice(), template_version=2)
    assert (invoice.draft.allowances, invoice.draft.totals.allowances) == ((), 0)


def test_the_current_format_is_written_as_its_kept_example() -> None:
    """When this fails, documents are written differently: count `FORMAT` up, keep the old reader and its example."""
    assert formats.FORMAT == 3
    assert formats.written(replace(an_invoice(), template_version=3)) == ISSUED_IN_FORMAT_3.read_bytes()


def test_a_document_of_a_newer_version_is_not_read_in_part() -> None:
    """Of several processes on one database one may be updated before the other."""
    for read, content in ((formats.invoice, an_invoice()), (formats.draft, a_draft())):
        with pytest.raises(Unavailable, match="a newer version of the service"):
            read(formats.FORMAT + 1, formats.written(content))


def test_a_credit_note_issued_before_it_announced_refunds_says_what_it_said() -> None:
    note = replace(a_credit_note(an_invoice()), prepaid=Decimal("23.80"))
    content = msgspec.json.decode(formats.written(note))
    del content["cancels"]["refund"]
    read = formats.invoice(2, msgspec.json.encode(content))
    assert (read.prepaid, read.due, read.cancels and read.cancels.refund) == (Decimal("23.80"), 0, 0)


@pytest.mark.parametrize("amount", ["0.00", "-0.01", "1E+3", "20", "1234567890123456789012345678901.10"])
def test_amounts_keep_every_digit(amount: str) -> None:
    invoice = an_invoice(prepaid=Decimal(amount))
    assert str(formats.invoice(formats.FORMAT, formats.written(invoice)).prepaid) == str(Decimal(amount))


def test_a_draft_is_read_as_it_was_written() -> None:
    assert formats.draft(formats.FORMAT, formats.written(a_draft())) == a_draft()


def an_attempt(order: JobOrder, transaction: str) -> CaptureAttempt:
    now = FakeClock()()
    return CaptureAttempt(
        AttemptId(transaction),
        order.tenant,
        order.job_id,
        order.order_id,
        TransactionId(transaction),
        Decimal(1),
        "EUR",
        now,
        now,
    )

"""Issued documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest

from domain.document import Document, DocumentType, parse_day
from domain.errors import DocumentDamaged, InvalidArgument
from domain.invoice import InvoiceNumber
from domain.job import JobId
from domain.numbering import SeriesName
from domain.order import OrderId, TenantId
from fakes.clock import NOON

PDF = b"%PDF an invoice"
DOCUMENT = Document(
    id=1,
    tenant=TenantId("acme"),
    number=InvoiceNumber("INV1"),
    series=SeriesName("invoiceNoSequence"),
    type=DocumentType.INVOICE,
    order_id=OrderId("EON1"),
    job_id=JobId("j1"),
    issue_date=date(2026, 11, 24),
    currency="EUR",
    net=Decimal("20.00"),
    tax=Decimal("3.80"),
    rounding=Decimal("0.00"),
    gross=Decimal("23.80"),
    prepaid=Decimal("23.80"),
    due=Decimal("0.00"),
    buyer_name="Żaneta",
    recipient="zaneta@example.com",
    created=NOON,
    sha256=sha256(PDF).hexdigest(),
    size=len(PDF),
)


def test_bytes_are_proven_by_their_hash() -> None:
    assert DOCUMENT.require_intact(PDF) == PDF
    with pytest.raises(DocumentDamaged, match="INV1"):
        DOCUMENT.require_intact(PDF + b"\n")


def test_no_bytes_prove_a_document_that_was_not_archived() -> None:
    assert not replace(DOCUMENT, sha256=None).is_intact(b"")


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ("\u4e2d", "1 character that no font has: U+4E2D; add"),
        ("abcde", "5 characters that no font has: U+0061, U+0062, U+0063, U+0064, U+0065; add"),
        ("abcdef\U0001f600", "7 characters that no font has: U+0061, U+0062, U+0063, U+0064, U+0065, …; add"),
    ],
)
def test_what_a_document_shows_replacements_for_is_a_warning_with_a_remedy(replaced: str, told: str) -> None:
    warning = replace(DOCUMENT, replaced=replaced).warning
    assert told in warning
    assert warning.endswith("INVOICING_FONT_DIRS")
    assert DOCUMENT.warning == ""


def test_an_invoice_has_the_type_of_untdid_1001() -> None:
    assert DocumentType.INVOICE == "380"


def test_a_day_is_read_as_it_is_written() -> None:
    assert parse_day("issued_from", "2026-11-24") == date(2026, 11, 24)
    assert parse_day("issued_from", "") is None


@pytest.mark.parametrize("bad", ["24.11.2026", "2026-02-30", "2026-11-24T12:00:00Z", "20261124", "2026-W48-2", "today"])
def test_what_is_no_day_is_named(bad: str) -> None:
    with pytest.raises(InvalidArgument, match="YYYY-MM-DD") as raised:
        parse_day("issued_from", bad)
    assert raised.value.field == "issued_from"

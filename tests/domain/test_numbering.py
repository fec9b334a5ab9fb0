"""The ledger that explains each number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.invoice import InvoiceNumber
from domain.numbering import GENESIS, LedgerEntry, SeriesName
from domain.order import TenantId

ENTRY = LedgerEntry(
    tenant=TenantId("acme"),
    series=SeriesName("invoiceNoSequence"),
    position=1,
    number=InvoiceNumber("INV1"),
    content_hash="c" * 64,
    previous=GENESIS,
)


def test_the_hash_of_an_entry_never_changes_between_releases() -> None:
    assert ENTRY.hash == "922ca7632789373c29d6dcaba18b042ea0094ab0c94ad52fe4eadb156bdec734"


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": "globex"},
        {"series": "other"},
        {"position": 2},
        {"number": "INV2"},
        {"content_hash": "d" * 64},
        {"previous": "1" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_changed_changes_the_hash(change: dict[str, Any]) -> None:
    assert replace(ENTRY, **change).hash != ENTRY.hash


def test_a_change_shows_in_every_entry_behind_it() -> None:
    second = replace(ENTRY, position=2, number=InvoiceNumber("INV2"), previous=ENTRY.hash)
    forged = replace(ENTRY, content_hash="d" * 64)
    assert replace(second, previous=forged.hash).hash != second.hash

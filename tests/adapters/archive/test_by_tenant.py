"""Each tenant's documents go to its own archive and come from there."""

from __future__ import annotations

import pytest

from adapters.archive import archive_of
from domain.errors import UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.order import TenantId
from fakes.documents import FakeArchive

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
NUMBER = InvoiceNumber("INV-1")


async def test_each_tenant_has_an_archive_of_its_own() -> None:
    kept = {ACME: FakeArchive(), GLOBEX: FakeArchive()}
    archive = archive_of("platform:", kept.__getitem__)
    assert await archive.put(ACME, NUMBER, b"of acme") == b"of acme"
    with pytest.raises(UnknownInvoice):
        await archive.get(GLOBEX, NUMBER)
    assert await archive.put(GLOBEX, NUMBER, b"of globex") == b"of globex"
    assert [len(kept[tenant].kept) for tenant in (ACME, GLOBEX)] == [1, 1]
    assert [await archive.get(tenant, NUMBER) for tenant in (ACME, GLOBEX)] == [b"of acme", b"of globex"]

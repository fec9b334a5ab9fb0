"""Invoices as EN 16931 XML: UN/CEFACT CII, which is also inside our PDFs, and UBL 2.1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from adapters.einvoice.cii import cii, is_of
from adapters.einvoice.ubl import ubl
from domain.invoice import Invoice

FEW = 200
"""Lines that are written at once; more are written aside, while the others' work goes on."""


class XmlInvoices:
    """`domain.ports.StructuredInvoices` on lxml. The same invoice is always the same bytes."""

    async def cii(self, invoice: Invoice) -> bytes:
        """The invoice as UN/CEFACT Cross Industry Invoice."""
        return await _written(cii, invoice)

    async def ubl(self, invoice: Invoice) -> bytes:
        """The invoice as UBL 2.1."""
        return await _written(ubl, invoice)

    def is_of(self, content: bytes, invoice: Invoice) -> bool:
        """Whether the CII is of this invoice, by its number, order, day and total."""
        return is_of(content, invoice)


async def _written(write: Callable[[Invoice], bytes], invoice: Invoice) -> bytes:
    if len(invoice.draft.lines) <= FEW:
        return write(invoice)
    return await asyncio.to_thread(write, invoice)


__all__ = ["XmlInvoices", "cii", "ubl"]

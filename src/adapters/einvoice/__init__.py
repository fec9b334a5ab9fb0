"""Invoices as EN 16931 XML: UN/CEFACT CII, which is also inside our PDFs, and UBL 2.1."""

from __future__ import annotations

from adapters.einvoice.cii import cii
from adapters.einvoice.ubl import ubl
from domain.invoice import Invoice


class XmlInvoices:
    """`domain.ports.StructuredInvoices` on lxml. The same invoice is always the same bytes."""

    def cii(self, invoice: Invoice) -> bytes:
        """The invoice as UN/CEFACT Cross Industry Invoice."""
        return cii(invoice)

    def ubl(self, invoice: Invoice) -> bytes:
        """The invoice as UBL 2.1."""
        return ubl(invoice)


__all__ = ["XmlInvoices", "cii", "ubl"]

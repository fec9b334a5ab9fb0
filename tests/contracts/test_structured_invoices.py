"""What `domain.ports.StructuredInvoices` promises, asked of the fake and of the writers of XML."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.einvoice import XmlInvoices
from domain.ports import StructuredInvoices
from fakes.documents import FakeXmlInvoices
from fakes.invoices import an_invoice
from fakes.kinds import a_credit_note
from fakes.orders import an_order


@pytest.fixture(params=[FakeXmlInvoices, XmlInvoices])
def invoices(request: pytest.FixtureRequest) -> StructuredInvoices:
    made: StructuredInvoices = request.param()
    return made


async def test_the_same_invoice_is_the_same_bytes(invoices: StructuredInvoices) -> None:
    assert {await invoices.cii(an_invoice()) for _ in range(5)} == {await invoices.cii(an_invoice())}
    assert {await invoices.ubl(an_invoice()) for _ in range(5)} == {await invoices.ubl(an_invoice())}


async def test_another_invoice_is_another_document(invoices: StructuredInvoices) -> None:
    others = [an_invoice(), an_invoice(number="INV-2"), an_invoice(paid=False), a_credit_note(an_invoice())]
    documents = {await write(invoice) for invoice in others for write in (invoices.cii, invoices.ubl)}
    assert len(documents) == 2 * len(others)


async def test_a_document_is_known_as_that_of_its_invoice_and_of_no_other(invoices: StructuredInvoices) -> None:
    mine = an_invoice()
    others = [an_invoice(number="INV-2"), an_invoice(an_order("EON2")), a_credit_note(mine)]
    assert invoices.is_of(await invoices.cii(mine), mine)
    assert [invoices.is_of(await invoices.cii(other), mine) for other in others] == [False] * 3
    assert not any(invoices.is_of(content, mine) for content in (b"", b"<a/>", b"no xml", await invoices.ubl(mine)))


async def test_a_document_is_xml_in_utf_8(invoices: StructuredInvoices) -> None:
    for document in (await invoices.cii(an_invoice()), await invoices.ubl(an_invoice())):
        assert etree.fromstring(document).getroottree().docinfo.encoding in {"UTF-8", None}
        document.decode()

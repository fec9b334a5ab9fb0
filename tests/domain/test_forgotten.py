"""An order that bears an invoice of ours, of which the journal knows nothing: an older back-up was restored."""

from __future__ import annotations

import pytest

from domain.document import DocumentFilter
from domain.errors import Unavailable
from domain.invoice import InvoiceNumber
from domain.job import Job, JobOrder, OrderState, Step
from domain.order import InvoiceMark
from fakes.orders import an_order
from fakes.service import ACME, FakeService

LOST = InvoiceNumber("INV700")


@pytest.fixture
def service() -> FakeService:
    return FakeService()


async def waiting(service: FakeService, step: Step) -> Job:
    """A job whose order waits at this step, and is read anew when it goes on."""
    if step is Step.CAPTURE:
        service.payments.trouble.strikes_before(Unavailable("later"))
    else:
        service.sequences.trouble.strikes_before(Unavailable("later"))
    job = await service.a_job("EON1")
    await service.work()
    assert (await service.order(job, "EON1")).step is step
    return job


async def ended(service: FakeService, job: Job, mark: InvoiceMark) -> JobOrder:
    """The order as it ends once it was marked so."""
    service.add(an_order("EON1", mark=mark))
    await service.work_to_the_end()
    return await service.order(job, "EON1")


@pytest.mark.parametrize("step", [Step.CAPTURE, Step.PDF])
@pytest.mark.parametrize("host", ["http://127.0.0.1:8080", "https://the.host.before.example"])
async def test_nothing_is_charged_drawn_or_issued_for_it_again(service: FakeService, step: Step, host: str) -> None:
    job = await waiting(service, step)
    charged = len(service.payments.captured)
    link = service.links.permanent(ACME, LOST).replace("http://127.0.0.1:8080", host)
    order = await ended(service, job, InvoiceMark(LOST, link))
    assert (order.state, order.step, order.reason) == (OrderState.FAILURE, step, "ALREADY_INVOICED")
    assert (order.number, order.link) == (LOST, link)
    assert (len(service.payments.captured), service.sequences.drawn) == (charged, [])
    assert await service.invoicing.list_invoices(DocumentFilter(ACME), before=0, limit=10) == ()


@pytest.mark.parametrize("link", ["", "https://[nonsense", "https://example.com/F9"])
async def test_another_hands_invoice_does_not_keep_a_charged_order_from_its_document(
    service: FakeService, link: str
) -> None:
    order = await ended(service, await waiting(service, Step.PDF), InvoiceMark("F9", link))
    assert (order.number, order.has_document) == ("INV1", True)


async def test_an_order_that_is_gone_by_then_gets_its_document_all_the_same(service: FakeService) -> None:
    job = await waiting(service, Step.PDF)
    service.orders.kept.clear()
    await service.work_to_the_end()
    assert (await service.order(job, "EON1")).number == "INV1"

"""What an operator reads in the log of an order."""

from __future__ import annotations

from structlog.testing import capture_logs

from adapters.engine.embedded import _tell
from domain.invoice import InvoiceNumber
from domain.job import Correction, JobId, JobOrder, OrderState, Step
from domain.order import OrderId, TenantId

ORDER = JobOrder(TenantId("acme"), JobId("0" * 28), OrderId("EON1"), dry_run=False)


def test_a_refused_refund_is_told_with_both_documents() -> None:
    refused = ORDER.but(
        state=OrderState.FAILURE,
        step=Step.CAPTURE,
        reason="PAYMENT_REFUSED",
        message="the gateway refused to give back 30.78 EUR",
        number=InvoiceNumber("INV-2"),
        correction=Correction(InvoiceNumber("INV-1"), refund=True),
    )
    with capture_logs() as told:
        _tell(refused)
    (line,) = told
    assert (line["log_level"], line["event"], line["reason"]) == ("warning", "order ended", "PAYMENT_REFUSED")
    assert (line["number"], line["cancels"]) == ("INV-2", "INV-1")


def test_an_order_that_has_its_invoice_is_told_with_its_number() -> None:
    with capture_logs() as told:
        _tell(ORDER.but(state=OrderState.SUCCESS, step=Step.EMAIL, number=InvoiceNumber("INV-1")))
    assert [(line["log_level"], line["number"], line["state"]) for line in told] == [("info", "INV-1", "SUCCESS")]

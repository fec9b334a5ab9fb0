"""What the log says when a customer was charged too much."""

from __future__ import annotations

from decimal import Decimal

from structlog.testing import capture_logs

from app.container import alarm
from domain.capture import Overcapture
from fakes.known_orders import ACME, EON1, JOB, T1


def test_it_is_an_error_that_names_whom_and_how_much() -> None:
    with capture_logs() as logs:
        alarm(Overcapture(ACME, JOB, EON1, T1, "EUR", planned=Decimal("10.00"), captured=Decimal("20.00")))
    assert logs == [
        {
            "log_level": "error",
            "event": "captured more than was planned",
            "tenant": "acme",
            "job": "job-1",
            "order": "EON1",
            "transaction": "t1",
            "currency": "EUR",
            "planned": "10.00",
            "captured": "20.00",
        }
    ]

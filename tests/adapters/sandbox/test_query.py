"""The query language: what it understands, and that it admits what it does not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.sandbox.answers import Refused
from adapters.sandbox.query import Query

DOCUMENT = {
    "status": "CREATED",
    "deliveryWindow": {"deliveryDate": "2026-11-21"},
    "created": "2026-11-20 09:30:00.123000+00:00",
    "total": Decimal("10.5"),
    "checkout": True,
    "remark": "",
    "payments": [{"status": "PENDING", "paid": 0}, {"status": "CAPTURE_SUCCESS", "paid": 5, "tags": ["a", "b"]}],
    "mixins": {"generalAttributes": {"extendedOrderStatus": "05"}, "invoice": {}},
}
EXTENDED = "mixins.generalAttributes.extendedOrderStatus"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "  ",
        "status:CREATED",
        'status:"CREATED"',
        "status:(SHIPPED,CREATED)",
        "status:(SHIPPED OR CREATED OR CONFIRMED)",
        'status:("SHIPPED", "CREATED")',
        f"status:CREATED {EXTENDED}:(05,70)",
        'deliveryWindow.deliveryDate:<="2026-11-21T00:00:00.000Z"',
        'deliveryWindow.deliveryDate:(>="2026-11-20" AND <2026-11-22)',
        'created:(>"2026-11-20T09:30:00Z" AND <="2026-11-20T10:30:00.123+01:00")',
        "total:>10",
        "total:<=10.50",
        "checkout:true",
        "mixins.invoice.invoiceNo:null",
        "mixins.invoice:exists status:exists",
        "status.length:null",
        "remark:null",
        "total:10.50",
        "total:(7,10.5)",
        "payments.status:CAPTURE_SUCCESS",
        "payments.status:(CAPTURE_SUCCESS OR SUCCESS) payments.paid:0",
        "payments.paid:(>4 AND <6)",
        "payments.tags:b",
        "payments.remark:null",
        "payments:exists",
    ],
)
def test_a_document_matches(query: str) -> None:
    assert Query.of(query).matches(DOCUMENT)


@pytest.mark.parametrize(
    "query",
    [
        "status:created",
        "status:(SHIPPED,CONFIRMED)",
        f"status:CREATED {EXTENDED}:5",
        'deliveryWindow.deliveryDate:<"2026-11-21T00:00:00Z"',
        'deliveryWindow.deliveryDate:<="2026-11-20T23:59:59.999Z"',
        'mixins.deliveryTime.deliveryDate:<="2026-12-31"',
        'status:<="2026-12-31"',
        "total:>10.5",
        "nothing:exists",
        "status:null",
        "remark:exists",
        "total:10",
        "checkout:1",
        "payments.status:FAILURE",
        "payments.paid:(>0 AND <5)",
        "payments.paid:null",
    ],
)
def test_a_document_does_not_match(query: str) -> None:
    assert not Query.of(query).matches(DOCUMENT)


@pytest.mark.parametrize(
    "query",
    [
        "CREATED",
        "status:",
        "status:()",
        "status:(A,)",
        "status:(A",
        "status:A OR status:B",
        "status:(A AND B)",
        'status:"A',
        "created:<",
        "created:<=yesterday",
        "created:(>=2026-01-01 OR <2025-01-01)",
        "created:(>=2026-01-01,<2027-01-01)",
        "status:~A.*",
        "-status:A extra",
        "status:A,B",
        "status: A",
        'created:>="2026-13-01"',
    ],
)
def test_what_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(Refused) as raised:
        Query.of(query)
    assert raised.value.status == 400

"""Bad input over the wire: refused by the name of what is wrong, and nothing else is harmed."""

from __future__ import annotations

from typing import Any

import aiohttp
import grpc
import pytest
from grpc import StatusCode

from e2e.scenes import Scene
from e2e.services import Service
from fakes.refusals import refused
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2, jobs_pb2

MANUAL = {"job_type": jobs_pb2.JOB_TYPE_MANUAL}


@pytest.mark.parametrize(
    ("call", "request_", "field"),
    [
        ("CreateJob", {"tenant": ""}, "tenant"),
        ("CreateJob", {"tenant": "Acme/../x"}, "tenant"),
        ("CreateJob", {"order_ids": ["EON1200"]}, "job_type"),
        ("CreateJob", {"order_ids": ["EON1200"], "job_type": 99}, "job_type"),
        ("CreateJob", {**MANUAL}, "order_ids"),
        ("CreateJob", {**MANUAL, "order_ids": [f"EON{n}" for n in range(10_001)]}, "order_ids"),
        ("CreateJob", {**MANUAL, "order_ids": ["EON1", "EON 2"]}, "order_ids[1]"),
        ("CreateJob", {**MANUAL, "order_ids": ["EON/1"]}, "order_ids[0]"),
        ("CreateJob", {**MANUAL, "order_ids": [".."]}, "order_ids[0]"),
        ("CreateJob", {**MANUAL, "order_ids": ["EON1\x00\n\x1b[2J"]}, "order_ids[0]"),
        ("CreateJob", {**MANUAL, "order_ids": ["x" * 300]}, "order_ids[0]"),
        ("CreateJob", {**MANUAL, "order_ids": [""]}, "order_ids[0]"),
        ("CreateJob", {**MANUAL, "order_ids": ["EON1"], "request_id": "x" * 129}, "request_id"),
        ("CreateJob", {**MANUAL, "order_ids": ["EON1"], "request_id": "a\nb"}, "request_id"),
        ("GetJob", {"job_id": "../../etc/passwd"}, "job_id"),
        ("GetJob", {"job_id": ""}, "job_id"),
        ("ListJobs", {"page_size": -1}, "page_size"),
        ("ListJobs", {"page_token": "nonsense"}, "page_token"),
        ("ListJobs", {"states": [77]}, "states[0]"),
        ("ListJobOrders", {"job_id": "j1", "page_size": -5}, "page_size"),
        ("ListJobOrders", {"job_id": "j1", "page_token": "' OR 1=1 --"}, "page_token"),
        ("JobStatus", {"job_id": "j1", "resume_token": "bm9uc2Vuc2U"}, "resume_token"),
        ("GetInvoice", {}, "key"),
        ("GetInvoice", {"invoice_number": "INV\x00"}, "invoice_number"),
        ("ListInvoices", {"issued_from": "yesterday"}, "issued_from"),
        ("ListInvoices", {"page_token": "=" * 4000}, "page_token"),
        ("DownloadInvoice", {"invoice_number": "9" * 1000}, "invoice_number"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(
    service: Service, call: str, request_: dict[str, Any], field: str
) -> None:
    refusal = await refused(made(service, call, request_))
    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert refusal.fields == [field]
    assert len(refusal.message) < 600


@pytest.mark.parametrize(
    ("call", "request_", "reason"),
    [
        ("CreateJob", {**MANUAL, "tenant": "nobody", "order_ids": ["EON1"]}, "UNKNOWN_TENANT"),
        ("ListJobs", {"tenant": "globex"}, "UNKNOWN_TENANT"),
        ("GetJob", {"job_id": "nowhere"}, "UNKNOWN_JOB"),
        ("ListJobOrders", {"job_id": "nowhere"}, "UNKNOWN_JOB"),
        ("JobStatus", {"job_id": "nowhere"}, "UNKNOWN_JOB"),
        ("GetInvoice", {"invoice_number": "NOWHERE-1"}, "UNKNOWN_INVOICE"),
        ("GetInvoice", {"order_id": "NOWHERE-1"}, "UNKNOWN_INVOICE"),
        ("DownloadInvoice", {"invoice_number": "../invoicing.db"}, "UNKNOWN_INVOICE"),
    ],
)
async def test_what_is_not_there_is_not_found(
    service: Service, call: str, request_: dict[str, Any], reason: str
) -> None:
    refusal = await refused(made(service, call, request_))
    assert (refusal.code, refusal.reason) == (StatusCode.NOT_FOUND, reason)


async def test_an_order_named_often_counts_once_and_one_that_is_not_there_fails_alone(
    service: Service, platform: Caller
) -> None:
    scene = await Scene.of(platform, 1, "TWICE")
    job = await service.create([*scene.ids * 3, "NOWHERE-1"])
    assert job.counts.total == 2
    orders = await service.outcome(job)
    assert orders[scene.ids[0]].state == jobs_pb2.ORDER_STATE_SUCCESS
    assert orders["NOWHERE-1"].reason == "ORDER_NOT_FOUND"


async def test_what_is_no_message_at_all_harms_nobody(service: Service, platform: Caller) -> None:
    scene = await Scene.of(platform, 1, "UNHARMED")
    async with grpc.aio.insecure_channel(service.grpc) as channel:
        for method, sent in (
            ("CreateJob", b"\x0a\x02\xff\xfe"),
            ("JobStatus", b"\xff" * 100),
            ("CreateJob", b"\x0a" + b"\xff" * 5_000_000),
            ("DropTables", b""),
        ):
            call = channel.unary_unary(f"/invoicing.v1.InvoiceJobService/{method}")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(sent)
            assert "Traceback" not in str(caught.value.details())
    async with aiohttp.ClientSession(service.http) as session:
        for path in ("/documents/x.y.z", "/invoice/acme/documents/..%2F..%2Finvoicing.db", "/invoice/x/documents/%00"):
            async with session.get(path) as response:
                assert response.status == 404
        async with session.post("/healthz", data=b"x" * 1_000_000) as response:
            assert response.status == 405
    orders = await service.outcome(await service.create(scene.ids))
    assert [order.state for order in orders.values()] == [jobs_pb2.ORDER_STATE_SUCCESS]


def made(service: Service, call: str, request: dict[str, Any]) -> Any:
    """The call, under way."""
    module, stub = (jobs_pb2, service.jobs) if hasattr(service.jobs, call) else (invoices_pb2, service.invoices)
    return getattr(stub, call)(getattr(module, f"{call}Request")(**{"tenant": "acme", **request}))

"""The main job as a caller sees it, who knows nothing but the addresses."""

from __future__ import annotations

import asyncio
import json
import sys
from hashlib import sha256
from pathlib import Path

import aiohttp

from adapters.sandbox.demo import AUTOMATIC_ORDERS, LEFT_ALONE
from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

GRPCURL = Path(sys.executable).with_name("grpcurl")
JOBS = "invoicing.v1.InvoiceJobService"
INVOICES = "invoicing.v1.InvoiceService"


async def grpcurl(service: Service, /, *words: str, **request: object) -> str:
    """What grpcurl prints; it must succeed."""
    given = ("-d", json.dumps(request)) if request else ()
    process = await asyncio.create_subprocess_exec(
        *(GRPCURL, "-plaintext", *given, service.grpc, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


def messages(printed: str) -> list[dict[str, object]]:
    """What grpcurl printed, one JSON document behind another."""
    read, rest = [], printed.strip()
    while rest:
        message, end = json.JSONDecoder().raw_decode(rest)
        read.append(message)
        rest = rest[end:].strip()
    return read


async def test_grpcurl_finds_its_way_to_the_services_and_they_are_healthy(service: Service) -> None:
    assert {JOBS, INVOICES, "grpc.health.v1.Health"} <= set((await grpcurl(service, "list")).split())
    assert "rpc JobStatus" in await grpcurl(service, "describe", JOBS)
    assert "reason" in await grpcurl(service, "describe", "google.rpc.ErrorInfo")
    for name in ("", JOBS, INVOICES):
        assert json.loads(await grpcurl(service, "grpc.health.v1.Health/Check", service=name)) == {"status": "SERVING"}


async def test_the_probes_say_that_the_service_is_alive_and_ready(service: Service) -> None:
    async with aiohttp.ClientSession(service.http) as session:
        for path, answer in (("/healthz", {"alive": True}), ("/readyz", {"ready": True, "not_ready": []})):
            async with session.get(path) as response:
                assert (response.status, await response.json()) == (200, answer)


async def test_grpcurl_makes_a_job_follows_it_to_its_end_and_gets_the_document_that_was_issued(
    service: Service, platform: Caller
) -> None:
    made = await grpcurl(service, f"{JOBS}/CreateJob", tenant="acme", job_type="JOB_TYPE_MANUAL", order_ids=["EON1200"])
    job = json.loads(made)["job"]
    followed = messages(await grpcurl(service, f"{JOBS}/JobStatus", tenant="acme", job_id=job["jobId"]))
    assert followed[-1]["job"]["state"] == "JOB_STATE_DONE"  # type: ignore[index]  # JSON
    (order,) = (await service.orders(jobs_pb2.Job(job_id=job["jobId"]))).values()
    assert (order.state, order.reason, order.message) == (jobs_pb2.ORDER_STATE_SUCCESS, "", "")
    assert (order.captured, order.gross) == ("", "501.83")

    header, content = await service.download(order.invoice_number)
    invoice = await service.invoice(order.invoice_number)
    assert content.startswith(b"%PDF-")
    assert sha256(content).hexdigest() == header.sha256 == invoice.pdf_sha256
    assert len(content) == header.size == invoice.pdf_size
    async with aiohttp.ClientSession() as session:
        for link in (order.download_link, invoice.download_link):
            assert link.startswith(service.http)
            async with session.get(link) as response:
                assert (response.status, await response.read()) == (200, content)
        async with session.get(order.download_link[:-1]) as response:
            assert response.status == 404
    _, written = await platform.get("/_sandbox/mails?tenant=acme")
    assert header.sha256 in {pdf["sha256"] for mail in written["mails"] for pdf in mail["attachments"]}


async def test_the_command_line_makes_a_job_and_fetches_its_invoice(
    service: Service, platform: Caller, tmp_path: Path
) -> None:
    ran = await service.invoicing("job", "create", "--order", "DEMO-TWO-RATES", "--order", "EON2076", "--watch")
    assert ran.code == 1
    assert "ORDER_NOT_INVOICEABLE" in ran.out
    (found,) = (await service.invoicing("invoice", "get", "--order", "DEMO-TWO-RATES", "--json")).messages
    fetched = await service.invoicing(
        "invoice", "download", found["invoiceNumber"], "--out", str(tmp_path / "invoice.pdf")
    )
    assert fetched.code == 0
    assert sha256((tmp_path / "invoice.pdf").read_bytes()).hexdigest() == found["pdfSha256"]


async def test_an_automatic_job_takes_exactly_the_orders_that_are_due(service: Service, platform: Caller) -> None:
    job = await service.create(job_type=jobs_pb2.JOB_TYPE_AUTOMATIC)
    orders = await service.outcome(job)
    assert {order_id: order.state for order_id, order in orders.items()} == dict.fromkeys(
        AUTOMATIC_ORDERS, jobs_pb2.ORDER_STATE_SUCCESS
    )
    assert not set(LEFT_ALONE) & set(orders)
    again = await service.create(job_type=jobs_pb2.JOB_TYPE_AUTOMATIC)
    assert await service.outcome(again) == {}


async def test_the_same_request_makes_one_job_and_another_content_is_refused(
    service: Service, platform: Caller
) -> None:
    first = await service.create(["EON2076"], request_id="once")
    assert (await service.create(["EON2076", "EON2076"], request_id="once")).job_id == first.job_id
    ran = await service.invoicing("job", "create", "--order", "EON1200", "--request-id", "once", "--json")
    assert (ran.code, json.loads(ran.err)["reason"]) == (3, "REQUEST_ID_REUSED")
    assert first.job_id in ran.err

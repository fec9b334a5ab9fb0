"""Two tenants of one service: neither sees anything of the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import grpc

from e2e.processes import Process
from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.refusals import refused
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2, jobs_pb2

COUNT = 5


async def test_two_tenants_with_orders_of_the_same_ids_see_their_own_jobs_and_invoices_only(home: Home) -> None:
    with Process.running(home.folder, "serve", "--sandbox") as process:
        async with (
            Service.called(process) as acme,
            aiohttp.ClientSession(process.tells("sandbox")["url"]) as session,
        ):
            globex = replace(acme, tenant="globex")
            for tenant in ("acme", "globex"):
                scene = await Scene.of(Caller(session), COUNT, "TWIN", tenant)
            jobs = await asyncio.gather(*(service.create(scene.ids, request_id="r1") for service in (acme, globex)))
            ends = await asyncio.gather(acme.outcome(jobs[0]), globex.outcome(jobs[1]))
            numbers = [{order.invoice_number for order in orders.values()} for orders in ends]
            assert [len(of_tenant) for of_tenant in numbers] == [COUNT, COUNT]
            assert {number[:3] for number in numbers[0]} == {"INV"}
            assert {number[:3] for number in numbers[1]} == {"GLX"}
            for service, own, others in ((acme, *jobs), (globex, *reversed(jobs))):
                await require_only_own(service, own, others)
            number = min(numbers[0])
            for tenant, status in (("acme", 200), ("globex", 404)):
                async with session.get(f"{acme.http}/invoice/{tenant}/documents/{number}") as response:
                    assert response.status == status


async def require_only_own(service: Service, own: jobs_pb2.Job, others: jobs_pb2.Job) -> None:
    """The caller is given what is his, and told that the rest is not there."""
    listed = await service.jobs.ListJobs(jobs_pb2.ListJobsRequest(tenant=service.tenant))
    assert [job.job_id for job in listed.jobs] == [own.job_id]
    invoices = (await service.invoices.ListInvoices(invoices_pb2.ListInvoicesRequest(tenant=service.tenant))).invoices
    assert len(invoices) == COUNT
    assert {invoice.tenant for invoice in invoices} == {service.tenant}
    named = {"tenant": service.tenant, "job_id": others.job_id}
    for call in (
        service.jobs.GetJob(jobs_pb2.GetJobRequest(**named)),
        service.jobs.ListJobOrders(jobs_pb2.ListJobOrdersRequest(**named)),
        service.jobs.JobStatus(jobs_pb2.JobStatusRequest(**named)),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_JOB")

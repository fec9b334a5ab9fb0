"""Tenants of one service: none sees anything of another, and they come and go while it runs."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

import aiohttp
import grpc

from e2e.processes import Process
from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.refusals import refused
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2, jobs_pb2

COUNT = 5
UNKNOWN = "UNKNOWN_TENANT"
TENANTS = """
[acme]
client_id = "sandbox"
client_secret = "sandbox"
"""
GLOBEX = """
[globex]
client_id = "sandbox"
client_secret_file = "globex-secret"
rate = 10000
"""


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


async def test_tenants_come_change_and_go_at_sighup_while_orders_are_at_work(home: Home, platform: Caller) -> None:
    """Acme has a job all the time; its connections are changed in the midst of it, and nothing is lost or doubled."""
    scene = await Scene.of(platform, 60, "HUP")
    file = home.folder / "tenants.toml"
    file.write_text(TENANTS, encoding="utf-8")
    (home.folder / "globex-secret").write_text("sandbox\n", encoding="utf-8")
    settings = home.settings(TENANTS_FILE=str(file))
    del settings["TENANT"]
    async with home.serving(**settings) as acme:
        globex = replace(acme, tenant="globex")
        assert (await refused(globex.jobs.ListJobs(jobs_pb2.ListJobsRequest(tenant="globex")))).reason == UNKNOWN
        job = await acme.create(scene.ids)
        following = acme.follow(job)
        await following.until(succeeded=5)
        await told(acme, file, TENANTS + "rate = 9000\n" + GLOBEX, added=["globex"], changed=["acme"], removed=[])
        ends = await globex.outcome(await globex.create(["NOWHERE-1"]))
        assert ends["NOWHERE-1"].reason == "ORDER_NOT_FOUND"
        await told(acme, file, TENANTS + GLOBEX + "colour = 'red'\n", problem="globex: colour: there is no such key")
        await told(acme, file, TENANTS, added=[], changed=["acme"], removed=["globex"])
        assert (await refused(globex.jobs.ListJobs(jobs_pb2.ListJobsRequest(tenant="globex")))).reason == UNKNOWN
        await following.to_the_end()
        await scene.require_all_done_once(acme, following.orders, home.folder)


async def told(service: Service, file: Path, content: str, **says: object) -> None:
    """Gives the service another tenants file; what it says in its log about it must be that."""
    event = "the tenants stay as they are" if "problem" in says else "tenants"
    before = len(service.process.events(event))
    await asyncio.to_thread(file.write_text, content, encoding="utf-8")
    service.process.signal(signal.SIGHUP)
    await asyncio.to_thread(service.process.writes, lambda _: len(service.process.events(event)) > before)
    said = service.process.events(event)[-1]
    for name, value in says.items():
        assert value == said[name] if isinstance(value, list) else str(value) in said[name]


async def test_without_a_tenants_file_sighup_changes_nothing(home: Home, platform: Caller) -> None:
    scene = await Scene.of(platform, 2, "NOHUP")
    async with home.serving() as service:
        service.process.signal(signal.SIGHUP)
        event = "there is no tenants file to read again; the tenants stay as they are"
        await asyncio.to_thread(service.process.tells, event)
        orders = await service.outcome(await service.create(scene.ids))
        await scene.require_all_done_once(service, orders, home.folder)

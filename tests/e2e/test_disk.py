"""A disk that is full for a while: refused with a reason, waited out without anyone's help, and nothing done twice."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from e2e.processes import PATIENCE
from e2e.scenes import Scene, journal
from e2e.services import DATABASE, Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

NEXT_TO_NOTHING = 4096
JOBS = HealthCheckRequest(service="invoicing.v1.InvoiceJobService")


def allow_bytes(service: Service, most: int) -> None:
    """No file of the process can be written beyond so many bytes from now on: what a quota does."""
    _, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (most, hard))


async def readiness(service: Service, wanted: int) -> dict[str, Any]:
    """What the service answers once it answers with this status; it must."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(service.http) as session:
        while True:  # asks again, over HTTP: the service goes on meanwhile
            async with session.get("/readyz") as response:
                told = await response.json()
                if response.status == wanted:
                    return dict(told)


async def health_becomes(service: Service, wanted: HealthCheckResponse.ServingStatus.ValueType) -> None:
    """Returns once the health of the jobs is told to be so; it must be."""
    async with asyncio.timeout(PATIENCE), grpc.aio.insecure_channel(service.grpc) as channel:
        async for told in HealthStub(channel).Watch(JOBS):
            if told.status == wanted:
                return


async def refused(service: Service) -> str:
    """With which words a job is refused; its caller is told to come back."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await service.create(["NO-ROOM"])
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    status = Status.FromString(dict(raised.value.trailing_metadata())["grpc-status-details-bin"])
    assert any(detail.Is(RetryInfo.DESCRIPTOR) for detail in status.details)
    return str(raised.value.details())


async def test_a_full_disk_is_told_waited_out_and_nothing_is_lost_or_done_twice(home: Home, platform: Caller) -> None:
    """Two orders are in the middle of what changes the world when the disk fills up, and it changes."""
    scene = await Scene.of(platform, 6, "DISK")
    points = (("payments", "capture"), ("mail", "send"))
    faults = [
        await platform.fault(service=service, operation=operation, kind="hold_after", times=1)
        for service, operation in points
    ]
    async with home.serving() as service:
        job = await service.create(scene.ids)
        await scene.holds(len(points))
        await service.follow(job).until(succeeded=len(scene.ids) - len(points))
        allow_bytes(service, NEXT_TO_NOTHING)
        message = await refused(service)
        assert str(home.folder / DATABASE) in message
        for fault in faults:
            await platform.call("DELETE", f"/_sandbox/faults/{fault}")

        assert (await readiness(service, 503))["problems"]["store"] == message
        await health_becomes(service, HealthCheckResponse.NOT_SERVING)
        done = [order for order in (await service.orders(job)).values() if order.state == jobs_pb2.ORDER_STATE_SUCCESS]
        assert len(done) == len(scene.ids) - len(points)
        assert (await service.download(done[0].invoice_number))[1].startswith(b"%PDF")
        await asyncio.to_thread(
            service.process.writes, lambda lines: sum("cannot see its work" in line for line in lines) > 2
        )
        before = len(await scene.effects("mail"))
        allow_bytes(service, resource.RLIM_INFINITY)
        await readiness(service, 200)
        await health_becomes(service, HealthCheckResponse.SERVING)
        await scene.require_all_done_once(service, await service.outcome(job), home.folder)
    assert before == len(scene.ids) - 1, "no mail was sent again while nobody could have written it down"
    assert len(await scene.effects("mail")) == len(scene.ids) + 1


async def test_a_document_that_cannot_be_archived_is_drawn_later_and_says_the_same(
    home: Home, platform: Caller
) -> None:
    """Its number and content are kept already; the service is killed while it waits."""
    archive = home.folder / "archive"
    scene = await Scene.of(platform, 1, "ARCHIVE")
    async with home.serving() as service:
        in_the_way = blocked(archive)
        job = await service.create(scene.ids)
        following = service.follow(job)
        while not (waiting := following.orders.get(scene.ids[0])) or not waiting.reason:
            assert await following.next()
        assert (waiting.step, waiting.reason) == (jobs_pb2.STEP_PDF, "PLATFORM_UNAVAILABLE")
        assert waiting.message.startswith("the archive cannot be used")
        service.process.kill()
    content = journal(home.folder, "SELECT number, content_hash FROM ledger")
    in_the_way.unlink()
    async with home.serving() as service:
        await scene.require_all_done_once(service, await service.outcome(job), home.folder)
    assert journal(home.folder, "SELECT number, content_hash FROM ledger") == content
    assert [file.suffix for file in (archive / "acme").iterdir()] == [".pdf"]


def blocked(archive: Path) -> Path:
    """What lies where the tenant's documents would: no right keeps an administrator from writing."""
    in_the_way = archive / "acme"
    in_the_way.write_bytes(b"")
    return in_the_way

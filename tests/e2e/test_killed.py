"""kill -9 in the middle: what was accepted is done, and nothing is done twice."""

from __future__ import annotations

import grpc
import pytest

from e2e.scenes import Scene, pending_orders
from e2e.services import Home
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

POINTS = (("payments", "capture"), ("sequences", "next_id"), ("orders", "patch"), ("mail", "send"))
"""Where a call changes the world."""


async def test_a_service_killed_in_the_middle_of_many_orders_finishes_them_all_when_it_comes_back(
    home: Home, platform: Caller
) -> None:
    scene = await Scene.of(platform, 60, "KILLED")
    async with home.serving() as service:
        job = await service.create(scene.ids)
        following = service.follow(job)
        await following.until(succeeded=10)
        service.process.kill()
        with pytest.raises(grpc.aio.AioRpcError):
            await following.to_the_end()
    assert 0 < pending_orders(home.folder) < len(scene.ids), "it was killed in the middle"
    async with home.serving() as service:
        await scene.require_all_done_once(service, await service.outcome(job), home.folder)


@pytest.mark.parametrize("when", ["hold_before", "hold_after"])
async def test_a_service_killed_while_the_world_changes_finds_out_what_became_of_it(
    home: Home, platform: Caller, when: str
) -> None:
    """At each point one order's call hangs, before its effect or after it, when the service dies."""
    scene = await Scene.of(platform, len(POINTS) + 2, when.upper().replace("_", "-"))
    for service_name, operation in POINTS:
        await platform.fault(service=service_name, operation=operation, kind=when, times=1)
    async with home.serving() as service:
        job = await service.create(scene.ids)
        await scene.holds(len(POINTS))
        await service.follow(job).until(succeeded=len(scene.ids) - len(POINTS))
        standing = await service.orders(job)
        service.process.kill()
    pending = [order for order in standing.values() if order.state == jobs_pb2.ORDER_STATE_PENDING]
    assert sorted(order.step for order in pending) == [
        jobs_pb2.STEP_CAPTURE,
        jobs_pb2.STEP_PDF,
        jobs_pb2.STEP_PDF,
        jobs_pb2.STEP_EMAIL,
    ]
    assert {order.attempt for order in pending} == {0}, "no call was given up before"
    async with home.serving() as service:
        await scene.require_all_done_once(service, await service.outcome(job), home.folder)

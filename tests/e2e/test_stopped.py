"""SIGTERM: the service goes in good order, and takes nothing with it."""

from __future__ import annotations

import asyncio
import signal
from time import monotonic

import grpc
import pytest

from e2e.processes import Process
from e2e.scenes import Scene
from e2e.services import Home
from fakes.refusals import refused
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

LONGEST_END = 10.0


async def test_a_service_told_to_stop_lets_followers_go_ends_well_and_goes_on_when_it_is_started_again(
    home: Home, platform: Caller
) -> None:
    scene = await Scene.of(platform, 6, "STOPPED")
    await platform.fault(service="mail", operation="send", kind="hold_before", times=2)
    async with home.serving() as service:
        job = await service.create(scene.ids)
        following = service.follow(job)
        await following.until(succeeded=len(scene.ids) - 2)
        await scene.holds(2)
        told = monotonic()
        service.process.signal(signal.SIGTERM)
        refusal = await refused(following.call)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert await service.process.ends() == 0
        assert monotonic() - told < LONGEST_END
    await platform.session.delete("/_sandbox/faults")
    async with home.serving() as service:
        resumed = service.follow(job, following.token)
        assert (await resumed.to_the_end()).state == jobs_pb2.JOB_STATE_DONE
        heard, orders = following.orders | resumed.orders, await service.orders(job)
        assert heard == {order_id: heard[order_id].__class__.FromString(order.SerializeToString()) for order_id, order in orders.items()}
        await scene.require_all_done_once(service, orders, home.folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_or_a_sandbox_with_nothing_to_do_ends_at_once(
    home: Home, number: signal.Signals
) -> None:
    with Process.running(home.folder, "serve", "--sandbox") as process:
        await asyncio.to_thread(process.tells, "serving")
        process.signal(number)
        assert await process.ends() == 0
        assert process.lines[-1:] == process.lines[-1:]

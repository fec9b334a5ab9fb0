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
from fakes.refusals import refusal_of
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
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await following.to_the_end()
        refusal = refusal_of(caught.value)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert await service.process.ends() == 0
        assert monotonic() - told < LONGEST_END
    await platform.session.delete("/_sandbox/faults")
    async with home.serving() as service:
        resumed = service.follow(job, following.token)
        assert (await resumed.to_the_end()).state == jobs_pb2.JOB_STATE_DONE
        heard, orders = following.orders | resumed.orders, await service.orders(job)
        assert {order_id: order.version for order_id, order in heard.items()} == {
            order_id: order.version for order_id, order in orders.items()
        }
        await scene.require_all_done_once(service, orders, home.folder)


async def test_a_service_that_is_interrupted_while_nothing_is_to_do_ends_well(home: Home) -> None:
    with Process.running(home.folder, "serve", "--sandbox") as process:
        await asyncio.to_thread(process.tells, "serving")
        process.signal(signal.SIGINT)
        assert await process.ends() == 0
        assert process.events("stopping")
        assert "Traceback" not in "".join(process.lines)

"""kill -9 in the middle: what was accepted is done, and nothing is done twice."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from adapters.sandbox.demo import generated_orders
from e2e.audits import Audit
from e2e.processes import PATIENCE
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

POINTS = (("payments", "capture"), ("sequences", "next_id"), ("orders", "patch"), ("mail", "send"))
"""Where a call changes the world."""


async def last_effect(platform: Caller) -> int:
    """The effects behind this one are the test's own."""
    return max((effect["seq"] for effect in await platform.effects(tenant="")), default=0)


async def prepared(platform: Caller, count: int, prefix: str) -> list[dict[str, Any]]:
    """Orders that the platform has from now on."""
    orders = list(generated_orders(count, prefix=prefix))
    await platform.add(*orders)
    return orders


async def held(platform: Caller, since: int, count: int) -> None:
    """Returns once so many calls are held."""
    async with asyncio.timeout(PATIENCE):
        while len(await platform.effects("held", tenant="", after=str(since))) < count:
            pass  # asks again, over HTTP: the world goes on meanwhile


async def require_done_once(
    home: Home, service: Service, platform: Caller, job: jobs_pb2.Job, orders: list[dict[str, Any]], since: int
) -> None:
    """The job ends, and every order has what it needs once."""
    audit = await Audit.of(platform, orders, await service.outcome(job), since)
    audit.require_success()
    audit.require_one_capture_each()
    await audit.require_one_mail_each(service)
    audit.require_explained_numbers(home.folder)


async def test_a_service_killed_in_the_middle_of_many_orders_finishes_them_all_when_it_comes_back(
    home: Home, platform: Caller
) -> None:
    orders, since = await prepared(platform, 60, "KILL"), await last_effect(platform)
    async with home.serving() as service:
        job = await service.create(order["id"] for order in orders)
        following = service.follow(job)
        await following.until(succeeded=10)
        service.process.kill()
        with pytest.raises(grpc.aio.AioRpcError):
            await following.to_the_end()
        assert following.messages[-1].version < 5 * len(orders)
    async with home.serving() as service:
        assert (await service.job(job)).counts.success < len(orders), "it was killed in the middle"
        await require_done_once(home, service, platform, job, orders, since)


@pytest.mark.parametrize("when", ["hold_before", "hold_after"])
async def test_a_service_killed_while_the_world_changes_finds_out_what_became_of_it(
    home: Home, platform: Caller, when: str
) -> None:
    """At each point one order's call hangs, before its effect or after it, when the service dies."""
    orders, since = await prepared(platform, len(POINTS) + 2, when.upper().replace("_", "-")), await last_effect(platform)
    for service_name, operation in POINTS:
        await platform.fault(service=service_name, operation=operation, kind=when, times=1)
    async with home.serving() as service:
        job = await service.create(order["id"] for order in orders)
        await held(platform, since, len(POINTS))
        await service.follow(job).until(succeeded=len(orders) - len(POINTS))
        standing = await service.orders(job)
        service.process.kill()
    pending = [order for order in standing.values() if order.state == jobs_pb2.ORDER_STATE_PENDING]
    assert sorted(order.step for order in pending) == [3, 4, 4, 5]
    assert {order.attempt for order in pending} == {0}, "no call was given up before"
    async with home.serving() as service:
        await require_done_once(home, service, platform, job, orders, since)

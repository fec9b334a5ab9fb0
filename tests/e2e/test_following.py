"""JobStatus, for followers who come late, die, and come again."""

from __future__ import annotations

import asyncio
import json

from e2e.processes import Process
from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller


async def test_a_follower_killed_in_the_middle_goes_on_with_its_token_and_misses_nothing(
    service: Service, platform: Caller, home: Home
) -> None:
    scene = await Scene.of(platform, 6, "FOLLOWED")
    await platform.fault(service="mail", operation="send", kind="hold_before", times=2)
    job = await service.create(scene.ids)
    watching = ("job", "watch", job.job_id, "--json", "--tenant", "acme", "--address", service.grpc)
    with Process.running(home.folder, *watching) as follower:
        await asyncio.to_thread(follower.writes, lambda lines: "\n".join(lines).count("ORDER_STATE_SUCCESS") >= 4)
        follower.kill()
        heard = [json.loads(line) for line in follower.lines]
    await platform.session.delete("/_sandbox/faults")
    ran = await service.invoicing("job", "watch", job.job_id, "--resume-token", heard[-1]["resumeToken"], "--json")
    assert ran.code == 0
    resumed = ran.messages
    assert resumed[-1]["job"]["state"] == "JOB_STATE_DONE"
    told = [message["order"] for message in (*heard, *resumed) if "order" in message]
    listed = (await service.invoicing("job", "orders", job.job_id, "--json")).messages
    assert {order["orderId"]: order["version"] for order in told} == {
        order["orderId"]: order["version"] for order in listed
    }
    assert len({message["order"]["orderId"] for message in resumed if "order" in message}) < len(scene.ids)

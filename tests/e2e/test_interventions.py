"""Jobs that are stopped or taken up again, and dry runs, as callers see them; the sandbox tells what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.scenes import Scene
from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

CANCELLED, FAILURE, SUCCESS = (
    jobs_pb2.ORDER_STATE_CANCELLED,
    jobs_pb2.ORDER_STATE_FAILURE,
    jobs_pb2.ORDER_STATE_SUCCESS,
)


async def cancel(service: Service, job: jobs_pb2.Job) -> jobs_pb2.Job:
    request = jobs_pb2.CancelJobRequest(tenant=service.tenant, job_id=job.job_id)
    return (await service.jobs.CancelJob(request)).job


async def retry(service: Service, job: jobs_pb2.Job) -> jobs_pb2.Job:
    request = jobs_pb2.RetryJobRequest(tenant=service.tenant, job_id=job.job_id)
    return (await service.jobs.RetryJob(request)).job


async def by_card(platform: Caller, count: int, prefix: str) -> Scene:
    """So many orders that are paid by card."""
    scene = await Scene.of(platform, 3 * count, prefix)
    cards = [key for key, document in scene.documents.items() if "transactionId" in document["payments"][0]]
    return Scene(platform, {key: scene.documents[key] for key in cards[:count]}, scene.since)


async def test_a_job_held_at_the_gateway_is_stopped_but_for_what_was_touched(
    service: Service, platform: Caller, shared_folder: Path
) -> None:
    """Three orders' transactions are being read when the job is cancelled, a fourth one's capture is on its way."""
    scene = await by_card(platform, 4, "CANCELLED")
    await platform.fault(service="payments", operation="get", kind="hold_before", times=3)
    await platform.fault(service="payments", operation="capture", kind="hold_before", times=1)
    job = await service.create(scene.ids)
    await scene.holds(4)
    stopped = await cancel(service, job)
    assert (stopped.state, stopped.counts.cancelled, stopped.counts.pending) == (jobs_pb2.JOB_STATE_IN_PROGRESS, 3, 1)
    await platform.session.delete("/_sandbox/faults")
    orders = await service.outcome(job)
    assert (await service.job(job)).state == jobs_pb2.JOB_STATE_CANCELLED
    finished = {key: order for key, order in orders.items() if order.state == SUCCESS}
    assert [order.state for key, order in orders.items() if key not in finished] == [CANCELLED] * 3
    assert len(finished) == 1
    touched = Scene(platform, {key: scene.documents[key] for key in finished}, scene.since)
    await touched.require_all_done_once(service, finished, shared_folder)
    assert await cancel(service, job) == await service.job(job), "an ended job stays as it is"


async def test_a_job_that_is_stopped_can_be_made_anew(service: Service, platform: Caller, shared_folder: Path) -> None:
    scene = await by_card(platform, 3, "ANEW")
    await platform.fault(service="payments", operation="get", kind="hold_before", times=3)
    job = await service.create(scene.ids)
    await scene.holds(3)
    assert (await cancel(service, job)).state == jobs_pb2.JOB_STATE_CANCELLED
    again = await service.create(scene.ids)
    await platform.session.delete("/_sandbox/faults")
    await scene.require_all_done_once(service, await service.outcome(again), shared_folder)


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        ({"service": "payments", "operation": "get", "status": 403}, FAILURE, "PLATFORM_DENIED"),
        ({"service": "payments", "operation": "capture", "status": 400}, FAILURE, "PAYMENT_REFUSED"),
        ({"service": "mail", "operation": "send", "status": 550}, SUCCESS, "EMAIL_FAILED"),
    ],
    ids=["denied", "refused", "mail"],
)
async def test_what_failed_goes_on_once_its_cause_is_gone_and_is_done_once(
    service: Service, platform: Caller, shared_folder: Path, fault: dict[str, object], state: int, reason: str
) -> None:
    scene = await by_card(platform, 2, f"RETRIED-{reason.replace('_', '-')}")
    await platform.fault(**fault, kind="error")
    job = await service.create(scene.ids)
    ends = [(order.state, order.reason, order.retryable) for order in (await service.outcome(job)).values()]
    assert ends == [(state, reason, True)] * 2
    await platform.session.delete("/_sandbox/faults")
    going = await retry(service, job)
    assert (going.state, going.counts.pending, going.HasField("end_time")) == (jobs_pb2.JOB_STATE_IN_PROGRESS, 2, False)
    await scene.require_all_done_once(service, await service.outcome(job), shared_folder)


async def test_the_command_line_stops_and_takes_up(service: Service, platform: Caller, shared_folder: Path) -> None:
    scene = await by_card(platform, 1, "TYPED")
    fault = await platform.fault(service="payments", operation="get", kind="error", status=403)
    job = await service.create(scene.ids)
    await service.outcome(job)
    stopped = await service.invoicing("job", "cancel", job.job_id, "--json")
    assert (stopped.code, stopped.messages[0]["state"]) == (0, "JOB_STATE_DONE")
    await platform.session.delete(f"/_sandbox/faults/{fault}")
    watched = await service.invoicing("job", "retry", job.job_id, "--order", *scene.ids, "--watch")
    assert (watched.code, watched.out.splitlines()[-1].endswith("is DONE: 1 succeeded.")) == (0, True)
    await scene.require_all_done_once(service, await service.orders(job), shared_folder)


async def test_a_dry_run_tells_what_a_job_would_do_and_does_nothing(service: Service, platform: Caller) -> None:
    scene = await by_card(platform, 2, "DRY")
    first, second = scene.ids
    await service.outcome(await service.create([first]))
    since = max(effect["seq"] for effect in await platform.effects(tenant=""))
    ran = await service.invoicing(
        *("job", "create", "--order", first, "--order", second, "--dry-run", "--watch", "--json")
    )
    told = {message["order"]["orderId"]: message["order"] for message in ran.messages if "order" in message}
    assert (ran.code, ran.messages[0]["dryRun"]) == (1, True)
    assert (told[first]["reason"], "invoiceNumber" in told[first]) == ("ALREADY_INVOICED", True)
    assert (told[second]["state"], told[second]["step"]) == ("ORDER_STATE_SUCCESS", "STEP_RECALCULATION")
    assert float(told[second]["gross"]) > 0
    assert await platform.effects(tenant="", after=str(since)) == []

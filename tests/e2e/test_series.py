"""Numbers without a gap, and the proof of them, with the real service killed in the middle and its files forged."""

from __future__ import annotations

import asyncio
from pathlib import Path

from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2, jobs_pb2

ORDERS, JOBS = 30, 3
LOCAL = """
[acme]
client_id = "sandbox"
client_secret = "sandbox"
series = "local"
[acme.local_series]
prefix = "RE-"
digits = 4
"""


async def proof_of(service: Service, series: str = "") -> invoices_pb2.VerifySeriesResponse:
    """What the service finds of the series."""
    request = invoices_pb2.VerifySeriesRequest(tenant=service.tenant, series=series)
    return await service.invoices.VerifySeries(request)


async def ended(service: Service, jobs: list[jobs_pb2.Job]) -> dict[str, jobs_pb2.JobOrder]:
    """Every order of the jobs as it ended."""
    outcomes = await asyncio.gather(*map(service.outcome, jobs))
    return {order_id: order for outcome in outcomes for order_id, order in outcome.items()}


def change_a_byte(path: Path) -> None:
    """Of the file, in its middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


async def test_local_numbers_have_no_gap_though_the_service_was_killed_and_a_changed_byte_is_named(
    home: Home, platform: Caller
) -> None:
    scene = await Scene.of(platform, ORDERS, "LOCAL")
    (home.folder / "tenants.toml").write_text(LOCAL, encoding="utf-8")
    settings = {"TENANTS_FILE": "tenants.toml"}
    async with home.serving(**settings) as service:
        jobs = [await service.create(scene.ids[n::JOBS]) for n in range(JOBS)]
        await service.follow(jobs[0]).until(succeeded=3)
        service.process.kill()
    async with home.serving(**settings) as service:
        orders = await ended(service, jobs)
        assert sorted(order.invoice_number for order in orders.values()) == [f"RE-{n:04}" for n in range(1, ORDERS + 1)]
        await scene.require_one_capture_each(orders)
        assert await scene.effects("number") == []
        ran = await service.invoicing("series", "verify")
        assert (ran.code, "PROVEN: nothing was changed" in ran.out) == (0, True), ran.out
        proof = await proof_of(service)
        assert (proof.ok, proof.series, proof.first, proof.last) == (True, "local:RE-", "RE-0001", "RE-0030")
        assert (proof.issued, proof.documents_checked) == (ORDERS, ORDERS)

        change_a_byte(home.folder / "archive" / "acme" / "RE-0017.pdf")
        ran = await service.invoicing("series", "verify")
        assert (ran.code, "NOT PROVEN" in ran.out) == (1, True), ran.out
        (mismatch,) = (await proof_of(service)).mismatches
        assert mismatch.invoice_number == "RE-0017"
        assert mismatch.what.startswith("its bytes in the archive were changed")


async def test_a_number_whose_answer_was_lost_is_explained(home: Home, platform: Caller) -> None:
    """The first order's number is drawn, and its answer lost; those of others come before and after it."""
    before, after = await Scene.of(platform, 1, "BEFORE-LOST"), await Scene.of(platform, 1, "AFTER-LOST")
    async with home.serving() as service:
        await service.outcome(await service.create(before.ids))
        lost = await Scene.of(platform, 1, "LOST-DRAW")
        await platform.fault(service="sequences", operation="next_id", kind="drop_after", times=1)
        orders = await service.outcome(await service.create(lost.ids))
        await service.outcome(await service.create(after.ids))
        proof = await proof_of(service)
        burnt, used = [effect["number"] for effect in await lost.effects("number")][:2]
        assert orders[lost.ids[0]].invoice_number == used
        (gap,) = [gap for gap in proof.gaps if gap.number == burnt]
        assert (gap.explained, proof.ok) == (True, True)
        assert gap.explanation.startswith(f"possibly burnt by a draw for order {lost.ids[0]} in job ")
        assert gap.explanation.endswith("whose answer was lost")


async def test_an_auditor_may_ask_a_service_that_runs_no_engine(home: Home, platform: Caller) -> None:
    scene = await Scene.of(platform, 2, "AUDITED")
    async with home.serving() as service:
        await service.outcome(await service.create(scene.ids))
    async with home.serving(ENGINE="none") as service:
        assert (await proof_of(service, "invoiceNoSequence")).issued == 2

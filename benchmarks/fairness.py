"""How much longer a healthy tenant's orders take while another tenant's platform is out of order.

One service serves both, over real HTTP and gRPC. In turns: the healthy tenant alone; beside one whose every call is
answered 503; beside one whose calls are never answered.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import msgspec

from adapters.sandbox.demo import generated_orders
from app.cli.client import Client
from app.cli.options import Access
from app.cli.servers import Server
from benchmarks.measured import Measured
from invoicing.v1 import jobs_pb2

HEALTHY, SICK = "acme", "globex"
ORDERS = 200
ROUNDS = 5
MOST = 1.2
"""Times the time that the healthy tenant needs alone."""
ALONE = "alone"
SICKNESSES: Mapping[str, dict[str, object]] = {
    ALONE: {},
    "outage": {"kind": "error", "status": 503},
    "silence": {"kind": "hold_before"},
}
SAID = {"outage": "whose every call is answered 503", "silence": "whose calls are never answered"}
LOOK_SECONDS = 0.02
LISTENING = ("GRPC", "HTTP", "SANDBOX", "SANDBOX_SMTP")
TENANTS = "".join(f'[{name}]\nclient_id = "sandbox"\nclient_secret = "sandbox"\n' for name in (HEALTHY, SICK))

encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class Bench:
    """Both tenants' callers, and the sandbox behind the service."""

    healthy: Client
    sick: Client
    sandbox: aiohttp.ClientSession

    async def round(self, sickness: dict[str, object], number: int) -> float:
        """Seconds from the healthy tenant's job to its end. The sick one recovers afterwards, and loses nothing."""
        ill = None
        if sickness:
            await self.tells("POST", "/_sandbox/faults", {"tenant": SICK, **sickness})
            ill = await self.job(self.sick, SICK, f"SICK{number}-")
            await asyncio.sleep(1)
        began = time.perf_counter()
        await self.end(self.healthy, await self.job(self.healthy, HEALTHY, f"WELL{number}-"))
        seconds = time.perf_counter() - began
        await self.tells("DELETE", "/_sandbox/faults")
        if ill is not None:
            await self.end(self.sick, ill)
        return seconds

    async def job(self, client: Client, tenant: str, prefix: str) -> jobs_pb2.Job:
        made = list(generated_orders(ORDERS, prefix=prefix))
        await self.tells("POST", "/_sandbox/orders", {"tenant": tenant, "orders": made})
        return await client.create_job([order["id"] for order in made])

    async def end(self, client: Client, job: jobs_pb2.Job) -> None:
        while job.state == jobs_pb2.JOB_STATE_IN_PROGRESS:
            await asyncio.sleep(LOOK_SECONDS)
            job = await client.job(job.job_id)
        assert job.counts.success == job.counts.total, job

    async def tells(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        async with self.sandbox.request(method, path, data=encode(body)) as response:
            assert response.status < 300, await response.text()


async def rounds_in(folder: Path) -> dict[str, list[float]]:
    """Seconds, round by round, by what is the matter with the other tenant."""
    (folder / "tenants.toml").write_text(TENANTS, encoding="utf-8")
    free = {f"INVOICING_{name}_LISTEN": "127.0.0.1:0" for name in LISTENING}
    told = {**os.environ, **free, "INVOICING_LOG": "json", "INVOICING_TENANTS_FILE": "tenants.toml"}
    async with Server.running("sandbox", ["sandbox"], event="sandbox", environment=told, folder=folder) as sandbox:
        told |= {
            "INVOICING_PLATFORM_URL": sandbox.told["url"],
            "INVOICING_MAIL_URL": f"smtp://{sandbox.told['smtp']}",
            "INVOICING_PLATFORM_TIMEOUT": "5s",
        }
        async with (
            Server.running("service", ["serve"], event="serving", environment=told, folder=folder) as service,
            Client.connected(Access(service.told["grpc"], HEALTHY)) as healthy,
            Client.connected(Access(service.told["grpc"], SICK)) as sick,
            aiohttp.ClientSession(sandbox.told["url"]) as session,
        ):
            return await seconds_of(Bench(healthy, sick, session))


async def seconds_of(bench: Bench) -> dict[str, list[float]]:
    numbers = count()
    await bench.round({}, next(numbers))  # connections, tokens, fonts
    seconds: dict[str, list[float]] = {name: [] for name in SICKNESSES}
    for _ in range(ROUNDS):
        for name, sickness in SICKNESSES.items():
            seconds[name].append(await bench.round(sickness, next(numbers)))
    return seconds


def measure() -> list[Measured]:
    with TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark-") as folder:
        seconds = asyncio.run(rounds_in(Path(folder)))
    alone = seconds.pop(ALONE)
    return [
        Measured(
            f"fairness-{name}",
            f"{ORDERS} orders beside a tenant {SAID[name]}",
            median(beside / by_itself for beside, by_itself in zip(each, alone, strict=True)),
            "times as long",
            target=MOST,
            less_is_better=True,
        )
        for name, each in seconds.items()
    ]

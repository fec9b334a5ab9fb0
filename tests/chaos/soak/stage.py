"""What a soak runs on: processes of the service that come back whenever they were ended, and a platform."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

import grpc

from app.cli.footprint import family, proportional_size
from e2e.processes import Process
from e2e.services import Service
from invoicing.v1.invoices_pb2_grpc import InvoiceServiceStub
from invoicing.v1.jobs_pb2_grpc import InvoiceJobServiceStub

TENANTS = ("acme", "globex", "initech")
LONGEST_STOP = 10.0
"""Seconds in which a service that is told to stop has ended."""
FAREWELL = 1.0
"""Seconds in which calls notice that their process has ended."""
TENANTS_FILE = "\n".join(f'[{tenant}]\nclient_id = "sandbox"\nclient_secret = "sandbox"' for tenant in TENANTS)


@dataclass(slots=True)
class Replica:
    """One process of the service while it runs, and a caller who is connected to it."""

    process: Process
    service: Service
    channel: grpc.aio.Channel
    born: float


class Stage:
    """The service. `replicas` are its processes that run, the eldest first, which is the one that runs the engine."""

    def __init__(self, folder: Path, settings: dict[str, str], *, size: int) -> None:
        self.size = size
        self.replicas: list[Replica] = []
        self._faults: list[str] = []
        self._folder = folder
        self._settings = settings
        self._up = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def set(cls, folder: Path, sandbox: Process, database: str, *, size: int) -> AsyncIterator[Stage]:
        """So many processes on one database while the context lasts; at its end nothing of them is left."""
        (folder / "tenants.toml").write_text(TENANTS_FILE)
        platform = sandbox.tells("sandbox")
        settings = {
            "DATABASE_URL": database,
            "TENANTS_FILE": str(folder / "tenants.toml"),
            "PLATFORM_URL": platform["url"],
            "MAIL_URL": f"smtp://{platform['smtp']}",
            "PLATFORM_TIMEOUT": "1s",
            "CAPTURE_SETTLE": "2s",
        }
        stage = cls(folder, settings, size=size)
        try:
            await stage.complete()
            yield stage
        finally:
            for replica in list(stage.replicas):
                await stage.kill(replica)

    async def complete(self) -> None:
        """Starts what is missing."""
        while len(self.replicas) < self.size:
            self.replicas.append(await self._started())
            self._up.set()

    async def _started(self) -> Replica:
        born = monotonic()
        process = await asyncio.to_thread(Process, self._folder, ("serve",), self._settings)
        try:
            told = await asyncio.to_thread(process.tells, "serving")
        except BaseException:
            process.kill()
            raise
        channel = grpc.aio.insecure_channel(told["grpc"])
        jobs, invoices = InvoiceJobServiceStub(channel), InvoiceServiceStub(channel)
        return Replica(process, Service(process, told["grpc"], told["http"], jobs, invoices), channel, born)

    async def service(self, chance: Random) -> Service:
        """One of those that run, as soon as there is one."""
        await self._up.wait()
        return chance.choice(self.replicas).service

    async def kill(self, replica: Replica) -> None:
        """kill -9."""
        self._forget(replica)
        await asyncio.to_thread(replica.process.kill)
        await replica.channel.close(FAREWELL)

    async def stop(self, replica: Replica) -> None:
        """SIGTERM: it ends well and soon, or that is a fault."""
        self._forget(replica)
        told = monotonic()
        replica.process.signal(signal.SIGTERM)
        try:
            code = await replica.process.ends()
        finally:
            await asyncio.to_thread(replica.process.kill)
        took = monotonic() - told
        if code or took > LONGEST_STOP:
            self._faults.append(f"a service told to stop ended with {code} after {took:.1f} s")
        await replica.channel.close(FAREWELL)

    @property
    def memory(self) -> int:
        """Bytes (PSS) of all processes."""
        return sum(proportional_size(pid) for replica in self.replicas for pid in family(replica.process.pid))

    @property
    def faults(self) -> list[str]:
        """Which of its processes did not stop as they should, or met a defect of theirs."""
        return self._faults + [defect for replica in self.replicas for defect in defects(replica)]

    def _forget(self, replica: Replica) -> None:
        self.replicas.remove(replica)
        if not self.replicas:
            self._up.clear()
        self._faults += defects(replica)


def defects(replica: Replica) -> list[str]:
    """What the log tells of what should not have happened."""
    return [f"a defect of the service: {str(event)[:600]}" for event in replica.process.events("defect")]


def eldest(replicas: Sequence[Replica]) -> Replica:
    """The one that has run the longest."""
    return min(replicas, key=lambda replica: replica.born)

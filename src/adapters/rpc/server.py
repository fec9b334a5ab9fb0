"""The gRPC server: starting it, saying whether it is ready, stopping it without leaving a caller in the dark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from adapters.rpc.calls import Calls
from adapters.rpc.draining import Drain
from adapters.rpc.health import Health
from adapters.rpc.invoices import InvoiceService
from adapters.rpc.jobs import JobService
from adapters.rpc.reflection import add_reflection
from domain.errors import Misconfigured
from domain.invoicing import HEARTBEAT, PATIENCE, Invoicing
from invoicing.v1 import invoices_pb2, jobs_pb2
from invoicing.v1.invoices_pb2_grpc import add_InvoiceServiceServicer_to_server
from invoicing.v1.jobs_pb2_grpc import add_InvoiceJobServiceServicer_to_server

JOBS = jobs_pb2.DESCRIPTOR.services_by_name["InvoiceJobService"].full_name
INVOICES = invoices_pb2.DESCRIPTOR.services_by_name["InvoiceService"].full_name
HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name

SETTING = "INVOICING_GRPC_LISTEN"
LARGEST_PORT = 65_535
GRACE = timedelta(seconds=5)
LARGEST_REQUEST = 4 * 1024 * 1024
"""Bytes. The largest lawful one, 10,000 ids of 128 characters, has 1.3 million."""

OPTIONS = (
    ("grpc.so_reuseport", 0),  # else a second server takes every other call, and nobody notices
    ("grpc.max_receive_message_length", LARGEST_REQUEST),
    ("grpc.keepalive_time_ms", 60_000),  # a follower whose machine is gone is found out, and freed
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),  # callers may ask as often whether we are alive
)


class RpcServer:
    """The services on one address. `port` is the one it listens on, also when any was asked for."""

    def __init__(
        self, invoicing: Invoicing, *, heartbeat: timedelta = HEARTBEAT, patience: timedelta = PATIENCE
    ) -> None:
        self._drain = Drain()
        self._health = Health((JOBS, INVOICES))
        self._server = grpc.aio.server(interceptors=(Calls(),), options=OPTIONS)
        add_InvoiceJobServiceServicer_to_server(JobService(invoicing, self._drain, heartbeat), self._server)
        add_InvoiceServiceServicer_to_server(InvoiceService(invoicing, self._drain, patience), self._server)
        add_HealthServicer_to_server(self._health, self._server)
        add_reflection(self._server, (JOBS, INVOICES, HEALTH))
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        listen: str,
        invoicing: Invoicing,
        *,
        heartbeat: timedelta = HEARTBEAT,
        patience: timedelta = PATIENCE,
        grace: timedelta = GRACE,
    ) -> AsyncIterator[RpcServer]:
        """A server on `listen` (HOST:PORT; port 0 is any free one), drained at the end.

        Raises `Misconfigured` when the address cannot be listened on.
        """
        server = cls(invoicing, heartbeat=heartbeat, patience=patience)
        await server.start(listen)
        try:
            yield server
        finally:
            await server.stop(grace)

    async def start(self, listen: str) -> None:
        """Listens. Raises `Misconfigured` when the address is in use or none of this machine."""
        _require_address(listen)
        try:
            self.port = self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise Misconfigured(
                f"cannot listen on {listen}: it is in use, or no address of this machine; set {SETTING}"
            ) from error
        await self._server.start()

    def set_ready(self, *, jobs: bool, invoices: bool) -> None:
        """Says through `grpc.health.v1` what is ready from now on. Both are from the start."""
        self._health.set_ready(JOBS, jobs)
        self._health.set_ready(INVOICES, invoices)

    async def stop(self, grace: timedelta = GRACE) -> None:
        """Lets followers go at once, and calls in hand end within `grace`."""
        self._health.drain()
        self._drain.begin()
        await self._server.stop(grace.total_seconds())


def _require_address(listen: str) -> None:
    """gRPC would take the remainder of a port that is too large."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > LARGEST_PORT:
        raise Misconfigured(f"{listen!r} is no address as HOST:PORT; set {SETTING}")

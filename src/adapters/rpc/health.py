"""Whether the services are ready (`grpc.health.v1`): asked, or watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

from domain.errors import Draining, Missing

SERVING = HealthCheckResponse.SERVING
NOT_SERVING = HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = HealthCheckResponse.SERVICE_UNKNOWN
WHOLE_SERVER = ""


class UnknownService(Missing):
    """This server has no such service."""

    reason = "UNKNOWN_SERVICE"
    kind = "service"


class Health(HealthServicer):
    """`grpc.health.v1.Health` for the named services and, under the empty name, the whole server."""

    def __init__(self, services: Iterable[str]) -> None:
        self._ready = dict.fromkeys(services, True)
        self._draining = False
        self._changed = asyncio.Event()

    def set_ready(self, service: str, ready: bool) -> None:
        """Says whether the service is ready from now on."""
        self._ready[service] = ready
        self._wake()

    def drain(self) -> None:
        """Nothing is ready any more; who watches is told so, and then let go."""
        self._draining = True
        self._wake()

    async def Check(self, request: HealthCheckRequest, context: object) -> HealthCheckResponse:
        """Whether the service is ready now."""
        status = self._status(request.service)
        if status == SERVICE_UNKNOWN:
            raise UnknownService(request.service[:100])
        return HealthCheckResponse(status=status)

    async def Watch(self, request: HealthCheckRequest, context: object) -> AsyncIterator[HealthCheckResponse]:
        """Whether the service is ready, now and at every change."""
        told = None
        while True:
            changed, status = self._changed, self._status(request.service)
            if status != told:
                yield HealthCheckResponse(status=status)
                told = status
            if changed.is_set():
                continue
            if self._draining:
                raise Draining("the server is stopping")
            await changed.wait()

    def _status(self, service: str) -> int:
        if service == WHOLE_SERVER:
            return _serving(all(self._ready.values()) and not self._draining)
        if service not in self._ready:
            return SERVICE_UNKNOWN
        return _serving(self._ready[service] and not self._draining)

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _serving(ready: bool) -> int:
    return SERVING if ready else NOT_SERVING

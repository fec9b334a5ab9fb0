"""A platform that lies, and one tenant's adapters connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.platform import Platform
from domain.order import TenantId
from fakes.clock import FakeClock
from fakes.lying_server import SECRET, TENANT, LyingServer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def server() -> AsyncIterator[LyingServer]:
    async with LyingServer.running() as running:
        yield running


@pytest.fixture
async def platform(server: LyingServer, clock: FakeClock) -> AsyncIterator[Platform]:
    async with Platform.connected(
        url=server.url,
        tenant=TenantId(TENANT),
        client_id="acme-key",
        client_secret=SECRET,
        clock=clock,
        timeout=timedelta(seconds=2),
    ) as connected:
        yield connected

"""Every contract test runs on the fakes and on the adapters over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fakes.worlds import FakeWorld, World, sandbox_world


@pytest.fixture(params=["fake", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    async with sandbox_world() as running:
        yield running

"""A sandbox on free ports, and a caller with a token of acme."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.sandbox import Sandbox
from fakes.clock import FakeClock
from fakes.sandbox_caller import Caller


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def sandbox(clock: FakeClock) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=clock) as running:
        yield running


@pytest.fixture
async def caller(sandbox: Sandbox) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession(sandbox.url) as session:
        caller = Caller(session)
        _, answer = await caller.ask_token()
        caller.token = answer["access_token"]
        yield caller

"""A service that command lines talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.cli.client import Client
from app.cli.options import Access
from fakes.command_line import served
from fakes.service import FakeService


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
async def address(service: FakeService) -> AsyncIterator[str]:
    """Where the service is, its engine at work."""
    async with served(service) as where:
        yield where


@pytest.fixture
async def client(address: str) -> AsyncIterator[Client]:
    async with Client.connected(Access(address, "acme")) as connected:
        yield connected


@pytest.fixture
def acme(address: str) -> tuple[str, ...]:
    """How commands are told of it."""
    return "--tenant", "acme", "--address", address

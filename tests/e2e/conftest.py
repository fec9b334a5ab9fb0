"""One sandbox for all tests, and one service for those that do it no harm."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from e2e.processes import Process
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes keep bytecode even where Python is told not to: compiling takes longer than all that they do."""
    with pytest.MonkeyPatch.context() as patch:
        if "PYTHONDONTWRITEBYTECODE" in os.environ:
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="session")
def sandbox(_bytecode: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The platform."""
    with Process.running(tmp_path_factory.mktemp("sandbox"), "sandbox") as process:
        process.tells("sandbox")
        yield process


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service lives that runs all the time."""
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="session")
def shared(sandbox: Process, shared_folder: Path) -> Iterator[Process]:
    """A service that runs all the time."""
    with Process.running(shared_folder, "serve", **Home(shared_folder, sandbox).settings()) as process:
        process.tells("serving")
        yield process


@pytest.fixture
async def service(shared: Process, sandbox: Process) -> AsyncIterator[Service]:
    """The service that runs all the time, and a caller; what it was given to do ends with the test, as faults do."""
    async with Service.called(shared) as called:
        yield called
        async with aiohttp.ClientSession(sandbox.tells("sandbox")["url"]) as session:
            await session.delete("/_sandbox/faults")
        await called.comes_to_rest()


@pytest.fixture
async def platform(sandbox: Process) -> AsyncIterator[Caller]:
    """Whoever prepares the sandbox for a test; faults end with it."""
    async with aiohttp.ClientSession(sandbox.tells("sandbox")["url"]) as session:
        yield Caller(session)
        await session.delete("/_sandbox/faults")


@pytest.fixture
def home(sandbox: Process, tmp_path: Path) -> Home:
    """A folder for services of the test's own."""
    return Home(tmp_path, sandbox)

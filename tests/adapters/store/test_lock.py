"""One process runs the engine."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from adapters.store import EngineLock
from domain.errors import Misconfigured

HOLDER = """
import asyncio, sys
from adapters.store import EngineLock

async def main():
    async with EngineLock.held(sys.argv[1]):
        print("held", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


async def another_process(url: str) -> asyncio.subprocess.Process:
    """A process that holds the lock until it is told to go on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    return process


async def test_a_second_engine_is_refused_by_the_number_of_the_first(url: str) -> None:
    process = await another_process(url)
    with pytest.raises(Misconfigured) as raised:
        async with EngineLock.held(url):
            pass
    assert f"process {process.pid} " in raised.value.message
    await process.communicate(b"\n")
    async with EngineLock.held(url):
        pass


async def test_a_process_that_was_killed_frees_the_lock(url: str) -> None:
    process = await another_process(url)
    process.kill()
    await process.wait()
    async with EngineLock.held(url):
        pass


async def test_a_lock_is_the_same_by_whichever_way_its_database_is_named(url: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "invoicing.db")
    async with EngineLock.held(url):
        for other in (f"sqlite:///{tmp_path}/./invoicing.db", f"sqlite:///{tmp_path}/link.db"):
            with pytest.raises(Misconfigured):
                async with EngineLock.held(other):
                    pass


async def test_the_database_stays_open_to_others(url: str, tmp_path: Path) -> None:
    async with EngineLock.held(url):
        connection = sqlite3.connect(tmp_path / "invoicing.db")
        connection.execute("CREATE TABLE t (x)")
        connection.close()


async def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "invoicing.db.engine").mkdir()
    with pytest.raises(Misconfigured, match=r"invoicing\.db\.engine"):
        async with EngineLock.held(f"sqlite:///{tmp_path}/invoicing.db"):
            pass

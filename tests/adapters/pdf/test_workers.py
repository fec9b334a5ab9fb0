"""How worker processes live and die."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.pdf.borb.renderer import drawing
from adapters.pdf.workers import RenderPool
from domain.errors import RenderFailed
from fakes.invoices import XML, an_invoice, an_order_of, lines_of

PROGRAM = Path(__file__).with_name("rendering_program.py")
PATIENCE = 30.0


def worker_pids() -> list[int]:
    return [pid for child in multiprocessing.active_children() if (pid := child.pid)]


async def given_to_workers(pool: RenderPool) -> None:
    """Returns once every worker has a document: asked for in one turn of the loop, handed over in the next."""
    for _ in range(2):
        await asyncio.sleep(0)
    assert pool._idle.empty()


async def test_what_workers_draw_is_what_is_drawn_here() -> None:
    invoice = an_invoice(an_order_of(lines_of(60, name="Żółty Καφές")))
    async with RenderPool.running(workers=1) as pool:
        assert await pool.render(invoice, None, XML) == drawing(invoice, None, XML)


async def test_no_worker_is_left_when_the_pool_is_closed() -> None:
    async with RenderPool.running(workers=2):
        assert len(worker_pids()) == 2
    assert not worker_pids()


async def test_closing_waits_for_what_is_being_drawn() -> None:
    async with RenderPool.running(workers=1) as pool:
        drawing = asyncio.create_task(pool.render(an_invoice(an_order_of(lines_of(500))), None, XML))
        await asyncio.sleep(0)
    assert (await drawing).content.startswith(b"%PDF-")


async def test_a_document_that_cannot_be_drawn_fails_alone() -> None:
    hopeless = replace(an_invoice(), prepaid=Decimal("NaN"))
    async with RenderPool.running(workers=1) as pool:
        with pytest.raises(RenderFailed, match="InvalidOperation"):
            await pool.render(hopeless, None, XML)
        with pytest.raises(RenderFailed, match="surrogate"):
            await pool.render(an_invoice(number="\ud800"), None, XML)
        assert await pool.render(an_invoice(), None, XML)


async def test_a_worker_that_dies_fails_its_own_document_and_another_takes_its_place() -> None:
    large = an_invoice(an_order_of(lines_of(2000)))
    async with RenderPool.running(workers=2) as pool:
        drawings = [asyncio.create_task(pool.render(large, None, XML)) for _ in range(2)]
        await given_to_workers(pool)
        os.kill(worker_pids()[0], signal.SIGKILL)
        outcomes = await asyncio.gather(*drawings, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Drawing", "RenderFailed"]
        again = await asyncio.gather(*(pool.render(an_invoice(), None, XML) for _ in range(4)))
        assert len(set(again)) == 1
        assert len(worker_pids()) == 2


async def test_a_worker_that_dies_while_idle_fails_nothing() -> None:
    async with RenderPool.running(workers=1) as pool:
        pids = worker_pids()
        os.kill(pids[0], signal.SIGKILL)
        assert ended(pids)
        assert await pool.render(an_invoice(), None, XML)
        assert worker_pids() != pids


async def test_a_worker_that_has_grown_too_large_gives_place_and_no_document_is_lost() -> None:
    async with RenderPool.running(workers=1, largest=0) as pool:
        drawn, seen = [], []
        for number in range(3):
            drawn.append(await pool.render(an_invoice(number=f"INV-{number}"), None, XML))
            seen.append(worker_pids())
        assert drawn == [drawing(an_invoice(number=f"INV-{number}"), None, XML) for number in range(3)]
        assert not any(seen)


async def test_a_worker_does_not_count_the_memory_of_its_parent() -> None:
    ballast = bytearray(256 << 20)
    ballast[:: resource.getpagesize()] = b"x" * len(ballast[:: resource.getpagesize()])
    async with RenderPool.running(workers=1, largest=len(ballast)) as pool:
        await pool.render(an_invoice(), None, XML)
        assert len(worker_pids()) == 1


async def test_whoever_stops_waiting_leaves_the_worker_to_others() -> None:
    async with RenderPool.running(workers=1) as pool:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await pool.render(an_invoice(), None, XML)
        assert await pool.render(an_invoice(), None, XML)


# As a program of its own


@contextmanager
def program() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A program with two workers that draws when told to, and their pids."""
    path = os.pathsep.join(str(Path(__file__).parents[3] / folder) for folder in ("src", "tests"))
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout
            yield process, [int(pid) for pid in process.stdout.readline().split()]
        finally:
            process.kill()


def ended(pids: list[int]) -> bool:
    """Waits until all of them have ended."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([handle], [], [], PATIENCE)[0]:
                return False
        finally:
            os.close(handle)
    return True


def test_no_worker_outlives_a_parent_that_is_killed() -> None:
    with program() as (process, workers):
        assert len(workers) == 2
        process.kill()
        assert ended(workers)


def test_told_to_stop_with_its_whole_group_a_program_finishes_what_it_draws() -> None:
    with program() as (process, workers):
        os.killpg(process.pid, signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE)[0] == "%PDF- %PDF-\n"
        assert process.returncode == 0
        assert ended(workers)


def test_workers_import_nothing_of_the_program_that_starts_them() -> None:
    with program() as (process, _):
        os.killpg(process.pid, signal.SIGTERM)
        assert "imported again" not in process.communicate(timeout=PATIENCE)[0]

"""Waiting costs what is waited for, and nothing once nobody waits."""

from __future__ import annotations

import asyncio

from adapters.store.followers import Followers
from domain.job import JobId, Version
from fakes.stores import ACME

JOB = ACME, JobId("job")
OTHER = ACME, JobId("other")


async def test_many_who_wait_for_a_job_share_one_watch() -> None:
    followers = Followers()
    with followers.watching(JOB) as first, followers.watching(JOB) as second, followers.watching(OTHER):
        assert first is second
        assert len(followers) == 2
    assert len(followers) == 0


async def test_a_change_is_told_with_its_version_and_ends_the_watch() -> None:
    followers = Followers()
    with followers.watching(JOB) as watch, followers.watching(OTHER) as other:
        followers.tell({JOB: Version(7)})
        await watch.changed.wait()
        assert (watch.version, other.changed.is_set(), len(followers)) == (7, False, 1)
        with followers.watching(JOB) as again:
            assert again is not watch
    assert len(followers) == 0


async def test_one_who_stops_waiting_leaves_the_others_waiting() -> None:
    followers = Followers()

    async def wait() -> None:
        with followers.watching(JOB) as watch:
            await watch.changed.wait()

    gone, waiting = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    followers.tell({JOB: Version(1)})
    await waiting


async def test_a_change_that_nobody_waits_for_is_nothing() -> None:
    followers = Followers()
    followers.tell({JOB: Version(1)})
    assert len(followers) == 0

"""A back-up, taken while the service works, and restored after it has worked on: nothing is done a second time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree, rmtree

from e2e.scenes import Orders, Scene
from e2e.services import DATABASE, Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

POINTS = (("payments", "capture"), ("sequences", "next_id"), ("orders", "patch"), ("mail", "send"))
"""Where one order each stands when the back-up is taken."""


def back_up(folder: Path, into: Path) -> None:
    """The database first, then the archive: so every document that the database knows is in it."""
    into.mkdir()
    with closing(sqlite3.connect(folder / DATABASE)) as database, closing(sqlite3.connect(into / DATABASE)) as copy:
        database.backup(copy)
    copytree(folder / "archive", into / "archive")


def restore(folder: Path, source: Path) -> None:
    """Both as they were backed up; what SQLite keeps beside the old database goes with it."""
    for file in folder.glob(f"{DATABASE}*"):
        file.unlink()
    rmtree(folder / "archive")
    copytree(source, folder, dirs_exist_ok=True)


async def test_what_was_done_since_the_back_up_is_not_done_again(home: Home, platform: Caller, tmp_path: Path) -> None:
    scene = await Scene.of(platform, len(POINTS) + 3, "RESTORED")
    faults = [
        await platform.fault(service=service, operation=operation, kind="hold_before", times=1)
        for service, operation in POINTS
    ]
    async with home.serving() as service:
        job = await service.create(scene.ids)
        await scene.holds(len(POINTS))
        await service.follow(job).until(succeeded=len(scene.ids) - len(POINTS))
        back_up(home.folder, tmp_path / "back-up")
        for fault in faults:
            await platform.call("DELETE", f"/_sandbox/faults/{fault}")
        first = await service.outcome(job)
        await scene.require_all_done_once(service, first, home.folder)
    restore(home.folder, tmp_path / "back-up")
    async with home.serving() as service:
        again = await service.outcome(job)
        await require_all_known(service, first, again)
        await scene.require_one_capture_each(first)
    assert len(await scene.effects("number")) == len(scene.ids)
    assert len({mail["message_id"] for mail in await scene.effects("mail")}) == len(scene.ids)


async def require_all_known(service: Service, first: Orders, again: Orders) -> None:
    """Each order ends with its number: with its document, or as invoiced by a service that nobody remembers."""
    assert {key: order.invoice_number for key, order in again.items()} == {
        key: order.invoice_number for key, order in first.items()
    }
    forgotten = [order for order in again.values() if order.state == jobs_pb2.ORDER_STATE_FAILURE]
    assert {(order.reason, bool(order.download_link)) for order in forgotten} == {("ALREADY_INVOICED", True)}
    assert len(forgotten) == 2, "those that had no document yet: held at the capture and at the number"
    for order in again.values():
        if order not in forgotten:
            assert (await service.download(order.invoice_number))[1].startswith(b"%PDF")

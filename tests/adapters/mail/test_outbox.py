"""Mails as files in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.mail import mailer_of
from domain.errors import Misconfigured
from domain.mail import Greeting
from fakes.clock import FakeClock


async def greeting_of(folder: Path) -> Greeting:
    """What somebody hears who only wants to know."""
    async with mailer_of(f"outbox:{folder}", clock=FakeClock(), only_greets=True) as mailer:
        return await mailer.greet()


async def test_who_only_asks_is_told_that_no_customer_gets_a_mail_and_nothing_is_made(tmp_path: Path) -> None:
    greeting = await greeting_of(tmp_path / "deep" / "outbox")
    assert not greeting.reaches_customers
    assert f"only written into the folder {tmp_path}/deep/outbox" in greeting.told
    assert not (tmp_path / "deep").exists()


async def test_a_folder_that_cannot_be_made_is_the_operators_matter(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o777)
    for folder in (tmp_path / "file", tmp_path / "file" / "outbox"):
        with pytest.raises(Misconfigured, match=f"the folder {folder}"):
            await greeting_of(folder)


async def test_who_will_send_finds_the_folder_made(tmp_path: Path) -> None:
    async with mailer_of(f"outbox:{tmp_path}/outbox", clock=FakeClock()):
        assert (tmp_path / "outbox").is_dir()

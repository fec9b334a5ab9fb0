"""What `domain.ports.Mailer` promises, asked of the fake, of the folder, and of SMTP to the sandbox's sink."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import aiohttp
import pytest

from adapters.mail import mailer_of
from adapters.sandbox import Sandbox
from domain.errors import MailRefused, Misconfigured
from domain.mail import MailId
from domain.ports import Mailer
from fakes.clock import FakeClock
from fakes.documents import FakeMailer
from fakes.mails import a_mail


@dataclass(frozen=True, slots=True)
class Post:
    """A mailer, and where to see what it was that arrived: Message-IDs."""

    mailer: Mailer
    received: Callable[[], Awaitable[list[str]]]


@pytest.fixture(params=["fake", "outbox", "smtp"])
async def post(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    opened = {"fake": _fake, "outbox": _outbox, "smtp": _smtp}[request.param]
    async for post in opened(tmp_path):
        yield post


async def _fake(_: Path) -> AsyncIterator[Post]:
    mailer = FakeMailer()

    async def received() -> list[str]:
        return [str(mail_id) for mail_id in mailer.ids]

    yield Post(mailer, received)


async def _outbox(folder: Path) -> AsyncIterator[Post]:
    async def received() -> list[str]:
        return [mail["Message-ID"].strip("<>") for mail in _mails_in(folder)]

    async with mailer_of(f"outbox:{folder}", clock=FakeClock()) as mailer:
        yield Post(mailer, received)


def _mails_in(folder: Path) -> list[Message]:
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.rglob("*"))]


async def _smtp(_: Path) -> AsyncIterator[Post]:
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=FakeClock()) as sandbox:

        async def received() -> list[str]:
            async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/_sandbox/effects") as response:
                effects = (await response.json())["effects"]
            return [effect["message_id"].strip("<>") for effect in effects if effect["kind"] == "mail"]

        async with mailer_of(f"smtp://127.0.0.1:{sandbox.smtp_port}", clock=FakeClock()) as mailer:
            yield Post(mailer, received)


async def test_a_mail_that_was_sent_has_arrived_under_its_id(post: Post) -> None:
    await post.mailer.send(a_mail())
    assert await post.received() == ["abc123@invoicing.acme"]


async def test_the_same_mail_again_arrives_under_the_same_id(post: Post) -> None:
    for _ in range(2):
        await post.mailer.send(a_mail())
    assert set(await post.received()) == {"abc123@invoicing.acme"}


async def test_many_mails_at_once_all_arrive(post: Post) -> None:
    ids = [f"{number}@invoicing.acme" for number in range(25)]
    await asyncio.gather(*(post.mailer.send(a_mail(id=MailId(mail_id))) for mail_id in ids))
    assert sorted(await post.received()) == sorted(ids)


async def test_a_mail_to_nobody_is_refused(post: Post) -> None:
    with pytest.raises(MailRefused) as raised:
        await post.mailer.send(a_mail(recipient="nobody"))
    assert raised.value.reason == "EMAIL_FAILED"
    assert await post.received() == []


async def test_a_mail_from_nobody_is_the_operators_matter(post: Post) -> None:
    with pytest.raises(Misconfigured):
        await post.mailer.send(a_mail(sender=""))
    assert await post.received() == []

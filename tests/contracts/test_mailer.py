"""What `domain.ports.Mailer` promises, asked of the fake, the folder, SMTP to the sandbox's sink, and Brevo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import aiohttp
import pytest

from adapters.mail import mailer_of
from adapters.sandbox import Sandbox
from domain.errors import MailRefused, Misconfigured, Unavailable
from domain.mail import MailId
from domain.ports import Mailer
from fakes.brevo import KEY, FakeBrevo
from fakes.clock import FakeClock
from fakes.documents import FakeMailer
from fakes.mails import a_mail

LONG, SHORT = timedelta(seconds=10), timedelta(seconds=0.3)
FAULTS = {
    "late": {"kind": "slow", "delay_ms": 50},
    "silent": {"kind": "hold_before"},
    "lost": {"kind": "drop_after"},
}


@dataclass(frozen=True, slots=True)
class Post:
    """A mailer, where to see what it was that arrived (Message-IDs), and what makes the next answer go wrong."""

    mailer: Mailer
    received: Callable[[], Awaitable[list[str]]]
    answer: Callable[[str], Awaitable[None]]


@pytest.fixture(params=["fake", "outbox", "smtp", "brevo"])
async def post(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    opened = {"fake": _fake, "outbox": _outbox, "smtp": _smtp, "brevo": _brevo}[request.param]
    async for post in opened(tmp_path, LONG):
        yield post


@pytest.fixture(params=["fake", "smtp", "brevo"])
async def far_post(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    """One whose answers travel, as a folder's do not; it waits for them a moment only."""
    opened = {"fake": _fake, "smtp": _smtp, "brevo": _brevo}[request.param]
    async for post in opened(tmp_path, SHORT):
        yield post


async def _fake(_: Path, timeout: timedelta) -> AsyncIterator[Post]:
    mailer = FakeMailer()

    async def received() -> list[str]:
        return [str(mail_id) for mail_id in mailer.ids]

    async def answer(mishap: str) -> None:
        lost = Unavailable("no answer", reason="EMAIL_FAILED")
        if mishap == "silent":
            mailer.trouble.strikes_before(lost)
        elif mishap == "lost":
            mailer.trouble.strikes_after(lost)

    yield Post(mailer, received, answer)


async def _outbox(folder: Path, timeout: timedelta) -> AsyncIterator[Post]:
    async def received() -> list[str]:
        return [mail["Message-ID"].strip("<>") for mail in _mails_in(folder)]

    async def answer(mishap: str) -> None:
        raise AssertionError(f"a folder's answer is never {mishap}")

    async with mailer_of(f"outbox:{folder}", clock=FakeClock()) as mailer:
        yield Post(mailer, received, answer)


def _mails_in(folder: Path) -> list[Message]:
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.rglob("*"))]


async def _smtp(_: Path, timeout: timedelta) -> AsyncIterator[Post]:
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=FakeClock()) as sandbox:

        async def received() -> list[str]:
            async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/_sandbox/effects") as response:
                effects = (await response.json())["effects"]
            return [effect["message_id"].strip("<>") for effect in effects if effect["kind"] == "mail"]

        async def answer(mishap: str) -> None:
            fault = {"service": "mail", "operation": "send", "times": 1, **FAULTS[mishap]}
            async with aiohttp.ClientSession() as session:
                await session.post(f"{sandbox.url}/_sandbox/faults", json=fault, raise_for_status=True)

        async with mailer_of(f"smtp://127.0.0.1:{sandbox.smtp_port}", clock=FakeClock(), timeout=timeout) as mailer:
            yield Post(mailer, received, answer)


async def _brevo(_: Path, timeout: timedelta) -> AsyncIterator[Post]:
    async with FakeBrevo.running() as brevo:

        async def received() -> list[str]:
            return brevo.ids

        async def answer(mishap: str) -> None:
            brevo.mishaps.append(mishap)

        async with mailer_of(f"brevo:{brevo.url}", brevo_key=KEY, clock=FakeClock(), timeout=timeout) as mailer:
            yield Post(mailer, received, answer)


async def test_a_mail_that_was_sent_has_arrived_under_its_id(post: Post) -> None:
    await post.mailer.send(a_mail())
    assert await post.received() == ["abc123@invoicing.acme"]


async def test_the_same_mail_again_arrives_under_the_same_id(post: Post) -> None:
    for _ in range(2):
        await post.mailer.send(a_mail())
    assert set(await post.received()) == {"abc123@invoicing.acme"}


async def test_a_greeting_says_where_mails_go_and_sends_none(post: Post) -> None:
    assert await post.mailer.greet()
    assert await post.received() == []


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


async def test_a_late_answer_is_an_answer(far_post: Post) -> None:
    await far_post.answer("late")
    await far_post.mailer.send(a_mail())
    assert await far_post.received() == ["abc123@invoicing.acme"]


async def test_where_nothing_is_answered_nothing_is_known_and_later_it_may_work(far_post: Post) -> None:
    await far_post.answer("silent")
    with pytest.raises(Unavailable) as raised:
        await far_post.mailer.send(a_mail())
    assert raised.value.reason == "EMAIL_FAILED"
    assert await far_post.received() == []
    await far_post.mailer.send(a_mail())
    assert await far_post.received() == ["abc123@invoicing.acme"]


async def test_a_mail_whose_answer_was_lost_can_be_sent_again_under_its_id(far_post: Post) -> None:
    await far_post.answer("lost")
    with pytest.raises(Unavailable) as raised:
        await far_post.mailer.send(a_mail())
    assert raised.value.reason == "EMAIL_FAILED"
    await far_post.mailer.send(a_mail())
    assert set(await far_post.received()) == {"abc123@invoicing.acme"}


async def test_trouble_with_one_mail_is_none_with_the_next(far_post: Post) -> None:
    with pytest.raises(MailRefused):
        await far_post.mailer.send(a_mail(recipient="nobody"))
    await far_post.answer("lost")
    with pytest.raises(Unavailable):
        await far_post.mailer.send(a_mail())
    await far_post.mailer.send(a_mail(id=MailId("next@invoicing.acme")))
    assert (await far_post.received())[-1] == "next@invoicing.acme"

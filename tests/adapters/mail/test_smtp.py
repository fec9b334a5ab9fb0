"""Mails over real SMTP, to servers that refuse, stall and hang up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.mail import mailer_of
from adapters.mail.message import message_of
from domain.errors import InvoicingError, MailRefused, Misconfigured, Unavailable
from domain.mail import MailId
from domain.ports import Mailer
from fakes.clock import NOON
from fakes.mails import a_mail


class Server:
    """Speaks just enough SMTP. `says` maps a verb to its answer; an empty answer hangs up, `silence` says nothing."""

    def __init__(self) -> None:
        self.says = {
            "hello": "220 here",
            "EHLO": "250-here\r\n250-SIZE 99999999\r\n250 8BITMIME",
            "AUTH": "235 welcome",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "DATA": "354 go on",
            ".": "250 taken",
            "QUIT": "221 bye",
        }
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.taken: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = "hello"
        while await self._answer(verb, writer):
            line = await reader.readline()
            if not line:
                return
            verb = line.decode().split()[0].upper()
            if verb == "DATA" and self.says["DATA"].startswith("354"):
                await self._answer("DATA", writer)
                self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = "."

    async def _answer(self, verb: str, writer: asyncio.StreamWriter) -> bool:
        answer = self.says.get(verb, "250 ok")
        if answer == "silence":
            await asyncio.Event().wait()
        writer.write(f"{answer}\r\n".encode() if answer else b"")
        await writer.drain()
        return bool(answer)


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[Server]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening(Server()) as running:
        yield running


@pytest.fixture
async def mailer(server: Server) -> AsyncIterator[Mailer]:
    url = f"smtp://127.0.0.1:{server.port}"
    async with mailer_of(url, clock=lambda: NOON, timeout=timedelta(seconds=0.5)) as opened:
        yield opened


async def test_a_mail_is_handed_over_byte_for_byte(mailer: Mailer, server: Server) -> None:
    mail = a_mail(text=".\n..\n.x\nend")
    await mailer.send(mail)
    unstuffed = server.taken[0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert unstuffed == message_of(mail, NOON)


async def test_connections_are_used_again(mailer: Mailer, server: Server) -> None:
    for number in range(5):
        await mailer.send(a_mail(id=MailId(f"{number}@x")))
    assert (server.connections, len(server.taken)) == (1, 5)


async def test_many_mails_at_once_share_a_few_connections(mailer: Mailer, server: Server) -> None:
    await asyncio.gather(*(mailer.send(a_mail(id=MailId(f"{number}@x"))) for number in range(40)))
    assert len(server.taken) == 40
    assert server.most_open <= 4


async def test_a_connection_the_server_dropped_is_not_used_again(mailer: Mailer, server: Server) -> None:
    server.says["."] = "421 closing"
    with pytest.raises(Unavailable):
        await mailer.send(a_mail())
    server.says["."] = "250 taken"
    await mailer.send(a_mail())
    assert server.connections == 2


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("RCPT", "550 no such user", MailRefused),
        ("RCPT", "450 greylisted", Unavailable),
        ("DATA", "554 no", MailRefused),
        (".", "552 too big", MailRefused),
        (".", "451 later", Unavailable),
        ("MAIL", "550 sender unknown", Misconfigured),
        ("MAIL", "451 later", Unavailable),
        ("hello", "554 go away", Unavailable),
        ("hello", "", Unavailable),
        ("MAIL", "", Unavailable),
        (".", "", Unavailable),
        (".", "silence", Unavailable),
        ("EHLO", "silence", Unavailable),
        (".", "nonsense", Unavailable),
    ],
)
async def test_what_the_server_says_decides_whether_to_try_again(
    mailer: Mailer, server: Server, verb: str, answer: str, error: type[InvoicingError]
) -> None:
    server.says[verb] = answer
    with pytest.raises(error) as raised:
        await mailer.send(a_mail())
    assert raised.value.reason in {"EMAIL_FAILED", "NOT_CONFIGURED"}


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with mailer_of("smtp://127.0.0.1:1", clock=lambda: NOON) as mailer:
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())


async def test_a_server_that_knows_only_ascii_cannot_take_an_address_beyond_it(mailer: Mailer, server: Server) -> None:
    with pytest.raises(MailRefused, match="ASCII"):
        await mailer.send(a_mail(recipient="żaneta@example.com"))
    server.says["EHLO"] = "250-here\r\n250-8BITMIME\r\n250 SMTPUTF8"
    server.says["MAIL"] = "250 ok"
    async with mailer_of(f"smtp://127.0.0.1:{server.port}", clock=lambda: NOON) as fresh:
        await fresh.send(a_mail(recipient="żaneta@example.com"))
    assert len(server.taken) == 1


async def test_a_refused_login_is_the_operators_matter_and_tells_no_password(server: Server) -> None:
    server.says["EHLO"] = "250-here\r\n250 AUTH PLAIN LOGIN"
    server.says["AUTH"] = "535 wrong s3cr3t"
    url = f"smtp://joan:s3cr3t@127.0.0.1:{server.port}"
    async with mailer_of(url, clock=lambda: NOON, timeout=timedelta(seconds=0.5)) as mailer:
        with pytest.raises(Misconfigured) as raised:
            await mailer.send(a_mail())
        assert "s3cr3t" not in f"{raised.value!r} {raised.value.__cause__!r} {mailer!r}"


@pytest.mark.parametrize(
    "url", ["", "outbox:", "ftp://x", "smtp://", "smtp://host:port", "smtp://host:99999", "mail.example"]
)
async def test_a_mail_url_that_is_none_is_the_operators_matter(url: str) -> None:
    with pytest.raises(Misconfigured, match="mail URL"):
        async with mailer_of(url, clock=lambda: NOON):
            pass

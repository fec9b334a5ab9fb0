"""Mails over SMTP, through a few connections that are used again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from aiosmtplib import SMTP

from adapters.mail.conversation import (
    GivenUp,
    Letter,
    SmtpServer,
    address,
    announce,
    in_our_words,
    leave,
    log_in,
    send_content,
)
from domain.mail import Greeting, Mail

CONNECTIONS = 4
IDLE_SECONDS = 20.0
"""Servers drop connections that say nothing; one that rested longer is not trusted again."""
PATIENCE = 4
"""Times the time limit that a server has to accept what it was sent. It may scan a mail first, and who gives it up too
early sends it twice (RFC 5321, 4.5.3.2.6)."""


class SmtpMailer:
    """`domain.ports.Mailer` over SMTP: when `send` returns, the server has taken the mail."""

    def __init__(self, server: SmtpServer, *, clock: Callable[[], datetime], timeout: timedelta) -> None:
        self._server = server
        self._clock = clock
        self._timeout = timeout.total_seconds()
        self._trusted = ssl.create_default_context()
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, mail: Mail) -> None:
        """Hands the mail over.

        Raises `MailRefused` (5xx: this mail will never be taken), `Unavailable` (4xx, or the server is away; also when
        its answer was lost), `Misconfigured` (login, sender or certificate are refused).
        """
        letter = Letter.of(mail, self._clock())
        with in_our_words(self._server):
            async with self._turn():
                await self._deliver(letter)

    async def greet(self) -> Greeting:
        """Connects and logs in, and sends nothing. Raises `Misconfigured`, `Unavailable`."""
        server = self._server
        with in_our_words(server):
            smtp = await self._connected()
        encrypted = smtp.get_transport_info("sslcontext") is not None
        leave(smtp)
        login = f", login {server.user}" if server.user else ""
        return Greeting(f"the mail server {server.place} answers, {'TLS' if encrypted else 'no TLS'}{login}")

    async def close(self) -> None:
        """Ends the connections that are idle."""
        for smtp, _ in self._idle:
            leave(smtp)
        self._idle.clear()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of the few connections. Waiting for it takes nothing of the time to send."""
        async with asyncio.timeout(self._timeout):
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _deliver(self, letter: Letter) -> None:
        """Through a connection that rested, if its server still knows of it; else through a new one."""
        rested = self._rested()
        if rested is not None:
            with suppress(GivenUp):
                await self._through(rested, letter)
                return
        await self._through(await self._connected(), letter)

    async def _through(self, smtp: SMTP, letter: Letter) -> None:
        """Hands the letter over. After any trouble the connection is not used again."""
        try:
            async with asyncio.timeout(self._timeout):
                await announce(smtp, letter)
                await address(smtp, letter)
            async with asyncio.timeout(self._timeout * PATIENCE):
                await send_content(smtp, letter)
        except BaseException:
            smtp.close()
            raise
        self._idle.append((smtp, asyncio.get_running_loop().time()))

    def _rested(self) -> SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            smtp, since = self._idle.pop()
            if smtp.is_connected and now - since < IDLE_SECONDS:
                return smtp
            leave(smtp)
        return None

    async def _connected(self) -> SMTP:
        server = self._server
        smtp = SMTP(hostname=server.host, port=server.port, use_tls=server.tls, tls_context=self._trusted, timeout=None)
        try:
            async with asyncio.timeout(self._timeout):
                await smtp.connect()
                if smtp.is_ehlo_or_helo_needed:
                    await smtp.ehlo()
                await log_in(smtp, server)
        except BaseException:
            smtp.close()
            raise
        return smtp

"""Mails over SMTP, through a few connections that are used again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.errors import SMTPConnectError

from adapters.mail.message import message_of, recipient_of, sender_of
from domain.errors import InvoicingError, MailRefused, Misconfigured, Unavailable
from domain.mail import Mail

CONNECTIONS = 4
IDLE_SECONDS = 20.0
"""Servers drop connections that say nothing; one that rested longer is not trusted again."""
MAX_QUOTE = 200


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed over. `tls` from the first byte (smtps); else STARTTLS when it is offered."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


class SmtpMailer:
    """`domain.ports.Mailer` over SMTP: when `send` returns, the server has taken the mail."""

    def __init__(self, server: SmtpServer, *, clock: Callable[[], datetime], timeout: timedelta) -> None:
        self._server = server
        self._clock = clock
        self._timeout = timeout.total_seconds()
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, mail: Mail) -> None:
        """Hands the mail over.

        Raises `MailRefused` (5xx: this mail will never be taken), `Unavailable` (4xx, or the server is away; also when
        its answer was lost), `Misconfigured` (login or sender are refused).
        """
        message, sender, recipient = message_of(mail, self._clock()), sender_of(mail), recipient_of(mail)
        try:
            async with asyncio.timeout(self._timeout), self._connection() as smtp:
                await smtp.mail(sender, options=_options(smtp, sender + recipient), encoding="utf-8")
                await smtp.rcpt(recipient, encoding="utf-8")
                await smtp.data(message)
        except (SMTPServerDisconnected, SMTPTimeoutError, SMTPConnectError, OSError, TimeoutError) as error:
            raise Unavailable(f"the mail server {self._server.host} is away", reason="EMAIL_FAILED") from error
        except (SMTPException, ValueError) as error:
            raise _error(error) from error

    async def close(self) -> None:
        """Ends the connections that are idle."""
        for smtp, _ in self._idle:
            smtp.close()
        self._idle.clear()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        """A connection for one mail: one that rested shortly, or a new one. After any trouble it is not used again."""
        async with self._free:
            smtp = self._rested() or await self._connected()
            try:
                yield smtp
            except BaseException:
                smtp.close()
                raise
            self._idle.append((smtp, asyncio.get_running_loop().time()))

    def _rested(self) -> SMTP | None:
        while self._idle:
            smtp, since = self._idle.pop()
            if smtp.is_connected and asyncio.get_running_loop().time() - since < IDLE_SECONDS:
                return smtp
            smtp.close()
        return None

    async def _connected(self) -> SMTP:
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            timeout=self._timeout,
        )
        try:
            await smtp.connect()
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
        except SMTPAuthenticationError as error:
            smtp.close()
            raise _refused_login(error) from None
        except BaseException:
            smtp.close()
            raise
        return smtp


def _options(smtp: SMTP, addresses: str) -> list[str]:
    """Local parts beyond ASCII need a server that knows them (RFC 6531)."""
    if addresses.isascii():
        return []
    if not smtp.supports_extension("smtputf8"):
        raise SMTPNotSupported("it takes only addresses in ASCII")
    return ["BODY=8BITMIME", "SMTPUTF8"]


def _refused_login(error: SMTPAuthenticationError) -> InvoicingError:
    if error.code < 500:
        return Unavailable("the mail server takes no login now", reason="EMAIL_FAILED")
    return Misconfigured("the mail server refuses our login: check user and password of the mail URL")


def _error(error: Exception) -> InvoicingError:
    if isinstance(error, SMTPSenderRefused) and error.code >= 500:
        return Misconfigured(f"the mail server refuses the sender: {error.code} {_quotable(error.message)}")
    if isinstance(error, SMTPResponseException):
        return _refusal(error.code, error.message)
    if isinstance(error, SMTPNotSupported | ValueError):
        return MailRefused(f"the mail server cannot take this mail: {_quotable(str(error))}")
    return Unavailable("the mail server did not take the mail", reason="EMAIL_FAILED")


def _refusal(code: int, message: str) -> InvoicingError:
    said = f"{code} {_quotable(message)}"
    if code >= 500:
        return MailRefused(f"the mail server refuses the mail: {said}")
    return Unavailable(f"the mail server asks to try later: {said}", reason="EMAIL_FAILED")


def _quotable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_QUOTE]

"""Mails to customers: over SMTP, or into a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from adapters.mail.outbox import OutboxMailer
from adapters.mail.smtp import SmtpMailer, SmtpServer
from domain.errors import Misconfigured
from domain.ports import Mailer

SETTING = "INVOICING_MAIL_URL"
PORTS = {"smtp": 587, "smtps": 465}


@asynccontextmanager
async def mailer_of(
    url: str, *, clock: Callable[[], datetime], timeout: timedelta = timedelta(seconds=30)
) -> AsyncIterator[Mailer]:
    """The mailer this URL names: `smtp://user:pw@host:587`, `smtps://…`, `outbox:DIR`. Raises `Misconfigured`."""
    scheme, _, rest = url.partition(":")
    if scheme == "outbox" and rest:
        outbox = OutboxMailer(Path(rest), clock=clock)
        try:
            await outbox.open()
        except OSError as error:
            raise Misconfigured(f"{SETTING}: no mail can be written into {rest}: {error.strerror}") from error
        yield outbox
        return
    if scheme not in PORTS:
        raise Misconfigured(
            f"{SETTING}: the mail URL must begin with smtp://, smtps:// or outbox:, not {scheme[:20]!r}"
        )
    mailer = SmtpMailer(_server(urlsplit(url)), clock=clock, timeout=timeout)
    try:
        yield mailer
    finally:
        await mailer.close()


def _server(url: SplitResult) -> SmtpServer:
    try:
        port = url.port or PORTS[url.scheme]
    except ValueError as error:
        raise Misconfigured(f"{SETTING}: the mail URL has a port that is none") from error
    if not url.hostname:
        raise Misconfigured(f"{SETTING}: the mail URL names no host")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return SmtpServer(url.hostname, port, user, password, tls=url.scheme == "smtps")

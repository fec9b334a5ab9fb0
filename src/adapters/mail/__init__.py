"""Mails to customers: over SMTP, through Brevo, or into a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp

from adapters.mail.brevo import API, KEY_SETTING, BrevoMailer
from adapters.mail.conversation import SETTING, SmtpServer
from adapters.mail.hosts import is_here
from adapters.mail.outbox import OutboxMailer
from adapters.mail.smtp import SmtpMailer
from domain.errors import Misconfigured
from domain.ports import Mailer

PORTS = {"smtp": 587, "smtps": 465}
BREVO_CONNECTIONS = 16
"""Open at once; further mails wait their turn within their time limit."""

Clock = Callable[[], datetime]


def mailer_of(
    url: str,
    *,
    clock: Clock,
    brevo_key: str = "",
    timeout: timedelta = timedelta(seconds=30),
    only_greets: bool = False,
) -> AbstractAsyncContextManager[Mailer]:
    """The mailer this URL names, while the context lasts. Raises `Misconfigured`, naming the setting.

    `smtp://user:pw@host:587` (STARTTLS), `smtps://…`, `brevo:` with its key (`brevo:https://host` is another base of
    its API), `outbox:DIR`, which is made and tried out, unless the mailer `only_greets`.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "outbox" and rest:
        return _outbox(Path(rest), clock, tries=not only_greets)
    if scheme == "brevo":
        return _brevo(rest or API, brevo_key, timeout)
    if scheme in PORTS:
        return _smtp(_server(_parts(url)), clock, timeout)
    raise Misconfigured(
        f"{SETTING}: the mail URL must begin with smtp://, smtps://, brevo: or outbox:, not {scheme[:20]!r}"
    )


@asynccontextmanager
async def _outbox(folder: Path, clock: Clock, *, tries: bool) -> AsyncIterator[Mailer]:
    outbox = OutboxMailer(folder, clock=clock)
    try:
        if tries:
            await outbox.open()
    except OSError as error:
        raise Misconfigured(f"{SETTING}: no mail can be written into {folder}: {error.strerror}") from error
    yield outbox


@asynccontextmanager
async def _brevo(url: str, key: str, timeout: timedelta) -> AsyncIterator[Mailer]:
    """Without cookies, redirects, and proxies from the environment: the key goes to Brevo and nowhere else."""
    parts = _parts(url)
    host = parts.hostname or ""
    if not host or parts.scheme not in ({"https", "http"} if is_here(host) else {"https"}) or parts.query:
        raise Misconfigured(f"{SETTING}: the mail URL must be brevo: or brevo:https://host")
    if not key.isascii() or not key.isprintable() or not key:
        raise Misconfigured(f"{KEY_SETTING} is not set, or is no key: brevo: needs the API key of your Brevo account")
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=BREVO_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": "invoicing"},
    ) as session:
        yield BrevoMailer(session, url=url, key=key, timeout=timeout)


@asynccontextmanager
async def _smtp(server: SmtpServer, clock: Clock, timeout: timedelta) -> AsyncIterator[Mailer]:
    mailer = SmtpMailer(server, clock=clock, timeout=timeout)
    try:
        yield mailer
    finally:
        await mailer.close()


def _parts(url: str) -> SplitResult:
    """The URL, taken apart. What it is made of is never quoted: a password is among it."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise Misconfigured(
            f"{SETTING}: the mail URL has a host or port that is none; other than letters, digits and -._~ in user or "
            "password must be percent-encoded"
        ) from None
    return parts


def _server(url: SplitResult) -> SmtpServer:
    port = url.port or PORTS[url.scheme]
    if not url.hostname:
        raise Misconfigured(f"{SETTING}: the mail URL names no host")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return SmtpServer(url.hostname, port, user, password, tls=url.scheme == "smtps")

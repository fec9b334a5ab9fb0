"""A mail server to talk to, and mailers that talk to it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.mail import mailer_of
from domain.ports import Mailer
from fakes.clock import NOON
from fakes.mail_server import MailServer

CERTIFICATE = Path(__file__).with_name("localhost.pem")


def opened(url: str, *, seconds: float = 10) -> AbstractAsyncContextManager[Mailer]:
    """The mailer of this URL."""
    return mailer_of(url, clock=lambda: NOON, timeout=timedelta(seconds=seconds))


@pytest.fixture
def certified() -> ssl.SSLContext:
    """What a server at `localhost` shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on mailers trust that server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
async def server(certified: ssl.SSLContext) -> AsyncIterator[MailServer]:
    async with MailServer(tls=certified).running() as running:
        yield running


@pytest.fixture
async def mailer(server: MailServer) -> AsyncIterator[Mailer]:
    async with opened(f"smtp://127.0.0.1:{server.port}") as mailer:
        yield mailer

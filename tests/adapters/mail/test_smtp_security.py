"""Logging in, and TLS: whom a password is told, and how."""

from __future__ import annotations

import ssl
from base64 import b64encode
from contextlib import AbstractAsyncContextManager
from traceback import format_exception

import pytest

from adapters.mail import mailer_of
from domain.errors import InvoicingError, Misconfigured, Unavailable
from domain.ports import Mailer
from fakes.clock import NOON
from fakes.mail_server import MailServer
from fakes.mails import a_mail

PASSWORD = "s3cr3t"
LOGIN = f"joan:{PASSWORD}@"
TOLD = b64encode(f"\0joan\0{PASSWORD}".encode()).decode()
NOT_HERE = "0.0.0.0"  # noqa: S104 - leads here, and looks as if it led elsewhere


def mailer_at(
    server: MailServer, *, host: str = "localhost", scheme: str = "smtp"
) -> AbstractAsyncContextManager[Mailer]:
    """A mailer that logs in."""
    return mailer_of(f"{scheme}://{LOGIN}{host}:{server.port}", clock=lambda: NOON)


@pytest.mark.usefixtures("trusted")
async def test_tls_is_used_where_it_is_offered(server: MailServer) -> None:
    server.offers("STARTTLS", "AUTH PLAIN")
    async with mailer_at(server) as mailer:
        await mailer.send(a_mail())
    assert [(heard.line.split()[0], heard.encrypted) for heard in server.heard[:5]] == [
        ("EHLO", False),
        ("STARTTLS", False),
        ("EHLO", True),
        ("AUTH", True),
        ("MAIL", True),
    ]
    assert len(server.taken) == 1


@pytest.mark.usefixtures("trusted")
async def test_smtps_is_tls_from_the_first_byte(certified: ssl.SSLContext) -> None:
    server = MailServer(tls=certified)
    server.offers("AUTH PLAIN")
    async with server.running(smtps=True), mailer_at(server, scheme="smtps") as mailer:
        for _ in range(2):
            await mailer.send(a_mail())
    assert all(heard.encrypted for heard in server.heard)
    assert (server.connections, len(server.taken)) == (1, 2)


@pytest.mark.parametrize("smtps", [True, False])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certified: ssl.SSLContext, smtps: bool) -> None:
    server = MailServer(tls=certified)
    server.offers("STARTTLS", "AUTH PLAIN")
    scheme = "smtps" if smtps else "smtp"
    async with server.running(smtps=smtps), mailer_at(server, scheme=scheme) as mailer:
        with pytest.raises(Misconfigured, match=r"INVOICING_MAIL_URL: .*certificate"):
            await mailer.send(a_mail())
    assert "AUTH" not in server.verbs()
    assert "MAIL" not in server.verbs()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("smtps", [True, False])
async def test_a_certificate_of_another_server_is_not_trusted(certified: ssl.SSLContext, smtps: bool) -> None:
    server = MailServer(tls=certified)
    server.offers("STARTTLS", "AUTH PLAIN")
    scheme = "smtps" if smtps else "smtp"
    async with server.running(smtps=smtps), mailer_at(server, scheme=scheme, host="127.0.0.1") as mailer:
        with pytest.raises(Misconfigured, match=r"INVOICING_MAIL_URL: .*certificate"):
            await mailer.send(a_mail())
    assert "AUTH" not in server.verbs()


async def test_a_server_that_takes_tls_back_is_asked_later(server: MailServer) -> None:
    server.offers("STARTTLS", "AUTH PLAIN")
    server.says["STARTTLS"] = ["454 not now"]
    async with mailer_at(server) as mailer:
        with pytest.raises(Unavailable, match="454 not now"):
            await mailer.send(a_mail())
    assert "AUTH" not in server.verbs()


async def test_a_password_leaves_this_machine_only_encrypted(server: MailServer) -> None:
    server.offers("AUTH PLAIN")
    async with mailer_at(server, host=NOT_HERE) as mailer:
        with pytest.raises(Misconfigured, match=r"INVOICING_MAIL_URL: .*no TLS"):
            await mailer.send(a_mail())
    assert server.verbs() == ["EHLO"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_on_this_machine_a_password_needs_no_tls(server: MailServer, host: str) -> None:
    server.offers("AUTH PLAIN")
    async with mailer_at(server, host=host) as mailer:
        await mailer.send(a_mail())
    assert server.heard[1].line == f"AUTH PLAIN {TOLD}"


async def test_who_has_no_password_needs_no_tls(server: MailServer) -> None:
    async with mailer_of(f"smtp://{NOT_HERE}:{server.port}", clock=lambda: NOON) as mailer:
        await mailer.send(a_mail())
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("offered", "answer", "error", "problem"),
    [
        ("8BITMIME", "235 welcome", Misconfigured, "INVOICING_MAIL_URL: .*takes no login: leave out"),
        ("AUTH XOAUTH2", "235 welcome", Misconfigured, "INVOICING_MAIL_URL: .*no login with a password"),
        ("AUTH PLAIN LOGIN", f"535 wrong {TOLD} {PASSWORD}", Misconfigured, "INVOICING_MAIL_URL: .*refuses our login"),
        ("AUTH PLAIN", f"454 {PASSWORD} later", Unavailable, "no login now"),
        ("AUTH PLAIN", "421 too busy", Unavailable, "no login now"),
    ],
)
async def test_a_login_that_fails_is_told_clearly_and_tells_no_password(
    server: MailServer, offered: str, answer: str, error: type[InvoicingError], problem: str
) -> None:
    server.offers(offered)
    server.says["AUTH"] = [answer]
    async with mailer_at(server) as mailer:
        with pytest.raises(error, match=problem) as raised:
            await mailer.send(a_mail())
        told = "".join((*format_exception(raised.value), repr(mailer)))
    assert PASSWORD not in told
    assert TOLD not in told
    assert "MAIL" not in server.verbs()

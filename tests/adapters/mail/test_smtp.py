"""Mails over real SMTP, to servers that refuse, stall and hang up."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from traceback import format_exception

import pytest

from adapters.mail import mailer_of
from adapters.mail.message import message_of
from domain.errors import InvoicingError, MailRefused, Misconfigured, Unavailable
from domain.mail import MailId
from domain.ports import Mailer
from fakes.clock import NOON
from fakes.mail_server import HANGS_UP, SILENCE, MailServer
from fakes.mails import a_mail

SECRET = "s3cr3t"


def numbered(number: int) -> MailId:
    """One of many ids."""
    return MailId(f"{number}@invoicing.acme")


def hasty(server: MailServer, login: str = "") -> AbstractAsyncContextManager[Mailer]:
    """A mailer that waits a quarter of a second."""
    url = f"smtp://{login}127.0.0.1:{server.port}"
    return mailer_of(url, clock=lambda: NOON, timeout=timedelta(seconds=0.25))


@pytest.mark.parametrize("text", [".\n..\n.x\nend", "x\n" * 70_000, ""])
async def test_a_mail_is_handed_over_byte_for_byte(mailer: Mailer, server: MailServer, text: str) -> None:
    mail = a_mail(text=text, html=".x\n.\n<p>x</p>")
    await mailer.send(mail)
    unstuffed = server.taken[0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert unstuffed == message_of(mail, NOON)


async def test_the_envelope_names_both_and_the_size_where_it_may(mailer: Mailer, server: MailServer) -> None:
    server.offers("SIZE 99999999")
    await mailer.send(a_mail())
    (mail, rcpt) = (heard.line for heard in server.heard[1:3])
    assert mail == f"MAIL FROM:<shop@example.com> SIZE={len(message_of(a_mail(), NOON))}"
    assert rcpt == "RCPT TO:<zaneta@example.com>"


# Connections


async def test_connections_are_used_again(mailer: Mailer, server: MailServer) -> None:
    for number in range(5):
        await mailer.send(a_mail(id=numbered(number)))
    assert (server.connections, len(server.taken)) == (1, 5)


async def test_many_mails_at_once_share_a_few_connections(mailer: Mailer, server: MailServer) -> None:
    await asyncio.gather(*(mailer.send(a_mail(id=numbered(number))) for number in range(40)))
    assert len(server.taken) == 40
    assert server.most_open <= 4


@pytest.mark.parametrize("farewell", [b"", b"421 idle for too long\r\n"])
async def test_a_connection_that_was_closed_while_it_rested_harms_no_mail(
    mailer: Mailer, server: MailServer, farewell: bytes
) -> None:
    await mailer.send(a_mail())
    await server.drop_all(farewell)
    await mailer.send(a_mail())
    assert (server.connections, len(server.taken)) == (2, 2)


@pytest.mark.parametrize("answer", [HANGS_UP, "421 idle for too long"])
async def test_that_a_rested_connection_is_none_may_show_only_when_it_is_used(
    mailer: Mailer, server: MailServer, answer: str
) -> None:
    await mailer.send(a_mail())
    server.says["MAIL"] = [answer, "250 ok"]
    await mailer.send(a_mail())
    assert (server.connections, len(server.taken)) == (2, 2)


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "."])
async def test_a_connection_lost_in_the_middle_of_a_mail_is_not_mended_in_secret(
    mailer: Mailer, server: MailServer, verb: str
) -> None:
    await mailer.send(a_mail())
    server.says[verb] = [HANGS_UP]
    with pytest.raises(Unavailable):
        await mailer.send(a_mail())
    assert server.verbs().count("MAIL") == 2
    assert len(server.taken) == 1 + (verb == ".")


async def test_after_trouble_a_connection_is_not_used_again(mailer: Mailer, server: MailServer) -> None:
    server.says["RCPT"] = ["550 no such user", "250 ok"]
    with pytest.raises(MailRefused):
        await mailer.send(a_mail())
    async with asyncio.timeout(5):
        await server.all_left()
    await mailer.send(a_mail())
    assert server.connections == 2


async def test_who_waits_in_vain_for_a_connection_has_sent_nothing(server: MailServer) -> None:
    server.says["."] = [SILENCE]
    async with hasty(server) as mailer:
        sent = (mailer.send(a_mail(id=numbered(number))) for number in range(6))
        ended = await asyncio.gather(*sent, return_exceptions=True)
    assert [type(error) for error in ended] == [Unavailable] * 6
    assert len(server.taken) == server.connections == 4


async def test_connections_end_with_a_good_bye(server: MailServer, mailer: Mailer) -> None:
    async with mailer_of(f"smtp://127.0.0.1:{server.port}", clock=lambda: NOON) as short:
        await short.send(a_mail())
    await server.all_left()
    assert server.verbs()[-1] == "QUIT"


# What the server says


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("hello", "421 too busy", Unavailable),
        ("hello", "554 no service here", Unavailable),
        ("EHLO", "421 too busy", Unavailable),
        ("EHLO", "451 later", Unavailable),
        ("MAIL", "421 too busy", Unavailable),
        ("MAIL", "451 later", Unavailable),
        ("MAIL", "550 sender unknown", Misconfigured),
        ("MAIL", "530 log in first", Misconfigured),
        ("MAIL", "552 too large", MailRefused),
        ("RCPT", "421 too busy", Unavailable),
        ("RCPT", "450 greylisted", Unavailable),
        ("RCPT", "550 no such user", MailRefused),
        ("RCPT", "530 log in first", Misconfigured),
        ("DATA", "421 too busy", Unavailable),
        ("DATA", "451 later", Unavailable),
        ("DATA", "554 no", MailRefused),
        ("DATA", "250 what?", Unavailable),
        (".", "421 too busy", Unavailable),
        (".", "451 later", Unavailable),
        (".", "552 too large", MailRefused),
        (".", "354 go on", Unavailable),
        (".", "nonsense", Unavailable),
        (".", "999 nonsense", Unavailable),
        (".", f"250{' very' * 9000} long", Unavailable),
    ],
)
async def test_what_the_server_says_decides_whether_to_try_again(
    mailer: Mailer, server: MailServer, verb: str, answer: str, error: type[InvoicingError]
) -> None:
    server.says[verb] = [answer]
    server.says["HELO"] = server.says["EHLO"]
    with pytest.raises(error) as raised:
        await mailer.send(a_mail())
    assert raised.value.reason == ("NOT_CONFIGURED" if error is Misconfigured else "EMAIL_FAILED")


async def test_a_server_that_greets_us_with_never_is_the_operators_matter(mailer: Mailer, server: MailServer) -> None:
    server.says["EHLO"] = server.says["HELO"] = ["550 not from your network"]
    with pytest.raises(Misconfigured, match=r"INVOICING_MAIL_URL.*550 not from your network"):
        await mailer.send(a_mail())


async def test_an_old_server_that_knows_no_ehlo_takes_mails(mailer: Mailer, server: MailServer) -> None:
    server.says["EHLO"] = ["502 what?"]
    await mailer.send(a_mail())
    assert len(server.taken) == 1


@pytest.mark.parametrize("verb", ["hello", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("answer", [SILENCE, HANGS_UP])
async def test_a_server_that_says_nothing_is_away(server: MailServer, verb: str, answer: str) -> None:
    server.offers("AUTH PLAIN")
    server.says[verb] = [answer]
    async with hasty(server, "joan:secret@") as mailer:
        with pytest.raises(Unavailable) as raised:
            await mailer.send(a_mail())
    assert raised.value.reason == "EMAIL_FAILED"
    assert len(server.taken) == (verb == ".")


async def test_a_server_may_take_longer_to_accept_a_mail_than_to_answer(server: MailServer) -> None:
    async with hasty(server) as mailer:
        server.says["."] = [SILENCE]
        sending = asyncio.create_task(mailer.send(a_mail()))
        done, _ = await asyncio.wait([sending], timeout=0.5)
        assert not done
        with pytest.raises(Unavailable, match="no answer in time"):
            await sending


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with mailer_of("smtp://127.0.0.1:1", clock=lambda: NOON) as mailer:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 is away: it cannot be reached"):
            await mailer.send(a_mail())


async def test_what_the_server_says_is_quoted_as_one_short_line(mailer: Mailer, server: MailServer) -> None:
    server.says["RCPT"] = ["550-no\x1b[31m\r\n550 such\tuser" + " really" * 100]
    with pytest.raises(MailRefused) as raised:
        await mailer.send(a_mail())
    assert raised.value.message.startswith("the mail server refuses the mail: 550 no [31m such user really")
    assert raised.value.message.isprintable()
    assert len(raised.value.message) < 300


# Addresses beyond ASCII


async def test_a_server_that_knows_only_ascii_cannot_take_an_address_beyond_it(
    mailer: Mailer, server: MailServer
) -> None:
    with pytest.raises(MailRefused, match="ASCII"):
        await mailer.send(a_mail(recipient="żaneta@example.com"))
    with pytest.raises(Misconfigured, match="ASCII"):
        await mailer.send(a_mail(sender="żaneta@example.com"))
    assert "MAIL" not in server.verbs()


async def test_a_server_that_knows_more_gets_them(mailer: Mailer, server: MailServer) -> None:
    server.offers("8BITMIME", "SMTPUTF8")
    await mailer.send(a_mail(recipient="żaneta@bücher.example"))
    (mail, rcpt) = (heard.line for heard in server.heard[1:3])
    assert mail == "MAIL FROM:<shop@example.com> BODY=8BITMIME SMTPUTF8"
    assert rcpt == "RCPT TO:<żaneta@xn--bcher-kva.example>"


# URLs


@pytest.mark.parametrize(
    "url",
    ["", "outbox:", "ftp://x", "smtp://", "smtp://host:port", "smtp://host:99999", "smtp://[x", "mail.example"],
)
async def test_a_mail_url_that_is_none_is_the_operators_matter(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"INVOICING_MAIL_URL: .*mail URL"):
        async with mailer_of(url, clock=lambda: NOON):
            pass


async def test_a_password_that_spoils_the_url_is_not_quoted() -> None:
    url = f"smtp://joan:{SECRET}/x@mail.example"
    with pytest.raises(Misconfigured, match="percent-encoded") as raised:
        async with mailer_of(url, clock=lambda: NOON):
            pass
    assert SECRET not in "".join(format_exception(raised.value))

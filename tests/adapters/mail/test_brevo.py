"""Mails through Brevo over real HTTP: what it is sent, and what its answers mean."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from traceback import format_exception
from typing import Any
from uuid import UUID

import pytest

from adapters.mail import mailer_of
from domain.errors import InvoicingError, MailRefused, Misconfigured, Unavailable
from domain.mail import MailId
from domain.ports import Mailer
from fakes.clock import NOON
from fakes.lying_server import LyingServer, Reply
from fakes.mails import a_mail

KEY = "xkeysib-s3cr3t"
TAKEN = Reply.json({"messageId": "<202611241200.1@smtp-relay.mailin.fr>"}, 201)


def complaint(status: int, code: str = "invalid_parameter", message: str = "", **headers: str) -> Reply:
    """An error as Brevo answers it."""
    return Reply.json({"code": code, "message": message}, status, **headers)


def at(server: LyingServer, *, seconds: float = 10) -> AbstractAsyncContextManager[Mailer]:
    """A mailer at this Brevo."""
    url = f"brevo:{server.url}"
    return mailer_of(url, brevo_key=KEY, clock=lambda: NOON, timeout=timedelta(seconds=seconds))


@pytest.fixture
async def server() -> AsyncIterator[LyingServer]:
    async with LyingServer.running() as running:
        running.says(TAKEN)
        yield running


@pytest.fixture
async def mailer(server: LyingServer) -> AsyncIterator[Mailer]:
    async with at(server) as opened:
        yield opened


def sent(server: LyingServer, number: int = -1) -> Any:
    """A mail as Brevo got it."""
    return server.asked[number].content


async def test_brevo_gets_the_whole_mail(mailer: Mailer, server: LyingServer) -> None:
    mail = a_mail(attachment=bytes(range(256)) * 80, recipient="zaneta@bücher.example")
    await mailer.send(mail)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["api-key"]) == ("POST", "/v3/smtp/email", KEY)
    assert asked.headers["Content-Type"] == "application/json"
    content = sent(server)
    (attachment,) = content.pop("attachment")
    assert (attachment["name"], b64decode(attachment["content"])) == ("INV1.pdf", mail.attachment)
    key = UUID(content["headers"].pop("idempotencyKey"))
    assert key.version == 4
    assert content == {
        "sender": {"email": "shop@example.com", "name": "Example Shop"},
        "to": [{"email": "zaneta@xn--bcher-kva.example", "name": "Zaneta Brien"}],
        "replyTo": {"email": "service@example.com"},
        "subject": mail.subject,
        "textContent": mail.text,
        "htmlContent": mail.html,
        "headers": {"X-Mailin-custom": "abc123@invoicing.acme"},
    }


async def test_the_same_mail_has_the_same_key_and_another_has_another(mailer: Mailer, server: LyingServer) -> None:
    for mail in (a_mail(), a_mail(), a_mail(id=MailId("other@invoicing.acme")), a_mail(sender="new@example.com")):
        await mailer.send(mail)
    keys = [sent(server, number)["headers"]["idempotencyKey"] for number in range(4)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


async def test_text_from_outside_is_no_template(mailer: Mailer, server: LyingServer) -> None:
    evil = "{{ contact.EMAIL }} {% if x %}{{{x}}}{# y #}"
    mail = a_mail(sender_name=evil, recipient_name=evil, subject=evil, text=evil, html=f"<p>{evil}</p>")
    await mailer.send(mail)
    content = sent(server)
    shown = [content["subject"], content["textContent"], content["sender"]["name"], content["to"][0]["name"]]
    assert not any(mark in text for text in (*shown, content["htmlContent"]) for mark in ("{{", "{%", "{#"))
    assert content["htmlContent"].replace("&#123;", "{") == mail.html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", None),
        (" \t\n", None),
        ("Müller, Söhne & Co. (\x1b[1mBerlin)", "Müller Söhne & Co 1mBerlin"),
        ("Miller, Sons & Co.", "Miller, Sons & Co."),
        ("ż" * 100, "ż" * 70),
        ("\ud800x", "x"),
    ],
)
async def test_a_name_is_one_that_brevo_takes(
    mailer: Mailer, server: LyingServer, name: str, shown: str | None
) -> None:
    await mailer.send(a_mail(recipient_name=name))
    assert sent(server)["to"][0].get("name") == shown


async def test_halves_of_characters_harm_nothing(mailer: Mailer, server: LyingServer) -> None:
    await mailer.send(a_mail(text="a\ud800b", html="a\ud800b", attachment_name="a\ud800b", id=MailId("a\ud800b")))
    assert (sent(server)["textContent"], sent(server)["htmlContent"]) == ("a?b", "a?b")


async def test_what_brevo_took_before_counts_as_sent(mailer: Mailer, server: LyingServer) -> None:
    server.says(complaint(400, "duplicate_parameter", "Email for the idempotency key has already been processed"))
    await mailer.send(a_mail())


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (complaint(400, message="email is not valid in to"), MailRefused, "email is not valid in to"),
        (complaint(413), MailRefused, "413"),
        (Reply(400, b"<html>"), MailRefused, "400"),
        (complaint(400, message="sender email is not valid"), Misconfigured, "sender"),
        (complaint(400, "not_enough_credits", "No credits"), Misconfigured, "No credits"),
        (complaint(400, "account_under_validation"), Misconfigured, "account_under_validation"),
        (complaint(401, "unauthorized", "unrecognised IP address"), Misconfigured, "INVOICING_BREVO_KEY.*IP address"),
        (complaint(402, "not_enough_credits"), Misconfigured, "not_enough_credits"),
        (complaint(403, "permission_denied"), Misconfigured, "INVOICING_BREVO_KEY"),
        (complaint(404, "document_not_found"), Misconfigured, "document_not_found"),
        (complaint(429, "too_many_requests"), Unavailable, "wait"),
        (complaint(500), Unavailable, "500"),
        (complaint(503), Unavailable, "503"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), Unavailable, "302"),
        (Reply(200, b"<html>welcome to our wifi</html>"), Unavailable, "without a message id"),
        (Reply(201, b'{"messageId": 7}'), Unavailable, "without a message id"),
        (Reply(201, b"[" * 100_000), Unavailable, "without a message id"),
        (
            Reply(201, b'{"messageId": "<1@x>", "more": "%s"}' % (b"x" * 10_000_000)),
            Unavailable,
            "without a message id",
        ),
        (Reply(drop=True), Unavailable, "lost"),
    ],
)
async def test_what_brevo_answers_decides_whether_to_try_again(
    mailer: Mailer, server: LyingServer, reply: Reply, error: type[InvoicingError], said: str
) -> None:
    server.says(reply)
    with pytest.raises(error, match=said) as raised:
        await mailer.send(a_mail())
    assert raised.value.reason == ("NOT_CONFIGURED" if error is Misconfigured else "EMAIL_FAILED")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7),
        ({"x_sib_ratelimit_reset": "45"}, 45),
        ({"Retry_After": "99999999999"}, 3600),
        ({"Retry_After": "soon"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_how_long_brevo_asks_to_wait_is_told(
    mailer: Mailer, server: LyingServer, status: int, headers: dict[str, str], seconds: int | None
) -> None:
    server.says(complaint(status, **headers))
    with pytest.raises(Unavailable) as raised:
        await mailer.send(a_mail())
    assert raised.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))


async def test_a_brevo_that_says_nothing_is_away(server: LyingServer) -> None:
    server.says(Reply(hang=True))
    async with at(server, seconds=0.2) as mailer:
        with pytest.raises(Unavailable, match="no answer in time"):
            await mailer.send(a_mail())


async def test_a_brevo_that_is_not_there_is_away() -> None:
    async with mailer_of("brevo:http://127.0.0.1:1", brevo_key=KEY, clock=lambda: NOON) as mailer:
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_the_key_is_in_no_error_even_if_brevo_repeats_it(
    mailer: Mailer, server: LyingServer, status: int
) -> None:
    server.says(complaint(status, f"bad {KEY}", f"{KEY} is not valid"))
    with pytest.raises(InvoicingError) as raised:
        await mailer.send(a_mail())
    assert KEY not in "".join(format_exception(raised.value))


@pytest.mark.parametrize("key", ["", "schlüssel", "a\r\nb: c"])
async def test_without_a_key_the_start_fails_by_name(key: str) -> None:
    with pytest.raises(Misconfigured, match="INVOICING_BREVO_KEY"):
        async with mailer_of("brevo:", brevo_key=key, clock=lambda: NOON):
            pass


@pytest.mark.parametrize("url", ["brevo:http://api.example.com", "brevo:api.example.com", "brevo://", "brevo:https://"])
async def test_the_key_goes_to_other_machines_over_https_only(url: str) -> None:
    with pytest.raises(Misconfigured, match="INVOICING_MAIL_URL"):
        async with mailer_of(url, brevo_key=KEY, clock=lambda: NOON):
            pass


async def test_brevo_itself_needs_no_url() -> None:
    async with mailer_of("brevo:", brevo_key=KEY, clock=lambda: NOON):
        pass


async def test_a_greeting_asks_whose_the_key_is(mailer: Mailer, server: LyingServer) -> None:
    server.says(Reply.json({"email": "shop@example.com"}))
    assert (await mailer.greet()).told == "Brevo knows the key"
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["api-key"]) == ("GET", "/v3/account", KEY)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (complaint(401, "unauthorized", f"Key {KEY} not found"), Misconfigured),
        (complaint(503), Unavailable),
        (complaint(429), Unavailable),
        (Reply(drop=True), Unavailable),
    ],
)
async def test_a_greeting_that_is_not_returned_says_why(
    mailer: Mailer, server: LyingServer, reply: Reply, error: type[InvoicingError]
) -> None:
    server.says(reply)
    with pytest.raises(error) as caught:
        await mailer.greet()
    assert KEY not in caught.value.message

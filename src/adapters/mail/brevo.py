"""Mails through Brevo's HTTP API: `POST /v3/smtp/email` (developers.brevo.com, sendtransacemail).

What Brevo does about duplicates: it takes no Message-ID of ours, so a mail sent twice would be two mails. But a request
with an idempotency key that it processed in the last half hour is refused as `duplicate_parameter`. Ours is made of
Message-ID and sender; so that refusal means that the mail was taken, and only its answer was lost. A mail that is sent
again later than that may arrive twice. Our Message-ID travels as `X-Mailin-custom`, which Brevo's webhooks repeat.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

import aiohttp
import msgspec

from adapters.mail.addresses import recipient_of, sender_of
from domain.addresses import address_in
from domain.errors import InvoicingError, MailRefused, Misconfigured, Unavailable
from domain.mail import Greeting, Mail
from domain.text import one_line

KEY_SETTING = "INVOICING_BREVO_KEY"
API = "https://api.brevo.com"
PATH = "/v3/smtp/email"
ACCOUNT = "/v3/account"
LONGEST_NAME = 70
LONGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 3600
MAX_QUOTE = 200

TAKEN_BEFORE = "duplicate_parameter"
FOR_THE_OPERATOR = frozenset(
    "account_under_validation not_enough_credits permission_denied reseller_permission_denied unauthorized".split()
)
"""Error codes that no other mail would avoid."""

_TEMPLATE = re.compile(r"\{(?=[{%#])")
_SPECIALS = re.compile(r"""[()<>\[\]:;@\\,."]+""")


class _Answer(msgspec.Struct, rename="camel"):
    """The 201, or what is wrong: code and words."""

    message_id: str = ""
    code: str = ""
    message: str = ""


_answer = msgspec.json.Decoder(_Answer)


class BrevoMailer:
    """`domain.ports.Mailer` over Brevo's HTTP API: when `send` returns, Brevo has taken the mail.

    The session is the caller's, without a time limit of its own; the key leaves this class in one header only.
    """

    def __init__(self, session: aiohttp.ClientSession, *, url: str, key: str, timeout: timedelta) -> None:
        self._session = session
        self._target = f"{url.rstrip('/')}{PATH}"
        self._account = f"{url.rstrip('/')}{ACCOUNT}"
        self._key = key
        self._timeout = timeout.total_seconds()

    async def greet(self) -> Greeting:
        """Asks whose the key is, and sends nothing (`GET /v3/account`). Raises `Misconfigured`, `Unavailable`."""
        with _in_our_words():
            async with asyncio.timeout(self._timeout):
                await self._ask_for_account()
        return Greeting("Brevo knows the key")

    async def send(self, mail: Mail) -> None:
        """Hands the mail over, once within half an hour.

        Raises `MailRefused` (400: this mail will never be taken), `Unavailable` (429, 5xx, or the answer was lost),
        `Misconfigured` (key, credits, account or sender are refused).
        """
        body = msgspec.json.encode(_request(mail))
        with _in_our_words():
            async with asyncio.timeout(self._timeout):
                await self._exchange(body)

    async def _ask_for_account(self) -> None:
        headers = {"api-key": self._key, "Accept": "application/json"}
        async with self._session.get(self._account, headers=headers, allow_redirects=False) as response:
            error = self._error(response, _read(await _start_of(response)))
            if error is not None and response.status != HTTPStatus.OK:
                raise error

    async def _exchange(self, body: bytes) -> None:
        headers = {"api-key": self._key, "Content-Type": "application/json", "Accept": "application/json"}
        async with self._session.post(self._target, data=body, headers=headers, allow_redirects=False) as response:
            answer = _read(await _start_of(response))
            error = self._error(response, answer)
            if error is not None:
                raise error

    def _error(self, response: aiohttp.ClientResponse, answer: _Answer) -> InvoicingError | None:
        """What an answer means; None: Brevo has the mail."""
        status = response.status
        if 200 <= status < 300:
            return None if answer.message_id else _lost(f"it answered {status} without a message id")
        if status in {408, 425, 429}:
            return Unavailable("Brevo asks to wait", reason="EMAIL_FAILED", retry_after=_retry_after(response))
        if not 400 <= status < 500:
            return _lost(f"it answered {status}", _retry_after(response))
        if answer.code == TAKEN_BEFORE:
            return None
        said = f"{status} {self._quotable(answer)}".rstrip()
        if status in {401, 403}:
            return Misconfigured(f"{KEY_SETTING}: Brevo refuses the key: {said}")
        if status in {402, 404, 405} or answer.code in FOR_THE_OPERATOR:
            return Misconfigured(f"Brevo takes no mail from us: {said}")
        if "sender" in answer.message.lower():
            return Misconfigured(f"Brevo refuses the sender: {said}; validate it, or its domain, at Brevo")
        return MailRefused(f"Brevo refuses the mail: {said}")

    def _quotable(self, answer: _Answer) -> str:
        words = " ".join(filter(None, (answer.code, answer.message)))
        return one_line(words.replace(self._key, "***"))[:MAX_QUOTE]


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Whatever goes wrong on the line: Brevo's answer is not known then."""
    try:
        yield
    except TimeoutError as error:
        raise _lost("no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise _lost("the connection was lost, or there is none") from error


def _request(mail: Mail) -> dict[str, object]:
    """The mail as Brevo wants it. What it would take for its template language is taken apart: it is text."""
    sender, reply_to = sender_of(mail), address_in(mail.reply_to)
    key = sha256(f"{mail.id}\n{sender}".encode("utf-8", "replace")).digest()
    request: dict[str, object] = {
        "sender": _party(mail.sender_name, sender),
        "to": [_party(mail.recipient_name, recipient_of(mail))],
        "subject": _literal(one_line(mail.subject)),
        "htmlContent": _whole(mail.html).replace("{", "&#123;"),
        "textContent": _literal(_whole(mail.text)),
        "attachment": [{"name": one_line(mail.attachment_name), "content": mail.attachment}],
        "headers": {"idempotencyKey": str(UUID(bytes=key[:16], version=4)), "X-Mailin-custom": _whole(mail.id)},
    }
    return request if reply_to is None else {**request, "replyTo": {"email": reply_to}}


def _party(name: str, address: str) -> dict[str, str]:
    """Brevo drops a name that has both letters beyond ASCII and a special of RFC 5322, and refuses an empty one."""
    shown = _literal(one_line(name))
    if not shown.isascii():
        shown = one_line(_SPECIALS.sub(" ", shown))
    shown = shown[:LONGEST_NAME].strip()
    return {"email": address, "name": shown} if shown else {"email": address}


def _literal(text: str) -> str:
    return _TEMPLATE.sub("{ ", text)


def _whole(text: str) -> str:
    """Without halves of characters, which no UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


async def _start_of(response: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > LONGEST_ANSWER:
            break
    return bytes(read)


def _read(body: bytes) -> _Answer:
    """What is no JSON, or another, says nothing."""
    try:
        return _answer.decode(body)
    except (ValueError, RecursionError):
        return _Answer()


def _lost(what: str, retry_after: timedelta | None = None) -> Unavailable:
    return Unavailable(f"Brevo is away: {what}", reason="EMAIL_FAILED", retry_after=retry_after)


def _retry_after(response: aiohttp.ClientResponse) -> timedelta | None:
    """How long Brevo asks to wait, within bounds: seconds, in one of two headers."""
    headers = response.headers
    told = headers.get("Retry-After") or headers.get("x-sib-ratelimit-reset") or ""
    return timedelta(seconds=min(int(told[:9]), LONGEST_WAIT)) if told.isascii() and told.isdigit() else None

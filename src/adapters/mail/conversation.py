"""What is said to a mail server, and what its answers mean: 4xx is later, 5xx is never (RFC 5321, 4.2.1).

One command at a time, though most servers take several at once (RFC 2920): aiosmtplib hears one answer at a time.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from adapters.mail.addresses import recipient_of, sender_of
from adapters.mail.hosts import is_here
from adapters.mail.message import message_of
from domain.errors import MailRefused, Misconfigured, Unavailable
from domain.mail import Mail
from domain.text import one_line

SETTING = "INVOICING_MAIL_URL"
MAX_QUOTE = 200

COMPLETED, WILL_FORWARD, START_INPUT = 250, 251, 354
CLOSING, LOG_IN_FIRST, TOO_LARGE = 421, 530, 552


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed over. `tls` from the first byte (smtps); else STARTTLS when it is offered."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False

    @property
    def place(self) -> str:
        """Where it is, as HOST:PORT."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in its envelope, ready for the wire: CRLF line ends, and a second dot before one that begins a line."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, mail: Mail, now: datetime) -> Letter:
        """The mail as it is sent. Raises `MailRefused` when the recipient, `Misconfigured` when the sender is none."""
        content = message_of(mail, now).replace(b"\r\n.", b"\r\n..")
        return cls(sender_of(mail), recipient_of(mail), content)


class GivenUp(Unavailable):
    """The server closed the connection before it heard of the mail: nothing was sent."""

    reason = "EMAIL_FAILED"


@contextmanager
def in_our_words(server: SmtpServer) -> Iterator[None]:
    """Whatever goes wrong on the line becomes one of the domain's errors here."""
    try:
        yield
    except SMTPHeloError as error:
        if _is_final(error.code):
            raise _unfit(server, f"does not talk to us: {_said(error)}") from error
        raise _later(_said(error)) from error
    except SMTPResponseException as error:  # a greeting with 5xx too: other mailers try again later, and get through
        raise _later(_said(error)) from error
    except (SMTPException, OSError) as error:
        untrusted = _untrusted(error)
        if untrusted is not None:
            raise _unfit(server, f"shows a certificate that is not trusted: {untrusted.verify_message}") from error
        problem = f"the mail server {server.place} is away: {_trouble(error)}"
        raise Unavailable(problem, reason="EMAIL_FAILED") from error


async def log_in(smtp: SMTP, server: SmtpServer) -> None:
    """Logs in, if a user is set. Raises `Misconfigured`, `Unavailable`; no password leaves this machine unencrypted."""
    if not server.user:
        return
    if not is_here(server.host) and smtp.get_transport_info("sslcontext") is None:
        raise _unfit(server, "offers no TLS, and no password is sent without it: use smtps://, or another port")
    if not smtp.supports_extension("auth"):
        raise _unfit(server, "takes no login: leave out user and password, or use another port")
    if not smtp.supported_auth_methods:
        raise _unfit(server, "takes no login with a password")
    try:
        await smtp.login(server.user, server.password)
    except SMTPAuthenticationError as error:  # its words are not quoted: they may hold what was sent
        if _is_final(error.code):
            raise _unfit(server, "refuses our login: check user and password") from None
        raise _later("it takes no login now") from None


async def announce(smtp: SMTP, letter: Letter) -> None:
    """From whom. Raises `GivenUp`, `Unavailable`, `Misconfigured` (never this sender), `MailRefused`."""
    command = b"FROM:<%s>" % letter.sender.encode()
    options = _options(smtp, letter)
    try:
        reply = await smtp.execute_command(b"MAIL", command, *options, timeout=None)
    except (SMTPServerDisconnected, ConnectionError) as error:
        raise GivenUp("the mail server closed the connection") from error
    if reply.code == CLOSING:
        raise GivenUp(f"the mail server closed the connection: {_said(reply)}")
    if _is_final(reply.code) and reply.code not in {LOG_IN_FIRST, TOO_LARGE}:
        raise Misconfigured(f"the mail server refuses the sender: {_said(reply)}")
    _require(reply, COMPLETED)


async def address(smtp: SMTP, letter: Letter) -> None:
    """To whom, and that the mail follows. Raises `MailRefused`, `Unavailable`."""
    command = b"TO:<%s>" % letter.recipient.encode()
    _require(await smtp.execute_command(b"RCPT", command, timeout=None), COMPLETED, WILL_FORWARD)
    _require(await smtp.execute_command(b"DATA", timeout=None), START_INPUT)


async def send_content(smtp: SMTP, letter: Letter) -> None:
    """The mail itself, up to the server's word that it has it. Raises `MailRefused`, `Unavailable`.

    Not by `SMTP.data`, which looks for what a letter has not, through every line: it takes longer than the sending.
    """
    if smtp.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    smtp.protocol.write(letter.content + b".\r\n")
    _require(await smtp.protocol.read_response(), COMPLETED)


def leave(smtp: SMTP) -> None:
    """Says good-bye, as is due (RFC 5321, 4.1.1.10), and does not wait for the answer."""
    if smtp.is_connected and smtp.protocol is not None:
        smtp.protocol.write(b"QUIT\r\n")
    smtp.close()


def _options(smtp: SMTP, letter: Letter) -> tuple[bytes, ...]:
    """What the server is told before (RFC 1870); addresses beyond ASCII need one that takes them (RFC 6531)."""
    size = (b"SIZE=%d" % len(letter.content),) if smtp.supports_extension("size") else ()
    if (letter.sender + letter.recipient).isascii():
        return size
    if smtp.supports_extension("smtputf8"):
        return (*size, b"BODY=8BITMIME", b"SMTPUTF8")
    if letter.sender.isascii():
        raise MailRefused("the mail server takes only addresses in ASCII")
    raise Misconfigured("the mail server takes only senders in ASCII")


def _unfit(server: SmtpServer, problem: str) -> Misconfigured:
    return Misconfigured(f"{SETTING}: the mail server {server.place} {problem}")


def _require(reply: SMTPResponse, *codes: int) -> None:
    """Raises what a reply with another code means."""
    if reply.code in codes:
        return
    if reply.code == LOG_IN_FIRST:
        raise Misconfigured(f"{SETTING}: the mail server wants a login: {_said(reply)}")
    if _is_final(reply.code):
        raise MailRefused(f"the mail server refuses the mail: {_said(reply)}")
    raise _later(_said(reply))


def _is_final(code: int) -> bool:
    return 500 <= code <= 599


def _later(said: str) -> Unavailable:
    return Unavailable(f"the mail server asks to try later: {said}", reason="EMAIL_FAILED")


def _said(reply: SMTPResponse | SMTPResponseException) -> str:
    """The server's own words, fit to be quoted."""
    return f"{reply.code} {one_line(reply.message)}"[:MAX_QUOTE]


def _untrusted(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """What is wrong with the certificate, if that was it."""
    return next((e for e in (error, error.__cause__) if isinstance(e, ssl.SSLCertVerificationError)), None)


def _trouble(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLError):
        return f"TLS fails: {cause.reason}"
    return "it cannot be reached" if isinstance(error, SMTPConnectError) else "the connection was lost"

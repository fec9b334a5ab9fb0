"""What a mail with a 20 KB document costs: to compose and write it, to hand it over by SMTP, the sandbox to take it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path

import aiosmtplib
import uvloop

from adapters.mail import mailer_of
from adapters.mail.message import message_of
from adapters.sandbox import Sandbox
from benchmarks.measured import Measured
from benchmarks.pdf import EUR, invoices
from domain.invoice import Invoice
from domain.mail import Mail
from domain.mailing import invoice_mail
from domain.order import TenantId

MAILS = 1_000
SIZE = 20_000
AT_ONCE = 8
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LANGUAGE = "de"
ACME = TenantId("acme")


def mails(count: int) -> Iterator[Mail]:
    """Mails of which no two are alike."""
    for invoice in unpaid(count):
        yield composed(invoice, os.urandom(SIZE))


def unpaid(count: int) -> Iterator[Invoice]:
    """Invoices whose mails have the most to say."""
    for invoice in invoices(1, count):
        draft = replace(invoice.draft, language=LANGUAGE, payment_days=14, brand="Example & Söhne")
        yield replace(invoice, prepaid=EUR.round(Decimal(0)), draft=draft)


def composed(invoice: Invoice, pdf: bytes) -> Mail:
    return invoice_mail(ACME, invoice, sender="shop@example.com", pdf=pdf)


def composing(count: int) -> float:
    """CPU-milliseconds a mail, from the invoice to its words as text and as HTML."""
    kept = list(unpaid(count))
    began = time.process_time()
    for invoice in kept:
        composed(invoice, b"")
    return (time.process_time() - began) / count * 1000


def with_email_message(mail: Mail) -> bytes:
    """The same mail as the standard library writes it."""
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
    message["To"] = Address(mail.recipient_name, addr_spec=mail.recipient)
    message["Subject"], message["Message-ID"] = mail.subject, f"<{mail.id}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message.add_attachment(mail.attachment, maintype="application", subtype="pdf", filename=mail.attachment_name)
    return message.as_bytes()


def written(write: Callable[[Mail], bytes], count: int) -> float:
    """CPU-milliseconds a mail."""
    kept = list(mails(count))
    began = time.process_time()
    for mail in kept:
        write(mail)
    return (time.process_time() - began) / count * 1000


@dataclass(frozen=True)
class Sink:
    """The sandbox, in a process of its own so that its CPU can be told from ours."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds it has used."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Sink]:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE)
        assert process.stdout
        try:
            yield cls(int(await process.stdout.readline()), process.pid)
        finally:
            process.terminate()
            await process.wait()


async def receive() -> None:
    """What the other process does."""
    async with Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=lambda: NOW) as sandbox:
        print(sandbox.smtp_port, flush=True)
        await asyncio.Event().wait()


async def sent(send: Callable[[Mail], Awaitable[object]], sink: Sink, at_once: int) -> tuple[float, float]:
    """CPU-milliseconds a mail, here and in the sandbox."""
    waiting = mails(MAILS)

    async def worker() -> None:
        for mail in waiting:
            await send(mail)

    here, there = time.process_time(), sink.cpu()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return (time.process_time() - here) / MAILS * 1000, (sink.cpu() - there) / MAILS * 1000


async def by_smtp() -> tuple[float, float, float]:
    """CPU-milliseconds to write and send a mail; for the sandbox to take it; and to send it with `sendmail`."""
    async with Sink.running() as sink:
        async with mailer_of(f"smtp://127.0.0.1:{sink.port}", clock=lambda: NOW) as mailer:
            await sent(mailer.send, sink, AT_ONCE)
            here, there = await sent(mailer.send, sink, AT_ONCE)
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port) as smtp:

            async def sendmail(mail: Mail) -> None:
                await smtp.sendmail(mail.sender, [mail.recipient], message_of(mail, NOW))

            peer, _ = await sent(sendmail, sink, 1)
    return here, there, peer


def measure() -> list[Measured]:
    ours, theirs = written(lambda mail: message_of(mail, NOW), MAILS), written(with_email_message, MAILS // 5)
    here, there, peer = uvloop.run(by_smtp())
    return [
        Measured(
            "mail-compose",
            "to say what an unpaid invoice is about, in German, as text and as HTML",
            min(composing(MAILS) for _ in range(5)),
            "CPU-ms",
            target=0.06,
            less_is_better=True,
        ),
        Measured(
            "mail-write",
            "to write a mail with a document of 20 KB",
            ours,
            "CPU-ms",
            against="email.message.EmailMessage",
            ratio=theirs / ours,
            target=0.6,
            less_is_better=True,
        ),
        Measured(
            "mail-send",
            "to write it and hand it over by SMTP",
            here,
            "CPU-ms",
            against="aiosmtplib's sendmail",
            ratio=peer / here,
        ),
        Measured("mail-sandbox", "for the sandbox to take it", there, "CPU-ms"),
    ]


if __name__ == "__main__":
    uvloop.run(receive())

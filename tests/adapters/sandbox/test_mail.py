"""The mail sink over real SMTP: what it writes down, and how it fails on demand."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import aiosmtplib
import pytest

from adapters.mail.message import message_of
from adapters.sandbox import Sandbox
from adapters.sandbox.received import Received
from fakes.clock import NOON
from fakes.mails import a_mail
from fakes.sandbox_caller import Caller

PDF = bytes(range(256)) * 40


async def send(sandbox: Sandbox, message: bytes, to: str = "zaneta@example.com") -> None:
    """Delivers a message."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, timeout=5) as smtp:
        await smtp.sendmail("shop@example.com", [to], message)


async def test_a_mail_is_an_effect_of_its_tenant(sandbox: Sandbox, caller: Caller) -> None:
    mail = a_mail(attachment=PDF, subject="Rechnung für Żaneta INV1")
    await send(sandbox, message_of(mail, NOON))
    (effect,) = await caller.effects("mail")
    assert (effect["message_id"], effect["to"], effect["subject"]) == (mail.id, "zaneta@example.com", mail.subject)
    assert effect["attachments"] == [{"name": "INV1.pdf", "size": len(PDF), "sha256": sha256(PDF).hexdigest()}]


async def test_mails_can_be_read_as_they_came(sandbox: Sandbox, caller: Caller) -> None:
    message = message_of(a_mail(text="A line\n.\n..with dots\n"), NOON)
    await send(sandbox, message)
    _, listed = await caller.get("/_sandbox/mails?tenant=acme")
    (mail,) = listed["mails"]
    assert (mail["message_id"], mail["size"]) == ("abc123@invoicing.acme", len(message))
    async with caller.session.get(f"/_sandbox/mails/{mail['id']}") as response:
        assert response.content_type == "message/rfc822"
        assert await response.read() == message
    assert (await caller.get("/_sandbox/mails?tenant=globex"))[1] == {"mails": []}
    assert (await caller.get("/_sandbox/mails/nothing"))[0] == 404


@pytest.mark.parametrize("message", [b"", b".\r\n", b"Subject: \xff=?x?B?!?=\r\n\r\n\xfe", b"a" * 100_000])
async def test_whatever_comes_is_a_mail(sandbox: Sandbox, caller: Caller, message: bytes) -> None:
    await send(sandbox, message)
    (effect,) = await caller.effects("mail", tenant="")
    assert effect["attachments"] == []


async def test_an_empty_mail_ends_with_its_dot(sandbox: Sandbox, caller: Caller) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.smtp_port)
    writer.write(b"HELO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n.\r\nQUIT\r\n")
    replies = (await asyncio.wait_for(reader.read(), 5)).decode().split("\r\n")
    writer.close()
    assert [reply[:3] for reply in replies] == ["220", "250", "250", "250", "354", "250", "221", ""]
    (effect,) = await caller.effects("mail", tenant="")
    assert (effect["to"], effect["subject"]) == ("c@d.example", "")


async def test_a_reset_forgets_the_mails(sandbox: Sandbox, caller: Caller) -> None:
    await send(sandbox, message_of(a_mail(), NOON))
    await caller.post("/_sandbox/reset")
    assert (await caller.get("/_sandbox/mails"))[1] == {"mails": []}


async def test_a_mail_without_a_recipient_is_refused(sandbox: Sandbox, caller: Caller) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, timeout=5) as smtp:
        await smtp.mail("shop@example.com")
        with pytest.raises(aiosmtplib.SMTPDataError):
            await smtp.data(b"Subject: x\r\n\r\nx")
        await smtp.noop()
    assert await caller.effects("mail", tenant="") == []


@pytest.mark.parametrize(("kind", "mails"), [("error", 0), ("drop_before", 0), ("drop_after", 1), ("garbage", 1)])
async def test_a_mail_fails_as_it_is_told_to(sandbox: Sandbox, caller: Caller, kind: str, mails: int) -> None:
    await caller.fault(service="mail", operation="send", kind=kind, status=451, times=1)
    with pytest.raises(aiosmtplib.SMTPException):
        await send(sandbox, message_of(a_mail(), NOON))
    assert len(await caller.effects("mail")) == mails
    await send(sandbox, message_of(a_mail(), NOON))
    assert len(await caller.effects("mail")) == mails + 1


@pytest.mark.parametrize(("status", "code"), [(550, 550), (421, 421), (503, 451), (302, 451)])
async def test_an_error_is_a_reply_that_means_the_same(
    sandbox: Sandbox, caller: Caller, status: int, code: int
) -> None:
    await caller.fault(service="mail", kind="error", status=status)
    with pytest.raises(aiosmtplib.SMTPDataError) as raised:
        await send(sandbox, message_of(a_mail(), NOON))
    assert raised.value.code == code


async def test_a_mail_delivered_twice_has_one_id(sandbox: Sandbox, caller: Caller) -> None:
    await caller.fault(service="mail", kind="twice", times=1)
    await send(sandbox, message_of(a_mail(), NOON))
    assert [effect["message_id"] for effect in await caller.effects("mail")] == ["abc123@invoicing.acme"] * 2


async def test_a_mail_is_held_until_the_fault_is_gone(sandbox: Sandbox, caller: Caller) -> None:
    fault = await caller.fault(service="mail", kind="hold_before", times=1)
    sending = asyncio.create_task(send(sandbox, message_of(a_mail(), NOON)))
    await caller.sees_held()
    assert await caller.effects("mail") == []
    await caller.call("DELETE", f"/_sandbox/faults/{fault}")
    await sending
    assert len(await caller.effects("mail")) == 1


def test_attachments_are_found_in_nested_parts_and_in_any_encoding() -> None:
    message = (
        b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n'
        b'--a\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b'--b\r\nContent-Disposition: attachment; filename="x.txt"\r\n\r\nplain\r\n--b--\r\n'
        b'--a\r\nContent-Type: text/xml; name="y.xml"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n'
        b"--a\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--a--\r\n"
    )
    found = Received.of(message, ["a@b.example", "c@d.example"])
    assert [(part["name"], part["size"]) for part in found.attachments] == [("x.txt", 5), ("y.xml", 1), ("", 0)]
    assert found.to == "a@b.example, c@d.example"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment; filename=plain.pdf", "plain.pdf"),
        (b'attachment;\r\n\tfilename="a \\"b\\".pdf"', 'a "b".pdf'),
        (b"attachment; filename*0*=utf-8''Rechnung%20;\r\n filename*1*=%C3%BC.pdf", "Rechnung ü.pdf"),
        (b'ATTACHMENT; size=3; FileName="x;y.pdf"', "x;y.pdf"),
        (b"attachment", ""),
    ],
)
def test_attachments_are_named_in_whatever_way(disposition: bytes, name: str) -> None:
    message = (
        b"Content-Type: MULTIPART/Mixed;\r\n Boundary=a; charset=x\r\n\r\n--a\r\nContent-Disposition: "
        + disposition
        + b"\r\n\r\nabc\r\n--a--\r\n"
    )
    (found,) = Received.of(message, ["a@b.example"]).attachments
    assert (found["name"], found["size"]) == (name, 3)


@pytest.mark.parametrize("path", ["<a@b.example>", "a@b.example", '<"a b"@b.example>', "<@x,@y:a@b.example>"])
async def test_whatever_an_address_is_written_like_it_is_taken(sandbox: Sandbox, caller: Caller, path: str) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, timeout=5) as smtp:
        await smtp.ehlo()
        for command in (f"MAIL FROM:{path} SIZE=3", f"RCPT TO: {path}"):
            assert (await smtp.execute_command(command.encode())).code == 250
        await smtp.data(b"Subject: x\r\n\r\nx")
    (effect,) = await caller.effects("mail", tenant="")
    assert effect["to"].endswith("@b.example")


async def test_who_is_connected_when_the_sandbox_stops_does_not_keep_it(caller: Caller, sandbox: Sandbox) -> None:
    smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.smtp_port, timeout=5)
    await smtp.connect()
    smtp.close()

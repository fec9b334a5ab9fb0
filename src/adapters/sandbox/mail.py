"""The mail sink: takes every mail over SMTP and carries none on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakSet

from aiosmtpd.smtp import SMTP

from adapters.sandbox.faults import FaultKind, Struck
from adapters.sandbox.platform import SandboxPlatform
from adapters.sandbox.received import Received

LARGEST = 32 * 1024 * 1024
TAKEN = "250 taken"
LATER = 451
END = b".\r\n"

_PATH = re.compile(r"\s*<([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>(.*)")


class Connection(SMTP):
    """One client of the sink. Reads mails in large pieces: line by line, as is inherited, costs four times as much."""

    line_length_limit = LARGEST

    def __init__(self, platform: SandboxPlatform) -> None:
        super().__init__(
            None,
            hostname="sandbox",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._platform = platform

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """The mail itself (RFC 5321, 4.1.1.4)."""
        if await self.check_helo_needed():
            return
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if arg or not recipients:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._content()
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd has types, but not for this one
        await self.push("552 Error: Too much mail data" if content is None else await self._taken(content, recipients))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Address and parameters of a command, read at once where they are written as usual."""
        usual = _PATH.fullmatch(arg)
        return (usual[1], usual[2]) if usual else super()._getaddr(arg)

    def abort(self) -> None:
        """Closes the connection at once."""
        if self._writer is not None:
            self._writer.transport.abort()

    async def _content(self) -> bytes | None:
        """All up to the line with only a dot, other lines' doubled dots undone; None when it is too much."""
        read = bytearray()
        while read != END and not read.endswith(b"\r\n" + END):
            try:
                read += await self._reader.readuntil(END)
            except asyncio.LimitOverrunError:
                self.abort()
                return None
        return (b"\r\n" + read[: -len(END)]).replace(b"\r\n..", b"\r\n.")[2:]

    async def _taken(self, content: bytes, recipients: list[str]) -> str:
        """The reply to a mail."""
        mail = Received.of(content, recipients)

        async def take() -> str:
            self._platform.take_mail(mail)
            return TAKEN

        try:
            return await self._platform.faults.around("mail", "send", mail.tenant, take)
        except Struck as struck:
            return self._misbehaved(struck)

    def _misbehaved(self, struck: Struck) -> str:
        match struck.fault.kind:
            case FaultKind.ERROR:
                return f"{_code(struck.fault.status)} injected fault"
            case FaultKind.GARBAGE:
                return "?! <html>"
        self.abort()
        return TAKEN


def _code(status: int) -> int:
    """The reply's code. SMTP knows 500 to 504 only for bad commands: a server that fails so over HTTP says 451 here."""
    return LATER if status < 400 or 500 <= status <= 504 else status


@asynccontextmanager
async def receiving(platform: SandboxPlatform, host: str, port: int) -> AsyncIterator[int]:
    """Takes mails while the context lasts; on which port. Raises `OSError` when the address cannot be listened on."""
    connections: WeakSet[Connection] = WeakSet()

    def connected() -> Connection:
        connection = Connection(platform)
        connections.add(connection)
        return connection

    server = await asyncio.get_running_loop().create_server(connected, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(connections):
            connection.abort()
        await server.wait_closed()
        await asyncio.sleep(0)

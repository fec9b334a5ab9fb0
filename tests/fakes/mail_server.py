"""A mail server that says whatever a test wants, over real SMTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

SILENCE = "silence"
HANGS_UP = ""
LARGEST = 2**24


@dataclass(frozen=True, slots=True)
class Heard:
    """A line that a client sent, and whether it came over TLS."""

    line: str
    encrypted: bool


@dataclass(eq=False)
class MailServer:
    """Speaks just enough SMTP. `says` maps a verb to its answers, in order, the last for ever; `.` ends a mail."""

    says: dict[str, list[str]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    most_open: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        usual = {"hello": "220 here", "EHLO": "250-here\r\n250 8BITMIME", "DATA": "354 go on", ".": "250 taken"}
        logging_in = {"AUTH": "235 welcome", "STARTTLS": "220 go on", "QUIT": "221 bye"}
        self.says = {verb: [answer] for verb, answer in {**usual, **logging_in}.items()} | self.says
        self._served: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    def verbs(self) -> list[str]:
        """What was heard, without arguments."""
        return [heard.line.split()[0].upper() for heard in self.heard]

    def offers(self, *extensions: str) -> None:
        """What the answer to EHLO lists."""
        self.says["EHLO"] = ["250-here" + "".join(f"\r\n250-{name}" for name in extensions) + "\r\n250 HELP"]

    async def drop_all(self, farewell: bytes = b"") -> None:
        """Closes every connection, as servers do with those that say nothing."""
        for writer in self._served:
            writer.write(farewell)
            writer.close()
        await self.all_left()

    async def all_left(self) -> None:
        """Returns when no connection is open."""
        if self._served:
            await asyncio.wait(list(self._served.values()))

    @asynccontextmanager
    async def running(self, *, smtps: bool = False) -> AsyncIterator[MailServer]:
        """The server on a free port of this machine."""
        tls = self.tls if smtps else None
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls, limit=LARGEST)
        self.port = listener.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            listener.close()
            await self.drop_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._served[writer] = asyncio.current_task()
        self.connections += 1
        self.most_open = max(len(self._served), self.most_open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._converse(reader, writer)
        finally:
            del self._served[writer]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = "hello"
        while answer := await self._answer(verb, reader, writer):
            if verb == "STARTTLS" and answer.startswith("220"):
                await self._encrypt(writer)
            line = (await reader.readline()).decode()
            if not line:
                return
            self.heard.append(Heard(line.rstrip(), writer.get_extra_info("sslcontext") is not None))
            verb = line.split()[0].upper()
            if verb == "DATA" and (await self._answer(verb, reader, writer)).startswith("354"):
                self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = "."

    async def _encrypt(self, writer: asyncio.StreamWriter) -> None:
        before = writer.transport
        try:
            await writer.start_tls(self.tls)
        except AttributeError as lost:  # Python 3.11 forgets the transport when the client ends the handshake
            writer._transport = before
            raise ConnectionResetError from lost

    async def _answer(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        answers = self.says.get(verb, ["250 ok"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == SILENCE:
            await reader.read()
            return HANGS_UP
        writer.write(f"{answer}\r\n".encode() if answer else b"")
        await writer.drain()
        return answer

"""The one seam to the platform's HTTP: what goes wrong out there becomes the domain's words here, and nowhere else.

No other module reads an HTTP status. Error bodies differ from service to service, so the status decides and the body is
only quoted. Nothing is tried twice, but for a token that is renewed once, and a GET that aiohttp repeats when its
connection is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
import structlog
from yarl import URL

from adapters.platform.complaints import said_in, shape_error
from adapters.platform.pace import Pace
from domain.errors import InDoubt, InvoicingError, Misconfigured, PlatformDenied, Postponed, Unavailable

T = TypeVar("T")

MAX_BODY = 10 * 1024 * 1024
"""The platform's own limit for a body (standard practices, bulk request limits)."""
LONGEST_RETRY_AFTER = timedelta(hours=1)
PAUSE = timedelta(seconds=1)
"""How long a tenant's calls rest when the platform asks to wait and does not say how long."""

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Call:
    """A request.

    `doubt` is given where the call changes something and must not be made twice: it is the reason of the `InDoubt` that
    is raised when its outcome stays unknown. `scope` is what a token needs for it; `secret` (the token) never comes
    back in an error.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    doubt: str | None = None
    scope: str = ""
    secret: str = field(default="", repr=False)

    @property
    def target(self) -> str:
        """Path and query, ready for the wire."""
        return f"{self.path}?{urlencode(self.params, quote_via=quote)}" if self.params else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path[:120]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said. `total` is how many things a list has in all, where it was told (`X-Total-Count`)."""

    body: bytes = field(repr=False)
    total: int | None = None


class Refusal(Misconfigured):
    """The platform understood, and said no. `said` are its own words, shortened. Nothing was done."""

    def __init__(self, call: Call | str, said: str) -> None:
        super().__init__(f"the platform refused {call}{_colon(said)}")
        self.said = said


class Absent(Refusal):
    """There is no such thing."""


class Outdated(Refusal):
    """The state of things forbids it, often because someone else changed them first."""


class Misshapen(Unavailable):
    """The answer is JSON, but not what was promised. `field` is the path of what is wrong."""

    def __init__(self, call: Call, where: str, problem: str) -> None:
        super().__init__(f"the platform's answer to {call} cannot be read: {where or 'it'} {problem}")
        self.field = where
        self.problem = problem


class Throttled(Unavailable):
    """Too many calls: the platform asks the tenant to wait. Nothing was done."""


class Unauthorized(PlatformDenied):
    """The token is not, or no longer, good."""


class Tokens(Protocol):
    """Where bearer tokens come from."""

    async def token(self) -> str:
        """A token that should be good. Raises `PlatformDenied`, `Unavailable`."""

    def forget(self, token: str) -> None:
        """The platform does not take this token any more."""


def path(*segments: str) -> str:
    """A path of these names, whatever characters they have. Raises `Absent` for what can never be a name in a path."""
    for segment in segments:
        if segment in {"", ".", ".."}:
            raise Absent(f"the name {segment!r}", "nothing is called so")
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def json_body(content: object) -> bytes:
    """The content as JSON; decimals become numbers, digit by digit."""
    return _encode(content)


def read(call: Call, answer: Answer, decoder: msgspec.json.Decoder[T]) -> T:
    """The answer in the shape it was promised to have.

    Raises `Misshapen` for JSON of another shape, `Unavailable` for what is no JSON; `InDoubt` for both where the call
    must not be made twice.
    """
    try:
        answer.body.decode()  # RFC 8259, 8.1: what is skipped unread must be UTF-8 too, for others may read it yet
        return decoder.decode(answer.body)
    except msgspec.ValidationError as error:
        where, problem = shape_error(str(error))
        if call.doubt:
            raise _lost(call, f"the answer cannot be read: {where or 'it'} {problem}") from error
        raise Misshapen(call, where, problem) from error
    except (ValueError, RecursionError) as error:
        raise _lost(call, "the answer is not JSON") from error


class Line:
    """One tenant's connections to the platform: kept alive, bounded in number, never following a redirect.

    `secret` is the tenant's own: no error quotes it, whoever repeats it to us.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: str, clock: Callable[[], datetime], *, tenant: str, secret: str
    ) -> None:
        self._session = session
        self._url = url
        self._clock = clock
        self._tenant = tenant
        self._secret = secret
        self._under_way = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closed = False

    async def exchange(self, call: Call, headers: dict[str, str], deadline: float) -> Answer:
        """Sends the call once and gives the answer, if that is a success and came before the deadline (loop time).

        Raises `Unauthorized`, `PlatformDenied`, `Absent`, `Outdated`, `Refusal` (not done), `Unavailable` (not sent, or
        harmless to repeat), `InDoubt` (sent, outcome unknown, and not to be repeated).
        """
        if asyncio.get_running_loop().time() >= deadline:
            raise Unavailable(f"{call} was not sent: the time for it was over")
        if self._closed:
            raise Unavailable(f"{call} was not sent: these connections are being closed")
        self._under_way += 1
        self._quiet.clear()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(call, headers)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise Unavailable(f"the platform cannot be reached: {call} was not sent") from error
        except TimeoutError as error:
            raise _lost(call, "no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(call, "the connection was lost") from error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    async def close(self) -> None:
        """Takes no call any more, and returns when the last one has ended."""
        self._closed = True
        await self._quiet.wait()

    async def _exchange(self, call: Call, headers: dict[str, str]) -> Answer:
        url = URL(self._url + call.target, encoded=True)
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        async with self._session.request(
            call.method, url, data=call.body, headers=headers, allow_redirects=False
        ) as response:
            body = await _bounded(call, response)
            if 200 <= response.status < 300:
                return Answer(body, _total(response))
            said = said_in(body, secrets=(call.secret, self._secret))
            error = _error(call, response, said, self._clock)
            told = {"call": str(call), "status": response.status, "problem": error.message}
            _log.info("platform call failed", tenant=self._tenant, **told)
            raise error


class Wire:
    """What the adapters of one tenant speak through: calls with a token, in turn, within one time limit each."""

    def __init__(self, line: Line, tokens: Tokens, pace: Pace, *, tenant: str, timeout: timedelta) -> None:
        self.tenant = tenant
        self._line = line
        self._tokens = tokens
        self._pace = pace
        self._timeout = timeout.total_seconds()

    async def send(self, call: Call) -> Answer:
        """Makes the call with a token, renewed once if it is not taken.

        Raises what `Line.exchange` raises, and `Postponed` (not sent: its turn would not have come in time).
        """
        deadline = asyncio.get_running_loop().time() + self._timeout
        try:
            return await self._send(call, deadline)
        except Unauthorized:
            return await self._send(call, deadline)

    async def ask(self, call: Call, decoder: msgspec.json.Decoder[T]) -> T:
        """Makes the call and reads its answer. Raises what `Line.exchange` and `read` raise."""
        return read(call, await self.send(call), decoder)

    async def _send(self, call: Call, deadline: float) -> Answer:
        await self._turn(call, deadline)
        token = await self._token(call, deadline)
        headers = {"Authorization": f"Bearer {token}", "Emporix-Tenant": self.tenant}
        try:
            return await self._line.exchange(replace(call, secret=token), headers, deadline)
        except Unauthorized:
            self._tokens.forget(token)
            raise
        except Throttled as haste:
            self._pause(haste)
            raise

    async def _turn(self, call: Call, deadline: float) -> None:
        wait = await self._pace.turn(deadline)
        if wait is not None:
            raise Postponed(f"{call} was not sent: other calls of the tenant go first, or the platform rests", wait)

    async def _token(self, call: Call, deadline: float) -> str:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._tokens.token()
        except TimeoutError as error:
            raise Unavailable(f"{call} was not sent: the platform gave no token in time") from error
        except Throttled as haste:
            self._pause(haste)
            raise

    def _pause(self, haste: Throttled) -> None:
        """All calls of the tenant rest, so that not each of them has to be told."""
        wait = PAUSE if haste.retry_after is None else haste.retry_after
        _log.warning("the platform asks to wait", tenant=self.tenant, seconds=wait.total_seconds())
        self._pace.pause(wait)


async def _bounded(call: Call, response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY:
            raise _lost(call, f"the answer is longer than {MAX_BODY} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _total(response: aiohttp.ClientResponse) -> int | None:
    told = response.headers.get("X-Total-Count", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _error(call: Call, response: aiohttp.ClientResponse, said: str, clock: Callable[[], datetime]) -> InvoicingError:
    status = response.status
    if status == 401:
        return Unauthorized(f"the platform does not accept our token for {call}{_colon(said)}")
    if status == 403:
        needs = f", which needs the scope {call.scope}" if call.scope else ""
        return PlatformDenied(f"the platform forbids {call}{needs}{_colon(said)}")
    if status in {425, 429}:
        return Throttled(f"the platform asks to wait with {call}", retry_after=_retry_after(response, clock))
    if status == 404:
        return Absent(call, said)
    if status == 409:
        return Outdated(call, said)
    if 400 <= status < 500 and status != 408:
        return Refusal(call, said)
    return _lost(call, f"it answered {status}{_colon(said)}", _retry_after(response, clock))


def _lost(call: Call, what: str, retry_after: timedelta | None = None) -> InDoubt | Unavailable:
    if call.doubt:
        return InDoubt(f"whether {call} was done is unknown: {what}", reason=call.doubt)
    return Unavailable(f"the platform failed at {call}: {what}", retry_after=retry_after)


def _retry_after(response: aiohttp.ClientResponse, clock: Callable[[], datetime]) -> timedelta | None:
    """How long the platform asks to wait (RFC 9110, 10.2.3: seconds or a date), within bounds."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return timedelta(seconds=min(int(told[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - clock()
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _colon(said: str) -> str:
    return f": {said}" if said else ""

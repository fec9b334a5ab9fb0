"""Access tokens: asked for once, however many calls need one, and kept until shortly before they expire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import msgspec
import structlog

from adapters.platform.memory import Memory
from adapters.platform.wire import Call, Line, Refusal, read
from domain.errors import PlatformDenied

MARGIN = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class _Token(msgspec.Struct):
    """`oauth.yaml`, the 200 of POST /oauth/token."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z", max_length=16_384)]  # it goes into a header
    expires_in: int = 300
    scope: str | None = None

    @property
    def lifetime(self) -> timedelta:
        """How long it is surely good: less a minute, or half of a life that is shorter than two."""
        life = timedelta(seconds=min(max(self.expires_in, 0), 86_400))
        return max(life - MARGIN, life / 2)


_token = msgspec.json.Decoder(_Token, strict=False)


class ClientCredentials:
    """One tenant's tokens, by client credentials (`oauth.yaml`). The secret leaves it only in the request for one."""

    def __init__(
        self,
        line: Line,
        *,
        tenant: str,
        client_id: str,
        client_secret: str,
        scopes: Iterable[str],
        timeout: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._line = line
        self._tenant = tenant
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = tuple(scopes)
        self._timeout = timeout.total_seconds()
        self._memory: Memory[str, _Token] = Memory(clock, lifetime=lambda token: token.lifetime)
        self._latest: _Token | None = None

    async def token(self) -> str:
        """A token that should be good. Raises `PlatformDenied` when the credentials are refused, `Unavailable`."""
        self._latest = await self._memory.recall(self._tenant, self._ask)
        return self._latest.access_token

    async def granted(self) -> frozenset[str]:
        """Which of the scopes asked for the key has. Raises what `token` raises."""
        token = await self._memory.recall(self._tenant, self._ask)
        return frozenset(self._scopes if token.scope is None else token.scope.split())

    def forget(self, token: str) -> None:
        """The platform does not take this token any more."""
        if self._latest is not None and self._latest.access_token == token:
            self._memory.forget(self._tenant, self._latest)

    async def close(self) -> None:
        """Gives up a request for a token that is still under way."""
        await self._memory.close()

    async def _ask(self) -> _Token:
        call = Call("POST", "/oauth/token", (), self._form(), "application/x-www-form-urlencoded")
        deadline = asyncio.get_running_loop().time() + self._timeout
        try:
            answer = await self._line.exchange(call, {}, deadline)
        except (PlatformDenied, Refusal) as error:
            raise PlatformDenied(f"the platform refuses the credentials of tenant {self._tenant}") from error
        token = read(call, answer, _token)
        self._warn_of_lacking_scopes(token)
        return token

    def _form(self) -> bytes:
        """The tenant's name at the end of the scope asks for a token of that tenant and no other."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": " ".join((*self._scopes, f"tenant={self._tenant}")),
        }
        return urlencode(form).encode()

    def _warn_of_lacking_scopes(self, token: _Token) -> None:
        """The platform drops scopes that a key lacks without a word; the call that needs one fails later."""
        lacking = sorted(set(self._scopes) - set((token.scope or " ".join(self._scopes)).split()))
        if lacking:
            _log.warning("the platform key lacks scopes", tenant=self._tenant, lacking=lacking)

"""A call of the platform: what it needs, and what it does for whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from adapters.sandbox.answers import Json, answer
from adapters.sandbox.listing import Listing, Pages
from adapters.sandbox.platform import Account


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that has been let in: by whom, with which scopes."""

    request: web.Request
    account: Account
    scopes: frozenset[str]

    def named(self, name: str) -> str:
        """A name in the path."""
        return self.request.match_info[name]

    def told(self, name: str) -> str:
        """A parameter of the query; empty when it is left out."""
        return self.request.query.get(name, "")

    async def body(self) -> bytes:
        """What was sent."""
        return await self.request.read()

    def listing(self, pages: Pages) -> Listing:
        """The list that the parameters ask for. Raises `Refused`."""
        params = self.request.query
        return Listing.of(params, params.get("q", ""), pages)

    @property
    def base(self) -> str:
        """Where the caller reaches the sandbox."""
        return f"{self.request.scheme}://{self.request.host}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the platform. Any one of the scopes opens it; without scopes, any token of the tenant does."""

    method: str
    path: str
    service: str
    operation: str
    act: Callable[[Asked], Awaitable[web.Response]]
    scopes: tuple[str, ...] = ()


def listed(asked: Asked, documents: list[Json], total: int) -> web.Response:
    """A page; how many there are on all pages only for who asks (`X-Total-Count`)."""
    wanted = asked.request.headers.get("X-Total-Count", "").lower() == "true"
    return answer(documents, headers={"X-Total-Count": str(total)} if wanted else None)

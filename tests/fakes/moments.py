"""The moments before and after every call of a port: where a process may die, an answer get lost, a worker be late."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from domain.invoicing import Invoicing
from domain.order import TenantId
from domain.ports import Tenant, Tenants
from fakes.service import FakeService

COLLABORATORS = ("jobs", "journal", "pdf", "archive", "mailer")
PLATFORM = ("orders", "configurations", "sequences", "sites", "payments", "customers")


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Just before a call of a port has its effect, or just after."""

    port: str
    call: str
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.port}.{self.call}"


Passing = Callable[[Moment], Awaitable[None]]


class Watched:
    """A port whose every call passes two moments."""

    def __init__(self, port: object, name: str, passing: Passing) -> None:
        self._port = port
        self._name = name
        self._passing = passing

    def __getattr__(self, call: str) -> Any:
        method = getattr(self._port, call)
        if not inspect.iscoroutinefunction(method):
            return method

        async def watched(*args: Any, **options: Any) -> Any:
            await self._passing(Moment(self._name, call, after=False))
            answer = await method(*args, **options)
            await self._passing(Moment(self._name, call, after=True))
            return answer

        return watched


class _WatchedTenants:
    """`domain.ports.Tenants` whose platform is watched."""

    def __init__(self, tenants: Tenants, passing: Passing) -> None:
        self._tenants = tenants
        self._passing = passing

    def tenant(self, tenant: TenantId) -> Tenant:
        """The tenant."""
        known = self._tenants.tenant(tenant)
        return replace(known, **_watched(known, PLATFORM, self._passing))


class At:
    """Lets something happen at the moment with this number, and remembers all moments passed."""

    def __init__(self, number: int, happens: Passing) -> None:
        self.passed: list[Moment] = []
        self._number = number
        self._happens = happens

    async def __call__(self, moment: Moment) -> None:
        self.passed.append(moment)
        if len(self.passed) == self._number + 1:
            await self._happens(moment)


def watched(service: FakeService, passing: Passing) -> Invoicing:
    """The service as another worker runs it, on the same records and the same platform."""
    has = replace(service.invoicing.has, **_watched(service.invoicing.has, COLLABORATORS, passing))
    return replace(service.invoicing, has=has, tenants=cast("Tenants", _WatchedTenants(service.tenants, passing)))


def _watched(owner: object, names: tuple[str, ...], passing: Passing) -> dict[str, Any]:
    return {name: Watched(getattr(owner, name), name, passing) for name in names}

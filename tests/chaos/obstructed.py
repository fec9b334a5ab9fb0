"""`invoicing serve` with obstacles: points at which the work on a tenant's order stops for ever, fails, or freezes.

    python obstructed.py '{"acme": ["stop", "before payments.capture", 1]}'

An obstacle is what happens (`stop`, `fail`, or `freeze` for the whole process), at which moment of a port's call, and
the how many-eth time the tenant's work comes by. `during` is the moment in which a commit of the store, or the name of
an archived file, is not there yet. Whoever waits for it reads the line `{"event": "met"}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy
from dependency_injector import providers
from sqlalchemy import event

from app.cli import app
from app.container import Container
from domain.errors import InvoicingError, RenderFailed, StoreUnavailable, Unavailable
from domain.invoicing import Invoicing
from domain.order import TenantId
from domain.ports import Tenant, Tenants
from fakes.moments import COLLABORATORS, PLATFORM, Moment, Watched

STORE = ("jobs", "journal")
WRITER = "store-writer"
_at_work: ContextVar[str] = ContextVar("tenant", default="")


@dataclass(slots=True)
class Obstacle:
    """What happens where; `left` is how often the tenant's work must come by."""

    act: str
    moment: str
    left: int


class Obstacles:
    """Those that are not met yet, by tenant; each is met once."""

    def __init__(self, wanted: dict[str, tuple[str, str, int]]) -> None:
        self._waiting = {tenant: Obstacle(*obstacle) for tenant, obstacle in wanted.items()}
        self._at_commit: Obstacle | None = None

    async def __call__(self, moment: Moment) -> None:
        """What happens at this moment of the work on a tenant's order."""
        if moment.port in STORE and not moment.after:
            self._at_commit = self._met(f"during {moment.port}.{moment.call}") or self._at_commit
        obstacle = self._met(str(moment))
        if obstacle is None:
            return
        _tell()
        match obstacle.act:
            case "stop":
                await asyncio.Event().wait()
            case "freeze":
                _freeze()
            case "fail":
                raise _failure(moment)

    def before_commit(self, _: object) -> None:
        """The store has written, and commits next."""
        if self._at_commit is not None and threading.current_thread().name == WRITER:
            obstacle, self._at_commit = self._at_commit, None
            _stop_thread(obstacle)

    def before_naming(self, event_: str, _: tuple[Any, ...]) -> None:
        """A file is written, and is given its name next."""
        obstacle = self._met("during archive.put") if event_ == "os.link" else None
        if obstacle is not None:
            _stop_thread(obstacle)

    def _met(self, moment: str) -> Obstacle | None:
        """The obstacle of the tenant at work, if it is here and its time has come."""
        obstacle = self._waiting.get(_at_work.get())
        if obstacle is None or obstacle.moment != moment:
            return None
        obstacle.left -= 1
        return None if obstacle.left else self._waiting.pop(_at_work.get())


class ObstructedTenants:
    """`domain.ports.Tenants` whose platforms are watched. Whoever asks for a tenant works for it from then on."""

    def __init__(self, tenants: Tenants, obstacles: Obstacles) -> None:
        self._tenants = tenants
        self._obstacles = obstacles

    def tenant(self, tenant: TenantId) -> Tenant:
        """The tenant."""
        _at_work.set(tenant)
        watched: Tenant = _watched(self._tenants.tenant(tenant), PLATFORM, self._obstacles)
        return watched


def _watched(owner: Any, names: tuple[str, ...], obstacles: Obstacles) -> Any:
    return replace(owner, **{name: Watched(getattr(owner, name), name, obstacles) for name in names})


def _tell() -> None:
    sys.stdout.write('{"event": "met"}\n')
    sys.stdout.flush()


def _freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _stop_thread(obstacle: Obstacle) -> None:
    """Stops whatever waits for this thread; a process that freezes goes on when it is woken up."""
    _tell()
    if obstacle.act == "freeze":
        _freeze()
    else:
        threading.Event().wait()


def _failure(moment: Moment) -> InvoicingError:
    """How the port fails by itself."""
    if moment.port in STORE:
        return StoreUnavailable("the disk is full")
    return RenderFailed("the worker died") if moment.port == "pdf" else Unavailable("the archive is away")


def serve(obstacles: Obstacles) -> None:
    """Serves, until it is killed."""
    event.listen(sqlalchemy.Engine, "commit", obstacles.before_commit)
    sys.addaudithook(obstacles.before_naming)
    inner = Container.invoicing

    def obstructed(service: Invoicing) -> Invoicing:  # a closure: what providers are given is copied
        has = _watched(service.has, COLLABORATORS, obstacles)
        return replace(service, tenants=ObstructedTenants(service.tenants, obstacles), has=has)

    inner.override(providers.Singleton(obstructed, providers.Singleton(inner.provides, *inner.args)))
    app(["serve"])


if __name__ == "__main__":
    serve(Obstacles(json.loads(sys.argv[1])))

"""A platform with one tenant to try the ports on: in memory, or the sandbox over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

import aiohttp
import msgspec

from adapters.platform import Platform
from adapters.sandbox import Sandbox
from domain.errors import InDoubt, InvoicingError, Unavailable
from domain.order import Order, Profile, TenantId
from domain.ports import Configurations, Customers, Orders, Payments, Sequences, Sites
from fakes.clock import FakeClock
from fakes.orders import document_of
from fakes.platform import FakeConfigurations, FakeCustomers, FakeOrders, FakePayments, FakeSequences, FakeSites
from fakes.trouble import Trouble

ACME = TenantId("acme")
MOMENT = 0.3
"""Seconds after which whoever is hurried gives up."""


class Mishap(StrEnum):
    """How the next call fails, in the sandbox's words."""

    ERROR = "error"
    """An answer of 503; nothing was done."""
    DROPPED_BEFORE = "drop_before"
    """No answer; nothing was done."""
    DROPPED_AFTER = "drop_after"
    """No answer; it was done."""
    GARBAGE = "garbage"
    """An answer that nobody understands; it was done."""
    SILENT = "hold_before"
    """No answer as long as anyone waits; nothing was done."""
    LATE = "hold_after"
    """No answer as long as anyone waits; it was done."""

    @property
    def has_effect(self) -> bool:
        """Whether what was asked for was done all the same."""
        return self in {Mishap.DROPPED_AFTER, Mishap.GARBAGE, Mishap.LATE}

    @property
    def is_prompt(self) -> bool:
        """Whether one knows at once."""
        return self not in {Mishap.SILENT, Mishap.LATE}


class World(Protocol):
    """What a contract test needs of a platform, besides its ports."""

    @property
    def orders(self) -> Orders: ...
    @property
    def configurations(self) -> Configurations: ...
    @property
    def sequences(self) -> Sequences: ...
    @property
    def sites(self) -> Sites: ...
    @property
    def payments(self) -> Payments: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def hurried(self) -> World:
        """The same platform, for whoever waits only a moment for an answer."""

    async def add(self, *orders: Order) -> None:
        """Orders the platform has from now on, the transactions of their payments authorised."""

    async def introduce(self, customer_id: str, profile: Profile) -> None:
        """A customer the platform knows from now on."""

    async def others_change_orders(self, times: int) -> None:
        """So often, someone changes the order just before our next write."""

    async def goes_wrong(self, service: str, operation: str, mishap: Mishap) -> None:
        """Lets the next call of this operation fail so."""

    async def deactivate_series(self) -> None:
        """From now on no schema of the series is active."""

    async def effects(self, kind: str) -> int:
        """How many captures, refunds (`capture`, `refund`), numbers (`number`) or written orders (`order_patched`)."""


class FakeWorld:
    """The fakes, as a platform."""

    def __init__(self) -> None:
        self.orders = FakeOrders()
        self.configurations = FakeConfigurations()
        self.sequences = FakeSequences()
        self.sites = FakeSites()
        self.payments = FakePayments()
        self.customers = FakeCustomers()

    @property
    def hurried(self) -> FakeWorld:
        """Nobody waits here."""
        return self

    async def add(self, *orders: Order) -> None:
        """Puts orders where the fakes find them."""
        self.orders.add(*orders)
        self.customers.profiles.update({order.customer.id: Profile(order.customer.email) for order in orders})
        for payment in (payment for order in orders for payment in order.payments):
            if payment.transaction_id:
                self.payments.authorize(payment.transaction_id, payment.authorized)

    async def introduce(self, customer_id: str, profile: Profile) -> None:
        """Puts a profile where the fake finds it."""
        self.customers.profiles[customer_id] = profile

    async def others_change_orders(self, times: int) -> None:
        """Counts down with each write."""
        self.orders.others = times

    async def goes_wrong(self, service: str, operation: str, mishap: Mishap) -> None:
        """What an adapter makes of the mishap strikes the fake."""
        trouble: Trouble = getattr(self, service).trouble
        unsafe = operation in {"capture", "refund", "next_id"}
        error: InvoicingError = InDoubt("unknown") if unsafe else Unavailable("away")
        if operation == "next_id":
            error.reason = "PLATFORM_UNAVAILABLE"
        if mishap.has_effect and operation in {"capture", "refund", "next_id", "patch"}:
            trouble.strikes_after(error)
        else:
            trouble.strikes_before(error)

    async def deactivate_series(self) -> None:
        """Switches the fake's series off."""
        self.sequences.active = False

    async def effects(self, kind: str) -> int:
        """Counts what the fakes remember."""
        known: dict[str, Sequence[Any]] = {
            "capture": self.payments.captured,
            "refund": self.payments.returned,
            "number": self.sequences.drawn,
            "order_patched": self.orders.marks,
        }
        return len(known[kind])


class SandboxWorld:
    """The adapters over real HTTP, and the sandbox they speak to."""

    def __init__(self, platform: Platform, control: aiohttp.ClientSession, hurried: SandboxWorld | None = None) -> None:
        self.hurried = hurried or self
        self.orders = platform.orders
        self.configurations = platform.configurations
        self.sequences = platform.sequences
        self.sites = platform.sites
        self.payments = platform.payments
        self.customers = platform.customers
        self._control = control

    async def add(self, *orders: Order) -> None:
        """Sends the documents of the orders."""
        body = {"tenant": ACME, "orders": [document_of(order) for order in orders]}
        await self._post("/_sandbox/orders", msgspec.json.Encoder(decimal_format="number").encode(body))

    async def introduce(self, customer_id: str, profile: Profile) -> None:
        """Sends the profile as the platform has it."""
        told = {
            "customerNumber": customer_id,
            "contactEmail": profile.email,
            "preferredLanguage": profile.language or None,
        }
        await self._post("/_sandbox/customers", msgspec.json.encode({"tenant": ACME, "customers": [told]}))

    async def others_change_orders(self, times: int) -> None:
        """The platform answers that the version is stale."""
        await self._fault("orders", "patch", "error", status=409, times=times)

    async def deactivate_series(self) -> None:
        """The platform answers that there is no active schema."""
        await self._fault("sequences", "next_id", "error", status=404, times=1000)

    async def goes_wrong(self, service: str, operation: str, mishap: Mishap) -> None:
        """Lets the sandbox misbehave once; twice where aiohttp repeats a GET whose connection was lost."""
        named = "configuration" if service == "configurations" else service
        lost = mishap in {Mishap.DROPPED_BEFORE, Mishap.DROPPED_AFTER}
        await self._fault(named, operation, mishap, times=2 if lost and operation == "get" else 1)

    async def _fault(self, service: str, operation: str, kind: str, *, status: int = 503, times: int = 1) -> None:
        fault = {"service": service, "operation": operation, "kind": kind, "status": status, "times": times}
        await self._post("/_sandbox/faults", msgspec.json.encode(fault))

    async def effects(self, kind: str) -> int:
        """Counts the sandbox's effect log."""
        async with self._control.get("/_sandbox/effects", params={"tenant": ACME}) as response:
            effects = (await response.json())["effects"]
            return sum(effect["kind"] == kind for effect in effects)

    async def _post(self, path: str, body: bytes) -> None:
        async with self._control.post(path, data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status < 300, await response.text()


def a_sandbox() -> AbstractAsyncContextManager[Sandbox]:
    """The sandbox on free ports of this machine."""
    return Sandbox.running(listen="127.0.0.1:0", smtp_listen="127.0.0.1:0", clock=FakeClock())


def a_platform(url: str, tenant: TenantId, *, patience: float = 5) -> AbstractAsyncContextManager[Platform]:
    """The tenant's adapters, connected to the sandbox at this URL; how many seconds they wait for an answer."""
    return Platform.connected(
        url=url,
        tenant=tenant,
        client_id="sandbox",
        client_secret="sandbox",
        clock=FakeClock(),
        timeout=timedelta(seconds=patience),
        archives=True,
    )


@asynccontextmanager
async def sandbox_world() -> AsyncIterator[SandboxWorld]:
    """The sandbox on free ports of this machine, and one tenant's adapters connected to it."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(a_sandbox())
        platform = await stack.enter_async_context(a_platform(sandbox.url, ACME))
        hurried = await stack.enter_async_context(a_platform(sandbox.url, ACME, patience=MOMENT))
        control = await stack.enter_async_context(aiohttp.ClientSession(sandbox.url))
        yield SandboxWorld(platform, control, SandboxWorld(hurried, control))

"""All the sandbox knows: two tenants and what they have, the mails, the faults, the effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from adapters.sandbox.configurations import Configurations
from adapters.sandbox.counters import Counters
from adapters.sandbox.demo import demo_orders
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.faults import Faults
from adapters.sandbox.media import Media
from adapters.sandbox.oauth import Tokens
from adapters.sandbox.orders import OrderBook
from adapters.sandbox.payments import Gateway
from adapters.sandbox.received import Received
from adapters.sandbox.sequences import Sequences

TENANTS = ("acme", "globex")
WITH_DEMO_ORDERS = "acme"


@dataclass(frozen=True, slots=True)
class Account:
    """What one tenant has at the platform."""

    tenant: str
    orders: OrderBook
    configurations: Configurations
    sequences: Sequences
    gateway: Gateway
    media: Media


class SandboxPlatform:
    """The state behind all faces of the sandbox."""

    def __init__(self, clock: Callable[[], datetime], chance: Random, counters: Counters) -> None:
        self._clock = clock
        self.effects = EffectLog(clock)
        self.faults = Faults(self.effects, chance)
        self.tokens = Tokens(frozenset(TENANTS), clock)
        self.mails: dict[str, Received] = {}
        self._sequences = {tenant: Sequences(tenant, self.effects, clock, counters) for tenant in TENANTS}
        self.accounts = self._opened()

    def reset(self) -> None:
        """As at the start. Numbers, the effects' `seq` and tokens go on, for whoever talks to it remembers them."""
        self.faults.lift_all()
        self.effects.clear()
        self.mails.clear()
        for sequences in self._sequences.values():
            sequences.reset()
        self.accounts = self._opened()

    def take_mail(self, mail: Received) -> None:
        """Keeps a mail that was delivered."""
        self.mails[mail.id] = mail
        self.effects.add(mail.tenant, "mail", **mail.facts)

    def _opened(self) -> dict[str, Account]:
        accounts = {tenant: self._account(tenant) for tenant in TENANTS}
        for order in demo_orders(self._clock()):
            accounts[WITH_DEMO_ORDERS].orders.put(order)
        return accounts

    def _account(self, tenant: str) -> Account:
        gateway = Gateway(tenant, self.effects, self._clock)
        return Account(
            tenant=tenant,
            orders=OrderBook(tenant, self.effects, gateway),
            configurations=Configurations(tenant),
            sequences=self._sequences[tenant],
            gateway=gateway,
            media=Media(tenant, self.effects),
        )

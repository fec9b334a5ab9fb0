"""All the sandbox knows: the tenants and what they have, the mails, the faults, the effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from adapters.sandbox.answers import Json
from adapters.sandbox.configurations import Configurations
from adapters.sandbox.counters import Counters
from adapters.sandbox.customers import Customers
from adapters.sandbox.demo import EVERYONE, demo_orders
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.faults import Faults
from adapters.sandbox.media import Media
from adapters.sandbox.oauth import Key, Tokens
from adapters.sandbox.orders import OrderBook
from adapters.sandbox.payments import Gateway
from adapters.sandbox.received import Received
from adapters.sandbox.sequences import Sequences
from adapters.sandbox.shelf import Place, Shelf
from adapters.sandbox.sites import Sites

TENANTS = ("acme", "globex")
WITH_DEMO_ORDERS = "acme"


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail without its bytes, and where they lie."""

    mail: Received
    place: Place

    @property
    def summary(self) -> Json:
        """What is told of it in a list."""
        return {"id": self.mail.id, "tenant": self.mail.tenant, "size": self.place.size, **self.mail.facts}


@dataclass(frozen=True, slots=True)
class Account:
    """What one tenant has at the platform."""

    tenant: str
    orders: OrderBook
    configurations: Configurations
    sequences: Sequences
    sites: Sites
    gateway: Gateway
    media: Media
    customers: Customers

    def add_order(self, order: Json) -> None:
        """Adds an order, or replaces the one with its id; its payments are authorised, its buyer a customer."""
        self.orders.put(order)
        self.gateway.authorize(order)
        self.customers.learn(order)


class SandboxPlatform:
    """The state behind all faces of the sandbox."""

    def __init__(self, clock: Callable[[], datetime], chance: Random, counters: Counters) -> None:
        self.clock = clock
        self._counters = counters
        self._shelf = Shelf()
        self.effects = EffectLog(clock)
        self.faults = Faults(self.effects, chance)
        self.tokens = Tokens(clock)
        self.mails: dict[str, KeptMail] = {}
        self.accounts: dict[str, Account] = {}
        self._open()

    def reset(self) -> None:
        """As at the start. Numbers, the effects' `seq` and tokens go on, for whoever talks to it remembers them."""
        self.faults.lift_all()
        self.effects.clear()
        self.mails.clear()
        self._shelf.clear()
        self.accounts.clear()
        self.tokens.keys.clear()
        self._open()

    def close(self) -> None:
        """Lets go of what lies on disk."""
        self._shelf.close()

    def open_account(self, tenant: str, *, bare: bool) -> None:
        """A new tenant, or a new start for one there is. A bare one has nothing set up yet."""
        sites = Sites(tenant, bare=bare)
        sequences = Sequences(
            tenant,
            self.effects,
            self._counters,
            clock=self.clock,
            site_of=lambda code: sites.site(code, ""),
            bare=bare,
        )
        self.tokens.keys[tenant] = Key()
        self.accounts[tenant] = Account(
            tenant=tenant,
            orders=OrderBook(tenant, self.effects, sites.decimals),
            configurations=Configurations(tenant, bare=bare),
            sequences=sequences,
            sites=sites,
            gateway=Gateway(tenant, self.effects, self.clock),
            media=Media(tenant, self.effects, self._shelf, self.clock),
            customers=Customers(),
        )

    def take_mail(self, mail: Received) -> None:
        """Keeps a mail that was delivered; its bytes on disk."""
        self.mails[mail.id] = KeptMail(replace(mail, content=b""), self._shelf.put(mail.content))
        self.effects.add(mail.tenant, "mail", **mail.facts)

    def mail(self, mail_id: str) -> bytes | None:
        """The mail as it arrived, if there is one."""
        kept = self.mails.get(mail_id)
        return None if kept is None else self._shelf.get(kept.place)

    def _open(self) -> None:
        for tenant in TENANTS:
            self.open_account(tenant, bare=False)
        account = self.accounts[WITH_DEMO_ORDERS]
        for buyer in EVERYONE:
            account.customers.put(buyer.profile)
        for order in demo_orders(self.clock()):
            account.add_order(order)

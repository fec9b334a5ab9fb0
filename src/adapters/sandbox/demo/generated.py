"""As many orders as one likes, varied and valid: all of them can be invoiced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from adapters.sandbox.answers import Json
from adapters.sandbox.demo.baskets import NOTHING, Basket, Circumstances, Item, delivered_on, order_of
from adapters.sandbox.demo.buyers import EVERYONE
from adapters.sandbox.demo.prices import GERMANY, JAPAN, SWITZERLAND, WHOLESALE, Tariff

FIRST = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TARIFFS = (GERMANY, GERMANY, GERMANY, WHOLESALE, SWITZERLAND, JAPAN)
GOODS = (
    Item("MUG-01", "Mug, stoneware", Decimal("12.90")),
    Item("BOOK-07", "The Art of Bookkeeping", Decimal("24.00"), reduced=True),
    Item("LAMP-3", "Desk lamp", Decimal("79.95")),
    Item("TEA-11", "Green tea, 100 g", Decimal("6.49"), reduced=True),
    Item("CHAIR-2", "Office chair, adjustable", Decimal("349.00")),
    Item("PEN-5", "Pen, blue", Decimal("1.37")),
)
CARDS_IN_TEN = 9


def generated_orders(n: int, *, prefix: str = "GEN", seed: int = 1) -> Iterator[Json]:
    """N orders with ids PREFIX00001, PREFIX00002, …; the same seed gives the same orders."""
    chance = Random(seed)  # noqa: S311 - chance that repeats, not a secret
    for number in range(1, n + 1):
        created = FIRST + timedelta(minutes=17 * number)
        so = Circumstances(created=created, delivery=delivered_on(created + timedelta(days=2)))
        if chance.randrange(10) >= CARDS_IN_TEN:
            so = replace(so, method="invoice")
        yield order_of(f"{prefix}{number:05d}", chance.choice(EVERYONE), _basket(chance), so)


def _basket(chance: Random) -> Basket:
    tariff = chance.choice(TARIFFS)
    items = tuple(_item(chance, tariff) for _ in range(chance.randint(1, 5)))
    shipping = chance.choice((NOTHING, Decimal("4.90"), Decimal("9.90")))
    fee = chance.choice((NOTHING, NOTHING, Decimal("1.95")))
    return Basket(tariff, items, _local(shipping, tariff), _local(fee, tariff))


def _item(chance: Random, tariff: Tariff) -> Item:
    good = chance.choice(GOODS)
    return replace(
        good,
        amount=_local(good.amount, tariff),
        quantity=chance.choice((1, 1, 2, 3, 10)),
        off=chance.choice((NOTHING, NOTHING, Decimal(10), Decimal("12.5"))),
        packing=_local(chance.choice((NOTHING, NOTHING, Decimal("2.50"))), tariff),
    )


def _local(amount: Decimal, tariff: Tariff) -> Decimal:
    """The amount as it is usual in the shop's currency."""
    return tariff.fine(amount * 160) if tariff is JAPAN else amount

"""What a test finds at the platform, and what the world must look like after it: the sandbox's effects tell."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.sandbox.demo import generated_orders
from e2e.processes import PATIENCE
from e2e.services import DATABASE, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

Orders = Mapping[str, jobs_pb2.JobOrder]


@dataclass(frozen=True, slots=True)
class Scene:
    """A few orders of a tenant that the platform has from now on, and all that happens behind `since`."""

    platform: Caller
    documents: dict[str, dict[str, Any]]
    since: int

    @classmethod
    async def of(cls, platform: Caller, count: int, prefix: str, tenant: str = "acme") -> Scene:
        """So many new orders; the prefix of their ids is the test's own."""
        orders = list(generated_orders(count, prefix=prefix))
        await platform.add(*orders, tenant=tenant)
        since = max((effect["seq"] for effect in await platform.effects(tenant="")), default=0)
        return cls(platform, {order["id"]: order for order in orders}, since)

    @property
    def ids(self) -> list[str]:
        """Of its orders."""
        return list(self.documents)

    async def effects(self, kind: str) -> list[dict[str, Any]]:
        """What has happened so far, of one kind."""
        return await self.platform.effects(kind, tenant="", after=str(self.since))

    async def holds(self, count: int) -> None:
        """Returns once so many calls are held."""
        async with asyncio.timeout(PATIENCE):
            while len(await self.effects("held")) < count:
                pass  # asks again, over HTTP: the world goes on meanwhile

    async def require_all_done_once(self, service: Service, orders: Orders, folder: Path) -> None:
        """Every order is invoiced, and has all it needs once."""
        ends = {order_id: (order.state, order.reason) for order_id, order in orders.items()}
        assert ends == dict.fromkeys(self.documents, (jobs_pb2.ORDER_STATE_SUCCESS, ""))
        await self.require_one_capture_each(orders)
        await self.require_one_mail_each(service, orders)
        await self.require_explained_numbers(orders, folder)

    async def require_one_capture_each(self, orders: Orders) -> None:
        """Each card was charged once, with all that is owed; nobody else was."""
        taken = defaultdict(list)
        for capture in await self.effects("capture"):
            taken[capture["order_id"]].append(Decimal(capture["amount"]))
        by_card = [key for key, document in self.documents.items() if "transactionId" in document["payments"][0]]
        assert taken == {order_id: [Decimal(orders[order_id].gross)] for order_id in by_card}

    async def require_one_mail_each(self, service: Service, orders: Orders) -> None:
        """Each customer was sent his document: under one Message-ID, however often, and always the same bytes."""
        sent = defaultdict(set)
        for mail in await self.effects("mail"):
            (pdf,) = mail["attachments"]
            sent[pdf["name"]].add((mail["message_id"], pdf["sha256"]))
        numbers = [order.invoice_number for order in orders.values()]
        assert sorted(sent) == sorted(f"{number}.pdf" for number in numbers)
        for number in numbers:
            ((_, digest),) = sent[f"{number}.pdf"]
            assert digest == (await service.invoice(number)).pdf_sha256

    async def require_explained_numbers(self, orders: Orders, folder: Path) -> None:
        """Every number is on one invoice, but for what the journal says: at most one lost by each draw in doubt."""
        drawn = [effect["number"] for effect in await self.effects("number")]
        issued = {order.invoice_number for order in orders.values()}
        assert len(issued) == len(orders)
        assert issued <= set(drawn)
        assert len(drawn) - len(issued) <= len(doubtful_draws(folder, orders))


def doubtful_draws(folder: Path, orders: Orders) -> list[str]:
    """The orders of draws that may have burnt a number, as the service's own database tells."""
    rows = journal(folder, "SELECT order_id FROM draws WHERE outcome IS NULL OR outcome = 'POSSIBLY_BURNT'")
    return [order_id for (order_id,) in rows if order_id in orders]


def pending_orders(folder: Path) -> int:
    """How many orders have not ended, as the database of a service tells that is dead."""
    ((pending,),) = journal(folder, "SELECT sum(pending) FROM jobs")
    return int(pending)


def journal(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()

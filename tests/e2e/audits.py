"""What the world must look like after a job, however often the service died: held against the sandbox's effects."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from e2e.services import Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import jobs_pb2

DATABASE = "invoicing.db"


@dataclass(frozen=True, slots=True)
class Audit:
    """Effects since a moment, and the orders they were asked for: as the platform has them, and as they ended."""

    documents: dict[str, dict[str, Any]]
    orders: dict[str, jobs_pb2.JobOrder]
    effects: list[dict[str, Any]]

    @classmethod
    async def of(
        cls, platform: Caller, documents: Iterable[dict[str, Any]], orders: dict[str, jobs_pb2.JobOrder], since: int
    ) -> Audit:
        """What has happened behind `since`."""
        return cls({document["id"]: document for document in documents}, orders, await platform.effects(after=str(since)))

    def require_success(self) -> None:
        """Every order is invoiced, and no other."""
        ends = {order_id: (order.state, order.reason) for order_id, order in self.orders.items()}
        assert ends == dict.fromkeys(self.documents, (jobs_pb2.ORDER_STATE_SUCCESS, ""))

    def require_one_capture_each(self) -> None:
        """Each card was charged once, with all that is owed; nobody else was."""
        owed = {
            order_id: [Decimal(self.orders[order_id].gross)]
            for order_id, document in self.documents.items()
            if "transactionId" in document["payments"][0]
        }
        taken = defaultdict(list)
        for capture in self._of("capture"):
            taken[capture["order_id"]].append(Decimal(capture["amount"]))
        assert taken == owed

    async def require_one_mail_each(self, service: Service) -> None:
        """Each customer was sent his document: under one Message-ID, however often, and always the same bytes."""
        sent = defaultdict(set)
        for mail in self._of("mail"):
            (pdf,) = mail["attachments"]
            sent[pdf["name"]].add((mail["message_id"], pdf["sha256"]))
        numbers = [order.invoice_number for order in self.orders.values()]
        assert sorted(sent) == sorted(f"{number}.pdf" for number in numbers)
        for number in numbers:
            ((_, digest),) = sent[f"{number}.pdf"]
            assert digest == (await service.invoice(number)).pdf_sha256

    def require_explained_numbers(self, folder: Path) -> None:
        """Every number is on one invoice, but for what the journal says: at most one lost by each draw in doubt."""
        drawn = [effect["number"] for effect in self._of("number")]
        issued = [order.invoice_number for order in self.orders.values()]
        assert len(set(issued)) == len(issued)
        assert set(issued) <= set(drawn)
        assert len(set(drawn)) == len(drawn)
        assert len(drawn) - len(issued) <= len(doubtful_draws(folder, self.orders))

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [effect for effect in self.effects if effect["kind"] == kind]


def doubtful_draws(folder: Path, order_ids: Iterable[str]) -> list[str]:
    """The orders of draws that may have burnt a number, as the service's own database tells."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT order_id FROM draws WHERE outcome IS NULL OR outcome = 'POSSIBLY_BURNT'")
        return [order_id for (order_id,) in rows if order_id in set(order_ids)]

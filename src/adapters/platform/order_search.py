"""The search for orders that may be due (`order.yaml`, salesorders/search): what is asked for, and reading it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import Raw

from adapters.platform.order_reading import summary_of
from adapters.platform.salesorder import OrderSummary
from adapters.platform.scopes import READ_ORDERS
from adapters.platform.wire import Call, Wire, json_body, path, read
from domain.errors import InvalidArgument, InvoiceIncomplete, Misconfigured
from domain.job import require_order_id
from domain.order import InvoiceSettings, Order, OrderId

PAGE_SIZE = 100
MOST_READINGS = 5
"""Of the same pages, one after another. What shifts away from so many is found by the next job."""
MOST_FOUND = 1_000_000
"""Orders of one query: more is a platform whose pages do not end, or settings that find everything there ever was."""
DELIVERY_DATES = ("deliveryWindow.deliveryDate", "mixins.deliveryTime.deliveryDate")
"""Where an order may say when it is delivered. A query knows no OR between fields, so each is asked for."""
FARTHEST_ZONE = timedelta(hours=14)
SEARCHED = ",".join(
    (
        "id",
        "status",
        "siteCode",
        "deliveryWindow",
        "mixins.generalAttributes",
        "mixins.deliveryTime",
        "mixins.invoice",
    )
)

_log = structlog.get_logger(__name__)
_page = msgspec.json.Decoder(list[Raw])
_summary = msgspec.json.Decoder(OrderSummary)


class OrderSearch:
    """One search through one tenant's orders. Each is given once, however often the platform shows it."""

    def __init__(self, wire: Wire, *, most_found: int = MOST_FOUND) -> None:
        self._wire = wire
        self._most_found = most_found
        self._read: set[int] = set()
        self._given: set[OrderId] = set()

    async def orders(self, settings: InvoiceSettings, now: datetime) -> AsyncIterator[Order]:
        """Every order the platform thinks due. Of each only what `InvoiceSettings.select` looks at.

        Several pages are read again until they say the same twice: an order that leaves the list meanwhile shifts the
        others, one of them to a page that was read already. Raises `Misconfigured` when the pages do not end.
        """
        for field in DELIVERY_DATES:
            query = query_for(settings, field, now)
            before: set[int] = set()
            for _ in range(MOST_READINGS):
                pages, listed = 0, set[int]()
                async for page in self._pages(query):
                    pages += 1
                    listed.update(_mark(raw) for raw in page)
                    for order in self._new(page):
                        yield order
                if pages < 2 or listed == before:
                    break
                before = listed

    async def _pages(self, query: str) -> AsyncIterator[list[Raw]]:
        """What the query finds, from the first page to the last: one that is not full, or that was there before."""
        seen: set[int] = set()
        number, count, more = 1, 0, True
        while more:
            page, total = await self._page(query, number)
            marks = {_mark(raw) for raw in page}
            if marks <= seen:
                return
            yield page
            seen |= marks
            number, count = number + 1, count + len(page)
            more = len(page) >= PAGE_SIZE or (total is not None and count < total)
            if more and count >= self._most_found:
                raise _endless(self._most_found)

    async def _page(self, query: str, number: int) -> tuple[list[Raw], int | None]:
        """The orders on a page, and how many there are on all pages where that is told."""
        params = (
            ("sort", "created:asc"),
            ("pageNumber", str(number)),
            ("pageSize", str(PAGE_SIZE)),
            ("fields", SEARCHED),
        )
        where = path("order-v2", self._wire.tenant, "salesorders", "search")
        call = Call("POST", where, params, json_body({"q": query}), scope=READ_ORDERS)
        answer = await self._wire.send(call)
        return read(call, answer, _page), answer.total

    def _new(self, page: list[Raw]) -> list[Order]:
        """Those on the page that were not given yet, as far as they can be read."""
        unread = [raw for raw in page if _mark(raw) not in self._read]
        self._read.update(_mark(raw) for raw in unread)
        orders = {order.id: order for raw in unread if (order := self._summary(raw)) is not None}
        new = [order for order in orders.values() if order.id not in self._given]
        self._given.update(orders)
        return new

    def _summary(self, raw: Raw) -> Order | None:
        """An order that cannot be read is left out, so that it does not keep the others from their invoices."""
        try:
            summary = _summary.decode(raw)
            require_order_id("id", summary.id)
            return summary_of(summary)
        except (ValueError, RecursionError, InvalidArgument, InvoiceIncomplete) as error:
            _log.warning("an order was left out: it cannot be read", tenant=self._wire.tenant, problem=str(error)[:200])
            return None


def query_for(settings: InvoiceSettings, field: str, now: datetime) -> str:
    """What the platform is to look for: rather too much than too little, for a day ends later in some zones."""
    latest = (now - settings.threshold + FARTHEST_ZONE).astimezone(UTC)
    terms = [f'{field}:<="{latest:%Y-%m-%dT%H:%M:%S.000Z}"']
    if settings.extended_statuses:
        terms.insert(0, f"mixins.generalAttributes.extendedOrderStatus:({','.join(settings.extended_statuses)})")
    if settings.statuses:
        terms.insert(0, f"status:({','.join(settings.statuses)})")
    return " ".join(terms)


def _mark(raw: Raw) -> int:
    """By what an order on a page is known again, even one that cannot be read."""
    return hash(bytes(raw))


def _endless(most: int) -> Misconfigured:
    remedy = "narrow status or extendedOrderStatus in the configuration invoiceSettings"
    return Misconfigured(f"the platform finds {most:,} orders that may be due, and more: {remedy}")

"""The platform's orders over HTTP (`order.yaml`, salesorders)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import Raw, Struct

from adapters.platform.order_reading import order_of, summary_of, text_at
from adapters.platform.salesorder import InvoiceMixin, OrderDocument, OrderSummary
from adapters.platform.wire import Absent, Answer, Call, Misshapen, Outdated, Wire, json_body, path, read
from domain.errors import AlreadyInvoiced, Conflict, InvoiceIncomplete, OrderNotFound, Unavailable
from domain.order import InvoiceMark, InvoiceSettings, Order, OrderId

PAGE_SIZE = 100
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


class _Metadata(Struct):
    mixins: dict[str, Raw] | None = None
    version: int | None = None


class _Markable(Struct):
    """An order as far as its mark is concerned. What is not ours stays as it came, byte for byte."""

    id: str
    mixins: dict[str, Raw] | None = None
    metadata: _Metadata | None = None


_document = msgspec.json.Decoder(OrderDocument)
_markable = msgspec.json.Decoder(_Markable)
_page = msgspec.json.Decoder(list[Raw])
_summary = msgspec.json.Decoder(OrderSummary)
_fields = msgspec.json.Decoder(dict[str, Raw] | None)
_invoice = msgspec.json.Decoder(InvoiceMixin | None)


class HttpOrders:
    """`domain.ports.Orders` of one tenant. The buyer's VAT id lies at `vat_id_path` in the order."""

    def __init__(self, wire: Wire, *, vat_id_path: str = "mixins.customerTax.vatId") -> None:
        self._wire = wire
        self._vat_id_path = vat_id_path

    async def order(self, order_id: OrderId) -> Order:
        """The order as it is now. Raises `OrderNotFound`; `InvoiceIncomplete` when it cannot be read as an order."""
        call, answer = await self._get(order_id)
        try:
            document = read(call, answer, _document)
        except Misshapen as error:
            if not error.field or error.field == "id":
                raise
            raise InvoiceIncomplete(error.field, error.problem) from error
        _require_same(call, document.id, order_id)
        return order_of(document, vat_id=text_at(answer.body, self._vat_id_path))

    async def search(self, settings: InvoiceSettings, *, now: datetime) -> AsyncIterator[Order]:
        """Every order the platform thinks due, page by page. Of each only what `InvoiceSettings.select` looks at."""
        seen: set[str] = set()
        for field in DELIVERY_DATES:
            query = _query(settings, field, now)
            number, more = 1, True
            while more:
                found, more = await self._searched(query, number)
                new = [order for order in found if order.id not in seen]
                more = more and bool(new)
                seen.update(order.id for order in new)
                for order in new:
                    yield order
                number += 1

    async def mark(self, order_id: OrderId, mark: InvoiceMark) -> None:
        """Writes the invoice into the order; again with the same mark changes nothing.

        Whether the platform merges or replaces what a PATCH names is unwritten, so it is given whole. Raises
        `OrderNotFound`, `AlreadyInvoiced` (the mark of another invoice is there), `Conflict`.
        """
        for _ in range(2):
            document = await self._marked(order_id)
            if _has(document, mark):
                return
            try:
                await self._wire.send(self._patch(order_id, document, mark))
            except Absent as error:
                raise OrderNotFound(f"the platform has no order {order_id!r}") from error
            except Outdated:
                continue
            return
        raise Conflict(f"order {order_id} was changed by others twice while its invoice was written into it")

    async def _get(self, order_id: OrderId) -> tuple[Call, Answer]:
        try:
            call = Call("GET", self._path(order_id))
            return call, await self._wire.send(call)
        except Absent as error:
            raise OrderNotFound(f"the platform has no order {order_id!r}") from error

    async def _marked(self, order_id: OrderId) -> _Markable:
        call, answer = await self._get(order_id)
        document = read(call, answer, _markable)
        _require_same(call, document.id, order_id)
        return document

    def _patch(self, order_id: OrderId, document: _Markable, mark: InvoiceMark) -> Call:
        mixins, metadata = document.mixins or {}, document.metadata or _Metadata()
        invoice: dict[str, object] = {**(_fields.decode(_invoice_mixin(document)) or {})}
        invoice |= {"invoiceNo": mark.number, "invoiceDocument": mark.document}
        kept: dict[str, object] = {"mixins": metadata.mixins or {}}
        if metadata.version is not None:
            kept["version"] = metadata.version
        body = json_body({"mixins": {**mixins, "invoice": invoice}, "metadata": kept})
        return Call("PATCH", self._path(order_id), (("recalculate", "false"),), body)

    async def _searched(self, query: str, number: int) -> tuple[list[Order], bool]:
        """A page of orders, and whether another follows."""
        params = (
            ("sort", "created:asc"),
            ("pageNumber", str(number)),
            ("pageSize", str(PAGE_SIZE)),
            ("fields", SEARCHED),
        )
        call = Call("POST", f"{self._path()}/search", params, json_body({"q": query}))
        answer = await self._wire.send(call)
        page = read(call, answer, _page)
        more = number * PAGE_SIZE < answer.total if answer.total is not None else len(page) >= PAGE_SIZE
        return [order for raw in page if (order := self._summary(raw)) is not None], more

    def _summary(self, raw: Raw) -> Order | None:
        """An order that cannot be read is left out, so that it does not keep the others from their invoices."""
        try:
            return summary_of(_summary.decode(raw))
        except (ValueError, RecursionError, InvoiceIncomplete) as error:
            _log.warning("an order was left out: it cannot be read", tenant=self._wire.tenant, problem=str(error)[:200])
            return None

    def _path(self, *order_id: str) -> str:
        return path("order-v2", self._wire.tenant, "salesorders", *order_id)


def _query(settings: InvoiceSettings, field: str, now: datetime) -> str:
    """What the platform is to look for: rather too much than too little, for a day ends later in some zones."""
    latest = (now - settings.threshold + FARTHEST_ZONE).astimezone(UTC)
    terms = [f'{field}:<="{latest:%Y-%m-%dT%H:%M:%S.000Z}"']
    if settings.extended_statuses:
        terms.insert(0, f"mixins.generalAttributes.extendedOrderStatus:({','.join(settings.extended_statuses)})")
    if settings.statuses:
        terms.insert(0, f"status:({','.join(settings.statuses)})")
    return " ".join(terms)


def _require_same(call: Call, found: str, asked: OrderId) -> None:
    if found != asked:
        raise Unavailable(f"the platform's answer to {call} is another order")


def _has(document: _Markable, mark: InvoiceMark) -> bool:
    """Whether the order has this mark already. Raises `AlreadyInvoiced` when it has one of another invoice."""
    there = _invoice.decode(_invoice_mixin(document)) or InvoiceMixin()
    number, link = str(there.invoice_no or ""), there.invoice_document or ""
    if number and number != mark.number:
        raise AlreadyInvoiced(number, link)
    return (number, link) == (mark.number, mark.document)


def _invoice_mixin(document: _Markable) -> Raw:
    return (document.mixins or {}).get("invoice", Raw(b"null"))

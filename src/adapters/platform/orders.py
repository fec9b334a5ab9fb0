"""The platform's orders over HTTP (`order.yaml`, salesorders)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import structlog

from adapters.platform.order_marks import MarkableOrder, markable
from adapters.platform.order_reading import order_of, text_at
from adapters.platform.order_search import OrderSearch
from adapters.platform.order_terms import unreadable
from adapters.platform.salesorder import OrderDocument
from adapters.platform.scopes import READ_ORDERS, UPDATE_COMPLETED_ORDERS, UPDATE_ORDERS
from adapters.platform.wire import Absent, Answer, Call, Misshapen, Outdated, Refusal, Wire, json_body, path, read
from domain.errors import Conflict, OrderNotFound, OrderNotInvoiceable, Unavailable
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.order import InvoiceMark, InvoiceSettings, Order, OrderId

SMALL = 2**18
"""Bytes of an order that are read at once; a larger one is read aside, while the others' work goes on."""

UPDATE = f"{UPDATE_ORDERS}, or {UPDATE_COMPLETED_ORDERS} if it is completed"

_document = msgspec.json.Decoder(OrderDocument)
_log = structlog.get_logger(__name__)


class HttpOrders:
    """`domain.ports.Orders` of one tenant.

    The buyer's VAT id lies at `vat_id_path` in the order, and what he wants to find on his invoices at
    `reference_path`.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        vat_id_path: str = "mixins.customerTax.vatId",
        reference_path: str = "mixins.customerTax.buyerReference",
    ) -> None:
        self._wire = wire
        self._vat_id_path = vat_id_path
        self._reference_path = reference_path

    async def order(self, order_id: OrderId) -> Order:
        """The order as it is now. Raises `OrderNotFound`; `InvoiceIncomplete` when it cannot be read as an order."""
        call, answer = await self._get(order_id)
        if len(answer.body) <= SMALL:
            return self._order_in(call, answer, order_id)
        return await asyncio.to_thread(self._order_in, call, answer, order_id)

    def _order_in(self, call: Call, answer: Answer, order_id: OrderId) -> Order:
        try:
            document = read(call, answer, _document)
        except Misshapen as error:
            if not error.field or error.field == "id":
                raise
            raise unreadable(error.field, error.problem) from error
        _require_same(call, document.id, order_id)
        order = order_of(document)
        vat_id, reference = (text_at(answer.body, at).strip() for at in (self._vat_id_path, self._reference_path))
        return replace(order, customer=replace(order.customer, vat_id=vat_id, reference=reference))

    def search(self, settings: InvoiceSettings, *, now: datetime) -> AsyncIterator[Order]:
        """Every order the platform thinks due, page by page. Of each only what `InvoiceSettings.select` looks at.

        Raises `Misconfigured` when the pages do not end.
        """
        return OrderSearch(self._wire).orders(settings, now)

    async def recalculate(self, order_id: OrderId, delivered: Mapping[str, int]) -> None:
        """Lets the platform calculate the order anew for what was delivered of its entries.

        The quantities are absolute: the same again changes nothing. Raises `OrderNotFound`, `OrderNotInvoiceable` (the
        platform does not calculate it so), `Conflict`.
        """
        entries = [{"entryId": entry, "deliveredAmount": amount} for entry, amount in delivered.items()]
        call = Call("POST", self._path(order_id, "calculations"), (), json_body({"entries": entries}), scope=UPDATE)
        try:
            await self._wire.send(call)
        except Absent as error:
            raise OrderNotFound(f"the platform has no order {order_id!r}") from error
        except Outdated as error:
            raise Conflict(f"order {order_id} was changed by others while it was calculated anew") from error
        except Refusal as error:
            raise OrderNotInvoiceable(f"the platform does not calculate what was delivered: {error.said}") from error

    async def mark(self, order_id: OrderId, mark: InvoiceMark, captured: Sequence[PlannedCapture] = ()) -> None:
        """Writes the invoice into the order, and what was `captured` into its payments, if it can.

        Again with the same mark changes nothing. Raises `OrderNotFound`, `AlreadyInvoiced` (the mark of another invoice
        is there), `Conflict`.
        """

        async def write(document: MarkableOrder) -> None:
            if not document.has(mark):
                await self._write(order_id, document, mark, captured)

        await self._change(order_id, write)

    async def cancel_mark(self, order_id: OrderId, cancelled: InvoiceNumber, credit_note: InvoiceMark) -> None:
        """Takes the mark of a cancelled invoice away, and writes which one it was and what cancelled it; once.

        The mark of another invoice stays. Raises `OrderNotFound`, `Conflict`.
        """

        async def write(document: MarkableOrder) -> None:
            if document.shows(cancelled, credit_note):
                await self._wire.send(self._patch(order_id, document.without_mark(cancelled, credit_note)))

        await self._change(order_id, write)

    async def mark_refunds(self, order_id: OrderId, refunded: Sequence[PlannedCapture]) -> None:
        """Writes what was given back into the payments of the order, if it can. Raises `OrderNotFound`."""

        async def write(document: MarkableOrder) -> None:
            if payments := document.payments_without(refunded):
                await self._wire.send(self._patch(order_id, document.with_payments(payments)))

        try:
            await self._change(order_id, write)
        except (Conflict, Refusal) as error:
            _log.warning("the order's payments stay as they are", order=order_id, problem=error.message)

    async def _change(self, order_id: OrderId, write: Callable[[MarkableOrder], Awaitable[None]]) -> None:
        """Reads the order and writes, once more if others were faster. Raises `OrderNotFound`, `Conflict`."""
        for _ in range(2):
            document = await self._markable(order_id)
            try:
                return await write(document)
            except Absent as error:
                raise OrderNotFound(f"the platform has no order {order_id!r}") from error
            except Outdated:
                continue
        raise Conflict(f"order {order_id} was changed by others twice while its invoice was written into it")

    async def _get(self, order_id: OrderId) -> tuple[Call, Answer]:
        try:
            call = Call("GET", self._path(order_id), scope=READ_ORDERS)
            return call, await self._wire.send(call)
        except Absent as error:
            raise OrderNotFound(f"the platform has no order {order_id!r}") from error

    async def _markable(self, order_id: OrderId) -> MarkableOrder:
        call, answer = await self._get(order_id)
        document = read(call, answer, markable)
        _require_same(call, document.id, order_id)
        return document

    async def _write(
        self, order_id: OrderId, document: MarkableOrder, mark: InvoiceMark, captured: Sequence[PlannedCapture]
    ) -> None:
        """One call for both. An order that does not take its payments so takes at least the mark."""
        payments = document.payments_with(captured)
        try:
            await self._wire.send(self._patch(order_id, document.with_mark(mark, payments)))
        except (Absent, Outdated):
            raise
        except Refusal as error:
            if not payments:
                raise
            _log.warning("the order's payments stay as they are", order=order_id, problem=error.message)
            await self._wire.send(self._patch(order_id, document.with_mark(mark)))

    def _patch(self, order_id: OrderId, change: bytes) -> Call:
        return Call("PATCH", self._path(order_id), (("recalculate", "false"),), change, scope=UPDATE)

    def _path(self, *order_id: str) -> str:
        return path("order-v2", self._wire.tenant, "salesorders", *order_id)


def _require_same(call: Call, found: str, asked: OrderId) -> None:
    if found != asked:
        raise Unavailable(f"the platform's answer to {call} is another order")

"""The platform in memory: small real programs that keep the promises of the ports.

Each has a `trouble` that lets the next calls fail, before or after their effect.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.capture import Captured, Transaction
from domain.errors import (
    AlreadyInvoiced,
    Conflict,
    Misconfigured,
    OrderNotFound,
    PaymentRefused,
    SeriesExhausted,
)
from domain.invoice import InvoiceNumber, PlannedCapture
from domain.money import Currency
from domain.numbering import Series
from domain.order import (
    InvoiceMark,
    InvoiceSettings,
    Order,
    OrderId,
    Payment,
    PaymentStatus,
    Profile,
    Seller,
    Site,
    TransactionId,
)
from fakes.orders import delivered_line, summed
from fakes.trouble import Trouble

SELLER = Seller(
    name="Example GmbH",
    street="Ring 5",
    zip_code="10115",
    city="Berlin",
    country="DE",
    vat_id="DE123456789",
    iban="DE02120300000000202051",
)
SITE = Site(code="main", brand="Example", language="en", zone="Europe/Berlin", logo_url="", seller=SELLER)
SETTINGS = InvoiceSettings(("CREATED", "CONFIRMED"), ("70", "75", "76"), timedelta(hours=24))
FARTHEST_ZONE = timedelta(hours=14)


class FakeOrders:
    """`domain.ports.Orders`. `others` is how often the next marks find the order changed meanwhile."""

    def __init__(self, orders: Iterable[Order] = ()) -> None:
        self.kept = {order.id: order for order in orders}
        self.marks: list[tuple[OrderId, InvoiceMark]] = []
        self.recalculated: list[tuple[OrderId, dict[str, int]]] = []
        self.cancelled: dict[OrderId, InvoiceNumber] = {}
        self.others = 0
        self.trouble = Trouble()

    def add(self, *orders: Order) -> None:
        """Adds orders, or puts them in the place of those with their ids."""
        self.kept.update({order.id: order for order in orders})

    async def order(self, order_id: OrderId) -> Order:
        """The order as it is now."""
        self.trouble.before()
        if order_id not in self.kept:
            raise OrderNotFound(f"the platform has no order {order_id!r}")
        return self.kept[order_id]

    async def search(self, settings: InvoiceSettings, *, now: datetime) -> AsyncIterator[Order]:
        """What a platform finds that knows no zones: rather too much than too little."""
        self.trouble.before()
        latest = now - settings.threshold + FARTHEST_ZONE
        for order in list(self.kept.values()):
            delivered = order.delivery.at(ZoneInfo("UTC"))
            fits = not settings.statuses or order.status in settings.statuses
            fits_too = not settings.extended_statuses or order.extended_status in settings.extended_statuses
            if fits and fits_too and delivered is not None and delivered - timedelta(days=1) <= latest:
                yield order

    async def recalculate(self, order_id: OrderId, delivered: Mapping[str, int]) -> None:
        """Calculates the order anew for what was delivered of it, each line in proportion."""
        order = await self.order(order_id)
        lines = tuple(delivered_line(line, delivered.get(line.id, line.pieces)) for line in order.lines)
        on_top = [*order.payment_fees, *([order.shipping_fee] if order.shipping_fee else [])]
        parts = [line.final for line in lines] + [fee.final for fee in on_top]
        self.kept[order_id] = replace(order, lines=lines, final=summed(*parts), tax_lines=tuple(parts))
        self.recalculated.append((order_id, dict(delivered)))
        self.trouble.after()

    async def mark(self, order_id: OrderId, mark: InvoiceMark, captured: Sequence[PlannedCapture] = ()) -> None:
        """Writes the invoice into the order, once, and what was captured into payments that are as authorised."""
        order = await self.order(order_id)
        if order.mark is not None and order.mark.number != mark.number:
            raise AlreadyInvoiced(order.mark.number, order.mark.document)
        if order.mark == mark or (order.mark is None and self.cancelled.get(order_id) == mark.number):
            return
        self._require_unchanged(order_id)
        amounts = {planned.transaction_id: planned.amount for planned in captured}
        payments = tuple(_with_capture(payment, amounts) for payment in order.payments)
        self.kept[order_id] = replace(order, mark=mark, payments=payments)
        self.marks.append((order_id, mark))
        self.trouble.after()

    async def cancel_mark(self, order_id: OrderId, cancelled: InvoiceNumber, credit_note: InvoiceMark) -> None:
        """Takes the mark of a cancelled invoice away, once."""
        order = await self.order(order_id)
        told = order.credit_note == credit_note
        if order.mark.number != cancelled if order.mark else told:
            return
        self._require_unchanged(order_id)
        self.kept[order_id] = replace(order, mark=None, credit_note=credit_note)
        self.cancelled[order_id] = cancelled
        self.trouble.after()

    async def mark_refunds(self, order_id: OrderId, refunded: Sequence[PlannedCapture]) -> None:
        """Writes what was given back into payments that are as captured."""
        order = await self.order(order_id)
        others, self.others = self.others, 0
        if others >= 2:
            return
        amounts = {planned.transaction_id: planned.amount for planned in refunded}
        payments = tuple(_with_refund(payment, amounts) for payment in order.payments)
        self.kept[order_id] = replace(order, payments=payments)
        self.trouble.after()

    def _require_unchanged(self, order_id: OrderId) -> None:
        others, self.others = self.others, max(self.others - 2, 0)
        if others >= 2:
            raise Conflict(f"order {order_id} was changed by others twice while its invoice was written into it")


def _with_capture(payment: Payment, amounts: dict[TransactionId, Decimal]) -> Payment:
    """The payment, as captured if its transaction is among these, which it then is no more."""
    if payment.status is not PaymentStatus.AUTHORIZED or payment.transaction_id not in amounts:
        return payment
    return replace(payment, status=PaymentStatus.PAID, paid=amounts.pop(payment.transaction_id))


def _with_refund(payment: Payment, amounts: dict[TransactionId, Decimal]) -> Payment:
    """The payment, as given back if its transaction is among these, which it then is no more."""
    if payment.status is not PaymentStatus.PAID or payment.refunded or payment.transaction_id not in amounts:
        return payment
    refunded = amounts.pop(payment.transaction_id)
    return replace(payment, paid=max(payment.paid - refunded, Decimal(0)), refunded=refunded)


class FakeCustomers:
    """`domain.ports.Customers`, with their profiles by id. `asked` are the ids that were asked for."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.asked: list[str] = []
        self.trouble = Trouble()

    async def profile(self, customer_id: str) -> Profile:
        """The customer's own address and language."""
        self.trouble.before()
        self.asked.append(customer_id)
        return self.profiles.get(customer_id, Profile())


class FakeConfigurations:
    """`domain.ports.Configurations`. Settings that are None are not configured."""

    def __init__(self, settings: InvoiceSettings | None = SETTINGS, sender: str = "shop@example.com") -> None:
        self.settings = settings
        self.sender = sender
        self.trouble = Trouble()

    async def invoice_settings(self) -> InvoiceSettings:
        """Which orders an automatic job takes."""
        self.trouble.before()
        if self.settings is None:
            raise Misconfigured("the configuration invoiceSettings is not set")
        return self.settings

    async def mail_sender(self) -> str:
        """The address invoices are sent from."""
        self.trouble.before()
        return self.sender


class FakeSequences:
    """`domain.ports.Sequences`: INV1, INV2, ... up to `last`. A call that fails after its effect burns a number."""

    def __init__(self, *, last: int = 10**6, active: bool = True) -> None:
        self.last = last
        self.active = active
        self.drawn: list[InvoiceNumber] = []
        self.asked: list[Series] = []
        self.trouble = Trouble()

    async def draw(self, series: Series) -> InvoiceNumber:
        """The series' next number."""
        self.trouble.before()
        self.asked.append(series)
        if not self.active:
            raise Misconfigured(f"the platform has no active schema of the type {series.name}: activate one")
        if len(self.drawn) >= self.last:
            raise SeriesExhausted(f"the active schema of the type {series.name} has no number left")
        number = InvoiceNumber(f"INV{len(self.drawn) + 1}")
        self.drawn.append(number)
        self.trouble.after()
        return number


class FakeSites:
    """`domain.ports.Sites`, with logos by their URL."""

    def __init__(self, sites: Iterable[Site] = (SITE,), logos: dict[str, bytes] | None = None) -> None:
        self.kept = {site.code: site for site in sites}
        self.logos = logos or {}
        self.trouble = Trouble()

    async def site(self, code: str) -> Site:
        """The site with its seller."""
        self.trouble.before()
        if code not in self.kept:
            raise Misconfigured(f"the platform has no site {code!r}")
        return self.kept[code]

    async def logo(self, site: Site) -> bytes | None:
        """The site's logo."""
        return self.logos.get(site.logo_url)


class FakePayments:
    """`domain.ports.Payments`. It does not protect its callers: it captures as often as it is asked.

    `captured` lists every capture made: transaction, amount and capture id; `returned` every refund asked for:
    transaction, amount and the id of the capture. `declined` are transactions whose captures, and refunds, the bank
    turns down.
    """

    def __init__(self) -> None:
        self.captured: list[tuple[TransactionId, Decimal, str]] = []
        self.returned: list[tuple[TransactionId, Decimal, str | None]] = []
        self.declined: set[TransactionId] = set()
        self.trouble = Trouble()
        self._authorized: dict[TransactionId, Decimal] = {}
        self._refunded: dict[TransactionId, Decimal] = {}

    def authorize(self, transaction_id: str, amount: Decimal | int | str) -> None:
        """Authorises an amount, as the shop's checkout did."""
        self._authorized[TransactionId(transaction_id)] = Decimal(amount)

    def refund_by_hand(self, transaction_id: str, amount: Decimal | int | str) -> None:
        """Gives an amount back, without being asked by us."""
        known = TransactionId(transaction_id)
        self._refunded[known] = self.given_back(known) + Decimal(amount)

    def given_back(self, transaction_id: TransactionId) -> Decimal:
        """What was given back of a transaction, by whomever."""
        return self._refunded.get(transaction_id, Decimal(0))

    async def transaction(self, transaction_id: TransactionId) -> Transaction:
        """What the gateway knows of a transaction."""
        self.trouble.before()
        if transaction_id not in self._authorized:
            raise PaymentRefused(f"the gateway has no transaction {transaction_id!r}")
        return Transaction(
            id=transaction_id,
            authorized=self._authorized[transaction_id],
            captures=tuple(Captured(i, amount) for of, amount, i in self.captured if of == transaction_id),
            refunded=self.given_back(transaction_id),
        )

    async def capture(self, transaction_id: TransactionId, amount: Decimal, currency: Currency) -> str:
        """Captures the amount, however often it was captured before."""
        self.trouble.before()
        if transaction_id not in self._authorized:
            raise PaymentRefused(f"the gateway has no transaction {transaction_id!r}")
        if transaction_id in self.declined or amount > self._authorized[transaction_id]:
            raise PaymentRefused(f"the gateway refused to capture {amount} {currency}")
        capture_id = f"capture-{len(self.captured) + 1}"
        self.captured.append((transaction_id, amount, capture_id))
        self.trouble.after()
        return capture_id

    async def refund(
        self, transaction_id: TransactionId, amount: Decimal, currency: Currency, *, capture_id: str | None
    ) -> None:
        """Gives the amount back, up to what was captured; of several captures one must be named."""
        self.trouble.before()
        every = {i: taken for of, taken, i in self.captured if of == transaction_id}
        named = [taken for i, taken in every.items() if capture_id in {None, i}]
        left = sum(every.values()) - self.given_back(transaction_id)
        if len(named) != 1 or transaction_id in self.declined or amount > min(named[0], left):
            raise PaymentRefused(f"the gateway refused to give back {amount} {currency}")
        self.refund_by_hand(transaction_id, amount)
        self.returned.append((transaction_id, amount, capture_id))
        self.trouble.after()

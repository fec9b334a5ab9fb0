"""The invoice: an order, a site and a seller become what is printed, to the cent.

Terms and BT/BG numbers are those of EN 16931. The arithmetic, in the order in which it happens:

1. Every priced part of the order (goods, fees, shipping) is filed under its VAT category and rate.
2. A group's net is the exact sum of its parts, rounded once; its parts are apportioned so that they add up to it.
3. A group's VAT is its rounded net times its rate, rounded once, half up (BR-CO-17).
4. What the customer is charged is the order's gross, rounded. Where net + VAT misses it, the residue is the rounding
   amount (BT-114), shown and never hidden: gross = net + VAT + rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from domain.errors import AmountExceedsAuthorization, InvoiceIncomplete, PaymentRefused, TotalsMismatch
from domain.money import Currency, apportion, total
from domain.order import (
    Address,
    Customer,
    Fee,
    LocalText,
    Order,
    OrderId,
    OrderLine,
    Payment,
    PaymentStatus,
    Price,
    Seller,
    Site,
    TransactionId,
    spoken,
)

InvoiceNumber = NewType("InvoiceNumber", str)

TEMPLATE_VERSION = 1
"""Grows when the same content would give another document."""

FINEST_SCALE = 3
"""Decimals to which the platform calculates (`cartCalculationScale`); finer digits in an order are float noise."""


class VatCategory(StrEnum):
    """UNCL 5305, as far as it is used."""

    STANDARD = "S"
    ZERO = "Z"


@dataclass(frozen=True, slots=True, order=True)
class Vat:
    """VAT category (BT-151) and rate in percent (BT-152)."""

    category: VatCategory
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Party:
    """The buyer as printed (BG-7): names and address lines that are not empty, top down."""

    name: str
    address: tuple[str, ...]
    country: str
    vat_id: str


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line (BG-25). `net` (BT-131) = `list_net` - `allowance`; `unit_net` (BT-146) is exact, the others are coins."""

    name: str
    sku: str
    quantity: Decimal
    unit: str
    unit_net: Decimal
    list_net: Decimal
    allowance: Decimal
    net: Decimal
    vat: Vat


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge on the whole document (BG-21): shipping, payment fees."""

    name: str
    net: Decimal
    vat: Vat


@dataclass(frozen=True, slots=True)
class VatGroup:
    """One row of the VAT breakdown (BG-23): `tax` (BT-117) is exactly `net` (BT-116) times the rate, rounded."""

    vat: Vat
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """gross = net (BT-109) + tax (BT-110) + rounding (BT-114), in coins."""

    lines: Decimal
    charges: Decimal
    net: Decimal
    tax: Decimal
    rounding: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class PlannedCapture:
    """How much of which transaction is to be captured."""

    transaction_id: TransactionId
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything decided about an invoice before money moves: all that is printed but number, date and payments."""

    order_id: OrderId
    site_code: str
    zone: str
    language: str
    currency: Currency
    seller: Seller
    brand: str
    logo_url: str
    buyer: Party
    recipient: str
    ordered: date | None
    delivered: date | None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[Charge, ...]
    vat_groups: tuple[VatGroup, ...]
    totals: Totals
    captures: tuple[PlannedCapture, ...]
    paid_before: Decimal
    payment_methods: tuple[str, ...]

    @property
    def site(self) -> Site:
        """The shop as it was when this was decided; what becomes of it later changes no document."""
        return Site(self.site_code, self.brand, self.language, self.zone, self.logo_url, self.seller)

    def issue_date(self, now: datetime) -> date:
        """The seller's local date at this instant (VAT directive art. 226 no. 1)."""
        return now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as it is issued: fixed for ever. `prepaid` is what was paid by then (BT-113)."""

    number: InvoiceNumber
    series: str
    issue_date: date
    prepaid: Decimal
    draft: Draft
    template_version: int = TEMPLATE_VERSION

    @property
    def due(self) -> Decimal:
        """What is still to be paid (BT-115)."""
        return self.draft.totals.gross - self.prepaid


def draft_of(order: Order, site: Site, seller: Seller) -> Draft:
    """The invoice this order gets, checked: what is found wrong here costs nobody money.

    Raises `InvoiceIncomplete`, `TotalsMismatch`, `AmountExceedsAuthorization`, `PaymentRefused`.
    """
    currency = Currency.of(order.currency)
    require_complete(order, seller)
    require_positive(order)
    require_sums(order, currency)
    language = order.customer.language or site.language
    lines, charges, groups = priced(order, currency, language)
    totals = totals_of(order, currency, lines, charges, groups)
    zone = site.time_zone
    delivered = order.delivery.at(zone)
    return Draft(
        order_id=order.id,
        site_code=order.site_code,
        zone=site.zone,
        language=language,
        currency=currency,
        seller=seller,
        brand=site.brand,
        logo_url=site.logo_url,
        buyer=buyer_of(order.customer, order.billing),
        recipient=order.customer.email,
        ordered=order.created.astimezone(zone).date() if order.created else None,
        delivered=delivered.astimezone(zone).date() if delivered else None,
        lines=lines,
        charges=charges,
        vat_groups=groups,
        totals=totals,
        captures=planned_captures(order.payments, totals.gross, currency),
        paid_before=paid_before(order.payments, currency),
        payment_methods=tuple(dict.fromkeys(p.method for p in order.payments if p.method)),
    )


def buyer_of(customer: Customer, billing: Address) -> Party:
    """Who the invoice is made out to: the company, or the person."""
    person = billing.name or customer.name
    name = billing.company or customer.company or person
    address = (
        person if person != name else "",
        billing.street,
        *billing.extra,
        f"{billing.zip_code} {billing.city}".strip(),
        billing.state,
    )
    return Party(name, tuple(line for line in address if line), billing.country, customer.vat_id)


def require_complete(order: Order, seller: Seller) -> None:
    """Raises `InvoiceIncomplete` for the first thing that the law wants and nobody gave (VAT directive art. 226)."""
    for lacking in seller.lacks:
        where = "set it in the site's mixin merchantInfo or in the tenant's settings"
        raise InvoiceIncomplete(lacking, f"is missing: {where}")
    required = [
        (order.lines, "entries", "an invoice needs at least one line"),
        (order.billing.company or order.billing.name or order.customer.name, "billingAddress.contactName", "is empty"),
        (order.billing.street, "billingAddress.street", "is empty"),
        (order.billing.city, "billingAddress.city", "is empty"),
        (order.billing.country, "billingAddress.country", "is empty"),
        (order.customer.email, "customer.email", "is empty"),
    ]
    for value, field, remedy in required:
        if not value:
            raise InvoiceIncomplete(field, "is missing" if remedy == "is empty" else f"is missing: {remedy}")


# The sums


def require_positive(order: Order) -> None:
    """Raises `InvoiceIncomplete` for a line of less than nothing, or for less than nothing each (EN 16931 BR-27)."""
    for index, line in enumerate(order.lines):
        amounts = {
            "amount": line.quantity,
            "calculatedUnitPrice.netValue": line.unit_price.net,
            "calculatedUnitPrice.grossValue": line.unit_price.gross,
        }
        for field, amount in amounts.items():
            if amount < 0:
                raise InvoiceIncomplete(f"entries[{index}].{field}", f"is {amount}, less than nothing")


def require_sums(order: Order, currency: Currency) -> None:
    """Raises `TotalsMismatch` where the order's own figures contradict each other beyond rounding.

    Checked are the identities that the platform's published orders keep to the last digit (`order.yaml`): net + tax =
    gross; line = goods + fees; order = lines + payment fees + shipping; tax lines = order.
    """
    for index, line in enumerate(order.lines):
        fees = [line.total_fee] if line.total_fee else [fee.final for fee in line.fees]
        _require_equal(f"entries[{index}].calculatedPrice.finalPrice", line.final, [line.goods, *fees], currency)
        if line.fees and line.total_fee:
            where = f"entries[{index}].calculatedPrice.totalFee"
            _require_equal(where, line.total_fee, [fee.final for fee in line.fees], currency)
    parts = [line.final for line in order.lines] + [fee.final for fee in order.payment_fees]
    shipping = [order.total_shipping] if order.total_shipping else []
    _require_equal("calculatedPrice.finalPrice", order.final, parts + shipping, currency)
    if order.tax_lines:
        _require_equal("calculatedPrice.finalPrice.taxAggregate", order.final, order.tax_lines, currency)


def _require_equal(where: str, whole: Price, parts: list[Price] | tuple[Price, ...], currency: Currency) -> None:
    for kind in ("net", "gross", "tax"):
        want: Decimal = getattr(whole, kind)
        summands: list[Decimal] = [getattr(part, kind) for part in parts]
        _require_near(f"{where}.{kind}Value", want, summands, currency)
    _require_near(f"{where}.grossValue", whole.gross, [whole.net, whole.tax], currency)


def _require_near(where: str, whole: Decimal, parts: list[Decimal], currency: Currency) -> None:
    """Each rounded term may be off by half of its last digit; what is off by more is wrong."""
    found = total(parts)
    if whole == found:
        return
    slack = _last_digit([whole, *parts], currency) / 2 * (len(parts) + 1)
    if abs(whole - found) > slack:
        raise TotalsMismatch(f"{where} is {whole}, but its parts add up to {found}")


def _last_digit(amounts: list[Decimal], currency: Currency) -> Decimal:
    decimals = max(-int(amount.as_tuple().exponent) for amount in amounts)
    return Decimal(1).scaleb(-max(currency.digits, min(decimals, FINEST_SCALE)))


@dataclass(frozen=True, slots=True)
class _Part:
    """A priced part of the order on its way to a line or a charge."""

    name: str
    price: Price
    vat: Vat
    line: OrderLine | None = None
    charge: bool = False


def priced(
    order: Order, currency: Currency, language: str
) -> tuple[tuple[InvoiceLine, ...], tuple[Charge, ...], tuple[VatGroup, ...]]:
    """Lines, charges and VAT breakdown. Line and charge nets add up, group by group, to the breakdown's nets."""
    parts = _parts(order, language)
    nets: dict[int, Decimal] = {}
    groups = []
    for vat in sorted({part.vat for part in parts}, key=lambda vat: (-vat.rate, vat.category)):
        members = [i for i, part in enumerate(parts) if part.vat == vat]
        coins = apportion([parts[i].price.net for i in members], currency)
        nets.update(zip(members, coins, strict=True))
        net = total(coins)
        groups.append(VatGroup(vat, net, currency.round(net * vat.rate / 100)))
    lines = tuple(_line(part, nets[i], currency) for i, part in enumerate(parts) if not part.charge)
    charges = tuple(Charge(part.name, nets[i], part.vat) for i, part in enumerate(parts) if part.charge)
    return lines, charges, tuple(groups)


def _parts(order: Order, language: str) -> list[_Part]:
    parts = []
    for index, line in enumerate(order.lines):
        where = f"entries[{index}].calculatedPrice"
        name = spoken(line.name, language) or line.sku or line.id
        parts.append(_Part(name, line.goods, _vat(line.goods, f"{where}.price"), line))
        parts += [
            _Part(_fee_name(fee, language), fee.final, _vat(fee.final, f"{where}.fees[{n}].price"))
            for n, fee in enumerate(_line_fees(line))
            if fee.final.is_charged
        ]
    for n, fee in enumerate(order.payment_fees):
        if fee.final.is_charged:
            vat = _vat(fee.final, f"calculatedPrice.paymentFees[{n}].price")
            parts.append(_Part(_fee_name(fee, language), fee.final, vat, charge=True))
    if order.total_shipping and order.total_shipping.is_charged:
        vat = _vat(order.total_shipping, "calculatedPrice.totalShipping")
        name = _shipping_name(order.shipping_name, language)
        parts.append(_Part(name, order.total_shipping, vat, charge=True))
    return parts


def _line_fees(line: OrderLine) -> tuple[Fee, ...]:
    if line.fees or line.total_fee is None:
        return line.fees
    return (Fee({}, line.total_fee),)


def _fee_name(fee: Fee, language: str) -> str:
    return spoken(fee.name, language) or "Fee"


def _shipping_name(name: LocalText, language: str) -> str:
    given = spoken(name, language)
    return f"Shipping ({given})" if given else "Shipping"


def _vat(price: Price, where: str) -> Vat:
    if price.rate is None:
        raise InvoiceIncomplete(f"{where}.taxRate", "is missing: the VAT rate must be on every price")
    if not 0 <= price.rate <= 100:
        raise InvoiceIncomplete(f"{where}.taxRate", f"is {price.rate}, not a rate between 0 and 100 percent")
    return Vat(VatCategory.STANDARD if price.rate else VatCategory.ZERO, price.rate.normalize() + 0)


def _line(part: _Part, net: Decimal, currency: Currency) -> InvoiceLine:
    if part.line is None:
        return InvoiceLine(
            part.name, "", Decimal(1), "", part.price.net, net, currency.round(Decimal(0)), net, part.vat
        )
    line = part.line
    list_net = max(currency.round(line.price.net), net) if line.discounted else net
    return InvoiceLine(
        name=part.name,
        sku=line.sku,
        quantity=line.quantity,
        unit=line.unit,
        unit_net=line.unit_price.net,
        list_net=list_net,
        allowance=list_net - net,
        net=net,
        vat=part.vat,
    )


def totals_of(
    order: Order,
    currency: Currency,
    lines: tuple[InvoiceLine, ...],
    charges: tuple[Charge, ...],
    groups: tuple[VatGroup, ...],
) -> Totals:
    """The document's totals. Raises `TotalsMismatch` if rounding alone cannot explain what the customer is charged."""
    net, tax = total(g.net for g in groups), total(g.tax for g in groups)
    gross = currency.round(order.final.gross)
    rounding = gross - net - tax
    if gross < 0:
        raise TotalsMismatch(f"calculatedPrice.finalPrice.grossValue is {gross}; an invoice cannot be negative")
    if abs(rounding) > currency.coin * (len(groups) + 1) + _vat_noise(order, currency, len(lines) + len(charges)):
        raise TotalsMismatch(f"net {net} and VAT {tax} are {rounding} away from the gross {gross} that was ordered")
    return Totals(
        lines=total(line.net for line in lines),
        charges=currency.round(total(charge.net for charge in charges)),
        net=net,
        tax=tax,
        rounding=rounding,
        gross=gross,
    )


def _vat_noise(order: Order, currency: Currency, parts: int) -> Decimal:
    """How far VAT rounded part by part, as shops do, may stray from VAT rounded once a group.

    A part's net and its gross may each be off by half of its last digit: one digit a part.
    """
    amounts = [amount for line in order.lines for amount in (line.final.net, line.final.tax)]
    return _last_digit([*amounts, order.final.gross], currency) * parts


# The money


def paid_before(payments: tuple[Payment, ...], currency: Currency) -> Decimal:
    """What the customer has paid already, before this service does anything."""
    return currency.round(total(p.paid for p in payments if p.status is PaymentStatus.PAID))


def planned_captures(payments: tuple[Payment, ...], gross: Decimal, currency: Currency) -> tuple[PlannedCapture, ...]:
    """What to capture so that the order is paid: each authorised payment up to what is still open.

    Payments that are settled elsewhere (by invoice, on delivery) are left alone; a transaction is captured once,
    however many payments name it; of an authorisation finer than a coin only whole coins are taken. Raises
    `AmountExceedsAuthorization` when the authorised payments do not suffice, `PaymentRefused` when none was authorised.
    """
    left = gross - paid_before(payments, currency)
    if left <= 0 or not payments:
        return ()
    authorized = _authorized(payments)
    available = total(currency.whole(p.authorized) for p in authorized)
    if available < left and not any(p.status is PaymentStatus.DEFERRED for p in payments):
        _refuse(authorized, available, left, currency)
    plan = []
    for payment in authorized:
        amount = min(left, currency.whole(payment.authorized))
        if amount > 0:
            plan.append(PlannedCapture(_transaction(payment), amount))
            left -= amount
    return tuple(plan)


def _authorized(payments: tuple[Payment, ...]) -> list[Payment]:
    """The authorised payments, the first of each transaction."""
    authorized = [p for p in payments if p.status is PaymentStatus.AUTHORIZED]
    first = {p.transaction_id: p for p in reversed(authorized)}
    return [p for p in authorized if p.transaction_id is None or p is first[p.transaction_id]]


def _refuse(authorized: list[Payment], available: Decimal, left: Decimal, currency: Currency) -> None:
    if authorized:
        message = f"{left} {currency} are to be captured, but only {available} {currency} were authorised"
        raise AmountExceedsAuthorization(message)
    raise PaymentRefused("no payment of the order was authorised")


def _transaction(payment: Payment) -> TransactionId:
    if payment.transaction_id is None:
        raise PaymentRefused(f"the authorised payment by {payment.method[:40]!r} has no transactionId to capture")
    return payment.transaction_id

"""What an order's parts come to, to the cent.

In the order in which it happens:

1. Every priced part of the order (goods, fees, shipping) is filed under its VAT category and rate.
2. A group's net is the exact sum of its parts, rounded once; its parts are apportioned so that they add up to it.
3. A group's VAT is its rounded net times its rate, rounded once, half up (EN 16931 BR-CO-17).
4. What the customer is charged is the order's gross, rounded. Where net + VAT misses it, the residue is the rounding
   amount (BT-114), shown and never hidden: gross = net + VAT + rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import TotalsMismatch
from domain.invoice import AllowanceCharge, InvoiceLine, Totals, VatGroup
from domain.money import Currency, apportion, total
from domain.order import Fee, Order, OrderLine, Price, spoken
from domain.text import one_line
from domain.vat import Exemption, Trade, Vat, VatRules
from domain.wording.languages import words_of

FINEST_SCALE = 3
"""Decimals to which the platform calculates (`cartCalculationScale`); finer digits in an order are float noise."""


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
    shipping = [order.shipping_fee.final] if order.shipping_fee else []
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
    """A priced part of the order on its way to a line or a charge, and where in the order its price stands.

    `listed` is its price before discounts, if there were any.
    """

    name: str
    price: Price
    where: str
    listed: Price | None = None
    listed_where: str = ""
    line: OrderLine | None = None
    charge: bool = False

    @property
    def is_given_away(self) -> bool:
        """Whether it is a fee of which nothing is left to pay."""
        return self.line is None and not self.price.is_charged

    @property
    def taxed(self) -> tuple[Price, str]:
        """The price that tells its VAT, and where it stands: of what costs nothing, that before it was given away."""
        if self.listed and self.listed.rate is not None and not self.price.is_charged:
            return self.listed, self.listed_where
        return self.price, self.where

    def is_told(self, currency: Currency) -> bool:
        """Whether there is something to say of it: what is given away was worth something, under a VAT that is told."""
        if not self.is_given_away:
            return True
        return self.before(currency).net > 0 and self.taxed[0].rate is not None

    def before(self, currency: Currency) -> Price:
        """Its price before discounts; what it costs, if that was not dearer by a coin, and with VAT too.

        Less than that is noise of a shop's digits, or another rate: nothing that anybody took off.
        """
        listed, price = self.listed, self.price
        if listed and listed.gross > price.gross and currency.round(listed.net - price.net) > 0:
            return listed
        return price

    def list_net(self, net: Decimal, currency: Currency) -> Decimal:
        """What it was before discounts, in coins, if it is `net` after them; never less."""
        before = self.before(currency)
        return net if before is self.price else max(currency.round(before.net), net)


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines, charges, allowances and VAT breakdown.

    Lines plus charges less allowances are, group by group, the breakdown's nets.
    """

    lines: tuple[InvoiceLine, ...]
    charges: tuple[AllowanceCharge, ...]
    allowances: tuple[AllowanceCharge, ...]
    groups: tuple[VatGroup, ...]


def priced(order: Order, currency: Currency, language: str, rules: VatRules, trade: Trade) -> Priced:
    """What the order's parts come to. Raises `InvoiceIncomplete` where a price does not tell its VAT."""
    parts, vats = _taxed(order, currency, language, rules, trade)
    nets: dict[int, Decimal] = {}
    groups = []
    for vat in sorted(set(vats), key=lambda vat: (-vat.rate, vat.category)):
        members = [i for i, each in enumerate(vats) if each == vat]
        coins = apportion([parts[i].price.net for i in members], currency)
        nets.update(zip(members, coins, strict=True))
        codes = dict.fromkeys(parts[i].taxed[0].tax_code or "" for i in members if not parts[i].is_given_away)
        groups.append(_group(vat, total(coins), currency, [rules.exemption(vat, code) for code in codes]))
    lines = tuple(_line(part, nets[i], vats[i], currency) for i, part in enumerate(parts) if not part.charge)
    on_top = [(part, nets[i], vats[i]) for i, part in enumerate(parts) if part.charge]
    charges = tuple(AllowanceCharge(part.name, part.list_net(net, currency), vat) for part, net, vat in on_top)
    discount_on = words_of(language).discount_on
    allowances = tuple(
        AllowanceCharge(discount_on.format(name=part.name), allowance, vat)
        for part, net, vat in on_top
        if (allowance := part.list_net(net, currency) - net)
    )
    return Priced(lines, charges, allowances, tuple(groups))


def _taxed(
    order: Order, currency: Currency, language: str, rules: VatRules, trade: Trade
) -> tuple[list[_Part], list[Vat]]:
    """The parts and the VAT on each. What is given away is shown, unless its VAT would be there for nothing else."""
    told = [part for part in _parts(order, language) if part.is_told(currency)]
    taxed = [(part, rules.vat(price, trade, where)) for part in told for price, where in (part.taxed,)]
    charged = {vat for part, vat in taxed if not part.is_given_away}
    shown = [(part, vat) for part, vat in taxed if vat in charged]
    return [part for part, _ in shown], [vat for _, vat in shown]


def _group(vat: Vat, net: Decimal, currency: Currency, reasons: list[Exemption | None]) -> VatGroup:
    return VatGroup(vat, net, currency.round(net * vat.rate / 100), Exemption.joined(reasons))


def _parts(order: Order, language: str) -> Iterator[_Part]:
    for index, line in enumerate(order.lines):
        at = f"entries[{index}].calculatedPrice"
        name = spoken(line.name, language) or line.sku.strip() or line.id
        listed = line.price if line.discounted else None
        yield _Part(name, line.goods, f"{at}.{line.goods_field}", listed, f"{at}.price", line)
        for n, fee in enumerate(line.fees):
            yield _fee(fee, language, f"{at}.fees[{n}]")
        if line.total_fee and not line.fees:
            yield _Part(words_of(language).fee, line.total_fee, f"{at}.totalFee")
    for n, fee in enumerate(order.payment_fees):
        yield _fee(fee, language, f"calculatedPrice.paymentFees[{n}]", charge=True)
    if shipping := order.shipping_fee:
        at, listed_at = "calculatedPrice.totalShipping", "calculatedPrice.shipping"
        yield _Part(_shipping_name(shipping, language), shipping.final, at, shipping.listed, listed_at, charge=True)


def _fee(fee: Fee, language: str, at: str, *, charge: bool = False) -> _Part:
    given = spoken(fee.name, language)
    name = given if one_line(given) else words_of(language).fee
    return _Part(name, fee.final, f"{at}.{fee.field}", fee.listed, f"{at}.price", charge=charge)


def _shipping_name(fee: Fee, language: str) -> str:
    given, shipping = spoken(fee.name, language), words_of(language).shipping
    return f"{shipping} ({given})" if one_line(given) else shipping


def _line(part: _Part, net: Decimal, vat: Vat, currency: Currency) -> InvoiceLine:
    list_net = part.list_net(net, currency)
    if part.line is None:
        unit_net = part.before(currency).net
        return InvoiceLine(part.name, "", Decimal(1), "", unit_net, list_net, list_net - net, net, vat)
    line = part.line
    return InvoiceLine(
        name=part.name,
        sku=line.sku,
        quantity=line.quantity,
        unit=line.unit,
        unit_net=line.unit_price.net,
        list_net=list_net,
        allowance=list_net - net,
        net=net,
        vat=vat,
    )


def totals_of(order: Order, currency: Currency, has: Priced) -> Totals:
    """The document's totals. Raises `TotalsMismatch` if rounding alone cannot explain what the customer is charged."""
    net, tax = total(g.net for g in has.groups), total(g.tax for g in has.groups)
    gross = currency.round(order.final.gross)
    rounding = gross - net - tax
    if gross < 0:
        raise TotalsMismatch(f"calculatedPrice.finalPrice.grossValue is {gross}; an invoice cannot be negative")
    parts = len(has.lines) + len(has.charges)
    if abs(rounding) > currency.coin * (len(has.groups) + 1) + _vat_noise(order, currency, parts):
        raise TotalsMismatch(f"net {net} and VAT {tax} are {rounding} away from the gross {gross} that was ordered")
    return Totals(
        lines=total(line.net for line in has.lines),
        charges=currency.round(total(charge.net for charge in has.charges)),
        net=net,
        tax=tax,
        rounding=rounding,
        gross=gross,
        allowances=currency.round(total(allowance.net for allowance in has.allowances)),
    )


def _vat_noise(order: Order, currency: Currency, parts: int) -> Decimal:
    """How far VAT rounded part by part, as shops do, may stray from VAT rounded once a group.

    A part's net and its gross may each be off by half of its last digit: one digit a part.
    """
    amounts = [amount for line in order.lines for amount in (line.final.net, line.final.tax)]
    return _last_digit([*amounts, order.final.gross], currency) * parts

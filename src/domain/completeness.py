"""What the law and EN 16931 want on an invoice, asked before money moves.

Raises `InvoiceIncomplete` with the first thing that is missing: the business term, the field, and where to set it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import chain

from domain.countries import CODES, EUROPEAN_UNION, vat_country
from domain.errors import InvoiceIncomplete
from domain.invoice import Party
from domain.money import Currency
from domain.order import Address, Order, Price, Seller
from domain.text import one_line
from domain.vat import VatCategory, buyer_owes

MOST_DECIMALS = 2
"""Of an amount in an electronic invoice (EN 16931, 6.5.2)."""

UNLISTED_CURRENCIES = frozenset({"ANG", "BGN", "STN"})
"""That have coins, but no place in the code list of electronic invoices (EN 16931 BR-CL-04)."""

_NEEDING_SELLER_VAT_ID = {VatCategory.REVERSE_CHARGE, VatCategory.INTRA_COMMUNITY, VatCategory.EXPORT}

CORRECT = "correct the order"
SET_SELLER = "set it in the site's mixin merchantInfo or in the tenant's settings"


def require_complete(order: Order, seller: Seller, currency: Currency) -> None:
    """Raises for what every invoice needs (directive 2006/112/EC, art. 226)."""
    wrong = chain(_wrong_with(seller), _missing(order), _unnamed(order), _wrong_with_countries(order))
    for field, problem in wrong:
        raise InvoiceIncomplete(field, problem)
    if currency.code in UNLISTED_CURRENCIES:
        raise InvoiceIncomplete(
            "currency", f"is {currency}, which electronic invoices have no code for (BT-5): {CORRECT}"
        )
    if currency.digits > MOST_DECIMALS:
        raise InvoiceIncomplete(
            "currency",
            f"is {currency}, which has {currency.digits} decimals: an amount in an electronic invoice has at most "
            f"{MOST_DECIMALS} (BT-5), so such an order cannot be invoiced to the last coin",
        )


def require_positive(order: Order) -> None:
    """Raises for less than nothing (EN 16931 BR-27 of a line, BG-21 of a charge), and for nothing that costs."""
    for index, line in enumerate(order.lines):
        amounts = {
            "amount": (line.quantity, "BT-129"),
            "calculatedUnitPrice.netValue": (line.unit_price.net, "BT-146"),
            "calculatedUnitPrice.grossValue": (line.unit_price.gross, "BT-146"),
            "calculatedPrice.price.netValue": (line.price.net, "BT-131"),
            "calculatedPrice.discountedPrice.netValue": (line.goods.net, "BT-131"),
        }
        for field, (amount, term) in amounts.items():
            if amount < 0:
                problem = f"is {amount}, less than nothing ({term}): {CORRECT}"
                raise InvoiceIncomplete(f"entries[{index}].{field}", problem)
        if not line.quantity and line.goods.is_charged:
            problem = f"is 0 (BT-129), but costs {line.goods.net} net: {CORRECT}"
            raise InvoiceIncomplete(f"entries[{index}].amount", problem)
    for field, price, term in _on_top(order):
        for name, amount in (("netValue", price.net), ("grossValue", price.gross)):
            if amount < 0:
                raise InvoiceIncomplete(f"{field}.{name}", f"is {amount}, less than nothing ({term}): {CORRECT}")


def require_lawful(categories: Collection[VatCategory], seller: Seller, buyer: Party, delivered: date | None) -> None:
    """Raises for what invoices without VAT need besides (EN 16931 BR-AE-02, BR-IC-02, BR-IC-11, BR-G-02, BR-O-11)."""
    owed = sorted(category for category in categories if buyer_owes(category))
    if owed and not vat_country(buyer.vat_id):
        raise InvoiceIncomplete(
            "buyer VAT id (BT-48)",
            f"is {_shown(buyer.vat_id)}: the buyer owes the tax (category {owed[0]}), so the order has to tell his VAT "
            "id with its country; the tenant's vat_id_path says where in the order it is",
        )
    if VatCategory.INTRA_COMMUNITY in categories and delivered is None:
        raise InvoiceIncomplete(
            "delivery date (BT-72)", "is missing: a supply to another member state is invoiced once it is delivered"
        )
    if set(categories) & _NEEDING_SELLER_VAT_ID and not vat_country(seller.vat_id):
        raise InvoiceIncomplete(
            "seller VAT id (BT-31)", f"is {_shown(seller.vat_id)}, and needed with its country: {SET_SELLER}"
        )
    if VatCategory.OUT_OF_SCOPE in categories and len(categories) > 1:
        raise InvoiceIncomplete(
            "VAT category (BT-151)",
            "is O for some parts of the order only: what is out of scope of VAT needs an invoice of its own",
        )


def _wrong_with(seller: Seller) -> Iterator[tuple[str, str]]:
    for lacking in seller.lacks:
        yield lacking, f"is missing: {SET_SELLER}"
    if seller.country not in CODES:
        yield "seller country (BT-40)", f"is {_shown(seller.country)}, no code of ISO 3166-1: {SET_SELLER}"
    if seller.country in EUROPEAN_UNION and seller.vat_id and not vat_country(seller.vat_id):
        yield "seller VAT id (BT-31)", f"is {_shown(seller.vat_id)}, which begins with no country: {SET_SELLER}"


def _missing(order: Order) -> Iterator[tuple[str, str]]:
    billing, customer = order.billing, order.customer
    if not order.lines:
        yield "entries", f"is missing: the order has no line (BG-25), and an invoice needs one; {CORRECT}"
    name = billing.company or billing.name or customer.company or customer.name
    given = {
        "billingAddress.contactName": (name, "name (BT-44)"),
        "billingAddress.street": (billing.street, "street (BT-50)"),
        "billingAddress.city": (billing.city, "city (BT-52)"),
        "billingAddress.country": (billing.country, "country (BT-55)"),
        "customer.email": (customer.email, "e-mail address (BT-49)"),
    }
    for field, (value, term) in given.items():
        if not one_line(value):
            yield field, f"is missing: set the buyer's {term} in the order"


def _unnamed(order: Order) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(order.lines):
        if not any(one_line(text) for text in (*line.name.values(), line.sku, line.id)):
            yield (
                f"entries[{index}].product.name",
                f"is missing, and so is its SKU: an item has a name (BT-153); {CORRECT}",
            )


def _on_top(order: Order) -> Iterator[tuple[str, Price, str]]:
    """Everything that is paid besides the goods: where it stands, and what it is on the invoice."""
    for index, line in enumerate(order.lines):
        where = f"entries[{index}].calculatedPrice"
        yield from ((f"{where}.fees[{n}].{fee.field}", fee.final, "BT-131") for n, fee in enumerate(line.fees))
        if line.total_fee:
            yield f"{where}.totalFee", line.total_fee, "BT-131"
    for n, fee in enumerate(order.payment_fees):
        yield f"calculatedPrice.paymentFees[{n}].{fee.field}", fee.final, "BT-99"
    if order.shipping_fee:
        yield "calculatedPrice.totalShipping", order.shipping_fee.final, "BT-99"


def _wrong_with_countries(order: Order) -> Iterator[tuple[str, str]]:
    at: tuple[tuple[str, Address | None, str], ...] = (
        ("billingAddress", order.billing, "BT-55"),
        ("shippingAddress", order.shipping, "BT-80"),
    )
    for field, address, term in at:
        if address and address.country and address.country not in CODES:
            yield f"{field}.country", f"is {_shown(address.country)}, no code of ISO 3166-1 ({term}): {CORRECT}"


def _shown(value: str) -> str:
    return repr(value[:40]) if value else "missing"

"""How an order, its site and its seller become an invoice: everything is decided and checked before money moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.completeness import require_complete, require_lawful, require_positive
from domain.invoice import Draft, Party
from domain.money import Currency
from domain.order import Address, Customer, Order, Seller, Site
from domain.pricing import priced, require_sums, totals_of
from domain.settlement import paid_before, planned_captures
from domain.vat import Trade, VatRules
from domain.wording.languages import language_of


@dataclass(frozen=True, slots=True)
class Terms:
    """What a tenant wants on its invoices: its table of VAT, and within how many days they are to be paid."""

    vat: VatRules = VatRules()  # noqa: RUF009 - it is frozen
    payment_days: int | None = None


def draft_of(order: Order, site: Site, seller: Seller, terms: Terms = Terms()) -> Draft:
    """The invoice this order gets, checked: what is found wrong here costs nobody money.

    Raises `InvoiceIncomplete`, `TotalsMismatch`, `AmountExceedsAuthorization`, `PaymentRefused`.
    """
    currency = Currency.of(order.currency)
    require_complete(order, seller, currency)
    require_positive(order)
    require_sums(order, currency)
    language = language_of(order.customer.language, site.language)
    buyer = buyer_of(order.customer, order.billing)
    deliver_to = party_at(order.shipping) if order.shipping else None
    trade = Trade(seller.country, (deliver_to or buyer).country or buyer.country, buyer.vat_id)
    has = priced(order, currency, language, terms.vat, trade)
    delivered = _day_of_delivery(order, site)
    require_lawful({group.vat.category for group in has.groups}, seller, buyer, delivered)
    totals = totals_of(order, currency, has)
    return Draft(
        order_id=order.id,
        site_code=order.site_code,
        zone=site.zone,
        language=language,
        currency=currency,
        seller=seller,
        brand=site.brand,
        logo_url=site.logo_url,
        buyer=buyer,
        recipient=order.customer.email,
        ordered=order.created.astimezone(site.time_zone).date() if order.created else None,
        delivered=delivered,
        lines=has.lines,
        allowances=has.allowances,
        charges=has.charges,
        vat_groups=has.groups,
        totals=totals,
        captures=planned_captures(order.payments, totals.gross, currency),
        paid_before=paid_before(order.payments, currency),
        payment_methods=tuple(dict.fromkeys(p.method for p in order.payments if p.method)),
        deliver_to=deliver_to,
        payment_days=terms.payment_days,
    )


def buyer_of(customer: Customer, billing: Address) -> Party:
    """Who the invoice is made out to: the company, or the person."""
    at = party_at(billing)
    person = billing.name or customer.name
    name = billing.company or customer.company or person
    return Party(
        name=name,
        contact=person if person != name else "",
        street=at.street,
        extra=at.extra,
        zip_code=at.zip_code,
        city=at.city,
        state=at.state,
        country=at.country,
        vat_id=customer.vat_id,
        email=customer.email,
        reference=customer.reference,
    )


def party_at(address: Address) -> Party:
    """Whoever lives or resides there."""
    name = address.company or address.name
    return Party(
        name=name,
        contact=address.name if address.name != name else "",
        street=address.street,
        extra=address.extra,
        zip_code=address.zip_code,
        city=address.city,
        state=address.state,
        country=address.country,
    )


def _day_of_delivery(order: Order, site: Site) -> date | None:
    delivered = order.delivery.at(site.time_zone)
    return delivered.astimezone(site.time_zone).date() if delivered else None

"""What both syntaxes say of an invoice where its own model does not say it in the terms of EN 16931 already."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adapters.einvoice.units import is_known
from domain.countries import vat_country
from domain.invoice import Cancelled, Draft, Invoice, InvoiceLine, Party, PaymentMeans
from domain.vat import Vat, VatCategory
from domain.wording.languages import words_of

DISCOUNT = "95"
"""Why a line or the document has an allowance (BT-140, BT-98): UNTDID 5189."""

FURTHEST_FROM_PRODUCT = Decimal("0.02")
"""How far a line may be from price times quantity (PEPPOL-EN16931-R120)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How a party is known: VAT id (BT-31, BT-48), number at its tax office (BT-32), identifier (BT-29, BT-46)."""

    vat_id: str = ""
    tax_number: str = ""
    id: str = ""


def seller_identity(draft: Draft) -> Identity:
    """Who the seller is to a tax office. A VAT id that names no country is a tax number (BR-CO-09).

    Out of scope of VAT no VAT id is told (BR-O-02); a seller without one is known by his number (BR-CO-26).
    """
    seller, told = draft.seller, _compact(draft.seller.vat_id)
    vat_id = told if vat_country(told) and not _out_of_scope(draft) else ""
    tax_number = seller.tax_number or ("" if vat_country(told) else told)
    return Identity(vat_id, tax_number, "" if vat_id else tax_number or told)


def buyer_identity(draft: Draft) -> Identity:
    """Who the buyer is to a tax office; a VAT id that names no country is but an identifier (BR-CO-09)."""
    told = _compact(draft.buyer.vat_id)
    if _out_of_scope(draft):
        return Identity()
    return Identity(vat_id=told) if vat_country(told) else Identity(id=told)


def seller_party(draft: Draft) -> Party:
    """The seller (BG-4) as a party like the others."""
    seller = draft.seller
    return Party(
        name=seller.name,
        street=seller.street,
        zip_code=seller.zip_code,
        city=seller.city,
        country=seller.country,
        email=seller.email,
    )


def trading_name(draft: Draft) -> str:
    """The name over the shop's door (BT-28), if it is another than the seller's."""
    return draft.brand if draft.brand != draft.seller.name else ""


def deliver_to(draft: Draft) -> tuple[Party, str] | None:
    """Where the goods went (BG-13), and its country: the buyer's if it tells none (BR-57).

    A supply to another member state always tells it (BR-IC-12).
    """
    party = draft.deliver_to
    if party is None and any(group.vat.category is VatCategory.INTRA_COMMUNITY for group in draft.vat_groups):
        party = draft.buyer
    return None if party is None else (party, party.country or draft.buyer.country)


def rate(vat: Vat) -> str:
    """The VAT rate (BT-152, BT-119); what is out of scope has none (BR-O-05)."""
    return "" if vat.category is VatCategory.OUT_OF_SCOPE else format(vat.rate, "f")


def line_price(line: InvoiceLine) -> tuple[Decimal, Decimal | None]:
    """The item's net price (BT-146) and for how many it is (BT-149), None for one.

    It is that of the shop. Where it times the quantity is not what the shop asked (prices of other units, or rounded),
    it is what the shop asked for as many as were bought.
    """
    if abs(line.unit_net * line.quantity - line.list_net) <= FURTHEST_FROM_PRODUCT or not line.quantity:
        return line.unit_net, None
    return line.list_net, line.quantity


def discount(draft: Draft) -> str:
    """Why a line has an allowance, in words (BT-139), in the language of the document."""
    return words_of(draft.language).discount


def line_note(line: InvoiceLine) -> str:
    """What the shop called the unit (BT-127), where no code says it."""
    return "" if is_known(line.unit) else f"Unit: {line.unit}"


def payment_terms(invoice: Invoice) -> str:
    """When it is to be paid, in words (BT-20): where something is and no day says it (BR-CO-25)."""
    if invoice.due <= 0 or invoice.due_date is not None:
        return ""
    if invoice.cancels is not None:
        return _credited(invoice, invoice.cancels)
    on_delivery = invoice.payment_means is PaymentMeans.CASH
    return "Payable on delivery" if on_delivery else "Payable on receipt of the invoice"


def is_transfer(invoice: Invoice) -> bool:
    """Whether it is to be paid into the seller's account (BG-17)."""
    return invoice.payment_means in {PaymentMeans.CREDIT_TRANSFER, PaymentMeans.SEPA_CREDIT_TRANSFER}


def account(draft: Draft) -> str:
    """The seller's account (BT-84), without the blanks of print."""
    return _compact(draft.seller.iban)


def payment_methods(draft: Draft) -> str:
    """How it is paid, in the shop's words (BT-82)."""
    return ", ".join(method.replace("_", " ") for method in draft.payment_methods)


def _credited(invoice: Invoice, cancels: Cancelled) -> str:
    """What becomes of the amount of a credit note: it is set off, and what is given back is announced."""
    set_off = f"To the buyer's credit, against invoice {cancels.number}"
    if not cancels.refund:
        return set_off
    currency, beyond = invoice.draft.currency, invoice.refund_beyond
    returned = f"{set_off}; {cancels.refund} {currency} will be returned"
    return f"{returned}, of which {beyond} {currency} were charged beyond the invoice total" if beyond else returned


def _out_of_scope(draft: Draft) -> bool:
    return any(group.vat.category is VatCategory.OUT_OF_SCOPE for group in draft.vat_groups)


def _compact(number: str) -> str:
    return "".join(number.split()).upper()

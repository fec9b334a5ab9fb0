"""Which rules besides those of EN 16931 a UBL document keeps, and says so (BT-24, BT-23).

XRechnung 3.0   the buyer gave a reference (BT-10, such as a Leitweg-ID), both have an e-mail address, the seller
                can be reached by telephone too, every address has city and post code, and VAT law applies
Peppol BIS 3    else, where both have a VAT id under which Peppol finds them, unless the seller's country adds rules
                about data that we do not have, or both are German (then XRechnung is the rule)
EN 16931        else
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.einvoice import terms
from adapters.einvoice.addresses import ElectronicAddress, by_mail, in_peppol
from domain.countries import vat_country
from domain.invoice import Draft
from domain.vat import VatCategory


@dataclass(frozen=True, slots=True)
class Customization:
    """What a document claims to be, and the electronic addresses it is to have."""

    specification: str
    profile: str = ""
    seller: ElectronicAddress | None = None
    buyer: ElectronicAddress | None = None


CORE = "urn:cen.eu:en16931:2017"
XRECHNUNG = f"{CORE}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PEPPOL = f"{CORE}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"

_DEMANDING = frozenset({"DK", "GR", "IS", "NL", "NO", "SE"})
"""Whose sellers owe Peppol more: DK-R-002, GR-R-001 and 004, IS-R-002, NL-R-008, NO-R-001, SE-R-006."""

_PHONE = re.compile(r"(.*\d){3}.*")  # BR-DE-27
_EMAIL = re.compile(r"[^@\s.][^@\s]*[^@\s.]@[^@\s.][^@\s]*[^@\s.]")  # BR-DE-28


def customization_of(draft: Draft) -> Customization:
    """What the document may claim to be, by the table above."""
    seller, buyer = by_mail(draft.seller.email), by_mail(draft.buyer.email)
    if _is_xrechnung(draft):
        return Customization(XRECHNUNG, BILLING, seller, buyer)
    found = in_peppol(terms.seller_identity(draft).vat_id), in_peppol(terms.buyer_identity(draft).vat_id)
    if all(found) and _is_peppol(draft):
        return Customization(PEPPOL, BILLING, *found)
    return Customization(CORE, "", seller, buyer)


def _is_xrechnung(draft: Draft) -> bool:
    """BR-DE-2 to 11, 14 to 16, 27 and 28; PEPPOL-EN16931-R010 and R020."""
    seller, goes = draft.seller, terms.deliver_to(draft)
    parties = (terms.seller_party(draft), draft.buyer, *((goes[0],) if goes else ()))
    return (
        bool(draft.buyer.reference and draft.buyer.email)
        and bool(_PHONE.fullmatch(seller.phone) and _EMAIL.fullmatch(seller.email))
        and all(party.city and party.zip_code for party in parties)
        and all(group.vat.category is not VatCategory.OUT_OF_SCOPE for group in draft.vat_groups)
    )


def _is_peppol(draft: Draft) -> bool:
    """Whether no country's own rules ask for more."""
    seller = draft.seller
    countries = {seller.country, vat_country(seller.vat_id)}
    short = seller.country == "IT" and bool(seller.tax_number)  # IT-R-001
    return not countries & _DEMANDING and not short and {seller.country, draft.buyer.country} != {"DE"}

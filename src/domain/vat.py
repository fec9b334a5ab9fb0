"""Which VAT applies to a price: category, rate, and why where there is none.

The categories are those of EN 16931 (UNTDID 5305). A rate above nothing is always S. Without one the tenant's table of
tax codes decides; where it is silent, this one; where that is silent too, where the goods go:

    tax code            category  what it means
    EXEMPT              E         exempt from VAT, for a reason that the tenant gives
    REVERSE_CHARGE      AE        the buyer owes the tax
    INTRA_COMMUNITY     K         supply to a business in another member state
    EXPORT              G         the goods leave the Union
    OUT_OF_SCOPE        O         VAT law does not apply
    ZERO                Z         taxed at a rate of nothing
    any other           G         from the Union to a country outside it
                        K         to another member state, for a buyer with the VAT id of one
                        Z         otherwise
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from domain.countries import EUROPEAN_UNION, vat_country
from domain.errors import InvoiceIncomplete
from domain.order import Price
from domain.vatex import CODES as VATEX


class VatCategory(StrEnum):
    """UNTDID 5305, as far as EN 16931 takes it (BT-118, BT-151)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


@dataclass(frozen=True, slots=True, order=True)
class Vat:
    """VAT category (BT-151) and rate in percent (BT-152)."""

    category: VatCategory
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why there is no VAT: a code of the VATEX list (BT-121), a text (BT-120), or both."""

    code: str = ""
    text: str = ""

    @classmethod
    def of(cls, told: str) -> Exemption:
        """What a tenant says: a text, or a code, or both as `VATEX-EU-132: text`."""
        code, _, text = told.partition(":") if told.startswith("VATEX-") else ("", "", told)
        return cls(code.strip(), text.strip())

    @classmethod
    def joined(cls, reasons: Iterable[Exemption | None]) -> Exemption | None:
        """One for several, as a VAT breakdown has a single row for a category: their code if it is one, all texts."""
        given = [reason for reason in reasons if reason is not None]
        codes = {reason.code for reason in given}
        texts = dict.fromkeys(reason.text for reason in given if reason.text)
        return cls(codes.pop() if len(codes) == 1 else "", "; ".join(texts)) if given else None


EXEMPTIONS: Mapping[VatCategory, Exemption] = {
    VatCategory.REVERSE_CHARGE: Exemption("VATEX-EU-AE", "Reverse charge"),
    VatCategory.INTRA_COMMUNITY: Exemption("VATEX-EU-IC", "Intra-Community supply"),
    VatCategory.EXPORT: Exemption("VATEX-EU-G", "Export outside the EU"),
    VatCategory.OUT_OF_SCOPE: Exemption("VATEX-EU-O", "Not subject to VAT"),
}
"""The reasons that the categories are by themselves (EN 16931 BR-AE-10, BR-IC-10, BR-G-10, BR-O-10)."""

_OWNERS = {reason.code: category for category, reason in EXEMPTIONS.items()}

TAX_CODES: Mapping[str, VatCategory] = {
    category.name: category for category in VatCategory if category is not VatCategory.STANDARD
}
"""What the tax codes of a price mean unless the tenant says otherwise."""

_BUYER_OWES = frozenset({VatCategory.REVERSE_CHARGE, VatCategory.INTRA_COMMUNITY})


@dataclass(frozen=True, slots=True)
class Trade:
    """Between whom, and where to: countries as ISO 3166-1 alpha-2."""

    seller_country: str
    deliver_to: str
    buyer_vat_id: str

    @property
    def leaves_the_union(self) -> bool:
        """Whether goods go from a member state to where the Union's VAT ends."""
        return self.seller_country in EUROPEAN_UNION and self.deliver_to not in EUROPEAN_UNION

    @property
    def is_intra_community(self) -> bool:
        """Whether a business in another member state gets the goods (directive 2006/112/EC, art. 138)."""
        theirs = vat_country(self.buyer_vat_id)
        across = {self.seller_country, self.deliver_to} <= EUROPEAN_UNION and self.deliver_to != self.seller_country
        return across and theirs in EUROPEAN_UNION and theirs != self.seller_country


@dataclass(frozen=True, slots=True)
class VatRules:
    """A tenant's own table: which category its tax codes mean, what no VAT means otherwise, and the reasons.

    No code means S: that a rate is more than nothing says it. `reasons` are by tax code, else by category.
    """

    categories: Mapping[str, VatCategory] = field(default_factory=dict)
    otherwise: VatCategory | None = None
    reasons: Mapping[str, Exemption] = field(default_factory=dict)

    def vat(self, price: Price, trade: Trade, where: str) -> Vat:
        """The VAT on a price; `where` it stands in the order. Raises `InvoiceIncomplete`."""
        category_term, rate_term = _terms_of(where)
        rate = _rate(price, where, rate_term)
        told = self._told(price.tax_code or "")
        if rate and told is not None:
            raise InvoiceIncomplete(
                f"{where}.taxRate",
                f"is {rate}, but the tax code {price.tax_code!r} means category {told} ({category_term}), no VAT: "
                "correct the order, or the tenant's table vat.codes",
            )
        if rate:
            return Vat(VatCategory.STANDARD, rate)
        return Vat(told or self.otherwise or _by_place(trade), rate)

    def exemption(self, vat: Vat, tax_code: str) -> Exemption | None:
        """Why there is no VAT; None where there is, if only at nothing.

        Raises `InvoiceIncomplete` where no reason is known, or one whose code does not fit.
        """
        if vat.category in {VatCategory.STANDARD, VatCategory.ZERO}:
            return None
        reason = self.reasons.get(tax_code) or self.reasons.get(vat.category) or EXEMPTIONS.get(vat.category)
        if reason is None:
            raise InvoiceIncomplete(
                "VAT exemption reason (BT-120)",
                "is missing: set it for the tenant, in its table vat.reasons, by tax code or as E",
            )
        _require_code(reason, vat.category)
        return reason

    def _told(self, tax_code: str) -> VatCategory | None:
        return self.categories.get(tax_code) or TAX_CODES.get(tax_code.upper())


def buyer_owes(category: VatCategory) -> bool:
    """Whether the buyer's VAT id has to be on the invoice (directive 2006/112/EC, art. 226 no. 4)."""
    return category in _BUYER_OWES


def _require_code(reason: Exemption, category: VatCategory) -> None:
    """Raises for what is no code (BR-CL-22), or another category's own (PEPPOL-EN16931-P0104 to P0107)."""
    if reason.code and (reason.code not in VATEX or _OWNERS.get(reason.code, category) is not category):
        raise InvoiceIncomplete(
            "VAT exemption reason code (BT-121)",
            f"is {reason.code[:40]!r}, no code of the VATEX list for category {category}: correct the tenant's table "
            "vat.reasons",
        )


def _by_place(trade: Trade) -> VatCategory:
    if trade.leaves_the_union:
        return VatCategory.EXPORT
    return VatCategory.INTRA_COMMUNITY if trade.is_intra_community else VatCategory.ZERO


def _terms_of(where: str) -> tuple[str, str]:
    """The terms for VAT category and rate: those of a line, or those of a charge on the whole document."""
    return ("BT-151", "BT-152") if where.startswith("entries[") else ("BT-102", "BT-103")


def _rate(price: Price, where: str, term: str) -> Decimal:
    if price.rate is None:
        raise InvoiceIncomplete(
            f"{where}.taxRate",
            f"is missing: the VAT rate ({term}) must be on every price of the order; correct it there",
        )
    if not 0 <= price.rate <= 100:
        raise InvoiceIncomplete(
            f"{where}.taxRate", f"is {price.rate}, not a VAT rate ({term}) between 0 and 100 percent: correct the order"
        )
    return price.rate.normalize() + 0

"""What is set of a tenant's VAT: what its tax codes mean, and the reasons for which there is none."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from domain.vat import EXEMPTIONS, Exemption, VatCategory, VatRules
from domain.vatex import CODES as VATEX

CATEGORIES = "Z, E, AE, K, G or O"


class VatSettings(BaseModel):
    """A tenant's table of VAT. It is about prices without VAT: those with a rate are of category S.

    `codes` says which category a tax code means, `otherwise` which one counts where no code does, and `reasons` why
    there is no VAT: by tax code, or by category.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: dict[str, str] = {}
    otherwise: str = ""
    reasons: dict[str, str] = {}

    @field_validator("codes")
    @classmethod
    def _name_categories(cls, codes: dict[str, str]) -> dict[str, str]:
        for code, category in codes.items():
            _require_category(category, f"{code} = {category[:20]!r}: ")
        return codes

    @field_validator("otherwise")
    @classmethod
    def _names_a_category(cls, otherwise: str) -> str:
        if otherwise:
            _require_category(otherwise)
        return otherwise

    @field_validator("reasons")
    @classmethod
    def _give_known_codes(cls, reasons: dict[str, str]) -> dict[str, str]:
        for what, reason in reasons.items():
            if not reason.strip():
                raise ValueError(f"{what}: is empty")
            code = Exemption.of(reason).code
            if code and code not in VATEX:
                raise ValueError(f"{what} = {code[:40]!r}: is no code of the VATEX list, but a text may stand alone")
        return reasons

    @model_validator(mode="after")
    def _has_reasons(self) -> Self:
        """A category that means nothing by itself has to be explained (EN 16931 BR-E-10)."""
        for what, category in (*self.codes.items(), ("otherwise", self.otherwise)):
            known = {what, category} & self.reasons.keys() or category in EXEMPTIONS
            if category == VatCategory.EXEMPT and not known:
                raise ValueError(f"reasons: has none for {category}, which {what} means")
        return self

    def rules(self) -> VatRules:
        """The table, as the domain knows it."""
        return VatRules(
            categories={code: VatCategory(category) for code, category in self.codes.items()},
            otherwise=VatCategory(self.otherwise) if self.otherwise else None,
            reasons={what: Exemption.of(reason) for what, reason in self.reasons.items()},
        )


def _require_category(category: str, where: str = "") -> None:
    if category not in {each.value for each in VatCategory} - {VatCategory.STANDARD.value}:
        raise ValueError(f"{where}is no category without VAT: {CATEGORIES}")

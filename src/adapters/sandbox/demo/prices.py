"""Prices as the platform calculates them: exact decimals, net + tax = gross to the last digit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from adapters.sandbox.answers import Json


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a shop prices: in which currency, with which VAT rates in percent, gross or net, how finely.

    `untaxed` is the tax code of prices without VAT, for tariffs that have no other.
    """

    site: str
    country: str
    currency: str
    standard: Decimal
    reduced: Decimal
    includes_tax: bool
    decimals: int
    untaxed: str = ""

    def without_vat(self, tax_code: str) -> Tariff:
        """The tariff with a rate of nothing on everything, for the reason that the tax code stands for."""
        return replace(self, standard=Decimal(0), reduced=Decimal(0), untaxed=tax_code)

    def price(self, amount: Decimal, *, reduced: bool = False) -> Json:
        """The price of this amount, which is gross or net as the shop has it."""
        rate = self.reduced if reduced else self.standard
        factor = 1 + rate / 100
        gross = self.fine(amount if self.includes_tax else amount * factor)
        net = self.fine(amount / factor if self.includes_tax else amount)
        values = {"netValue": net, "grossValue": gross, "taxValue": gross - net}
        return {**values, "taxCode": self.untaxed or ("REDUCED" if reduced else "STANDARD"), "taxRate": rate}

    def fine(self, amount: Decimal) -> Decimal:
        """The amount as finely as the shop calculates."""
        return amount.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)


GERMANY = Tariff("main", "DE", "EUR", Decimal(19), Decimal(7), includes_tax=True, decimals=3)
WHOLESALE = Tariff("wholesale", "DE", "EUR", Decimal(19), Decimal(7), includes_tax=False, decimals=3)
SWITZERLAND = Tariff("swiss", "CH", "CHF", Decimal("8.1"), Decimal("2.6"), includes_tax=False, decimals=3)
JAPAN = Tariff("tokyo", "JP", "JPY", Decimal(10), Decimal(8), includes_tax=True, decimals=0)

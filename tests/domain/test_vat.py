"""Which VAT a price has, and why it has none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.errors import InvoiceIncomplete
from domain.order import Price
from domain.vat import EXEMPTIONS, Exemption, Trade, Vat, VatCategory, VatRules

USUAL = VatRules()
AT_HOME = Trade("DE", "DE", "")


def vat(rate: str | None, code: str | None = None, *, trade: Trade = AT_HOME, rules: VatRules = USUAL) -> Vat:
    return rules.vat(Price(*[Decimal(1)] * 3, code, None if rate is None else Decimal(rate)), trade, "entries[0]")


@pytest.mark.parametrize("code", [None, "STANDARD", "REDUCED", "whatever"])
def test_a_rate_above_nothing_is_standard_whatever_the_shop_calls_it(code: str | None) -> None:
    assert vat("7.0", code) == Vat(VatCategory.STANDARD, Decimal(7))


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("EXEMPT", "E"),
        ("exempt", "E"),
        ("REVERSE_CHARGE", "AE"),
        ("INTRA_COMMUNITY", "K"),
        ("EXPORT", "G"),
        ("OUT_OF_SCOPE", "O"),
        ("ZERO", "Z"),
        ("FREE", "Z"),
        (None, "Z"),
    ],
)
def test_without_a_rate_the_tax_code_tells(code: str | None, category: str) -> None:
    assert vat("0", code) == Vat(VatCategory(category), Decimal(0))


def test_a_tenants_own_table_comes_first() -> None:
    rules = VatRules({"EXEMPT": VatCategory.ZERO, "BUILD": VatCategory.REVERSE_CHARGE}, VatCategory.EXEMPT)
    told = [vat("0", code, rules=rules).category.value for code in ("EXEMPT", "BUILD", "ZERO", "FREE", None)]
    assert told == ["Z", "AE", "Z", "E", "E"]


@pytest.mark.parametrize(
    ("seller", "deliver_to", "buyer_vat_id", "category"),
    [
        ("DE", "DE", "", "Z"),
        ("DE", "CH", "", "G"),
        ("DE", "CH", "CHE123456789", "G"),
        ("DE", "AT", "ATU12345678", "K"),
        ("DE", "GR", "EL123456789", "K"),
        ("DE", "AT", "", "Z"),
        ("DE", "AT", "DE123456789", "Z"),
        ("DE", "DE", "ATU12345678", "Z"),
        ("DE", "AT", "FR12345678901", "K"),
        ("CH", "DE", "DE123456789", "Z"),
        ("CH", "US", "", "Z"),
    ],
)
def test_where_nobody_tells_it_is_where_the_goods_go(
    seller: str, deliver_to: str, buyer_vat_id: str, category: str
) -> None:
    assert vat("0", trade=Trade(seller, deliver_to, buyer_vat_id)).category == category


def test_a_rate_contradicts_a_code_that_means_no_vat() -> None:
    with pytest.raises(InvoiceIncomplete, match=r"entries\[0\].taxRate is 19, but the tax code 'EXEMPT' means .* E"):
        vat("19", "EXEMPT")


@pytest.mark.parametrize("rate", [None, "-1", "101"])
def test_a_rate_that_is_none_is_named(rate: str | None) -> None:
    with pytest.raises(InvoiceIncomplete, match=r"entries\[0\].taxRate"):
        vat(rate)


@pytest.mark.parametrize("category", sorted(EXEMPTIONS))
def test_most_categories_are_reasons_by_themselves(category: VatCategory) -> None:
    reason = VatRules().exemption(Vat(category, Decimal(0)), "")
    assert reason is not None
    assert reason.code.startswith("VATEX-EU-")


def test_where_there_is_vat_there_is_no_reason() -> None:
    assert VatRules().exemption(Vat(VatCategory.STANDARD, Decimal(19)), "") is None
    assert VatRules().exemption(Vat(VatCategory.ZERO, Decimal(0)), "") is None


def test_an_exemption_needs_a_reason_and_says_where_to_set_it() -> None:
    exempt = Vat(VatCategory.EXEMPT, Decimal(0))
    with pytest.raises(InvoiceIncomplete, match=r"BT-120.*vat\.reasons"):
        VatRules().exemption(exempt, "EXEMPT")
    rules = VatRules(reasons={"E": Exemption(text="by category"), "BOOK": Exemption(text="by code")})
    told = [rules.exemption(exempt, code) for code in ("EXEMPT", "BOOK")]
    assert told == [Exemption(text="by category"), Exemption(text="by code")]


def test_several_reasons_of_one_category_are_told_together() -> None:
    school, health = Exemption("VATEX-EU-132-1I", "education"), Exemption("VATEX-EU-132-1B", "health")
    assert Exemption.joined([None, None]) is None
    assert Exemption.joined([school, None, school]) == school
    assert Exemption.joined([school, health]) == Exemption("", "education; health")

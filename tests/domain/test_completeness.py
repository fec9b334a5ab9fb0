"""What is missing is found before money moves, and named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.drafting import Terms, draft_of
from domain.errors import InvoiceIncomplete
from domain.invoice import Draft
from domain.order import Address, Customer, Delivery, Fee, Order, Seller
from domain.vat import Exemption, VatCategory, VatRules
from fakes.orders import a_line_of, a_price, an_order, an_order_of, summed
from fakes.platform import SELLER, SITE

WIEN = Address(company="Werk GmbH", street="Ring 1", zip_code="1010", city="Wien", country="AT")
USUAL = Terms()
AUSTRIAN = Customer(id="c-1", name="Werk GmbH", email="w@example.at", vat_id="ATU12345678")


def untaxed(code: str = "", **changes: Any) -> Order:
    """An order without VAT."""
    return an_order_of(a_line_of(replace(a_price("20.00", "0.00", 0), tax_code=code)), **changes)


def draft(order: Order, seller: Seller = SELLER, terms: Terms = USUAL) -> Draft:
    return draft_of(order, SITE, seller, terms)


def refusal(order: Order, seller: Seller = SELLER, terms: Terms = USUAL) -> str:
    with pytest.raises(InvoiceIncomplete) as caught:
        draft(order, seller, terms)
    return caught.value.message


def test_an_intra_community_supply_says_why_there_is_no_vat() -> None:
    made = draft(untaxed(customer=AUSTRIAN, billing=WIEN))
    [group] = made.vat_groups
    assert (group.vat.category, group.exemption) == (
        VatCategory.INTRA_COMMUNITY,
        Exemption("VATEX-EU-IC", "Intra-Community supply"),
    )
    assert (made.buyer.vat_id, str(made.totals.tax), str(made.totals.gross)) == ("ATU12345678", "0.00", "20.00")


def test_it_is_invoiced_once_it_is_delivered() -> None:
    order = untaxed(customer=AUSTRIAN, billing=WIEN, delivery=Delivery())
    assert refusal(order).startswith("delivery date (BT-72) is missing")


@pytest.mark.parametrize("vat_id", ["", "U12345678", "12345"])
def test_whoever_owes_the_tax_has_a_vat_id_with_a_country(vat_id: str) -> None:
    order = untaxed("REVERSE_CHARGE", customer=replace(AUSTRIAN, vat_id=vat_id))
    said = refusal(order)
    assert said.startswith("buyer VAT id (BT-48) is ")
    assert "vat_id_path" in said


def test_an_exemption_without_a_reason_is_found_before_money_moves() -> None:
    assert refusal(untaxed("EXEMPT")).startswith("VAT exemption reason (BT-120) is missing")
    terms = Terms(VatRules(reasons={"E": Exemption(text="§ 4 no. 21 UStG")}))
    [group] = draft(untaxed("EXEMPT"), terms=terms).vat_groups
    assert group.exemption == Exemption(text="§ 4 no. 21 UStG")


def test_what_is_out_of_scope_stands_on_an_invoice_of_its_own() -> None:
    free = a_line_of(replace(a_price("5.00", "0.00", 0), tax_code="OUT_OF_SCOPE"))
    assert draft(an_order_of(free)).vat_groups[0].vat.category is VatCategory.OUT_OF_SCOPE
    assert refusal(an_order_of(free, a_line_of(a_price("20.00", "3.80")))).startswith("VAT category (BT-151)")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"country": "Germany"}, "seller country (BT-40) is 'Germany', no code of ISO 3166-1"),
        ({"country": ""}, "seller country (BT-40) is missing"),
        ({"vat_id": "136695976"}, "seller VAT id (BT-31) is '136695976', which begins with no country"),
        ({"vat_id": ""}, "seller VAT id (BT-31) is missing"),
    ],
)
def test_a_seller_that_no_tax_office_would_know_is_named(changes: dict[str, str], said: str) -> None:
    told = refusal(an_order(), replace(SELLER, **changes))
    assert told.startswith(said)
    assert "merchantInfo" in told


def test_a_seller_without_a_vat_id_has_a_number_at_his_tax_office() -> None:
    small = replace(SELLER, vat_id="", tax_number="27/123/45678")
    assert draft(an_order(), small).seller.tax_number == "27/123/45678"
    said = refusal(untaxed("EXPORT"), small)
    assert said.startswith("seller VAT id (BT-31) is missing")


def test_numbers_of_other_worlds_need_no_country_in_front() -> None:
    assert draft(an_order(), replace(SELLER, country="JP", vat_id="T1234567890123")).seller.country == "JP"


@pytest.mark.parametrize("field", ["billingAddress", "shippingAddress"])
def test_a_country_that_is_no_code_is_named(field: str) -> None:
    at = "billing" if field == "billingAddress" else "shipping"
    assert refusal(an_order(**{at: replace(WIEN, country="Austria")})).startswith(f"{field}.country is 'Austria'")


def test_an_item_has_a_name_or_at_least_a_number() -> None:
    nameless = a_line_of(a_price("20.00", "3.80"), name={}, sku=" ", id="")
    assert refusal(an_order_of(nameless)).startswith("entries[0].product.name is missing")
    assert draft(an_order_of(replace(nameless, id="mug"))).lines[0].name == "mug"


@pytest.mark.parametrize("code", ["BGN", "ANG", "STN"])
def test_a_currency_that_electronic_invoices_do_not_know_is_refused(code: str) -> None:
    assert refusal(an_order(currency=code)) == (
        f"currency is {code}, which electronic invoices have no code for (BT-5): correct the order"
    )


@pytest.mark.parametrize("where", ["fees", "total_fee", "payment_fees", "shipping"])
def test_nothing_on_top_is_less_than_nothing(where: str) -> None:
    less = a_price("-1.00", "-0.19")
    line = a_line_of(a_price("20.00", "3.80"))
    if where == "fees":
        line = replace(line, fees=(Fee({}, less),), final=summed(line.price, less))
    if where == "total_fee":
        line = replace(line, total_fee=less, final=summed(line.price, less))
    fees, shipping = (Fee({}, less),) if where == "payment_fees" else (), less if where == "shipping" else None
    assert "netValue is -1.00, less than nothing" in refusal(an_order_of(line, fees=fees, shipping=shipping))


def test_it_is_named_whether_it_is_less_without_vat_or_with_it() -> None:
    less = Fee({}, replace(a_price("1.00", "0.19"), gross=Decimal("-1.19")), a_price("2.00", "0.38"))
    assert refusal(an_order_of(a_line_of(a_price("20.00", "3.80")), fees=(less,))) == (
        "calculatedPrice.paymentFees[0].discountedPrice.grossValue is -1.19, less than nothing (BT-99): "
        "correct the order"
    )


def test_nothing_does_not_cost_anything() -> None:
    assert refusal(an_order_of(a_line_of(a_price("20.00", "3.80"), quantity=Decimal(0)))) == (
        "entries[0].amount is 0 (BT-129), but costs 20.00 net: correct the order"
    )


@pytest.mark.parametrize("code", ["VATEX-EU-999", "VATEX-EU-AE", "VATEX-"])
def test_a_reason_has_a_code_of_the_list_that_fits_its_category(code: str) -> None:
    rules = VatRules(reasons={"E": Exemption(code, "Education")})
    assert refusal(untaxed("EXEMPT"), terms=Terms(rules)).startswith("VAT exemption reason code (BT-121) is 'VATEX-")


@pytest.mark.parametrize("code", ["EXPORT", "INTRA_COMMUNITY"])
def test_a_seller_without_a_countrys_vat_id_does_not_sell_abroad_untaxed(code: str) -> None:
    american = replace(SELLER, country="US", vat_id="12-3456789")
    order = untaxed(code, customer=AUSTRIAN, billing=WIEN)
    assert refusal(order, american).startswith("seller VAT id (BT-31) is '12-3456789', and needed with its country")

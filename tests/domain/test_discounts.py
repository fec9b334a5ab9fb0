"""What is a discount, and what only looks like one; and where an order does not tell the VAT of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.drafting import Terms, draft_of
from domain.errors import InvoiceIncomplete
from domain.invoice import Draft
from domain.order import Fee, Order, OrderLine, Price
from domain.vat import Exemption, VatCategory, VatRules
from fakes.orders import a_line_of, a_price, an_order_of, summed
from fakes.platform import SELLER, SITE

MUG = a_line_of(a_price("20.00", "3.80"))
FREE = a_price("0.00", "0.00")
WORTH = a_price("4.90", "0.93")
USUAL = Terms()


def draft(order: Order, terms: Terms = USUAL) -> Draft:
    return draft_of(order, SITE, SELLER, terms)


def on_top(made: Draft) -> tuple[list[str], list[str]]:
    """The charges and the allowances on the whole document."""
    return [str(charge.net) for charge in made.charges], [str(allowance.net) for allowance in made.allowances]


def shipped(final: Price, listed: Price) -> Order:
    """A mug and its shipping, after discounts and before them."""
    return an_order_of(MUG, shipping=Fee({}, final, listed))


def wrapped(fee: Fee) -> OrderLine:
    """A mug with a fee."""
    return replace(MUG, fees=(fee,), total_fee=fee.final, final=summed(MUG.final, fee.final))


def reduced(final: Price, listed: Price = WORTH) -> OrderLine:
    """A mug that was dearer."""
    return a_line_of(listed, discounted=final, final=final)


def rateless(price: Price) -> Price:
    return replace(price, rate=None)


def exempt(code: str, net: str) -> Price:
    return replace(a_price(net, "0.00", 0), tax_code=code)


class TestNothingIsTakenOff:
    def test_by_digits_that_the_shop_does_not_reckon_with(self) -> None:
        """Rounding moves a coin from the shipping to the mug, which is nothing that anybody gave."""
        noisy = Fee({}, a_price("4.905", "0.932"), a_price("4.9050000001", "0.9320000001"))
        made = draft(an_order_of(a_line_of(a_price("20.006", "3.801")), shipping=noisy))
        assert (str(made.lines[0].net), on_top(made)) == ("20.01", (["4.90"], []))

    def test_by_another_rate_of_vat_within_the_same_price(self) -> None:
        made = draft(shipped(a_price("5.00", "0.95"), a_price("5.56", "0.39", 7)))
        assert on_top(made) == (["5.00"], [])

    @pytest.mark.parametrize("worth", ["0.001", "0.00", "-4.90"])
    def test_where_nothing_was_to_be_paid(self, worth: str) -> None:
        assert on_top(draft(shipped(FREE, a_price(worth, "0.00")))) == ([], [])

    def test_and_what_became_dearer_costs_what_it_costs(self) -> None:
        dearer = Fee({"": "Wrapping"}, a_price("3.00", "0.57"), a_price("2.00", "0.38"))
        wrapping = draft(an_order_of(wrapped(dearer))).lines[1]
        assert [str(x) for x in (wrapping.unit_net, wrapping.list_net, wrapping.allowance)] == ["3.00", "3.00", "0.00"]


class TestGivenAway:
    @pytest.mark.parametrize(("final", "listed"), [(rateless(FREE), WORTH), (FREE, rateless(WORTH))])
    def test_either_price_tells_the_rate(self, final: Price, listed: Price) -> None:
        assert on_top(draft(shipped(final, listed))) == (["4.90"], ["4.90"])

    def test_goods_keep_the_rate_that_they_had(self) -> None:
        gift = draft(an_order_of(MUG, reduced(rateless(FREE)))).lines[1]
        assert (str(gift.list_net), str(gift.allowance), gift.vat.rate) == ("4.90", "4.90", Decimal(19))

    def test_what_costs_nothing_gives_no_reason_why_it_bears_no_vat(self) -> None:
        untaxed = dict.fromkeys(["BOOKS", "POST"], VatCategory.EXEMPT)
        rules = VatRules(untaxed, reasons={"BOOKS": Exemption(text="Books")})
        posted = Fee({}, exempt("POST", "0.00"), exempt("POST", "4.90"))
        made = draft(an_order_of(a_line_of(exempt("BOOKS", "20.00")), shipping=posted), Terms(rules))
        assert [group.exemption for group in made.vat_groups] == [Exemption(text="Books")]


def test_a_fee_whose_name_nobody_sees_is_called_a_fee() -> None:
    made = draft(an_order_of(MUG, fees=(Fee({"": "\u200b"}, a_price("1.00", "0.19"), WORTH),)))
    assert [each.name for each in (*made.charges, *made.allowances)] == ["Fee", "Discount: Fee"]


ENTRY = "entries[0].calculatedPrice"


@pytest.mark.parametrize(
    ("order", "field", "term"),
    [
        (an_order_of(reduced(rateless(WORTH), a_price("5.00", "0.95"))), f"{ENTRY}.discountedPrice", "BT-152"),
        (an_order_of(wrapped(Fee({}, rateless(WORTH)))), f"{ENTRY}.fees[0].price", "BT-152"),
        (
            an_order_of(wrapped(Fee({}, rateless(FREE), a_price("5.00", "0.95", 190)))),
            f"{ENTRY}.fees[0].price",
            "BT-152",
        ),
        (an_order_of(wrapped(Fee({}, rateless(WORTH), WORTH))), f"{ENTRY}.fees[0].discountedPrice", "BT-152"),
        (an_order_of(replace(wrapped(Fee({}, rateless(WORTH))), fees=())), f"{ENTRY}.totalFee", "BT-152"),
        (
            an_order_of(MUG, fees=(Fee({}, rateless(WORTH), WORTH),)),
            "calculatedPrice.paymentFees[0].discountedPrice",
            "BT-103",
        ),
        (shipped(rateless(WORTH), WORTH), "calculatedPrice.totalShipping", "BT-103"),
        (shipped(FREE, a_price("4.90", "0.93", 190)), "calculatedPrice.shipping", "BT-103"),
    ],
)
def test_of_two_prices_the_one_that_does_not_tell_its_rate_is_named(order: Order, field: str, term: str) -> None:
    with pytest.raises(InvoiceIncomplete, match=term) as raised:
        draft(order)
    assert raised.value.field == f"{field}.taxRate"

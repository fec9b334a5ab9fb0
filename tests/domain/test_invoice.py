"""The arithmetic of an invoice, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.platform.order_reading import order_of
from adapters.platform.salesorder import OrderDocument
from domain.drafting import draft_of
from domain.errors import (
    AmountExceedsAuthorization,
    InvoiceIncomplete,
    PaymentRefused,
    TotalsMismatch,
    UnknownCurrency,
)
from domain.invoice import AllowanceCharge, Draft, Invoice, InvoiceNumber
from domain.order import Address, Customer, Fee, Order, OrderLine, Payment, PaymentStatus, Seller
from domain.vat import Vat, VatCategory
from fakes.orders import BY_INVOICE, a_line_of, a_payment, a_price, an_order, an_order_of, summed
from fakes.platform import SELLER, SITE

DATA = Path(__file__).parents[1] / "data"
ANONYMOUS = Customer(email="a@b.c")


def D(number: str | int) -> Decimal:  # noqa: N802 - read as the unit it is
    return Decimal(number)


def draft(order: Order) -> Draft:
    return draft_of(order, SITE, SELLER)


def sums(made: Draft) -> tuple[str, str, str, str]:
    """Net, VAT, rounding and gross, as printed."""
    totals = made.totals
    return str(totals.net), str(totals.tax), str(totals.rounding), str(totals.gross)


def named(told: tuple[AllowanceCharge, ...]) -> list[tuple[str, str]]:
    """What each is for, and its net."""
    return [(each.name, str(each.net)) for each in told]


def groups(made: Draft) -> list[tuple[str, str, str]]:
    """The VAT breakdown: rate, net and VAT."""
    return [(str(g.vat.rate), str(g.net), str(g.tax)) for g in made.vat_groups]


def published(name: str) -> Order:
    """An example order of the platform (`emporix/api-references`, `order.yaml`)."""
    content = (DATA / f"order_{name}.json").read_bytes()
    return order_of(msgspec.json.decode(content, type=OrderDocument))


class TestPublishedOrders:
    def test_eon1200_is_right_to_the_cent(self) -> None:
        made = draft(published("EON1200"))
        assert groups(made) == [("19", "291.67", "55.42"), ("7", "144.62", "10.12")]
        assert sums(made) == ("436.29", "65.54", "0.00", "501.83")
        assert [str(line.net) for line in made.lines] == ["282.86", "3.09", "8.23", "90.56", "3.08"]
        assert named(made.charges) == [("Payment fee", "39.66"), ("Shipping (Pickup)", "10.00")]
        assert named(made.allowances) == [("Discount: Shipping (Pickup)", "1.19")]
        assert made.captures == ()

    def test_eon1200_shows_list_prices_and_what_discounts_took(self) -> None:
        shoes = draft(published("EON1200")).lines[0]
        assert (str(shoes.list_net), str(shoes.allowance), str(shoes.unit_net)) == ("588.24", "305.38", "294.118")

    def test_eon2076_has_one_row_for_a_rate_that_the_platform_lists_twice(self) -> None:
        made = draft(published("EON2076_unnested"))
        assert groups(made) == [("19", "300.00", "57.00"), ("12", "68.50", "8.22")]
        assert sums(made) == ("368.50", "65.22", "0.00", "433.72")

    def test_eon2076_authorised_for_less_than_it_costs_is_not_captured(self) -> None:
        order = published("EON2076_unnested")
        card = replace(order.payments[0], status=PaymentStatus.AUTHORIZED)
        with pytest.raises(AmountExceedsAuthorization, match=r"433\.72 EUR .* only 373\.12 EUR"):
            draft(replace(order, payments=(card,)))


class TestCentsThatOthersLost:
    def test_57_over_three_lines_stays_57(self) -> None:
        lines = [a_line_of(a_price("15.97", "3.03"))] * 3
        assert sums(draft(an_order_of(*lines))) == ("47.91", "9.10", "-0.01", "57.00")

    def test_57_over_three_lines_stays_57_where_the_shop_reckons_finer(self) -> None:
        lines = [a_line_of(a_price("15.966", "3.034"))] * 3
        made = draft(an_order_of(*lines))
        assert sums(made) == ("47.90", "9.10", "0.00", "57.00")
        assert [str(line.net) for line in made.lines] == ["15.96", "15.97", "15.97"]

    def test_348_35_times_16_less_4_percent_is_what_the_shop_charged_and_the_residue_shows(self) -> None:
        """VAT is that of the rounded net, 1177.15; a shop that reckons finer charges a cent less, and gets it."""
        finer = a_line_of(a_price("5573.60", "1226.192", 22), discounted=a_price("5350.656", "1177.144", 22))
        finer = replace(finer, final=a_price("5350.656", "1177.144", 22))
        assert sums(draft(an_order_of(finer))) == ("5350.66", "1177.15", "-0.01", "6527.80")
        coins = replace(finer, discounted=a_price("5350.66", "1177.15", 22), final=a_price("5350.66", "1177.15", 22))
        made = draft(an_order_of(coins))
        assert sums(made) == ("5350.66", "1177.15", "0.00", "6527.81")
        assert (str(made.lines[0].list_net), str(made.lines[0].allowance)) == ("5573.60", "222.94")

    def test_50_times_241_67_at_20_percent_owes_2416_70(self) -> None:
        line = a_line_of(a_price("12083.50", "2416.70", 20), quantity=D(50), unit_price=a_price("241.67", "48.33", 20))
        assert sums(draft(an_order_of(line))) == ("12083.50", "2416.70", "0.00", "14500.20")

    def test_1091_50_at_15_percent_owes_163_73(self) -> None:
        assert groups(draft(an_order_of(a_line_of(a_price("1091.50", "163.73", 15))))) == [("15", "1091.50", "163.73")]

    def test_97_50_at_19_percent_owes_18_53(self) -> None:
        assert groups(draft(an_order_of(a_line_of(a_price("97.50", "18.53"))))) == [("19", "97.50", "18.53")]

    def test_gross_prices_that_come_to_4_00_stay_4_00(self) -> None:
        lines = [a_line_of(a_price("0.83", "0.17", 20))] * 4
        made = draft(an_order_of(*lines))
        assert groups(made) == [("20", "3.32", "0.66")]
        assert sums(made) == ("3.32", "0.66", "0.02", "4.00")

    def test_yen_are_never_charged_a_hundredfold(self) -> None:
        order = an_order_of(
            a_line_of(a_price("1000", "100", 10)), currency="JPY", payments=(a_payment(authorized=D(1100)),)
        )
        made = draft(order)
        assert sums(made) == ("1000", "100", "0", "1100")
        assert [str(c.amount) for c in made.captures] == ["1100"]

    def test_yen_that_a_shop_reckons_finer_are_charged_whole(self) -> None:
        order = an_order_of(
            a_line_of(a_price("925.926", "74.074", 8)), currency="JPY", payments=(a_payment(authorized=D(1000)),)
        )
        assert sums(draft(order)) == ("926", "74", "0", "1000")

    def test_dinars_of_kuwait_have_a_coin_that_no_electronic_invoice_can_say(self) -> None:
        order = an_order_of(a_line_of(a_price("1.235", "0.062", 5)), currency="KWD")
        with pytest.raises(InvoiceIncomplete, match="currency is KWD, which has 3 decimals"):
            draft(order)


class TestVatBreakdown:
    def test_every_priced_part_is_in_the_group_of_its_rate_dearest_rate_first(self) -> None:
        fee = Fee({"en": "Wrapping"}, a_price("1.00", "0.07", 7))
        line = a_line_of(a_price("20.00", "3.80"), fees=(fee,), total_fee=fee.final)
        line = replace(line, final=replace(summed(line.price, fee.final)))
        order = an_order_of(
            line,
            fees=(Fee({"": "Card"}, a_price("2.00", "0.00", 0)),),
            shipping=Fee({"": "Post"}, a_price("5.00", "0.35", 7)),
        )
        made = draft(order)
        assert groups(made) == [("19", "20.00", "3.80"), ("7", "6.00", "0.42"), ("0", "2.00", "0.00")]
        assert named(made.charges) == [("Card", "2.00"), ("Shipping (Post)", "5.00")]
        assert [(x.name, str(x.net), str(x.vat.rate)) for x in made.lines] == [
            ("Mug", "20.00", "19"),
            ("Wrapping", "1.00", "7"),
        ]

    def test_rates_that_are_equal_are_one_however_they_are_written(self) -> None:
        lines = [a_line_of(a_price("10.00", "2.00", rate)) for rate in ("2E+1", "20", "20.0")]
        assert groups(draft(an_order_of(*lines))) == [("20", "30.00", "6.00")]

    def test_no_vat_is_a_category_of_its_own(self) -> None:
        (group,) = draft(an_order_of(a_line_of(a_price("10.00", "0.00", 0)))).vat_groups
        assert group.vat == Vat(VatCategory.ZERO, D(0))

    def test_a_price_without_a_rate_is_named(self) -> None:
        line = a_line_of(replace(a_price("10.00", "1.90"), rate=None))
        with pytest.raises(InvoiceIncomplete) as raised:
            draft(an_order_of(a_line_of(a_price("1.00", "0.19")), line))
        assert raised.value.field == "entries[1].calculatedPrice.price.taxRate"

    @pytest.mark.parametrize("rate", ["-1", "101"])
    def test_a_rate_that_is_none_is_named(self, rate: str) -> None:
        with pytest.raises(InvoiceIncomplete, match=rate):
            draft(an_order_of(a_line_of(a_price("10.00", "1.90", rate))))

    def test_what_costs_nothing_is_no_fee_and_no_shipping_and_needs_no_rate(self) -> None:
        free = replace(a_price("0", "0"), rate=None)
        line = a_line_of(a_price("20.00", "3.80"), fees=(Fee({"": "Wrapping"}, free),), total_fee=free)
        made = draft(an_order_of(line, fees=(Fee({"": "Card"}, free),), shipping=free))
        assert (len(made.lines), made.charges) == (1, ())

    def test_a_gift_is_a_line_of_nothing(self) -> None:
        made = draft(an_order_of(a_line_of(a_price("20.00", "3.80")), a_line_of(a_price("0", "0"))))
        assert [str(line.net) for line in made.lines] == ["20.00", "0.00"]

    def test_fees_of_a_line_count_where_only_their_sum_is_told_and_where_only_they_are(self) -> None:
        fee, goods = a_price("1.00", "0.19"), a_price("20.00", "3.80")
        only_sum = a_line_of(goods, total_fee=fee, final=summed(goods, fee))
        only_fees = a_line_of(goods, fees=(Fee({"": "Wrapping"}, fee),), final=summed(goods, fee))
        for line, name in ((only_sum, "Fee"), (only_fees, "Wrapping")):
            made = draft(an_order_of(line))
            assert [(x.name, str(x.net)) for x in made.lines] == [("Mug", "20.00"), (name, "1.00")]

    @pytest.mark.parametrize(
        ("language", "names"), [("pl", ["Opłata", "Dostawa (Post)"]), ("", ["Fee", "Shipping (Post)"])]
    )
    def test_what_the_order_does_not_name_is_named_in_the_customers_language(
        self, language: str, names: list[str]
    ) -> None:
        order = an_order_of(
            a_line_of(a_price("20.00", "3.80")),
            fees=(Fee({}, a_price("2.00", "0.38")),),
            shipping=Fee({"": "Post"}, a_price("5.00", "0.95")),
        )
        made = draft(replace(order, customer=replace(order.customer, language=language)))
        assert [charge.name for charge in made.charges] == names


class TestAllowances:
    def test_a_line_that_is_not_discounted_has_none(self) -> None:
        (line,) = draft(an_order()).lines
        assert (str(line.list_net), str(line.allowance), str(line.net)) == ("20.00", "0.00", "20.00")

    def test_what_is_taken_off_shipping_and_payment_fees_is_told_beside_what_they_cost(self) -> None:
        order = an_order_of(
            a_line_of(a_price("20.00", "3.80")),
            fees=(Fee({"": "Card"}, a_price("1.80", "0.34"), a_price("2.00", "0.38")),),
            shipping=Fee({"": "Post"}, a_price("4.00", "0.28", 7), a_price("5.00", "0.35", 7)),
        )
        made = draft(order)
        assert named(made.charges) == [("Card", "2.00"), ("Shipping (Post)", "5.00")]
        assert named(made.allowances) == [("Discount: Card", "0.20"), ("Discount: Shipping (Post)", "1.00")]
        assert [str(allowance.vat.rate) for allowance in made.allowances] == ["19", "7"]
        assert groups(made) == [("19", "21.80", "4.14"), ("7", "4.00", "0.28")]
        assert (str(made.totals.charges), str(made.totals.allowances)) == ("7.00", "1.20")

    def test_shipping_that_is_given_away_is_told_with_what_it_was_worth(self) -> None:
        free = Fee({}, replace(a_price("0.00", "0.00"), rate=None), a_price("4.90", "0.93"))
        made = draft(an_order_of(a_line_of(a_price("20.00", "3.80")), shipping=free))
        assert (named(made.charges), named(made.allowances)) == (
            [("Shipping", "4.90")],
            [("Discount: Shipping", "4.90")],
        )
        assert sums(made) == ("20.00", "3.80", "0.00", "23.80")

    def test_what_is_given_away_brings_no_vat_rate_of_its_own(self) -> None:
        free = Fee({}, a_price("0.00", "0.00"), a_price("4.90", "0.93"))
        made = draft(an_order_of(a_line_of(a_price("20.00", "1.40", 7)), shipping=free))
        assert (groups(made), made.charges, made.allowances) == ([("7", "20.00", "1.40")], (), ())

    def test_what_is_taken_off_a_fee_of_a_line_is_an_allowance_of_its_own_line(self) -> None:
        goods, fee = a_price("20.00", "3.80"), Fee({"": "Wrapping"}, a_price("1.50", "0.29"), a_price("2.00", "0.38"))
        made = draft(an_order_of(a_line_of(goods, fees=(fee,), total_fee=fee.final, final=summed(goods, fee.final))))
        wrapping = made.lines[1]
        assert [str(x) for x in (wrapping.unit_net, wrapping.list_net, wrapping.allowance, wrapping.net)] == [
            "2.00",
            "2.00",
            "0.50",
            "1.50",
        ]

    def test_a_fee_that_became_dearer_has_none(self) -> None:
        dearer = Fee({}, a_price("5.00", "0.95"), a_price("4.00", "0.76"))
        made = draft(an_order_of(a_line_of(a_price("20.00", "3.80")), shipping=dearer))
        assert (named(made.charges), made.allowances) == ([("Shipping", "5.00")], ())

    def test_a_coin_that_rounding_moved_is_not_taken_for_one(self) -> None:
        cheap = a_price("1.004", "0.191")
        lines = [a_line_of(cheap, discounted=cheap)] * 3
        assert [(str(line.net), str(line.allowance)) for line in draft(an_order_of(*lines)).lines] == [
            ("1.01", "0.00"),
            ("1.00", "0.00"),
            ("1.00", "0.00"),
        ]


class TestMismatches:
    def lines(self) -> tuple[OrderLine, ...]:
        return (a_line_of(a_price("20.00", "3.80")), a_line_of(a_price("10.00", "1.90")))

    def named(self, order: Order) -> str:
        with pytest.raises(TotalsMismatch) as raised:
            draft(order)
        return raised.value.message

    def test_an_order_that_adds_up_passes(self) -> None:
        assert sums(draft(an_order_of(*self.lines()))) == ("30.00", "5.70", "0.00", "35.70")

    def test_a_line_that_is_not_its_parts_is_named(self) -> None:
        broken = a_line_of(a_price("20.00", "3.80"), discounted=a_price("18.00", "3.42"))
        assert "entries[1].calculatedPrice.finalPrice" in self.named(an_order_of(self.lines()[0], broken))

    def test_fees_that_are_not_their_sum_are_named(self) -> None:
        goods, fee = a_price("20.00", "3.80"), a_price("1.00", "0.19")
        line = a_line_of(goods, fees=(Fee({}, a_price("3.00", "0.57")),), total_fee=fee, final=summed(goods, fee))
        assert "entries[0].calculatedPrice.totalFee" in self.named(an_order_of(line))

    def test_an_order_that_is_not_its_lines_is_named(self) -> None:
        order = an_order_of(*self.lines(), final=a_price("31.00", "5.89"), tax_lines=())
        assert "calculatedPrice.finalPrice.netValue is 31.00, but its parts add up to 30.00" in self.named(order)

    def test_a_breakdown_that_is_not_the_order_is_named(self) -> None:
        order = an_order_of(*self.lines(), tax_lines=(a_price("20.00", "3.80"),))
        assert "taxAggregate" in self.named(order)

    def test_gross_that_is_not_net_and_tax_is_named(self) -> None:
        final = replace(a_price("20.00", "3.80"), gross=D("25.00"))
        assert "grossValue is 25.00" in self.named(an_order_of(a_line_of(final)))

    def test_tax_that_is_not_net_times_rate_is_found(self) -> None:
        assert "are -2.80 away" in self.named(an_order_of(a_line_of(a_price("20.00", "1.00"))))
        assert "are 0.04 away" in self.named(an_order_of(a_line_of(a_price("20.00", "3.84"))))

    def test_an_invoice_is_never_negative(self) -> None:
        less = a_price("0.00", "-3.80")
        line = a_line_of(a_price("20.00", "3.80"), discounted=less, final=less)
        assert "negative" in self.named(an_order_of(line))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"quantity": Decimal(-1)}, "entries[0].amount"),
            ({"unit_price": a_price("-20.00", "-3.80")}, "entries[0].calculatedUnitPrice.netValue"),
            ({"unit_price": a_price("0.00", "-0.01")}, "entries[0].calculatedUnitPrice.grossValue"),
            ({"price": a_price("-1.00", "-0.19")}, "entries[0].calculatedPrice.price.netValue"),
            ({"discounted": a_price("-1.00", "-0.19")}, "entries[0].calculatedPrice.discountedPrice.netValue"),
        ],
    )
    def test_less_than_nothing_is_not_sold(self, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(InvoiceIncomplete) as raised:
            draft(an_order_of(a_line_of(a_price("20.00", "3.80"), **changes)))
        assert raised.value.field == field

    def test_a_cent_that_rounding_explains_is_no_mismatch(self) -> None:
        order = an_order_of(*[a_line_of(a_price("0.333", "0.063"))] * 3)
        final = a_price("1.00", "0.19")
        assert sums(draft(replace(order, final=final, tax_lines=(final,)))) == ("1.00", "0.19", "0.00", "1.19")


class TestCompleteness:
    @pytest.mark.parametrize(
        ("field", "named"),
        [
            ("name", "seller name (BT-27)"),
            ("street", "seller street (BT-35)"),
            ("zip_code", "seller zip code (BT-38)"),
            ("city", "seller city (BT-37)"),
            ("country", "seller country (BT-40)"),
            ("vat_id", "seller VAT id (BT-31)"),
        ],
    )
    def test_what_the_law_wants_of_the_seller_is_named_and_where_to_set_it(self, field: str, named: str) -> None:
        with pytest.raises(InvoiceIncomplete) as raised:
            draft_of(an_order(), SITE, replace(SELLER, **{field: ""}))
        assert raised.value.field == named
        assert "merchantInfo" in raised.value.message

    @pytest.mark.parametrize(
        ("changes", "field", "term"),
        [
            ({"lines": ()}, "entries", "BG-25"),
            (
                {"billing": Address(street="1", city="Ulm", country="DE"), "customer": Customer(email="a@b.c")},
                "billingAddress.contactName",
                "BT-44",
            ),
            ({"billing": Address(name="X", city="Ulm", country="DE")}, "billingAddress.street", "BT-50"),
            ({"billing": Address(name="X", street="1", country="DE")}, "billingAddress.city", "BT-52"),
            ({"billing": Address(name="X", street="1", city="Ulm")}, "billingAddress.country", "BT-55"),
            ({"customer": Customer(name="X")}, "customer.email", "BT-49"),
        ],
    )
    def test_what_the_law_wants_of_the_order_is_named_by_field_and_term(
        self, changes: dict[str, Any], field: str, term: str
    ) -> None:
        with pytest.raises(InvoiceIncomplete) as raised:
            draft(an_order(**changes))
        assert raised.value.field == field
        assert f"({term})" in raised.value.message

    def test_a_currency_that_is_none_is_named(self) -> None:
        with pytest.raises(UnknownCurrency):
            draft(an_order(currency="EURO"))

    def test_the_tenants_seller_needs_no_site(self) -> None:
        assert draft_of(an_order(), replace(SITE, seller=Seller()), SELLER).seller == SELLER


class TestWhatIsPrinted:
    def test_a_company_is_the_buyer_and_the_person_stands_below(self) -> None:
        billing = Address(
            name="Eva Ó", company="Ibis AG", street="Weg 1", extra=("Hof",), zip_code="1010", city="Wien", country="AT"
        )
        buyer = draft(an_order(billing=billing, customer=Customer(email="a@b.c", vat_id="ATU1"))).buyer
        assert (buyer.name, buyer.country, buyer.vat_id) == ("Ibis AG", "AT", "ATU1")
        assert buyer.address == ("Eva Ó", "Weg 1", "Hof", "1010 Wien")

    def test_a_person_is_named_once(self) -> None:
        assert draft(an_order()).buyer.address == ("Lange Straße 2", "10115 Berlin")

    def test_the_customers_language_comes_before_the_sites(self) -> None:
        german = an_order(customer=Customer(email="a@b.c", language="de_DE"))
        assert (draft(german).lines[0].name, draft(an_order()).lines[0].name) == ("Becher", "Mug")

    def test_a_line_without_a_name_goes_by_its_article_number(self) -> None:
        assert draft(an_order_of(a_line_of(a_price("1.00", "0.19"), name={}))).lines[0].name == "MUG-1"

    def test_days_are_those_of_the_site(self) -> None:
        order = an_order(created=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
        made = draft(order)
        assert (made.ordered, made.delivered) == (date(2026, 11, 21), date(2026, 11, 21))
        assert made.issue_date(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == date(2026, 12, 31)
        assert made.issue_date(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == date(2027, 1, 1)

    def test_the_shop_is_remembered_as_it_was(self) -> None:
        assert draft(an_order()).site == SITE

    def test_what_is_due_is_what_was_not_paid_by_then(self) -> None:
        invoice = Invoice(InvoiceNumber("INV1"), "s", date(2026, 11, 24), D("20.00"), draft(an_order()))
        assert str(invoice.due) == "3.80"


class TestCaptures:
    """23.80 EUR are owed."""

    def plan(self, *payments: Payment) -> list[tuple[str, str]]:
        made = draft(an_order(payments=payments))
        return [(capture.transaction_id, str(capture.amount)) for capture in made.captures]

    def test_the_gross_is_captured_and_not_what_was_authorised(self) -> None:
        assert self.plan(a_payment(authorized=D("100"))) == [("t-EON1", "23.80")]

    def test_a_finer_gross_is_captured_in_coins(self) -> None:
        order = an_order_of(a_line_of(a_price("16.211", "3.080")), payments=(a_payment(authorized=D("19.29")),))
        assert [str(c.amount) for c in draft(order).captures] == ["19.29"]

    def test_less_authorised_than_owed_is_an_error_before_money_moves(self) -> None:
        with pytest.raises(AmountExceedsAuthorization):
            self.plan(a_payment(authorized=D("23.79")))

    def test_a_fraction_of_a_coin_more_than_was_authorised_is_never_taken(self) -> None:
        with pytest.raises(AmountExceedsAuthorization):
            self.plan(a_payment(authorized=D("23.799")))

    def test_payments_are_captured_in_turn_up_to_what_is_open(self) -> None:
        gift, card = a_payment("G", authorized=D("10")), a_payment("C", authorized=D("50"))
        spare = a_payment("S", authorized=D("50"))
        assert self.plan(gift, card, spare) == [("t-G", "10.00"), ("t-C", "13.80")]

    def test_what_was_paid_before_is_not_captured_again(self) -> None:
        paid = a_payment("P", status=PaymentStatus.PAID, paid=D("20.00"))
        assert self.plan(paid, a_payment(authorized=D("23.80"))) == [("t-EON1", "3.80")]
        assert draft(an_order(payments=(paid, a_payment()))).paid_before == D("20.00")

    def test_a_paid_order_needs_no_capture(self) -> None:
        assert self.plan(a_payment(status=PaymentStatus.PAID, paid=D("23.80"))) == []

    def test_an_order_that_is_paid_elsewhere_needs_none(self) -> None:
        assert self.plan(BY_INVOICE) == []
        assert self.plan() == []

    def test_the_rest_may_be_paid_elsewhere(self) -> None:
        assert self.plan(a_payment(authorized=D("10")), BY_INVOICE) == [("t-EON1", "10.00")]

    def test_failed_payments_pay_nothing(self) -> None:
        with pytest.raises(PaymentRefused):
            self.plan(a_payment(status=PaymentStatus.FAILED))

    def test_one_that_failed_before_one_that_did_not_is_passed_over(self) -> None:
        assert self.plan(a_payment("F", status=PaymentStatus.FAILED), a_payment()) == [("t-EON1", "23.80")]

    def test_an_authorisation_that_names_no_transaction_cannot_be_captured(self) -> None:
        with pytest.raises(PaymentRefused, match="transactionId"):
            self.plan(a_payment(transaction_id=None))

    def test_a_transaction_named_twice_is_captured_once(self) -> None:
        with pytest.raises(AmountExceedsAuthorization):
            self.plan(a_payment(authorized=D("12")), a_payment(authorized=D("12")))
        assert self.plan(a_payment(), a_payment()) == [("t-EON1", "23.80")]

    def test_an_order_for_nothing_is_invoiced_without_a_capture(self) -> None:
        made = draft(an_order_of(a_line_of(a_price("0.00", "0.00")), payments=(a_payment(),)))
        assert (made.captures, sums(made)[3]) == ((), "0.00")

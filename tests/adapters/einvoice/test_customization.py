"""What a UBL document claims to be, and to whom it is addressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.einvoice.addresses import ElectronicAddress, in_peppol
from adapters.einvoice.customization import BILLING, CORE, PEPPOL, XRECHNUNG, Customization, customization_of
from domain.order import Address, Order, Seller
from fakes.invoices import FULL_SELLER
from fakes.kinds import AGENCY, AUSTRIAN, FRENCH, LYON, WIEN, an_invoice_of, untaxed
from fakes.orders import a_line_of, an_order, an_order_of

PARIS = replace(FULL_SELLER, country="FR", vat_id="FR40303265045", email="", phone="")
FOR_AN_AGENCY = an_order(customer=AGENCY)
GERMAN = replace(AGENCY, reference="")


def claimed(order: Order, seller: Seller = FULL_SELLER) -> Customization:
    return customization_of(an_invoice_of(order, seller).draft)


def test_a_buyer_with_a_reference_gets_an_xrechnung_by_mail() -> None:
    seller, buyer = ElectronicAddress("EM", "billing@example.com"), ElectronicAddress("EM", "amt@example.de")
    assert claimed(FOR_AN_AGENCY) == Customization(XRECHNUNG, BILLING, seller, buyer)


@pytest.mark.parametrize(
    "lacking",
    [{"phone": ""}, {"phone": "on request"}, {"email": ""}, {"email": "billing"}, {"email": ".@x"}],
)
def test_an_xrechnung_needs_a_seller_who_can_be_reached(lacking: dict[str, Any]) -> None:
    assert claimed(FOR_AN_AGENCY, replace(FULL_SELLER, **lacking)).specification == CORE


def test_an_xrechnung_needs_whole_addresses() -> None:
    nowhere = Address(name="Amt", street="Ring 1", city="Berlin", country="DE")
    assert claimed(an_order(customer=AGENCY, billing=nowhere)).specification == CORE
    assert claimed(an_order(customer=AGENCY, shipping=nowhere)).specification == CORE


def test_what_is_out_of_scope_of_vat_is_no_xrechnung() -> None:
    """It has no rate, and BR-DE-14 wants one."""
    assert claimed(an_order_of(a_line_of(untaxed("GIFTS")), customer=AGENCY)).specification == CORE


def test_between_businesses_with_vat_ids_it_is_for_peppol() -> None:
    seller, buyer = ElectronicAddress("9930", "DE123456789"), ElectronicAddress("9957", "FR40303265045")
    assert claimed(an_order(customer=FRENCH, billing=LYON)) == Customization(PEPPOL, BILLING, seller, buyer)


def test_peppol_does_without_telephone_and_mail_of_the_seller() -> None:
    assert claimed(an_order(customer=AUSTRIAN, billing=WIEN), PARIS).specification == PEPPOL


def test_between_germans_xrechnung_is_the_rule_and_peppol_is_not() -> None:
    assert claimed(an_order(customer=GERMAN)).specification == CORE


@pytest.mark.parametrize(
    ("country", "vat_id"),
    [
        ("NL", "NL123456789B01"),
        ("SE", "SE123456789701"),
        ("DK", "DK12345678"),
        ("GR", "EL123456789"),
        ("NO", "NO123456785MVA"),
        ("DE", "EL123456789"),
    ],
)
def test_where_a_country_asks_sellers_for_more_nothing_is_claimed(country: str, vat_id: str) -> None:
    seller = replace(FULL_SELLER, country=country, vat_id=vat_id)
    assert claimed(an_order(customer=FRENCH, billing=LYON), seller).specification == CORE


def test_whoever_has_no_vat_id_is_written_to_by_mail_under_the_rules_of_all() -> None:
    buyer = ElectronicAddress("EM", "zaneta@example.com")
    assert claimed(an_order()) == Customization(CORE, "", ElectronicAddress("EM", "billing@example.com"), buyer)


@pytest.mark.parametrize(
    ("vat_id", "scheme", "value"),
    [
        ("ATU12345678", "9914", "ATU12345678"),
        ("EL123456789", "9933", "EL123456789"),
        ("DK12345678", "0184", "DK12345678"),
        ("BE0428759497", "0208", "0428759497"),
    ],
)
def test_peppol_finds_businesses_by_their_vat_ids(vat_id: str, scheme: str, value: str) -> None:
    assert in_peppol(vat_id) == ElectronicAddress(scheme, value)


@pytest.mark.parametrize("vat_id", ["", "12345", "US123", "SE123456789701", "DK1234567", "BE0428759498", "BE42"])
def test_peppol_finds_nobody_by_what_is_no_address(vat_id: str) -> None:
    assert in_peppol(vat_id) is None

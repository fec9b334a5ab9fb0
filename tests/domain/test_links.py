"""Signed links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnknownInvoice
from domain.invoice import InvoiceNumber
from domain.links import Links
from domain.order import TenantId
from fakes.clock import NOON

ACME = TenantId("acme")
INV1 = InvoiceNumber("INV1")
LINKS = Links("https://invoices.example.com", b"k" * 32, timedelta(days=7))


def token(links: Links = LINKS, number: str = "INV1") -> str:
    return links.signed(ACME, InvoiceNumber(number), NOON).removeprefix(f"{links.base}/documents/")


@given(st.text(min_size=1, max_size=40))
def test_a_link_leads_to_its_document_whatever_its_number(number: str) -> None:
    assert LINKS.opened(token(number=number), NOON) == (ACME, number)


def test_a_link_holds_until_its_last_second() -> None:
    assert LINKS.opened(token(), NOON + timedelta(days=7, seconds=-1)) == (ACME, INV1)
    with pytest.raises(UnknownInvoice, match="expired"):
        LINKS.opened(token(), NOON + timedelta(days=7))


def test_a_link_needs_no_quoting() -> None:
    assert set(token(number="DE/1 ü?#")) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(UnknownInvoice, match="not one of ours"):
        LINKS.opened(token(Links(LINKS.base, b"x" * 32, LINKS.lifetime)), NOON)


@pytest.mark.parametrize("bad", ["", "x", "ä", "!!!!", "AAAA", "A" * 500, "/" * 40, "\0"])
def test_what_is_no_link_of_ours_opens_nothing(bad: str) -> None:
    with pytest.raises(UnknownInvoice):
        LINKS.opened(bad, NOON)


@given(st.integers(0, 10**4), st.sampled_from("AZaz09-_"))
def test_a_link_with_a_letter_changed_opens_nothing_else(place: int, letter: str) -> None:
    good = token()
    place %= len(good)
    changed = good[:place] + letter + good[place + 1 :]
    try:
        assert LINKS.opened(changed, NOON) == (ACME, INV1)
    except UnknownInvoice:
        return
    assert changed[:-1] == good[:-1]  # the last letter has bits that say nothing


@given(st.text(max_size=80))
def test_no_text_makes_it_stumble(text: str) -> None:
    with pytest.raises(UnknownInvoice):
        LINKS.opened(text, NOON)


def test_a_permanent_address_is_quoted_and_says_nothing_of_time() -> None:
    where = LINKS.permanent(ACME, InvoiceNumber("DE/1 ü"))
    assert where == "https://invoices.example.com/invoice/acme/documents/DE%2F1%20%C3%BC"

"""What tells mails apart, and what may stand in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.mail import ISSUED, file_name, mail_id
from domain.order import TenantId
from domain.text import one_line

ACME = TenantId("acme")


def test_a_mail_is_the_same_for_the_same_document_recipient_and_purpose() -> None:
    same = mail_id(ACME, "INV1", "a@example.com", ISSUED)
    assert same == mail_id(ACME, "INV1", "a@example.com", ISSUED)
    others = {
        mail_id(TenantId("globex"), "INV1", "a@example.com", ISSUED),
        mail_id(ACME, "INV2", "a@example.com", ISSUED),
        mail_id(ACME, "INV1", "b@example.com", ISSUED),
        mail_id(ACME, "INV1", "a@example.com", "resent 1"),
    }
    assert len(others | {same}) == 5


def test_its_id_is_an_address_without_the_recipient_in_it() -> None:
    local, _, domain = mail_id(ACME, "INV1", "a@example.com", ISSUED).partition("@")
    assert (local.isalnum(), domain) == (True, "invoicing.acme")


@given(st.text(max_size=40))
def test_a_text_on_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert one_line(line) == line


def test_on_one_line_words_keep_what_they_are_spelt_with() -> None:
    assert one_line("می\u200cشود  క్\u200dష") == "می\u200cشود క్\u200dష"


@given(st.text(max_size=30))
def test_a_number_becomes_a_name_that_is_safe_anywhere(number: str) -> None:
    name = file_name(number)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>|.;\r\n\0 ')


@given(st.text(max_size=8), st.text(max_size=8))
def test_numbers_that_differ_have_names_that_differ(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) is (one == other)


def test_numbers_that_spell_alike_have_names_that_differ() -> None:
    assert file_name("\x123") != file_name("\u0123")
    assert file_name("%41") != file_name("A")
    assert file_name("Č1") != file_name("Ž1")

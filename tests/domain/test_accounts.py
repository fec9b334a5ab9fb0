"""Which text is the number of a bank account."""

from __future__ import annotations

import pytest

from domain.accounts import is_iban


@pytest.mark.parametrize(
    "iban",
    [
        "DE02120300000000202051",
        "DE02 1203 0000 0000 2020 51",
        "CH9300762011623852957",
        "GB29NWBK60161331926819",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_an_iban_is_one_with_or_without_the_blanks_of_print(iban: str) -> None:
    assert is_iban(iban)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE00",
        "DE03120300000000202051",
        "DE02120300000000202015",
        "de02120300000000202051",
    ],
)
def test_what_is_mistyped_is_no_iban(text: str) -> None:
    assert not is_iban(text)


def test_check_digits_that_fit_are_not_enough_where_the_length_is_another_country_s() -> None:
    assert not is_iban("DE84120300000000202")
    assert is_iban("AO06004400006729503010102")

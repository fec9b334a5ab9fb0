"""Every kind of invoice passes the official schemas and rules, without a warning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.einvoice import cii, ubl
from domain.invoice import Invoice
from fakes.kinds import KINDS, a_credit_note
from fakes.official import broken_rules

Write = Callable[[Invoice], bytes]


@pytest.mark.parametrize("write", [cii, ubl])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_invoice_keeps_the_rules(kind: str, write: Write) -> None:
    assert broken_rules(write(KINDS[kind])) == []


@pytest.mark.parametrize("write", [cii, ubl])
@pytest.mark.parametrize("kind", KINDS)
def test_so_does_the_credit_note_that_takes_it_back(kind: str, write: Write) -> None:
    assert broken_rules(write(a_credit_note(KINDS[kind]))) == []

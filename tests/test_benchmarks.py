"""The benchmarks can be begun, and their peers still draw what we draw."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO

import pytest
from pypdf import PdfReader

from adapters.einvoice import cii
from benchmarks import pdf
from benchmarks.__main__ import BENCHMARKS


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_measures(name: str) -> None:
    assert callable(import_module(f"benchmarks.{name}").measure)


@pytest.mark.parametrize("peer", pdf.PEERS)
def test_a_peer_draws_the_same_invoice(peer: str) -> None:
    draw, _ = pdf.PEERS[peer]
    (invoice,) = pdf.invoices(5, 1)
    drawn = draw(invoice, None, cii(invoice))
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(getattr(drawn, "content", drawn))).pages)
    told = [line.name for line in invoice.draft.lines] + [f"{invoice.draft.totals.gross:,}", invoice.number]
    assert [text for text in told if text not in said] == []

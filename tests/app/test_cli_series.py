"""`invoicing series verify`, as an auditor runs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.cli import proving
from app.cli.client import Client
from app.cli.options import Access
from app.cli.terminal import Exit
from domain.invoice import InvoiceNumber
from domain.numbering import INVOICE_SERIES
from fakes.command_line import invoicing, invoicing_on_terminal
from fakes.service import ACME, FakeService

INV1 = ACME, InvoiceNumber("INV1")


@pytest.fixture
async def service() -> FakeService:
    """With INV1 of EON1 and INV2 of EON2."""
    service = FakeService()
    await service.an_invoice("EON1")
    await service.an_invoice("EON2")
    return service


def lines(told: str) -> list[str]:
    """What was told, blanks once."""
    return [" ".join(line.split()) for line in told.splitlines() if line.strip()]


async def test_what_is_proven_is_told_with_the_head_to_keep(service: FakeService, address: str) -> None:
    ran = await invoicing("series", "verify", "--tenant", "acme", "--address", address)
    head = service.journal.chains[ACME, INVOICE_SERIES][-1].hash
    assert (ran.code, ran.err) == (0, "")
    assert lines(ran.out) == [
        "Series invoiceNoSequence",
        "Numbers INV1 to INV2",
        "Issued 2",
        "Documents 2 read and hashed",
        f"Head {head} (keep it elsewhere: it shows if the end is cut off)",
        "PROVEN: nothing was changed",
    ]


async def test_what_was_changed_is_named_and_ends_in_1(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.archive.kept[INV1] += b"!"
    assert await proving.verify(client, "") is Exit.ORDER_FAILED
    told = lines(capsys.readouterr().out)
    assert any(line.startswith("INV1 its bytes in the archive were changed: ") for line in told)
    assert told[-1] == "NOT PROVEN: see above"


async def test_documents_that_were_not_read_are_counted(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.journal.documented[INV1] = replace(service.journal.documented[INV1], sha256=None)
    assert await proving.verify(client, "") is Exit.DONE
    assert "Documents 1 read and hashed, 1 not: not drawn yet, or named below" in lines(capsys.readouterr().out)


async def test_a_gap_of_the_platforms_numbers_is_told_and_harms_nothing(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.sequences.drawn.append(InvoiceNumber("of others"))
    await service.an_invoice("EON3")
    assert await proving.verify(client, "invoiceNoSequence") is Exit.DONE
    told = lines(capsys.readouterr().out)
    assert "INV3 no drawn by others, or unexplained" in told
    assert told[-1] == "PROVEN: nothing was changed; of 1 gap nobody here knows why"


async def test_where_nothing_is_issued_there_is_no_head_to_keep(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Client.connected(Access(address, "globex")) as globex:
        assert await proving.verify(globex, "") is Exit.DONE
    told = lines(capsys.readouterr().out)
    assert ("Issued 0" in told, [line for line in told if "Head" in line or "keep it" in line]) == (True, [])


async def test_for_machines_the_proof_is_json(address: str) -> None:
    ran = await invoicing("series", "verify", "--json", "--tenant", "acme", "--address", address)
    (proof,) = ran.messages
    assert (ran.code, proof["ok"], proof["issued"], proof["last"]) == (0, True, "2", "INV2")


async def test_a_series_that_is_not_there_ends_in_a_sentence_and_exit_code_3(address: str) -> None:
    ran = await invoicing("series", "verify", "--series", "mine", "--tenant", "acme", "--address", address)
    there = "invoicing: there is no series 'mine'; there are: invoiceNoSequence\n"
    assert (ran.code, ran.out, ran.err) == (3, "", there)


async def test_on_a_terminal_one_sees_that_it_is_at_work(address: str) -> None:
    ran = await invoicing_on_terminal("series", "verify", "--tenant", "acme", "--address", address)
    assert ran.code == 0
    assert "reading the ledger and every document" in ran.out
    assert "PROVEN" in ran.out

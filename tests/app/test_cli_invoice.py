"""`invoicing invoice`, as its users run it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from itertools import chain, repeat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app, invoices
from app.cli.client import Client
from app.cli.documents import fetch
from app.cli.options import Access
from app.cli.refusals import Refused
from app.cli.terminal import Exit
from domain.document import Rendition
from domain.invoice import InvoiceNumber
from domain.order import OrderId, TenantId
from fakes.command_line import invoicing
from fakes.orders import BY_INVOICE, an_order
from fakes.scripted_service import Part, ScriptedService, a_header
from fakes.service import FakeService, a_request

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 40
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
async def service() -> FakeService:
    """With INV1 of EON1 and INV2 of EON2."""
    service = FakeService()
    await service.an_invoice("EON1")
    await service.an_invoice("EON2")
    return service


@pytest.fixture
async def liar() -> AsyncIterator[ScriptedService]:
    async with ScriptedService.running() as scripted:
        yield scripted


@pytest.fixture
async def misled(liar: ScriptedService) -> AsyncIterator[Client]:
    """A client of a service that says what the test wants."""
    async with Client.connected(Access(liar.address, "acme")) as connected:
        yield connected


def files(folder: Path) -> list[str]:
    """What lies in the folder and below."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


async def issued(service: FakeService, order_id: str) -> bytes:
    """The bytes of the order's invoice."""
    document = await service.invoicing.invoice_of(TenantId("acme"), OrderId(order_id))
    return (await service.invoicing.download(TenantId("acme"), document.number))[1]


async def test_an_invoice_is_found_by_number_or_by_order(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert await invoices.get(client, number="INV1", order_id="") is Exit.DONE
    by_number = capsys.readouterr().out
    assert await invoices.get(client, number="", order_id="EON1") is Exit.DONE
    by_order = capsys.readouterr().out
    for shown in (by_number, by_order):
        assert "INV1" in shown
        assert "23.80 EUR" in shown


def test_an_invoice_is_named_by_one_of_the_two() -> None:
    for which in ([], ["INV1", "--order", "EON1"]):
        ran = CliRunner().invoke(app, ["invoice", "get", "--tenant", "acme", *which])
        assert ran.exit_code == 2
        assert "one of the two" in ran.output


async def test_invoices_are_listed_newest_first_and_filters_combine(client: Client) -> None:
    listed = [invoice.invoice_number async for invoice in client.invoices(limit=10)]
    of_order = [invoice.invoice_number async for invoice in client.invoices(order_id="EON1", limit=10)]
    too_early = [invoice async for invoice in client.invoices(order_id="EON1", issued_to="2026-01-01", limit=10)]
    assert (listed, of_order, too_early) == (["INV2", "INV1"], ["INV1"], [])


async def test_no_more_are_listed_than_wanted(client: Client) -> None:
    assert len([invoice async for invoice in client.invoices(limit=1)]) == 1


async def test_an_unknown_invoice_ends_in_a_sentence_and_exit_code_3(address: str) -> None:
    ran = await invoicing("invoice", "get", "NOPE", "--tenant", "acme", "--address", address)
    assert (ran.code, ran.out, ran.err) == (3, "", "invoicing: invoice 'NOPE' does not exist\n")


# Downloads


async def test_a_download_writes_the_bytes_that_were_issued(
    service: FakeService, client: Client, tmp_path: Path
) -> None:
    target = tmp_path / "kept.pdf"
    assert await invoices.download(client, "INV1", target) is Exit.DONE
    assert target.read_bytes() == await issued(service, "EON1")
    assert files(tmp_path) == ["kept.pdf"]


@pytest.mark.parametrize("rendition", [Rendition.CII, Rendition.UBL])
async def test_xml_is_fetched_into_a_file_that_tells_which(
    service: FakeService, client: Client, rendition: Rendition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert await invoices.download(client, "INV1", None, rendition) is Exit.DONE
    assert files(tmp_path) == [f"INV1-{rendition}.xml"]
    written = (tmp_path / f"INV1-{rendition}.xml").read_bytes()
    assert written == (await service.invoicing.download(TenantId("acme"), InvoiceNumber("INV1"), rendition))[1]


async def test_the_command_takes_the_format(address: str) -> None:
    ran = await invoicing(
        "invoice", "download", "INV1", "--format", "ubl", "--out", "-", "--tenant", "acme", "--address", address
    )
    assert (ran.code, ran.out[:5], ran.err) == (0, "<ubl>", "")


async def test_to_standard_output_go_the_bytes_and_nothing_else(service: FakeService, address: str) -> None:
    ran = await invoicing("invoice", "download", "INV1", "--out", "-", "--tenant", "acme", "--address", address)
    assert (ran.code, ran.out.encode(), ran.err) == (0, await issued(service, "EON1"), "")


async def test_a_file_is_named_after_the_number_whatever_the_service_suggests(
    misled: Client, liar: ScriptedService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    liar.invoices.downloads = [[a_header(CONTENT, DIGEST), Part(data=CONTENT)]]
    assert await invoices.download(misled, "../1", None) is Exit.DONE
    assert files(tmp_path) == ["here/%2E%2E%2F1.pdf"]


async def test_a_broken_download_goes_on_where_it_broke(misled: Client, liar: ScriptedService) -> None:
    header = a_header(CONTENT, DIGEST)
    liar.invoices.downloads = [
        [header, Part(data=CONTENT[:5000]), None],
        [header, Part(data=CONTENT[5000:])],
    ]
    _, content = await fetch(misled, "INV1")
    assert content == CONTENT
    assert liar.invoices.offsets == [0, 5000]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([a_header(CONTENT, DIGEST), Part(data=CONTENT[:-1] + b"?")], id="other bytes"),
        pytest.param([a_header(CONTENT, DIGEST), Part(data=CONTENT[:-1])], id="too few"),
        pytest.param([a_header(CONTENT, DIGEST), Part(data=CONTENT), Part(data=b"more")], id="too many"),
        pytest.param([Part(data=CONTENT)], id="no header"),
        pytest.param([], id="nothing"),
    ],
)
async def test_what_is_not_as_announced_is_refused_and_nothing_is_left_behind(
    parts: list[Part], misled: Client, liar: ScriptedService, tmp_path: Path
) -> None:
    liar.invoices.downloads = [parts]
    with pytest.raises(Refused, match="nothing was kept"):
        await invoices.download(misled, "INV1", tmp_path / "kept.pdf")
    assert files(tmp_path) == []


async def test_a_document_without_end_is_refused_as_soon_as_it_is_too_long(
    misled: Client, liar: ScriptedService
) -> None:
    liar.invoices.downloads = [chain([a_header(CONTENT, DIGEST)], repeat(Part(data=CONTENT)))]
    async with asyncio.timeout(10):
        with pytest.raises(Refused, match="more than"):
            await fetch(misled, "INV1")


async def test_another_document_after_a_break_is_refused(misled: Client, liar: ScriptedService) -> None:
    liar.invoices.downloads = [
        [a_header(CONTENT, DIGEST), Part(data=CONTENT[:5000]), None],
        [a_header(CONTENT, "0" * 64), Part(data=CONTENT[5000:])],
    ]
    with pytest.raises(Refused, match="another document"):
        await fetch(misled, "INV1")


async def test_a_file_that_cannot_be_written_is_told(client: Client, tmp_path: Path) -> None:
    assert await invoices.download(client, "INV1", tmp_path / "no" / "such" / "folder.pdf") is Exit.USAGE


# Second thoughts


async def test_a_cancelled_invoice_is_told_with_its_credit_note(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await invoices.cancel(client, "INV1", reason="a slip", refund=True, request_id="") is Exit.DONE
    told = capsys.readouterr().out
    assert "Credit note" in told
    assert "INV3" in told
    assert told.endswith("is given back once: invoicing order explain EON1 --tenant acme tells whether it is by now\n")
    await invoices.get(client, number="INV1", order_id="")
    assert "Cancelled by" in capsys.readouterr().out


async def test_who_cancels_again_is_not_told_that_the_money_is_still_to_come(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await invoices.cancel(client, "INV1", reason="a slip", refund=True, request_id="k1") is Exit.DONE
    await service.work_to_the_end()
    capsys.readouterr()
    assert await invoices.cancel(client, "INV1", reason="a slip", refund=True, request_id="k1") is Exit.DONE
    told = capsys.readouterr().out
    assert "is given back once" in told
    assert len(service.payments.returned) == 1


async def test_where_nothing_was_captured_nothing_is_said_to_be_given_back(
    service: FakeService, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    service.add(an_order("EON3", payments=(BY_INVOICE,)))
    await service.invoicing.create_job(a_request("EON3"))
    await service.work()
    assert await invoices.cancel(client, "INV3", reason="a slip", refund=True, request_id="") is Exit.DONE
    told = capsys.readouterr().out
    assert told.splitlines()[-1] == "nothing was captured for it: there is nothing to give back"


async def test_cancel_resend_and_preview_speak_json_and_end_as_their_siblings(
    service: FakeService, address: str, tmp_path: Path
) -> None:
    service.add(an_order("EON3"))
    where = ("--tenant", "acme", "--address", address, "--json")
    cancelled = await invoicing("invoice", "cancel", "INV1", "--reason", "a slip", "--request-id", "r1", *where)
    resent = await invoicing("invoice", "resend", "INV2", "--to", "books@example.com", *where)
    target = tmp_path / "draft.pdf"
    preview = await invoicing("invoice", "preview", "EON3", "--out", str(target), *where)
    assert [ran.code for ran in (cancelled, resent, preview)] == [0, 0, 0]
    assert (cancelled.messages[0]["invoiceNumber"], cancelled.messages[0]["cancels"]) == ("INV3", "INV1")
    assert resent.messages == [{"messageId": service.mailer.ids[-1]}]
    assert preview.messages[0]["sha256"] == sha256(target.read_bytes()).hexdigest()
    again = await invoicing("invoice", "cancel", "INV1", "--reason", "a slip", *where)
    assert (again.code, json.loads(again.err)["reason"]) == (3, "NOT_CANCELLABLE")


async def test_a_draft_is_written_into_a_file_that_says_so(
    service: FakeService, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.add(an_order("EON3"))
    monkeypatch.chdir(tmp_path)
    assert await invoices.preview(client, "EON3", None) is Exit.DONE
    assert files(tmp_path) == ["draft-EON3.pdf"]


def test_who_cancels_says_why() -> None:
    ran = CliRunner().invoke(app, ["invoice", "cancel", "INV1", "--tenant", "acme"])
    assert ran.exit_code == 2
    assert "--reason" in ran.output

"""Invoices that are cancelled and issued anew, as callers see them; the sandbox tells what happened."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc
import pytest

from e2e.scenes import Scene
from e2e.services import Home, Service
from fakes.sandbox_caller import Caller
from invoicing.v1 import invoices_pb2 as pb
from invoicing.v1 import jobs_pb2

REASON = "wrong address"


async def charged(service: Service, platform: Caller, prefix: str) -> tuple[Scene, str, pb.Invoice]:
    """An order that was charged by card, and its invoice."""
    scene = await Scene.of(platform, 3, prefix)
    by_card = next(key for key, document in scene.documents.items() if "transactionId" in document["payments"][0])
    (order,) = (await service.outcome(await service.create([by_card]))).values()
    return (
        Scene(platform, {by_card: scene.documents[by_card]}, scene.since),
        by_card,
        await service.invoice(order.invoice_number),
    )


async def cancel(service: Service, invoice: pb.Invoice, **asked: Any) -> pb.Invoice:
    request = pb.CancelInvoiceRequest(
        tenant=service.tenant, invoice_number=invoice.invoice_number, reason=REASON, **asked
    )
    return (await service.invoices.CancelInvoice(request)).credit_note


async def ended(service: Service, note: pb.Invoice) -> pb.Invoice:
    """The credit note once it is mailed, which is the last thing that happens to it."""
    while not note.HasField("mail_time"):
        note = await service.invoice(note.invoice_number)
    return note


async def again(service: Service, order_id: str) -> pb.Invoice:
    (order,) = (await service.outcome(await service.create([order_id]))).values()
    assert order.state == jobs_pb2.ORDER_STATE_SUCCESS, order
    return await service.invoice(order.invoice_number)


async def moved(scene: Scene, kind: str) -> list[Decimal]:
    """The amounts that were captured, or given back, for the scene's orders."""
    return [Decimal(effect["amount"]) for effect in await scene.effects(kind) if effect["order_id"] in scene.documents]


async def require_proof(service: Service) -> None:
    proof = await service.invoices.VerifySeries(pb.VerifySeriesRequest(tenant=service.tenant))
    assert (proof.ok, list(proof.mismatches)) == (True, [])


async def test_an_invoice_is_cancelled_its_money_given_back_and_its_order_invoiced_again(
    service: Service, platform: Caller
) -> None:
    scene, order_id, invoice = await charged(service, platform, "REFUNDED")
    note = await ended(service, await cancel(service, invoice, refund=True, request_id="back"))
    gross = Decimal(invoice.gross)
    assert (note.type, note.cancels, note.gross) == (
        pb.DOCUMENT_TYPE_CREDIT_NOTE,
        invoice.invoice_number,
        invoice.gross,
    )
    assert (await service.invoice(invoice.invoice_number)).cancelled_by == note.invoice_number
    assert (await moved(scene, "capture"), await moved(scene, "refund")) == ([gross], [gross])
    assert await cancel(service, invoice, refund=True, request_id="back") == note
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await cancel(service, invoice)
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    new = await again(service, order_id)
    assert (Decimal(new.prepaid), Decimal(new.due)) == (0, gross)
    assert (await moved(scene, "capture"), await moved(scene, "refund")) == ([gross], [gross])
    await require_one_mail_each(scene, invoice, note, new)
    await require_proof(service)


async def test_without_a_refund_the_new_invoice_is_paid_by_the_old_capture(service: Service, platform: Caller) -> None:
    scene, order_id, invoice = await charged(service, platform, "REISSUED")
    note = await ended(service, await cancel(service, invoice))
    new = await again(service, order_id)
    assert (new.prepaid, Decimal(new.due)) == (invoice.gross, 0)
    assert (await moved(scene, "capture"), await moved(scene, "refund")) == ([Decimal(invoice.gross)], [])
    await require_one_mail_each(scene, invoice, note, new)
    reader = await platform.as_holder_of("tenant=acme")
    _, document = await reader.get(f"/order-v2/acme/salesorders/{order_id}")
    mark = document["mixins"]["invoice"]
    assert (mark["invoiceNo"], mark["cancelledInvoiceNo"], mark["creditNoteNo"]) == (
        new.invoice_number,
        invoice.invoice_number,
        note.invoice_number,
    )


async def test_a_preview_is_drawn_and_changes_nothing(service: Service, platform: Caller, tmp_path: Path) -> None:
    scene = await Scene.of(platform, 1, "PREVIEWED")
    (order_id,) = scene.ids
    target = tmp_path / "draft.pdf"
    ran = await service.invoicing("invoice", "preview", order_id, "--out", str(target))
    assert (ran.code, target.read_bytes()[:5]) == (0, b"%PDF-")
    assert await platform.effects(tenant="", after=str(scene.since)) == []
    (order,) = (await service.outcome(await service.create([order_id]))).values()
    refused = await service.invoicing("invoice", "preview", order_id)
    assert (refused.code, order.invoice_number in refused.err) == (3, True)


async def test_a_document_that_is_sent_again_has_the_same_bytes_under_another_id(
    service: Service, platform: Caller
) -> None:
    scene, _, invoice = await charged(service, platform, "RESENT")
    ran = await service.invoicing("invoice", "resend", invoice.invoice_number, "--to", "books@example.com", "--json")
    first, second = (m for m in await scene.effects("mail") if m["attachments"][0]["sha256"] == invoice.pdf_sha256)
    assert second["to"] in ("books@example.com", ["books@example.com"])
    assert ran.messages[0]["messageId"] in second["message_id"]
    assert first["message_id"] != second["message_id"]


async def require_one_mail_each(scene: Scene, *documents: pb.Invoice) -> None:
    """Each document was mailed, always under one Message-ID of its own and with the bytes that were issued."""
    sent = defaultdict(set)
    for mail in await scene.effects("mail"):
        (pdf,) = mail["attachments"]
        sent[pdf["name"]].add((mail["message_id"], pdf["sha256"]))
    ids = [sent[f"{document.invoice_number}.pdf"] for document in documents]
    assert [len(each) for each in ids] == [1] * len(documents)
    assert len(set.union(*ids)) == len(documents)
    assert [next(iter(each))[1] for each in ids] == [document.pdf_sha256 for document in documents]


@pytest.mark.parametrize(
    ("service_name", "operation", "when"),
    [
        ("payments", "refund", "hold_before"),
        ("payments", "refund", "hold_after"),
        ("sequences", "next_id", "hold_after"),
        ("orders", "patch", "hold_after"),
    ],
)
async def test_a_service_killed_in_the_middle_of_a_correction_finishes_it_once(
    home: Home, platform: Caller, service_name: str, operation: str, when: str
) -> None:
    prefix = f"KILLED-{operation}-{when}".upper().replace("_", "-")
    async with home.serving() as service:
        scene, order_id, invoice = await charged(service, platform, prefix)
        await platform.fault(service=service_name, operation=operation, kind=when, times=1)
        asked = asyncio.ensure_future(cancel(service, invoice, refund=True, request_id="once"))
        await scene.holds(1)
        service.process.kill()
        await asyncio.wait([asked])
    async with home.serving() as service:
        note = await ended(service, await cancel(service, invoice, refund=True, request_id="once"))
        assert await moved(scene, "refund") == [Decimal(invoice.gross)]
        assert await moved(scene, "capture") == [Decimal(invoice.gross)]
        await require_one_mail_each(scene, invoice, note)
        new = await again(service, order_id)
        assert Decimal(new.due) == Decimal(invoice.gross)
        await require_proof(service)

"""The demo's order whose invoice is taken back with its money, and that is invoiced again."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import aiohttp

from app.cli.boards import board_on
from app.cli.client import Client
from app.cli.display import screen
from app.cli.following import FollowedJob
from app.cli.jobs import attend
from invoicing.v1.invoices_pb2 import Invoice

REASON = "Wrong billing address"
PATIENCE = 60.0
"""Seconds for all of it, after which the demo tells what came of it by then."""
BETWEEN_LOOKS = 0.1
MOST_DOCUMENTS = 10


@dataclass(frozen=True, slots=True)
class Reissue:
    """The order's documents, oldest first, and what the gateway captured for it and gave back."""

    order_id: str
    documents: tuple[Invoice, ...]
    captured: Decimal
    returned: Decimal


async def reissued(client: Client, sandbox: aiohttp.ClientSession, order_id: str) -> Reissue:
    """Cancels the order's invoice with a refund, and invoices it again in a new job. Raises `Refused`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await _take_back(client, order_id)
            await _invoice_again(client, order_id)
    newest_first = [document async for document in client.invoices(order_id=order_id, limit=MOST_DOCUMENTS)]
    captured, returned = await _moved(sandbox, client.access.tenant, order_id)
    return Reissue(order_id, tuple(reversed(newest_first)), captured, returned)


async def _take_back(client: Client, order_id: str) -> None:
    """Until the credit note is mailed, which is the last that happens to it: then the money is back."""
    invoice = await client.invoice(order_id=order_id)
    note = await client.cancel_invoice(invoice.invoice_number, reason=REASON, refund=True, request_id="")
    while not note.HasField("mail_time"):
        await asyncio.sleep(BETWEEN_LOOKS)
        note = await client.invoice(number=note.invoice_number)


async def _invoice_again(client: Client, order_id: str) -> None:
    job = await client.create_job([order_id])
    async with board_on(screen()) as board:
        await attend(client, FollowedJob(job.job_id, "MANUAL job after the credit note"), board)


async def _moved(sandbox: aiohttp.ClientSession, tenant: str, order_id: str) -> tuple[Decimal, Decimal]:
    """What was captured for the order, and what was given back, by the sandbox's own account."""
    async with sandbox.get("/_sandbox/effects", params={"tenant": tenant}, raise_for_status=True) as answer:
        effects = json.loads(await answer.read(), parse_float=Decimal, parse_int=Decimal)["effects"]
    ours = [effect for effect in effects if effect.get("order_id") == order_id]
    captured, returned = (
        sum((effect["amount"] for effect in ours if effect["kind"] == kind), Decimal(0))
        for kind in ("capture", "refund")
    )
    return captured, returned

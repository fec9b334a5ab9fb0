"""What the demo takes home: the invoices from the service, the mails from the sandbox's sink."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aiohttp

from app.cli.client import Client
from app.cli.demo_folder import DemoFolder
from app.cli.documents import fetch, keep
from domain.mail import file_name

AT_ONCE = 4


async def keep_invoices(client: Client, numbers: Iterable[str], folder: DemoFolder) -> None:
    """Writes each document to `<number>.pdf`, every one proven by its SHA-256. Raises `Refused`."""
    few = asyncio.Semaphore(AT_ONCE)

    async def keep_one(number: str) -> None:
        async with few:
            _, content = await fetch(client, number)
        keep(content, folder.invoices / f"{file_name(number)}.pdf")

    await asyncio.gather(*(keep_one(number) for number in numbers))


async def keep_mails(
    sandbox: aiohttp.ClientSession, tenant: str, numbers: Iterable[str], folder: DemoFolder
) -> Counter[str]:
    """Writes each mail with one of the documents to `<number>.eml`; how many there were, by number."""
    async with sandbox.get("/_sandbox/mails", params={"tenant": tenant}, raise_for_status=True) as answer:
        mails: Sequence[Mapping[str, Any]] = (await answer.json())["mails"]
    wanted = {f"{file_name(number)}.pdf": number for number in numbers}
    kept: Counter[str] = Counter()
    for mail in mails:
        for number in (wanted[each["name"]] for each in mail["attachments"] if each["name"] in wanted):
            kept[number] += 1
            again = f"-{kept[number]}" if kept[number] > 1 else ""
            async with sandbox.get(f"/_sandbox/mails/{mail['id']}", raise_for_status=True) as answer:
                keep(await answer.read(), folder.mails / f"{file_name(number)}{again}.eml")
    return kept

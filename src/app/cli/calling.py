"""Running a client command, from its connection to its exit code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import NoReturn

import typer

from app.cli.client import Client
from app.cli.options import Access
from app.cli.refusals import Refused
from app.cli.terminal import Exit, complain

Work = Callable[[Client], Awaitable[Exit]]


def run(access: Access, work: Work) -> NoReturn:
    """Does the work with a client and ends the command as the work says, or with a complaint."""
    try:
        end = asyncio.run(_connected(access, work))
    except Refused as refused:
        end = Exit.REFUSED
        if access.json:
            typer.echo(json.dumps(refused.document()), err=True)
        else:
            complain(refused.sentence)
    raise typer.Exit(end)


async def _connected(access: Access, work: Work) -> Exit:
    async with Client.connected(access) as client:
        return await work(client)

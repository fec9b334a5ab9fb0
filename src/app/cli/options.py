"""What every client command can be told: where the service is, for whom to ask, how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

DEFAULT_ADDRESS = "127.0.0.1:50051"

Address = Annotated[str, typer.Option(envvar="INVOICING_ADDRESS", metavar="HOST:PORT", help="Where the service is.")]
Tenant = Annotated[str, typer.Option(envvar="INVOICING_TENANT", metavar="TENANT", help="On whose behalf.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, one message a line; errors too, on stderr.")]


@dataclass(frozen=True, slots=True)
class Access:
    """How a client command was called."""

    address: str
    tenant: str
    json: bool = False


def examples(*lines: str) -> str:
    """What a command's help ends with: lines to try, kept as lines."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))

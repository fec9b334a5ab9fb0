"""What even the lightest command needs of a terminal: exit codes, harmless text, complaints."""

from __future__ import annotations

from enum import IntEnum

import typer


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    ORDER_FAILED = 1
    USAGE = 2
    REFUSED = 3


def safe(text: str) -> str:
    """Text from outside without what would steer a terminal: control characters appear as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def complain(sentence: str) -> None:
    """Says on standard error what went wrong."""
    typer.echo(f"invoicing: {safe(sentence)}", err=True)

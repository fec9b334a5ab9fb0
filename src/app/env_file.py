"""The `.env` file of the folder one is in: variables for whoever has not set them in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import Misconfigured

if TYPE_CHECKING:
    from dotenv.parser import Original

PREFIX = "INVOICING_"
ENV_FILE = Path(".env")
OF_OPTIONS = ("INVOICING_ADDRESS", "INVOICING_TENANT")
"""Variables that options of the command line are read from."""


def ours() -> Mapping[str, str]:
    """The file's variables that begin like ours, by their names in capitals. Raises `Misconfigured`."""
    if not ENV_FILE.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - most commands find no such file

    try:
        _refuse_what_says_nothing()
        told = dotenv_values(ENV_FILE)
    except OSError as error:
        raise Misconfigured(f"{ENV_FILE} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{ENV_FILE} cannot be read: it is no text") from error
    return {name.upper(): value or "" for name, value in told.items() if name.upper().startswith(PREFIX)}


def _refuse_what_says_nothing() -> None:
    """Raises `Misconfigured` for the first line that sets nothing: left out, it would leave a default in its place."""
    from dotenv.parser import parse_stream  # noqa: PLC0415 - as above

    with ENV_FILE.open(encoding="utf-8") as lines:
        for said in parse_stream(lines):
            if said.error or (said.value is None and (said.key or "").upper().startswith(PREFIX)):
                raise Misconfigured(
                    f"{ENV_FILE}, line {_line_of(said.original)}, sets nothing: write it as NAME=VALUE, and close a "
                    "quote that is opened; a comment begins with #"
                )


def _line_of(original: Original) -> int:
    """Where it stands; what is read begins with the empty lines before it."""
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")


def lend_to_options() -> None:
    """Lets the options of the command line see what the file says; the environment wins. Raises `Misconfigured`."""
    told = ours()
    for name in OF_OPTIONS:
        if name in told:
            os.environ.setdefault(name, told[name])

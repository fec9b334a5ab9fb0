"""The PDF libraries, of which an installation needs the one that it draws with."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec

from domain.errors import Misconfigured
from domain.invoice import Invoice

Draw = Callable[[Invoice, bytes | None, bytes], bytes]
"""From an invoice, its logo and its XML to a document."""


class Library(StrEnum):
    """A library that draws, by the name of its package and of the extra that installs it."""

    BORB = "borb"
    TYPST = "typst"

    def require(self) -> None:
        """Returns if it is installed. Raises `Misconfigured`."""
        if find_spec(self) is None:
            raise Misconfigured(
                f"the PDF library {self} is not installed: pip install 'invoicing[{self}]', "
                "or draw with another one: set INVOICING_PDF"
            )

    def drawing(self) -> Draw:
        """How it draws. Loads the library: only worker processes need it."""
        if self is Library.TYPST:
            from adapters.pdf.typst import renderer as typst  # noqa: PLC0415 - see above

            return typst.draw
        from adapters.pdf.borb import renderer as borb  # noqa: PLC0415 - see above

        return borb.draw

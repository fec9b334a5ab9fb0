"""The PDF libraries, of which an installation needs the one that it draws with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from domain.document import Drawing
from domain.errors import Misconfigured
from domain.invoice import Invoice

_ADDED_BY = {"borb": "pip install '.[borb]'", "typst": "make typst (or, without make, pip install '.[typst]')"}

Draw = Callable[[Invoice, bytes | None, bytes], Drawing]
"""From an invoice, its logo and its XML to a document."""


class Renderer(StrEnum):
    """A library that draws, by the name of its package and of the extra that installs it."""

    BORB = "borb"
    TYPST = "typst"

    def require(self) -> None:
        """Returns if it is installed. Raises `Misconfigured`."""
        if find_spec(self) is None:
            raise Misconfigured(
                f"the PDF library {self} is not installed: {_ADDED_BY[self]} adds it; "
                "or draw with another one: set INVOICING_PDF"
            )

    def drawing(self, font_dirs: Sequence[Path] = ()) -> Draw:
        """How it draws, with the fonts in these folders too. Loads the library: only worker processes need it."""
        if self is Renderer.TYPST:
            from adapters.pdf.typst.renderer import drawing as drawn_by_typst  # noqa: PLC0415 - see above

            return partial(drawn_by_typst, font_dirs=tuple(font_dirs))
        from adapters.pdf.borb.renderer import drawing  # noqa: PLC0415 - see above
        from adapters.pdf.borb.styles import FONTS  # noqa: PLC0415 - see above

        FONTS.add(font_dirs)
        return drawing

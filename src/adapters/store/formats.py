"""What documents say, as it is kept. It is written in the newest format, and read for ever in each there was.

1. The buyer's address was kept as the lines that are printed.
2. It is kept in its parts, as electronic invoices want it.
3. There may be allowances on the whole document; before, what was taken off shipping had been taken off its charge.
"""

from __future__ import annotations

from typing import Any

import msgspec

from domain.errors import Unavailable
from domain.invoice import Draft, Invoice

FORMAT = 3
"""The format in which drafts and invoices are written now."""

_encode = msgspec.json.Encoder(decimal_format="string").encode
_draft = msgspec.json.Decoder(Draft).decode
_invoice = msgspec.json.Decoder(Invoice).decode


def written(content: Draft | Invoice) -> bytes:
    """The canonical bytes in the current `FORMAT`: JSON, fields in their declared order, decimals as exact strings."""
    return _encode(content)


def draft(format: int, content: bytes) -> Draft:  # noqa: A002 - the column's name
    """The draft, in whichever format it was written. Raises `Unavailable` for one that is yet to come."""
    return _draft(_readable(format, content))


def invoice(format: int, content: bytes) -> Invoice:  # noqa: A002 - the column's name
    """The invoice, in whichever format it was written. Raises `Unavailable` for one that is yet to come."""
    return _invoice(_readable(format, content))


def _readable(format: int, content: bytes) -> bytes:  # noqa: A002 - see above
    """What can be read as the current format. A newer one may say what nobody here would see."""
    if format > FORMAT:
        raise Unavailable(
            f"what the document says is kept in format {format}, by a newer version of the service than this one, "
            f"which knows up to {FORMAT}: update it"
        )
    return _renewed(content) if format == 1 else content


def _renewed(content: bytes) -> bytes:
    """What was written in format 1, in a later one: nobody knows what the lines of an address were."""
    document: dict[str, Any] = msgspec.json.decode(content)
    buyer: dict[str, Any] = document.get("draft", document)["buyer"]
    buyer["extra"] = buyer.pop("address")
    return msgspec.json.encode(document)

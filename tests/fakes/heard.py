"""What a screen reader reads of a document, and what it should."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from adapters.pdf.composition import content_of
from adapters.pdf.content import Item
from domain.invoice import Invoice
from tagging import Document

FIRST_THAT_MAY_BE_MISSING = "\u2fff"
"""Faces for what lies beyond are an extra; without them a replacement is read."""


def heard(drawn: bytes) -> str:
    """The text in reading order: a space between words, and between elements, where there is one or their border."""
    document = Document(drawn)
    with document.file:
        leaves = [document.text(element) for element in document.tree.elements if not element.kids]
    return " ".join("\n".join(leaves).split())


def unheard(drawn: bytes, invoice: Invoice) -> str:
    """The first part of the invoice that is not read as it was written, in whole words behind the part before it."""
    text, position = heard(drawn), 0
    for part in printed(invoice):
        found = re.compile(rf"(?<!\S){_pattern(part)}(?!\S)").search(text, position)
        if found is None:
            return part
        position = found.end()
    return ""


def printed(invoice: Invoice) -> Iterator[str]:
    """What the invoice says from its title to its last sum."""
    content = content_of(invoice)
    yield from (content.title, content.lead.label, *content.lead.lines)
    columns = content.columns
    yield from (columns.item, columns.quantity, columns.price, columns.discount, columns.vat, columns.amount)
    for item in content.items:
        yield from _row(item)
    for part in content.sums:
        yield from (part.label, part.reason, part.amount)


def _row(item: Item) -> Iterator[str]:
    yield from (item.position, item.name, item.sku, item.quantity, item.unit)
    yield from (item.price, item.discount, item.vat, item.amount)


def _pattern(part: str) -> str:
    """What is never seen, such as marks of direction, is not read either; what has no glyph is, as a replacement."""
    visible = "".join(c for c in part if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf"})
    words = unicodedata.normalize("NFC", visible).split()
    return " ".join("".join(map(_character, word)) for word in words)


def _character(character: str) -> str:
    known = re.escape(character)
    is_written = character <= FIRST_THAT_MAY_BE_MISSING and unicodedata.category(character)[0] != "C"
    return known if is_written else f"(?:{known}|\ufffd)"

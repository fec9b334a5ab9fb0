"""A check of the tags of a finished PDF, whoever made it: of what a screen reader hears.

veraPDF is content with contents in each other's place, cells without text, and headers that are heard on every page.
This reads the file with a library that no renderer of ours uses (pikepdf), decodes what each page shows, and compares
it with the structure tree.
"""

from __future__ import annotations

from itertools import chain

from tagging.document import Document
from tagging.finding import Finding
from tagging.marking import belonging, marking
from tagging.outline import catalogue, outline
from tagging.reading import order, repetition
from tagging.tables import tables

__all__ = ["Document", "Finding", "findings"]

CHECKS = (catalogue, marking, belonging, outline, tables, order, repetition)


def findings(content: bytes) -> tuple[Finding, ...]:
    """What is wrong with the tags of this document; nothing, if all is well.

    Raises `pikepdf.PdfError` for what is no PDF.
    """
    document = Document(content)
    with document.file:
        return tuple(chain.from_iterable(check(document) for check in CHECKS))

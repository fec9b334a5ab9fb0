"""A finished document as readers of its tags see it."""

from __future__ import annotations

from collections import defaultdict
from io import BytesIO

import pikepdf

from tagging.content import Content, Fonts, Shown
from tagging.finding import Finding
from tagging.tree import Element, Mark, Tree


class Document:
    """The pages' content, the tree over it, and what each element shows. Read once; close it when done with it.

    Raises `pikepdf.PdfError` for what is no PDF.
    """

    def __init__(self, content: bytes) -> None:
        self.file = pikepdf.open(BytesIO(content))
        fonts: Fonts = {}
        self.pages = [Content(page, fonts) for page in self.file.pages]
        root = self.file.Root.get("/StructTreeRoot", pikepdf.Dictionary())
        self.tree = Tree(root, {page.objgen: n for n, page in enumerate(self.file.pages)})
        self.marked: dict[Mark, list[Shown]] = defaultdict(list)
        for number, page in enumerate(self.pages):
            for shown in page.shown:
                if shown.mark is not None:
                    self.marked[Mark(number, shown.mark)].append(shown)

    def shown(self, element: Element) -> list[tuple[int, Shown]]:
        """What the element and those below it show, each with its page counted from 0, in reading order."""
        return [
            (mark.page, shown)
            for part in element.all()
            for mark in part.marks
            if mark.page is not None
            for shown in self.marked.get(mark, ())
        ]

    def text(self, element: Element) -> str:
        """What the element says: nothing is added to what is written, not even a space."""
        instead = element.entries.get("/ActualText", element.entries.get("/Alt"))
        return str(instead) if instead is not None else "".join([shown.text for _, shown in self.shown(element)])

    def found(self, element: Element, what: str) -> Finding:
        """This is wrong with the element."""
        page = next((page + 1 for page, _ in self.shown(element)), None)
        return Finding(page, element.path, what)

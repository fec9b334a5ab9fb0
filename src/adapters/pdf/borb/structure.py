"""What on the pages is a title, a table, a cell: the structure tree (ISO 32000-1, 14.7 and 14.8; ISO 14289-1).

Text that belongs to no element of it is an artifact: repeated headers, page numbers, rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.pdf.borb.syntax import text_string

COLUMN = "/A<</O/Table/Scope/Column>>"
ROW = "/A<</O/Table/Scope/Row>>"
"""Which cells a header cell is about."""


def row_over(columns: int) -> str:
    """A header of a row that takes the place of so many cells."""
    return f"/A<</O/Table/Scope/Row/ColSpan {columns}>>" if columns > 1 else ROW


def over(columns: int) -> str:
    """A cell that takes the place of so many."""
    return f"/A<</O/Table/ColSpan {columns}>>" if columns > 1 else ""


def alternative(text: str) -> str:
    """What a picture shows, in words."""
    return f"/Alt {text_string(text)}"


class Element:
    """A structure element of this kind under its parent, in reading order; `attributes` as its dictionary has them.

    It holds other elements or marked content, which may lie on several pages.
    """

    __slots__ = ("attributes", "kids", "marks", "number", "parent", "tag")

    def __init__(self, tag: str, parent: Element | None = None, attributes: str = "") -> None:
        self.tag = tag
        self.parent: Element | None = None
        self.attributes = attributes
        self.kids: list[Element] = []
        self.marks: list[tuple[int, int]] = []
        """Pages, counted from 0, and the numbers of the marked content there."""
        self.number = 0
        if parent is not None:
            parent.adopt(self)

    def adopt(self, kid: Element) -> None:
        """Takes in another element, behind those that are there."""
        kid.parent = self
        self.kids.append(kid)


class Structure:
    """The tree of one document. Its objects are the first of the file: the tree's root, then element by element."""

    def __init__(self) -> None:
        self.document = Element("Document")
        self._marked: list[list[Element]] = []

    def page(self) -> list[Element]:
        """A new page's marked content: the element that each belongs to, by its number."""
        self._marked.append([])
        return self._marked[-1]

    def numbered(self) -> list[Element]:
        """Every element, in reading order, with its object number."""
        order: list[Element] = []
        waiting = [self.document]
        while waiting:
            element = waiting.pop()
            order.append(element)
            element.number = len(order) + 1
            waiting.extend(reversed(element.kids))
        return order

    def objects(self, elements: Sequence[Element], pages: Sequence[int]) -> Iterator[str]:
        """The objects from number 1 on; `pages` are the object numbers of the pages."""
        yield self._root()
        for element in elements:
            above = element.parent.number if element.parent else 1
            yield f"<</S/{element.tag}/P {above} 0 R{element.attributes}{_kids(element, pages)}>>"

    def _root(self) -> str:
        parents = (f"{n}[{_references(marked)}]" for n, marked in enumerate(self._marked))
        tree = f"/ParentTree<</Nums[{''.join(parents)}]>>/ParentTreeNextKey {len(self._marked)}"
        return f"<</Type/StructTreeRoot/K {self.document.number} 0 R{tree}>>"


def _kids(element: Element, pages: Sequence[int]) -> str:
    marks = element.marks
    if len(marks) == 1:
        page, mark = marks[0]
        return f"/Pg {pages[page]} 0 R/K {mark}"
    if marks:
        content = (f"<</Type/MCR/Pg {pages[page]} 0 R/MCID {mark}>>" for page, mark in marks)
        return f"/K[{''.join(content)}]"
    return f"/K[{_references(element.kids)}]"


def _references(elements: Sequence[Element]) -> str:
    return " ".join([f"{element.number} 0 R" for element in elements])

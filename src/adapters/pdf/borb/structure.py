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
    """A structure element: what it is, under which other, and what of which pages it holds.

    `attributes` are as its dictionary has them. It holds other elements, by their numbers, or marked content, by page
    and number there.
    """

    __slots__ = ("above", "attributes", "kids", "marks", "number", "tag")

    def __init__(self, tag: str, number: int, above: int, attributes: str) -> None:
        self.tag = tag
        self.number = number
        self.above = above
        self.attributes = attributes
        self.kids: list[int] | None = None
        self.marks: tuple[tuple[int, int], ...] = ()

    def adopt(self, number: int) -> None:
        """Takes in another element, behind those that are there."""
        if self.kids is None:
            self.kids = []
        self.kids.append(number)

    def show(self, page: int, mark: int) -> None:
        """Holds this marked content too."""
        self.marks += ((page, mark),)


class Structure:
    """The tree of one document. Its objects are the first of the file: the tree's root, then every element.

    Elements know each other by number only, so that a drawn document leaves no cycles to collect.
    """

    def __init__(self) -> None:
        self._elements: list[Element] = []
        self._marked: list[list[int]] = []
        self.document = self.detached("Document")
        self.document.above = 1

    def detached(self, tag: str) -> Element:
        """A new element, to be adopted later."""
        element = Element(tag, len(self._elements) + 2, 0, "")
        self._elements.append(element)
        return element

    def add(self, tag: str, parent: Element | None = None, attributes: str = "") -> Element:
        """A new element of this kind in its parent, or else the document, behind those that are there."""
        above = parent or self.document
        number = len(self._elements) + 2
        element = Element(tag, number, above.number, attributes)
        self._elements.append(element)
        above.adopt(number)
        return element

    def adopt(self, element: Element) -> None:
        """Takes a detached element into the document, likewise."""
        element.above = self.document.number
        self.document.adopt(element.number)

    def page(self) -> list[int]:
        """A new page's marked content: the number of the element that each belongs to."""
        self._marked.append([])
        return self._marked[-1]

    @property
    def size(self) -> int:
        """How many objects it is."""
        return len(self._elements) + 1

    def objects(self, pages: Sequence[int]) -> Iterator[str]:
        """The objects from number 1 on, as the file has them; `pages` are the object numbers of the pages."""
        yield f"1 0 obj\n{self._root()}\nendobj\n"
        on_page = [f"/Pg {page} 0 R/K " for page in pages]
        for element in self._elements:
            marks = element.marks
            content = f"{on_page[marks[0][0]]}{marks[0][1]}" if len(marks) == 1 else _kids(element, pages)
            head = f"{element.number} 0 obj\n<</S/{element.tag}/P {element.above} 0 R"
            yield f"{head}{element.attributes}{content}>>\nendobj\n"

    def _root(self) -> str:
        parents = (f"{n}[{_references(marked)}]" for n, marked in enumerate(self._marked))
        tree = f"/ParentTree<</Nums[{''.join(parents)}]>>/ParentTreeNextKey {len(self._marked)}"
        return f"<</Type/StructTreeRoot/K {self.document.number} 0 R{tree}>>"


def _kids(element: Element, pages: Sequence[int]) -> str:
    """Other elements, or pieces of marked content that may lie on several pages."""
    content = (f"<</Type/MCR/Pg {pages[page]} 0 R/MCID {mark}>>" for page, mark in element.marks)
    return f"/K[{''.join(content)}{_references(element.kids or ())}]"


def _references(numbers: Sequence[int]) -> str:
    return " ".join([f"{number} 0 R" for number in numbers])

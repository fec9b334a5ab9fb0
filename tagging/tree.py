"""The structure tree of a document, and which marked content belongs to which element (ISO 32000-1, 14.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pikepdf

Number = tuple[int, int]
"""An object of the file, by number and generation."""


class Mark(NamedTuple):
    """Marked content by its page, counted from 0 and None where the tree does not say, and its number there."""

    page: int | None
    number: int


class Element:
    """An element of the tree: what it is in terms of the standard, what it holds, in reading order.

    `parent` is the element that lists it, `entries` its dictionary, `objects` are annotations that belong to it.
    """

    __slots__ = ("entries", "kids", "marks", "objects", "parent", "tag")

    def __init__(self, tag: str, entries: pikepdf.Dictionary, parent: Element | None) -> None:
        self.tag = tag
        self.entries = entries
        self.parent = parent
        self.kids: list[Element] = []
        self.marks: list[Mark] = []
        self.objects: list[pikepdf.Dictionary] = []

    @property
    def number(self) -> Number:
        return self.entries.objgen

    @property
    def path(self) -> str:
        """The tags from the root down to it, counted among those of one kind where there are several."""
        if self.parent is None:
            return self.tag
        alike = [kid for kid in self.parent.kids if kid.tag == self.tag]
        count = f"[{alike.index(self) + 1}]" if len(alike) > 1 else ""
        return f"{self.parent.path}/{self.tag}{count}"

    def all(self) -> Iterator[Element]:
        """It and all below it, in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.all()

    def attribute(self, owner: str, key: str) -> Any:
        """The value that its attributes of this owner have for the key, or None (14.7.5)."""
        attributes = self.entries.get("/A", pikepdf.Array())
        for each in attributes if isinstance(attributes, pikepdf.Array) else [attributes]:
            if isinstance(each, pikepdf.Dictionary) and each.get("/O") == owner and key in each:
                return each[key]
        return None


class Tree:
    """The structure tree as it stands in the file: its elements in reading order, and its way back from content.

    `parents` are the entries of the ParentTree, `twice` the elements that are listed more than once.
    """

    def __init__(self, root: pikepdf.Dictionary, pages: dict[Number, int]) -> None:
        self.root = root
        self.twice: list[Element] = []
        self._pages = pages
        self._seen = set[Number]()
        self._roles = root.get("/RoleMap", pikepdf.Dictionary())
        self.tops = [self._element(kid, None) for kid in _listed(root.get("/K"))]
        self.elements = [element for top in self.tops for element in top.all()]
        self.parents = dict(_numbered(root.get("/ParentTree", pikepdf.Dictionary())))

    def _element(self, entries: pikepdf.Dictionary, parent: Element | None) -> Element:
        element = Element(self._role(entries), entries, parent)
        if element.number in self._seen:
            self.twice.append(element)
            return element
        self._seen.add(element.number)
        for kid in _listed(entries.get("/K")):
            self._hold(element, kid)
        return element

    def _hold(self, element: Element, kid: Any) -> None:
        if isinstance(kid, int):
            element.marks.append(Mark(self._page(element.entries), kid))
        elif kid.get("/Type") == "/MCR":
            element.marks.append(Mark(self._page(kid if "/Pg" in kid else element.entries), int(kid.MCID)))
        elif kid.get("/Type") == "/OBJR":
            element.objects.append(kid.Obj)
        else:
            element.kids.append(self._element(kid, element))

    def _page(self, entries: pikepdf.Dictionary) -> int | None:
        return self._pages.get(entries.Pg.objgen) if "/Pg" in entries else None

    def _role(self, entries: pikepdf.Dictionary) -> str:
        """The standard's name for what an element is (14.8.4)."""
        tag, known = str(entries.S), set[str]()
        while tag in self._roles and tag not in known:
            known.add(tag)
            tag = str(self._roles[tag])
        return tag.removeprefix("/")


def _listed(kids: Any) -> list[Any]:
    if kids is None:
        return []
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _numbered(node: pikepdf.Dictionary) -> Iterator[tuple[int, Any]]:
    """The entries of a number tree (7.9.7)."""
    yield from zip(*[iter(node.get("/Nums", pikepdf.Array()))] * 2, strict=True)
    for kid in node.get("/Kids", pikepdf.Array()):
        yield from _numbered(kid)

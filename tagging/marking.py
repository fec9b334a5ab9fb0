"""Everything shown is content or artifact, and content and structure tree know each other (ISO 32000-1, 14.7.4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tagging.content import Content, Kind, Shown
from tagging.document import Document
from tagging.finding import Finding
from tagging.fonts import UNKNOWN
from tagging.tree import Element, Mark, Number

DRAWN_IN = ("Figure", "Formula")
"""Whatever is drawn without being text belongs to one of these, or is an artifact."""


def marking(document: Document) -> Iterator[Finding]:
    """What is shown without being marked as one of the two, marked as both, or without a text."""
    for number, page in enumerate(document.pages, 1):
        yield from (Finding(number, "", what) for what in _page(page))
        yield from (Finding(number, "", what) for shown in page.shown for what in _shown(shown))


def _page(page: Content) -> Iterator[str]:
    if not page.is_balanced:
        yield "marked content does not end, or ends before it began"
    yield from (f"the number {mark} is given to {count} marked contents" for mark, count in _several(page.marks))


def _several(marks: list[int]) -> Iterator[tuple[int, int]]:
    return ((mark, count) for mark, count in Counter(marks).items() if count > 1)


def _shown(shown: Shown) -> Iterator[str]:
    if shown.mark is None and not shown.is_artifact:
        yield f"{shown.what} is neither content nor an artifact"
    if shown.mark is not None and shown.is_artifact:
        yield f"{shown.what} is content {shown.mark}, and an artifact as well"
    if UNKNOWN in shown.text and not shown.is_artifact:
        yield f"{shown.what} has a glyph without text"


def belonging(document: Document) -> Iterator[Finding]:
    """Where the tree, its ParentTree, and the pages contradict each other."""
    holders: dict[Mark, Element] = {}
    for element in document.tree.elements:
        yield from (document.found(element, what) for what in _holding(document, element, holders))
        holders |= dict.fromkeys(element.marks, element)
    yield from (document.found(element, "is listed a second time") for element in document.tree.twice)
    held: dict[int | None, set[int]] = defaultdict(set)
    for page, number in holders:
        held[page].add(number)
    for index in range(len(document.pages)):
        yield from _page_and_tree(document, index, held[index], holders)
    yield from _same_key(document)


def _holding(document: Document, element: Element, holders: dict[Mark, Element]) -> Iterator[str]:
    above = element.parent.entries if element.parent else document.tree.root
    if _number(element.entries.get("/P")) != above.objgen:
        yield f"its /P is not {element.parent.path if element.parent else 'the root'}, which lists it"
    for mark in element.marks:
        if mark.page is None:
            yield f"no /Pg says on which page its content {mark.number} is"
        elif mark in holders:
            yield f"its content {mark.number} is that of {holders[mark].path} as well"
        if element.tag not in DRAWN_IN:
            yield from (
                f"{shown.what} is no artifact" for shown in document.marked[mark] if shown.kind is not Kind.TEXT
            )
    for thing in element.objects:
        if _number(document.tree.parents.get(thing.get("/StructParent"))) != element.number:
            yield "the ParentTree does not give it the annotation that it holds"


def _page_and_tree(document: Document, index: int, held: set[int], holders: dict[Mark, Element]) -> Iterator[Finding]:
    """Each marked content of a page has one holder, and the page's entry in the ParentTree names that one."""
    key, there = document.file.pages[index].get("/StructParents"), document.pages[index].marks
    parents = dict(enumerate(map(_number, document.tree.parents.get(key, []))))
    for number in sorted({*there, *held, *(n for n, parent in parents.items() if parent)}):
        holder, parent = holders.get(Mark(index, number)), parents.get(number)
        if holder is None:
            shown = "".join([shown.text for shown in document.marked[Mark(index, number)]])
            yield Finding(index + 1, "", f"content {number}, {shown.strip()!r}, belongs to no element")
        elif number not in there:
            yield Finding(index + 1, holder.path, f"its content {number} is not on the page")
        elif parent != holder.number:
            told = f"the ParentTree gives its content {number} to {_called(document, parent)}"
            yield Finding(index + 1, holder.path, told)


def _called(document: Document, number: Number | None) -> str:
    return next((element.path for element in document.tree.elements if element.number == number), "nobody")


def _same_key(document: Document) -> Iterator[Finding]:
    keys: dict[Any, int] = {}
    for number, page in enumerate(document.file.pages, 1):
        key = page.get("/StructParents")
        if key in keys:
            yield Finding(number, "", f"its /StructParents, {key}, is that of page {keys[key]}")
        keys[key] = number


def _number(entries: Any) -> Number | None:
    """Of the object, if there is one."""
    return None if entries is None else entries.objgen

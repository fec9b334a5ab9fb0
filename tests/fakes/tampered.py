"""Documents whose tags were broken on purpose, one way at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, ContentStreamInstruction, Dictionary, Name, Operator, Pdf

from tagging.tree import Tree

Change = Callable[[Pdf], None]
Instructions = list[ContentStreamInstruction]

TEXT = 1
"""The number of the first text on our pages; the logo is 0."""


def tampered(document: bytes, change: Change) -> bytes:
    """The document after this change."""
    out = BytesIO()
    with pikepdf.open(BytesIO(document)) as file:
        change(file)
        file.save(out, static_id=True)
    return out.getvalue()


def element(file: Pdf, path: str) -> Dictionary:
    """The element at this path, as its dictionary."""
    pages = {page.objgen: number for number, page in enumerate(file.pages)}
    return next(e.entries for e in Tree(file.Root.StructTreeRoot, pages).elements if e.path == path)


def parents(file: Pdf, page: int) -> Array:
    """What the ParentTree has for the page, counted from 0."""
    nums = file.Root.StructTreeRoot.ParentTree.Nums
    return dict(zip(*[iter(nums)] * 2, strict=True))[file.pages[page].StructParents]


def without(path: str, key: str) -> Change:
    """An element that lacks this key."""

    def change(file: Pdf) -> None:
        del element(file, path)[key]

    return change


def with_(path: str, key: str, value: object) -> Change:
    """An element with another value for the key."""

    def change(file: Pdf) -> None:
        element(file, path)[key] = value

    return change


def exchanged_content(path: str, other: str, *, and_parents: bool) -> Change:
    """Two elements of one page that have each other's content; whether the ParentTree goes along."""

    def change(file: Pdf) -> None:
        one, two = element(file, path), element(file, other)
        one.K, two.K = two.K, one.K
        if and_parents:
            listed = parents(file, 0)
            listed[int(one.K)], listed[int(two.K)] = one, two

    return change


def exchanged_places(path: str, other: str) -> Change:
    """Two elements that stand in each other's place, each with the parent that lists it."""

    def change(file: Pdf) -> None:
        one, two = element(file, path), element(file, other)
        above, above_other = one.P, two.P
        at, at_other = _index(above, one), _index(above_other, two)
        above.K[at], above_other.K[at_other] = two, one
        one.P, two.P = above_other, above

    return change


def moved(path: str, into: str) -> Change:
    """An element that another lists, at its end."""

    def change(file: Pdf) -> None:
        one, target = element(file, path), element(file, into)
        del one.P.K[_index(one.P, one)]
        target.K.append(one)
        one.P = target

    return change


def listed_again(path: str, by: str) -> Change:
    """An element that another lists as well."""

    def change(file: Pdf) -> None:
        element(file, by).K.append(element(file, path))

    return change


def _index(parent: Dictionary, kid: Dictionary) -> int:
    return [each.objgen for each in parent.K].index(kid.objgen)


# What the pages show


def redrawn(page: int, change: Callable[[Instructions], Iterator[ContentStreamInstruction]]) -> Change:
    """A page with other operators."""

    def changed(file: Pdf) -> None:
        instructions = change(list(pikepdf.parse_content_stream(file.pages[page])))
        file.pages[page].Contents = file.make_stream(pikepdf.unparse_content_stream(instructions))

    return changed


def silenced(path: str) -> Change:
    """An element of the first page whose content shows nothing."""

    def change(file: Pdf) -> None:
        redrawn(0, lambda drawn: _silent(drawn, int(element(file, path).K)))(file)

    return change


def _silent(instructions: Instructions, mark: int) -> Iterator[ContentStreamInstruction]:
    current = None
    for each in instructions:
        if str(each.operator) in ("BDC", "EMC"):
            current = each.operands[1].get("/MCID") if each.operands else None
        if current != mark or str(each.operator) != "TJ":
            yield each


def unmarked(instructions: Instructions) -> Iterator[ContentStreamInstruction]:
    """The first text is not marked."""
    begun = next(i for i, each in enumerate(instructions) if _mark(each) == TEXT)
    ended = next(i for i, each in enumerate(instructions) if i > begun and str(each.operator) == "EMC")
    return (each for i, each in enumerate(instructions) if i not in (begun, ended))


def unended(instructions: Instructions) -> Iterator[ContentStreamInstruction]:
    """The last marked content does not end."""
    last = max(i for i, each in enumerate(instructions) if str(each.operator) == "EMC")
    return (each for i, each in enumerate(instructions) if i != last)


def renumbered(instructions: Instructions) -> Iterator[ContentStreamInstruction]:
    """The second text has the number of the first."""
    for each in instructions:
        yield _begin("P", TEXT) if _mark(each) == TEXT + 1 else each


def nested(instructions: Instructions) -> Iterator[ContentStreamInstruction]:
    """The first text lies within an artifact."""
    end = ContentStreamInstruction([], Operator("EMC"))
    began = False
    for each in instructions:
        if _mark(each) == TEXT:
            began = True
            yield ContentStreamInstruction([Name.Artifact], Operator("BMC"))
        yield each
        if began and str(each.operator) == "EMC":
            began = False
            yield end


def _mark(instruction: ContentStreamInstruction) -> int | None:
    return instruction.operands[1].get("/MCID") if str(instruction.operator) == "BDC" else None


def _begin(tag: str, number: int) -> ContentStreamInstruction:
    return ContentStreamInstruction([Name(f"/{tag}"), Dictionary(MCID=number)], Operator("BDC"))


def read_aloud(artifact: int, *, pages: tuple[int, ...], as_: str, of: str) -> Change:
    """An artifact by its index, which on each of these pages is content: an element of this kind in another."""

    def change(file: Pdf) -> None:
        for page in pages:
            parent, number = element(file, of), len(parents(file, page))
            kid = file.make_indirect(Dictionary(S=Name(f"/{as_}"), P=parent, Pg=file.pages[page].obj, K=number))
            parent.K.append(kid)
            parents(file, page).append(kid)
            redrawn(page, lambda drawn, n=number: _adopted(drawn, artifact, n))(file)

    return change


def _adopted(instructions: Instructions, artifact: int, number: int) -> Iterator[ContentStreamInstruction]:
    starts = [i for i, each in enumerate(instructions) if _is_artifact(each)]
    return (_begin("P", number) if i == starts[artifact] else each for i, each in enumerate(instructions))


def _is_artifact(instruction: ContentStreamInstruction) -> bool:
    return str(instruction.operator) == "BDC" and instruction.operands[0] == "/Artifact"

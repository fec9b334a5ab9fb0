"""What our documents tell a screen reader; and that the check of it finds what is broken on purpose.

veraPDF finds less than half of what is broken here: it is content with contents in each other's place, cells without
text, and headers that are read on every page.
"""

from __future__ import annotations

from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from adapters.pdf.borb.renderer import draw
from fakes.heard import heard, unheard
from fakes.invoices import XML, a_png, an_invoice, an_order_of, lines_of
from fakes.tampered import (
    Change,
    element,
    exchanged_content,
    exchanged_places,
    listed_again,
    moved,
    nested,
    parents,
    read_aloud,
    redrawn,
    renumbered,
    silenced,
    tampered,
    unended,
    unmarked,
    with_,
    without,
)
from tagging import findings
from verapdf.samples import samples

ROW, NEXT_ROW = "Document/Table[2]/TBody/TR[3]", "Document/Table[2]/TBody/TR[4]"
CELL, NEXT_CELL, CELL_BELOW = f"{ROW}/TD[2]", f"{ROW}/TD[3]", f"{NEXT_ROW}/TD[2]"
LABEL, HEADER = f"{ROW}/TH", "Document/Table[2]/THead/TR/TH[3]"
SUM = "Document/Table[3]/TR[2]"
TABLE, HEAD = "Document/Table[2]", "Document/Table[2]/THead/TR"
LOGO, TITLE = "Document/Figure[1]", "Document/H1"


RULES, RUNNING_TITLE, REPEATED_HEADER, SUBTOTAL, FOOT, PAGE_NUMBER = 0, 1, 2, 3, -2, -1
"""Which artifact of the later pages each is."""

SUBTOTAL_BELOW = 1
"""Which of the first page."""

SAMPLES = {name: invoice for name, invoice in samples() if name != "500 lines"}
"""`make verify-pdf` takes the time for the others."""


@cache
def good() -> bytes:
    """An invoice of three pages with a logo and a code to pay by."""
    return draw(an_invoice(an_order_of(lines_of(35)), paid=False), a_png(), XML)


def found(change: Change) -> list[str]:
    return [*map(str, findings(tampered(good(), change)))]


@pytest.mark.parametrize("name", SAMPLES)
def test_documents_of_every_kind_are_tagged_as_they_are_seen(name: str) -> None:
    assert findings(draw(SAMPLES[name], a_png(), XML)) == ()


def test_what_was_only_written_again_is_as_good_as_before() -> None:
    assert found(lambda _: None) == []


# Content and elements


def exchanged_parents(file: pikepdf.Pdf) -> None:
    listed = parents(file, 0)
    one, two = int(element(file, CELL).K), int(element(file, NEXT_CELL).K)
    listed[one], listed[two] = listed[two], listed[one]


def another_page(file: pikepdf.Pdf) -> None:
    element(file, CELL).Pg = file.pages[1].obj


def same_key(file: pikepdf.Pdf) -> None:
    file.pages[1].StructParents = file.pages[0].StructParents


def forgotten(file: pikepdf.Pdf) -> None:
    del file.Root.StructTreeRoot.ParentTree.Nums[2:4]


def no_text_for_glyphs(file: pikepdf.Pdf) -> None:
    del file.pages[0].Resources.Font.F1.ToUnicode


def removed(file: pikepdf.Pdf) -> None:
    del element(file, ROW).K[1]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (exchanged_parents, f"page 1, {CELL}: the ParentTree gives its content 30 to {NEXT_CELL}"),
        (exchanged_content(CELL, CELL_BELOW, and_parents=False), f"page 1, {CELL}: the ParentTree gives its content"),
        (exchanged_content(CELL, NEXT_CELL, and_parents=True), f"page 1, {NEXT_CELL}: is seen to the left of"),
        (exchanged_content(CELL, CELL_BELOW, and_parents=True), f"page 1, {NEXT_ROW}: is seen above the row"),
        (without(CELL, "/Pg"), f"{CELL}: no /Pg says on which page its content 30 is"),
        (another_page, f"page 2, {TABLE}/TBody/TR[19]/TH: its content 30 is that of {CELL} as well"),
        (with_(CELL, "/K", 29), f"page 1, {CELL}: its content 29 is that of {ROW}/TD[1] as well"),
        (with_(CELL, "/K", 999), f"page 1, {CELL}: its content 999 is not on the page"),
        (removed, "page 1: content 29, '2', belongs to no element"),
        (same_key, "page 2: its /StructParents, 0, is that of page 1"),
        (forgotten, "page 2, Document/Table[2]/TBody/TR[13]/TH: the ParentTree gives its content 0 to nobody"),
        (exchanged_places(ROW, SUM), f"page 1, {NEXT_ROW}: is seen above the row"),
        (exchanged_places(ROW, SUM), f"page 3, {ROW}: has 2 columns, where the table has 5"),
        (exchanged_places(ROW, NEXT_ROW), f"page 1, {NEXT_ROW}: is seen above the row"),
        (listed_again(CELL, by=NEXT_ROW), f"{NEXT_ROW}/TD[5]: is listed a second time"),
        (redrawn(0, unmarked), "page 1: the text 'Example GmbH · Ring 5 · 10115 Berlin' is neither content nor"),
        (redrawn(0, unended), "page 1: marked content does not end"),
        (redrawn(0, renumbered), "page 1: the number 1 is given to 2 marked contents"),
        (redrawn(0, nested), "page 1: the text 'Example GmbH · Ring 5 · 10115 Berlin' is content 1, and an artifact"),
        (no_text_for_glyphs, "has a glyph without text"),
    ],
)
def test_content_that_is_another_elements_is_found(change: Change, finding: str) -> None:
    assert_found(change, finding)


def assert_found(change: Change, finding: str) -> None:
    told = found(change)
    assert [each for each in told if finding in each], told


def test_a_parent_that_does_not_list_its_kid_is_found() -> None:
    def change(file: pikepdf.Pdf) -> None:
        one, two = element(file, ROW), element(file, SUM)
        one.P, two.P = two.P, one.P

    assert_found(change, f"page 1, {ROW}: its /P is not Document/Table[2]/TBody, which lists it")
    assert_found(change, f"page 3, {SUM}: its /P is not Document/Table[3], which lists it")


# Tables


def scope(value: str) -> Dictionary:
    return Dictionary(O=Name.Table, Scope=Name(value))


def headless(file: pikepdf.Pdf) -> None:
    del element(file, TABLE).K[0]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (without(LABEL, "/A"), f"page 1, {LABEL}: its scope is missing, not /Row"),
        (without(HEADER, "/A"), f"page 1, {HEADER}: its scope is missing, not /Column"),
        (with_(LABEL, "/A", scope("/Column")), f"page 1, {LABEL}: its scope is /Column, not /Row"),
        (with_(HEADER, "/S", Name.TD), "page 1, Document/Table[2]/THead/TR/TD: is no header cell, and stands in the"),
        (with_(f"{SUM}/TH", "/S", Name.TD), f"page 3, {SUM}: has no header"),
        (
            with_(CELL, "/A", Dictionary(O=Name.Table, ColSpan=2)),
            f"page 1, {ROW}: has 6 columns, where the table has 5",
        ),
        (with_(CELL, "/A", Dictionary(O=Name.Table, RowSpan=2)), f"page 1, {NEXT_ROW}: has 6 columns, where the table"),
        (moved(CELL, into=NEXT_ROW), f"page 1, {ROW}: has 4 columns, where the table has 5"),
        (moved(ROW, into="Document"), "page 1, Document/TR: does not belong into a Document"),
        (moved("Document/P[2]", into=ROW), f"page 1, {ROW}: a P does not belong into it"),
        (headless, "page 1, Document/Table[2]: has 5 columns and no header"),
        (silenced(CELL), f"{CELL}: has no text"),
        (silenced(TITLE), f"{TITLE}: has no text"),
        (with_(ROW, "/K", Array()), f"{ROW}: has 0 columns, where the table has 5"),
    ],
)
def test_a_table_that_does_not_add_up_is_found(change: Change, finding: str) -> None:
    assert_found(change, finding)


# Pictures, titles, the document


def untitled(file: pikepdf.Pdf) -> None:
    with file.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["dc:title"]


def unsaid(key: str) -> Change:
    def change(file: pikepdf.Pdf) -> None:
        del file.Root[key]

    return change


def other_tabs(file: pikepdf.Pdf) -> None:
    file.pages[1].Tabs = Name.R


def box(*edges: float) -> Dictionary:
    return Dictionary(O=Name.Layout, BBox=Array(edges))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (without(LOGO, "/Alt"), f"page 1, {LOGO}: no /Alt says what the picture shows"),
        (with_(LOGO, "/Alt", " "), f"page 1, {LOGO}: no /Alt says what the picture shows"),
        (without(LOGO, "/A"), f"page 1, {LOGO}: no /BBox says where it is"),
        (with_(LOGO, "/A", box(0, 0, 50, 50)), f"page 1, {LOGO}: its /BBox is not where the picture is"),
        (with_(LOGO, "/S", Name.P), "page 1, Document/P[1]: a picture is no artifact"),
        (read_aloud(RULES, pages=(0,), as_="P", of="Document"), "page 1, Document/P[6]: a path is no artifact"),
        (with_(TITLE, "/S", Name.P), "the document: has no H1"),
        (with_(TITLE, "/S", Name.H2), "page 1, Document/H2: comes before any H1"),
        (with_("Document/P[2]", "/S", Name.H1), "page 1, Document/H1[2]: is a second H1"),
        (with_("Document/P[4]", "/S", Name.H3), "page 3, Document/H3: follows a heading of level 1"),
        (with_("Document", "/S", Name.Div), "the document: the root holds Div, not one Document"),
        (untitled, "the document: has no title"),
        (unsaid("/Lang"), "the document: no /Lang says its language"),
        (unsaid("/MarkInfo"), "the document: no /MarkInfo says that it is tagged"),
        (unsaid("/ViewerPreferences"), "the document: its title is not displayed"),
        (other_tabs, "page 2: one does not tab through it in the order of the tree"),
    ],
)
def test_what_a_reader_is_not_told_is_found(change: Change, finding: str) -> None:
    assert_found(change, finding)


# What serves the page alone


def heard_again(file: pikepdf.Pdf) -> None:
    """The header's first cell goes on on the second page."""
    cell = element(file, f"{HEAD}/TH[1]")
    read_aloud(REPEATED_HEADER, pages=(1,), as_="P", of="Document")(file)
    copy = element(file, "Document").K[-1]
    del element(file, "Document").K[-1]
    cell.K = Array([cell.K, Dictionary(Type=Name.MCR, Pg=copy.Pg, MCID=copy.K)])
    parents(file, 1)[int(copy.K)] = cell


@pytest.mark.parametrize(
    ("artifact", "text"),
    [
        (RUNNING_TITLE, "'Invoice INV-1'"),
        (REPEATED_HEADER, "'Unit price'"),
        (FOOT, "'VAT ID DE123456789'"),
        (PAGE_NUMBER, "'Page 3 of 3'"),
    ],
)
def test_what_is_read_on_every_page_is_found(artifact: int, text: str) -> None:
    told = found(read_aloud(artifact, pages=(1, 2), as_="P", of="Document"))
    assert [each for each in told if f"the text {text} is on page" in each], told


def test_a_header_that_is_read_on_every_page_is_found() -> None:
    assert_found(heard_again, f"page 1, {HEAD}: the header is content on more than one page")


def test_a_subtotal_that_is_read_twice_is_found() -> None:
    def change(file: pikepdf.Pdf) -> None:
        read_aloud(SUBTOTAL_BELOW, pages=(0,), as_="TR", of=f"{TABLE}/TBody")(file)
        read_aloud(SUBTOTAL, pages=(1,), as_="TR", of=f"{TABLE}/TBody")(file)

    assert_found(change, f"page 2, {TABLE}/TBody/TR[37]: says what the row before it says")


# Words


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_read_is_what_the_invoice_says(name: str) -> None:
    invoice = SAMPLES[name]
    assert unheard(draw(invoice, None, XML), invoice) == ""


def test_lines_of_an_address_are_words_of_their_own() -> None:
    assert "Żaneta Ó Brien Lange Straße 2 10115 Berlin" in heard(good())

"""What makes the document last, and readable by machines: PDF/A-3 with the structured invoice in it (Factur-X).

`make verify-pdf` asks veraPDF the same; what is asked here needs no JDK.
"""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import facturx
import pikepdf
import pytest
from lxml import etree
from PIL import Image, ImageChops, ImageCms
from pypdf import PdfReader

from adapters.einvoice import cii
from adapters.pdf.borb.renderer import draw
from domain.invoice import Invoice
from fakes.invoices import XML, a_png, an_invoice, an_order_of, lines_of
from fakes.kinds import a_credit_note

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
DC = "{http://purl.org/dc/elements/1.1/}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"


def opened(invoice: Invoice, xml: bytes = XML) -> PdfReader:
    return PdfReader(BytesIO(draw(invoice, None, xml)), strict=True)


def metadata(reader: PdfReader) -> etree._Element:
    stream = reader.root_object["/Metadata"]
    assert "/Filter" not in stream
    return etree.fromstring(stream.get_data())


def said(packet: etree._Element, name: str) -> str:
    """What the metadata says under this name."""
    (element,) = packet.iter(name)
    return " ".join("".join(element.itertext()).split())


def attached(reader: PdfReader) -> Any:
    """The one file that the document says is associated with it."""
    (file,) = reader.root_object["/AF"]
    name, named = reader.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
    assert (name, named.get_object()) == ("factur-x.xml", file.get_object())
    return file.get_object()


def test_the_xml_is_attached_as_factur_x_wants_it() -> None:
    file = attached(opened(an_invoice()))
    content = file["/EF"]["/F"]
    assert (file["/F"], file["/UF"], file["/AFRelationship"]) == ("factur-x.xml", "factur-x.xml", "/Alternative")
    assert content["/Subtype"] == "/text/xml"
    assert content["/Params"]["/Size"] == len(XML)
    assert content.get_data() == XML


@pytest.mark.parametrize("invoice", [an_invoice(), a_credit_note(an_invoice())], ids=["invoice", "credit note"])
def test_a_reader_of_factur_x_finds_the_structured_invoice(invoice: Invoice) -> None:
    xml = cii(invoice)
    assert facturx.get_xml_from_pdf(draw(invoice, None, xml)) == ("factur-x.xml", xml)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (f"{PDFA}part", "3"),
        (f"{PDFA}conformance", "A"),
        (f"{PDFUA}part", "1"),
        (f"{FX}DocumentType", "INVOICE"),
        (f"{FX}DocumentFileName", "factur-x.xml"),
        (f"{FX}Version", "1.0"),
        (f"{FX}ConformanceLevel", "EN 16931"),
        (f"{DC}title", "Rechnung R-1"),
        (f"{DC}creator", "Example GmbH"),
        (f"{DC}language", "de"),
    ],
)
def test_the_metadata_says_what_the_document_is(name: str, value: str) -> None:
    assert said(metadata(opened(an_invoice(language="de", number="R-1"))), name) == value


@pytest.mark.parametrize("number", ["R-1", "</rdf:li>&<!-- ]]>", "a\x00b\x1bc\ufffe", "Żółć"])
def test_title_and_author_are_the_same_wherever_they_are_said(number: str) -> None:
    reader = opened(an_invoice(number=number))
    packet, information = metadata(reader), reader.metadata or {}
    assert said(packet, f"{DC}title") == information["/Title"]
    assert said(packet, f"{DC}creator") == information["/Author"]
    assert set(information) == {"/Title", "/Author", "/Producer"}
    assert reader.root_object["/Lang"] == said(packet, f"{DC}language")


def test_no_clock_shows_in_it_but_the_day_of_the_invoice() -> None:
    content = draw(an_invoice(), None, XML)
    assert content.count(b"(D:20261125000000Z)") == 1
    assert content.count(b"(D:") == 1


def test_the_files_id_is_that_of_its_content() -> None:
    first, again, other = (opened(invoice) for invoice in (an_invoice(), an_invoice(), an_invoice(number="INV-2")))
    assert first.trailer["/ID"] == again.trailer["/ID"] != other.trailer["/ID"]
    assert opened(an_invoice(), b"<other/>").trailer["/ID"] != first.trailer["/ID"]


def test_its_colours_are_those_of_srgb() -> None:
    (intent,) = opened(an_invoice()).root_object["/OutputIntents"]
    ours = ImageCms.ImageCmsProfile(BytesIO(intent.get_object()["/DestOutputProfile"].get_data()))
    steps = Image.linear_gradient("L")
    colours = Image.merge("RGB", (steps, steps.rotate(90), steps.rotate(180)))
    seen = ImageCms.profileToProfile(colours, ours, ImageCms.createProfile("sRGB"))
    assert max(most for _, most in ImageChops.difference(colours, seen).getextrema()) <= 1


def test_what_many_documents_share_stays_as_it_is() -> None:
    before = draw(an_invoice(), a_png(), XML)
    draw(an_invoice(an_order_of(lines_of(50, name="Żółty Καφές"))), a_png(), b"<other/>")
    assert draw(an_invoice(), a_png(), XML) == before


def test_borb_reads_its_documents_back(tmp_path: Path) -> None:
    """In a process of its own: reading needs the parts of borb that the renderer does without."""
    program = (
        "import sys; from borb.pdf.license.usage_statistics import UsageStatistics; UsageStatistics.opt_out();"
        "from borb.pdf import PDF; document = PDF.read(sys.argv[1]); root = document['Trailer']['Root'];"
        "print(document.get_number_of_pages(), root['Lang'], root['StructTreeRoot']['K']['S'], document.get_title())"
    )
    file = tmp_path / "invoice.pdf"
    file.write_bytes(draw(an_invoice(an_order_of(lines_of(5))), a_png(), XML))
    command = [sys.executable, "-c", program, str(file)]
    read = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert read.stdout == "1 en Document Invoice INV-1\n"


def test_qpdf_has_nothing_to_say_against_it() -> None:
    with pikepdf.open(BytesIO(draw(an_invoice(an_order_of(lines_of(40))), a_png(), XML))) as file:
        assert file.check_pdf_syntax() == []

"""Puts the structured invoice into a document that typst wrote, and says so in its metadata (Factur-X 1.0, 6)."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf

from adapters.pdf import factur_x

_SCHEMAS, _END = b"<pdfaExtension:schemas><rdf:Bag>", b"</rdf:RDF>"
"""Where typst's metadata has its extension schemas, and where they end. No text from outside holds a `<` there."""


def with_xml(document: bytes, xml: bytes, day: date) -> bytes:
    """The document with the XML in it. It changed last on the day of the invoice, so no clock shows.

    Written with a plain cross-reference table and no object streams: `adapters.pdf.extraction` reads it so.
    """
    written = BytesIO()
    with Pdf.open(BytesIO(document)) as pdf:
        file = pdf.make_indirect(_specification(pdf, xml, day))
        pdf.Root.AF = Array([file])
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([factur_x.FILE_NAME, file])))
        pdf.Root.Metadata.write(_described(pdf.Root.Metadata.read_bytes()))
        pdf.save(written, object_stream_mode=ObjectStreamMode.disable, deterministic_id=True)
    return written.getvalue()


def _specification(pdf: Pdf, xml: bytes, day: date) -> Dictionary:
    file = pdf.make_stream(xml, Type=Name.EmbeddedFile, Subtype=Name(f"/{factur_x.MEDIA_TYPE}"))
    file.Params = Dictionary(ModDate=f"D:{day:%Y%m%d}000000Z", Size=len(xml))
    return Dictionary(
        Type=Name.Filespec,
        F=factur_x.FILE_NAME,
        UF=factur_x.FILE_NAME,
        Desc=factur_x.DESCRIPTION,
        AFRelationship=Name(f"/{factur_x.RELATIONSHIP}"),
        EF=Dictionary(F=file, UF=file),
    )


def _described(packet: bytes) -> bytes:
    """The metadata, which tells of the file as well."""
    packet = packet.replace(_SCHEMAS, _SCHEMAS + factur_x.XMP_SCHEMA.encode())
    return packet.replace(_END, factur_x.XMP.encode() + _END)

"""The structured invoice inside the document (Factur-X 1.0, 6; ISO 19005-3, 6.8)."""

from __future__ import annotations

from datetime import date

from adapters.pdf.borb.objects import compressed, name

FILE_NAME = "factur-x.xml"
"""What Factur-X wants it to be called."""


def attachment(xml: bytes, day: date) -> dict[name, object]:
    """The file as the document's catalog names it. It changed last on the day of the invoice, so no clock shows."""
    parameters = {name("ModDate"): f"D:{day:%Y%m%d}000000Z", name("Size"): len(xml)}
    file = compressed(xml, Type=name("EmbeddedFile"), Subtype=name("text/xml"), Params=parameters)
    return {
        name("Type"): name("Filespec"),
        name("F"): FILE_NAME,
        name("UF"): FILE_NAME,
        name("Desc"): "Factur-X/ZUGFeRD invoice",
        name("AFRelationship"): name("Alternative"),
        name("EF"): {name("F"): file, name("UF"): file},
    }

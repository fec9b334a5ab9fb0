"""The structured invoice inside the document (Factur-X 1.0, 6; ISO 19005-3, 6.8)."""

from __future__ import annotations

from datetime import date

from adapters.pdf import factur_x
from adapters.pdf.borb.objects import compressed, name


def attachment(xml: bytes, day: date) -> dict[name, object]:
    """The file as the document's catalog names it. It changed last on the day of the invoice, so no clock shows."""
    parameters = {name("ModDate"): f"D:{day:%Y%m%d}000000Z", name("Size"): len(xml)}
    file = compressed(xml, Type=name("EmbeddedFile"), Subtype=name(factur_x.MEDIA_TYPE), Params=parameters)
    return {
        name("Type"): name("Filespec"),
        name("F"): factur_x.FILE_NAME,
        name("UF"): factur_x.FILE_NAME,
        name("Desc"): factur_x.DESCRIPTION,
        name("AFRelationship"): name(factur_x.RELATIONSHIP),
        name("EF"): {name("F"): file, name("UF"): file},
    }

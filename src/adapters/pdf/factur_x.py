"""What Factur-X 1.0 (6.2.2) wants a PDF to say of the structured invoice inside it."""

from __future__ import annotations

FILE_NAME = "factur-x.xml"
"""What Factur-X wants the file to be called."""

DESCRIPTION = "Factur-X/ZUGFeRD invoice"
MEDIA_TYPE = "text/xml"
RELATIONSHIP = "Alternative"
"""The file says what the pages say."""

_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": ("The name of the embedded XML document", FILE_NAME),
    "DocumentType": ("The type of the hybrid document", "INVOICE"),
    "Version": ("The version of the standard that the embedded XML document follows", "1.0"),
    "ConformanceLevel": ("The profile that the embedded XML document keeps to", "EN 16931"),
}
"""What each says, and what it says here."""

_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{key}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>
"""
_VALUES = "".join(f"<fx:{key}>{value}</fx:{key}>\n" for key, (_, value) in _PROPERTIES.items())
_MEANINGS = "".join(_PROPERTY.format(key=key, meaning=meaning) for key, (meaning, _) in _PROPERTIES.items())

XMP = f"""<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">
{_VALUES}</rdf:Description>
"""
"""For the document's metadata."""

XMP_SCHEMA = f"""<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{_MEANINGS}</rdf:Seq></pdfaSchema:property></rdf:li>
"""
"""For its extension schemas, of which there is one bag (ISO 19005-3, 6.6.2.3.3)."""

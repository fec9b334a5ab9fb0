"""What the file says of itself: XMP metadata (ISO 19005-3, 6.6), and that it holds an invoice for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from adapters.pdf.borb.attachment import FILE_NAME
from adapters.pdf.borb.objects import PRODUCER, name, plain, stream

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, 2.2)."""

_FACTUR_X = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": ("The name of the embedded XML document", FILE_NAME),
    "DocumentType": ("The type of the hybrid document", "INVOICE"),
    "Version": ("The version of the standard that the embedded XML document follows", "1.0"),
    "ConformanceLevel": ("The profile that the embedded XML document keeps to", "EN 16931"),
}
"""Factur-X 1.0, 6.2.2: what each says, and what it says here."""

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{producer}</pdf:Producer></rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="{factur_x}">
{values}</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{factur_x}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{properties}</rdf:Seq></pdfaSchema:property></rdf:li>
<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the document keeps to</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{key}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>
"""

_SAME_IN_ALL = {
    "producer": PRODUCER,
    "factur_x": _FACTUR_X,
    "values": "".join(f"<fx:{key}>{value}</fx:{key}>\n" for key, (_, value) in _PROPERTIES.items()),
    "properties": "".join(_PROPERTY.format(key=key, meaning=meaning) for key, (meaning, _) in _PROPERTIES.items()),
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """Title, author and language of a document. Dates stay out: the clock must not show in it."""

    title: str
    author: str
    language: str

    def information(self) -> dict[name, object]:
        """The information dictionary, which says what the XMP says."""
        return {
            name("Title"): _clean(self.title),
            name("Author"): _clean(self.author),
            name("Producer"): PRODUCER,
        }

    def xmp(self) -> stream:
        """The metadata stream; not compressed, so that anything can find it."""
        title, author = escape(_clean(self.title)), escape(_clean(self.author))
        packet = _PACKET.format(title=title, author=author, language=self.language, **_SAME_IN_ALL)
        return plain(packet.encode(), Type=name("Metadata"), Subtype=name("XML"))


def _clean(text: str) -> str:
    """The text without what XML cannot hold, so that both places say the same."""
    return _FORBIDDEN.sub("", text)

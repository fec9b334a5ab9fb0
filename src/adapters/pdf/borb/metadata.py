"""What the file says of itself: XMP metadata (ISO 19005-3, 6.6), and that it holds an invoice for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from adapters.pdf import factur_x
from adapters.pdf.borb.objects import PRODUCER, name, plain, stream

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold (XML 1.0, 2.2)."""

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
{factur_x}<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag>{factur_x_schema}<rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the document keeps to</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

_SAME_IN_ALL = {"producer": PRODUCER, "factur_x": factur_x.XMP, "factur_x_schema": factur_x.XMP_SCHEMA}


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

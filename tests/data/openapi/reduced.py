"""Reduces a published OpenAPI document to the interface: names, types and constraints, without its prose and examples.

uv run --with pyyaml tests/data/openapi/reduced.py order.yaml > tests/data/openapi/order.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

PROSE = frozenset(
    """contact deprecated description example examples externalDocs info openapi operationId servers summary tags
    title""".split()
)
NAMED = frozenset(
    """callbacks content headers parameters paths properties requestBodies responses schemas scopes
    securitySchemes""".split()
)
"""Under these stands a map by name, and names are kept whatever they are called."""


def reduced(document: Any) -> Any:
    """The part of the document without what only people read."""
    if isinstance(document, list):
        return [reduced(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        key: {name: reduced(value) for name, value in part.items()}
        if key in NAMED and isinstance(part, dict)
        else reduced(part)
        for key, part in document.items()
        if key not in PROSE and not str(key).startswith("x-")
    }


if __name__ == "__main__":
    document = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(reduced(document), sys.stdout, ensure_ascii=False, indent=1, default=str)
    sys.stdout.write("\n")

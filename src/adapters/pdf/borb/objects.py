"""borb's document model, as far as we use it: documents, pages, and the objects of a PDF.

The one place that imports borb, and only these parts of it: with its layout classes it would cost every worker process
0.8 s and 30 MB. They and `PDF.write` are left alone anyway, because they are slow, print to stdout and replace the
process's signal handlers. Its usage statistics are turned off before anything else.
"""

from __future__ import annotations

import sys
import zlib
from importlib.util import find_spec, module_from_spec

if "borb.pdf" not in sys.modules and (spec := find_spec("borb.pdf")):
    sys.modules["borb.pdf"] = module_from_spec(spec)  # the package as a place to import from, not run

from borb.pdf.document import Document
from borb.pdf.license.usage_statistics import UsageStatistics
from borb.pdf.page import Page
from borb.pdf.primitives import name, stream

UsageStatistics.opt_out()

COMPRESSION = 3
"""A tenth more than as small as can be, at half the time."""

PRODUCER = "borb"
"""What borb's licence wants to stay in every file that is made with it."""

__all__ = ["PRODUCER", "Document", "Page", "compressed", "name", "plain", "stream"]


def plain(content: bytes, **entries: object) -> stream:
    """A stream as it is, with these entries in its dictionary."""
    result = stream({name(key): value for key, value in entries.items()})
    del result["Filter"]
    result["Bytes"] = content
    return result


def compressed(content: bytes, **entries: object) -> stream:
    """A Flate-coded stream with these entries in its dictionary."""
    result = stream({name(key): value for key, value in entries.items()})
    result["Bytes"] = zlib.compress(content, COMPRESSION)
    return result

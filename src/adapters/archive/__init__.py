"""Where documents are kept as bytes."""

from __future__ import annotations

from pathlib import Path

from adapters.archive.files import FileArchive
from domain.errors import Misconfigured
from domain.ports import Archive


def archive_of(url: str) -> Archive:
    """The archive this URL names: `file:DIR`. Raises `Misconfigured`."""
    scheme, _, rest = url.partition(":")
    if scheme != "file" or not rest:
        raise Misconfigured(f"the archive URL must be file:DIR, not {scheme[:20]!r}")
    return FileArchive(Path(rest))

"""Where documents are kept as bytes."""

from __future__ import annotations

from pathlib import Path

from adapters.archive.files import FileArchive
from domain.errors import Misconfigured
from domain.ports import Archive

SETTING = "INVOICING_ARCHIVE_URL"


def archive_of(url: str) -> Archive:
    """The archive this URL names: `file:DIR`, made and tried out, since a document is archived after money has moved.

    Raises `Misconfigured`.
    """
    scheme, _, rest = url.partition(":")
    if scheme != "file" or not rest:
        raise Misconfigured(f"{SETTING}: the archive URL must be file:DIR, not {scheme[:20]!r}")
    archive = FileArchive(Path(rest))
    try:
        archive.open()
    except OSError as error:
        raise Misconfigured(f"{SETTING}: no document can be kept in {rest}: {error.strerror}") from error
    return archive

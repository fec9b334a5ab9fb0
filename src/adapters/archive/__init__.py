"""Where documents are kept as bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.archive.by_tenant import TenantArchives
from adapters.archive.files import FileArchive
from domain.errors import Misconfigured
from domain.order import TenantId
from domain.ports import Archive

PLATFORM = "platform:"
SETTING = "INVOICING_ARCHIVE_URL"


def archive_of(url: str, of_platform: Callable[[TenantId], Archive]) -> Archive:
    """The archive this URL names.

    `file:DIR` is made and tried out, since a document is archived after money has moved; `platform:` is what
    `of_platform` gives for each tenant. Raises `Misconfigured`.
    """
    if url == PLATFORM:
        return TenantArchives(of_platform)
    scheme, _, rest = url.partition(":")
    if scheme != "file" or not rest:
        raise Misconfigured(f"{SETTING}: the archive URL must be file:DIR or platform:, not {scheme[:20]!r}")
    archive = FileArchive(Path(rest))
    try:
        archive.open()
    except OSError as error:
        raise Misconfigured(f"{SETTING}: no document can be kept in {rest}: {error.strerror}") from error
    return archive

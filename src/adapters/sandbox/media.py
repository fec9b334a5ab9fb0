"""The assets of a tenant (`media.yaml`): described in memory, their bytes on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped
from adapters.sandbox.effects import EffectLog
from adapters.sandbox.listing import Listing, Pages
from adapters.sandbox.shelf import Place, Shelf

LARGEST = 10 * 1024 * 1024
PAGES = Pages(60)
OF_SHOPS = frozenset({"BRAND", "CATEGORY", "LABEL", "PRODUCT", "MODULE"})
"""What only public assets can belong to."""
PUBLIC = "PUBLIC"
INVALID = "The request is invalid"


class Reference(msgspec.Struct):
    """What an asset belongs to."""

    type: str
    id: str


class Described(msgspec.Struct, rename="camel", omit_defaults=True):
    """What the part `body` says of a file."""

    type: str
    access: str
    id: str = ""
    details: dict[str, str] = {}
    ref_ids: list[Reference] = []
    mixins: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file: how it is described, and where its bytes lie."""

    document: Json
    place: Place

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return bool(self.document["access"] == PUBLIC)

    @property
    def mime_type(self) -> str:
        """What the file is said to be."""
        return str(self.document["details"].get("mimeType", "application/octet-stream"))

    @property
    def etag(self) -> str:
        """The digest of its bytes."""
        return str(self.document["details"]["etag"])


_described = msgspec.json.Decoder(Described)


class Media:
    """The assets of one tenant."""

    def __init__(self, tenant: str, effects: EffectLog, shelf: Shelf, clock: Callable[[], datetime]) -> None:
        self._tenant = tenant
        self._effects = effects
        self._shelf = shelf
        self._clock = clock
        self._assets: dict[str, Asset] = {}

    def create(self, body: bytes, content: bytes) -> Json:
        """Keeps a file, under the id it brings or one of ours. Raises `Refused`, with 409 for an id there is."""
        described = shaped(body, _described)
        _require_sound(described, content)
        asset_id = described.id or uuid4().hex[:24]
        if asset_id in self._assets:
            raise Refused(409, "Conflict", detail=f"There is an asset {asset_id} already.")
        self._assets[asset_id] = Asset(self._document(asset_id, described, content), self._shelf.put(content))
        self._effects.add(self._tenant, "media", asset_id=asset_id, size=len(content))
        return {"id": asset_id}

    def asset(self, asset_id: str) -> Asset:
        """The asset. Raises `Refused`."""
        found = self._assets.get(asset_id)
        if found is None:
            message = "The asset with the requested code does not exist."
            raise Refused(404, message, kind="element_resource_non_existing", detail=f"There is no asset {asset_id}.")
        return found

    def content(self, asset: Asset) -> bytes:
        """The bytes of the asset."""
        return self._shelf.get(asset.place)

    def assets(self, listing: Listing) -> tuple[list[Json], int]:
        """A page of descriptions, and how many there are on all pages."""
        found = listing.found(self._assets.values(), lambda asset: asset.document)
        return [asset.document for asset in listing.on_page(found)], len(found)

    def delete(self, asset_id: str) -> None:
        """Takes an asset away, if there is one."""
        self._assets.pop(asset_id, None)

    def _document(self, asset_id: str, described: Described, content: bytes) -> Json:
        """The asset as it is read."""
        said: Json = msgspec.to_builtins(described)
        now = self._clock().isoformat()
        etag = md5(content, usedforsecurity=False).hexdigest()
        return {
            **said,
            "id": asset_id,
            "details": {**described.details, "bytes": len(content), "etag": etag},
            "metadata": {**described.metadata, "version": 1, "createdAt": now, "modifiedAt": now},
        }


def _require_sound(described: Described, content: bytes) -> None:
    if described.type != "BLOB" or described.access not in {"PRIVATE", PUBLIC}:
        raise Refused(400, INVALID, detail="An asset is a BLOB, PRIVATE or PUBLIC.")
    if described.access != PUBLIC and OF_SHOPS & {reference.type for reference in described.ref_ids}:
        raise Refused(400, INVALID, detail="What belongs to a brand, category, label, product or module is PUBLIC.")
    if len(content) > LARGEST:
        message = "The part named [file] exceeds the maximum allowed content length."
        raise Refused(413, message, kind="Request Entity Too Large", detail=f"At most {LARGEST} bytes are taken.")

"""The assets of a tenant (`media.yaml`), as bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import msgspec

from adapters.sandbox.answers import Json, Refused, shaped
from adapters.sandbox.effects import EffectLog

LARGEST = 10 * 1024 * 1024


class Described(msgspec.Struct, rename="camel"):
    """What the part `body` says of a file."""

    type: str
    access: str
    details: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file and its description."""

    id: str
    described: Described
    content: bytes = field(repr=False)


_described = msgspec.json.Decoder(Described)


class Media:
    """The assets of one tenant."""

    def __init__(self, tenant: str, effects: EffectLog) -> None:
        self._tenant = tenant
        self._effects = effects
        self._assets: dict[str, Asset] = {}

    def create(self, body: bytes, content: bytes) -> Json:
        """Keeps a file. Raises `Refused`."""
        described = shaped(body, _described)
        if described.type != "BLOB" or described.access not in {"PRIVATE", "PUBLIC"}:
            raise Refused(400, "The request is invalid", detail="An asset is a BLOB, PRIVATE or PUBLIC.")
        if len(content) > LARGEST:
            raise Refused(413, "The file is too large", detail=f"At most {LARGEST} bytes are taken.")
        asset = Asset(uuid4().hex[:24], described, content)
        self._assets[asset.id] = asset
        self._effects.add(self._tenant, "media", asset_id=asset.id, size=len(content))
        return {"id": asset.id}

    def asset(self, asset_id: str) -> Asset:
        """The asset. Raises `Refused`."""
        found = self._assets.get(asset_id)
        if found is None:
            raise Refused(404, "The requested resource does not exist", detail=f"There is no asset {asset_id}.")
        return found

    def document(self, asset_id: str) -> Json:
        """The asset as it is read. Raises `Refused`."""
        found = self.asset(asset_id)
        described: Json = msgspec.to_builtins(found.described)
        return {"id": found.id, **described, "metadata": {"version": 1}}

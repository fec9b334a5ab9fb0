"""Calls of the media service (`media.yaml`)."""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_request import FileField

from adapters.sandbox.answers import Refused, answer
from adapters.sandbox.calls.asked import Asked, Call, listed
from adapters.sandbox.media import INVALID, PAGES, Asset
from adapters.sandbox.platform import Account

ASSETS = "/media/{tenant}/assets"
ASSET = f"{ASSETS}/{{id}}"
MANAGE = ("media.asset_manage", "media.asset_manage_by_vendor")
READ = ("media.asset_read", "media.asset_read_by_vendor", "media.asset_manage_by_vendor")
LIST = (*READ, "media.asset_manage")
SHOWN = "/sandbox-assets/{tenant}/{id}"
"""Where everybody can see what is public."""


async def create(asked: Asked) -> web.Response:
    """Keeps a file: the part `file`, described by the part `body`."""
    parts = await asked.request.post()
    file, body = parts.get("file"), parts.get("body")
    if not isinstance(file, FileField) or body is None:
        raise Refused(400, INVALID, detail="A file and a body are needed, as multipart/form-data.")
    described = _bytes(body) if isinstance(body, FileField) else str(body).encode()
    return answer(asked.account.media.create(described, _bytes(file)), 201)


async def find(asked: Asked) -> web.Response:
    """A page of assets' descriptions."""
    return listed(asked, *asked.account.media.assets(asked.listing(PAGES)))


async def get(asked: Asked) -> web.Response:
    """The asset's description."""
    return answer(asked.account.media.asset(asked.named("id")).document)


async def download(asked: Asked) -> web.Response:
    """The asset's bytes; of a public one, where they are shown."""
    asset = asked.account.media.asset(asked.named("id"))
    if asset.is_public:
        where = SHOWN.format(tenant=asked.account.tenant, id=asked.named("id"))
        return web.Response(status=301, headers={"Location": f"{asked.base}{where}"})
    return shown(asked.account, asset)


def shown(account: Account, asset: Asset) -> web.Response:
    """The asset itself."""
    content = account.media.content(asset)
    return web.Response(body=content, content_type=asset.mime_type, headers={"ETag": f'"{asset.etag}"'})


async def delete(asked: Asked) -> web.Response:
    """No such asset any more."""
    asked.account.media.delete(asked.named("id"))
    return web.Response(status=204)


def _bytes(part: FileField) -> bytes:
    """What the part has, also for who reads it again."""
    part.file.seek(0)
    content: bytes = part.file.read()
    return content


MEDIA_CALLS = (
    Call("POST", ASSETS, "media", "create", create, MANAGE),
    Call("GET", ASSETS, "media", "list", find, LIST),
    Call("GET", ASSET, "media", "get", get, READ),
    Call("DELETE", ASSET, "media", "delete", delete, MANAGE),
    Call("GET", f"{ASSET}/download", "media", "download", download, READ),
)
